"""What the evaluation's own test measured, as sentences of the method box."""

from dangol.evaluation.self_test import measured_coverage
from dangol.reports.messages import Writer


def self_test_texts(writer: Writer) -> list[str]:
    """Sentences on how often intervals hold the truth and how often nothing is taken for an effect."""
    found, formats = measured_coverage(), writer.formats
    if found is None:
        return []
    rates = [row["coverage_rate"] for row in found["coverage"]]
    percent = {
        "lowest": min(rates),
        "highest": max(rates),
        "false_wins": found["false_wins"]["false_win_rate"],
        "uneven": found["safeguards"]["uneven_withheld_rate"],
        "refused": found["safeguards"]["no_overlap_refused_rate"],
        "naive": found["safeguards"]["naive_coverage_rate"],
    }
    counts = {
        "n_kinds": len(rates),
        "n_campaigns": min(row["n_campaigns"] for row in found["coverage"]),
        "n_null": found["null_p_values"]["n_campaigns"],
        "n_segments": found["false_wins"]["n_segments"],
        "n_looks": found["false_wins"]["n_looks"],
    }
    words = {name: formats.apply("percent", value) for name, value in percent.items()}
    words |= {name: formats.apply("count", value) for name, value in counts.items()}
    words |= {"date": formats.apply("date", found["date"]), "seed": str(found["seed"])}
    words |= {"version": found["version"], "uniform": f"{found['null_p_values']['uniformity_p_value']:.2f}"}
    return [text.format(**words) for text in writer.content["self_test"]]
