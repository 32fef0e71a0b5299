"""Coverage of every 95 % interval the evaluation offers, and what it claims where there is nothing.

    python benchmarks/interval_coverage.py [--campaigns 1000] [--seed 1] [--cases CASE ...] [--keep]

Simulates campaigns with a planted effect (`dangol.evaluation.self_test`) and counts how often each kind
of interval holds it; then campaigns without effect, split unevenly, or not to be compared at all.
``--keep`` writes the figures into the package, from where the report's method box takes them; with
``--cases`` those of the other cases stay, if they were measured with the same seed and version.
"""

import argparse
import os
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pandas as pd

from dangol.evaluation.self_test import (
    CASES,
    coverage,
    false_win_rate,
    measured_coverage,
    null_p_values,
    safeguards,
    uniformity_p_value,
    write_coverage,
)
from dangol.progress import counted

LOWEST, HIGHEST = 0.93, 0.97


def main() -> None:
    """Run the cases, print the table, keep it if asked; exit 1 if a coverage lies outside 93 to 97 %."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=1000)
    parser.add_argument("--null-campaigns", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", nargs="*", choices=[*CASES], default=[*CASES])
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    cases = counted(asked.cases, "coverage", len(asked.cases))
    parts = [coverage(case, asked.campaigns, asked.seed) for case in cases]
    table = pd.concat(parts, ignore_index=True)
    table["is_met"] = table["coverage_rate"].between(LOWEST, HIGHEST)
    print(table.to_string(index=False, float_format="{:.4f}".format))
    n, seed = asked.null_campaigns, asked.seed
    stamp = {"seed": seed, "version": version("dangol")}
    p_values = null_p_values(n, seed)
    others = {
        "null_p_values": {
            "n_campaigns": n,
            "uniformity_p_value": round(uniformity_p_value(p_values), 4),
            "false_win_rate": round(float((p_values < 0.05).mean()), 4),
        },
        "false_wins": {
            "n_campaigns": n,
            "n_segments": 20,
            "n_looks": 10,
            "false_win_rate": round(false_win_rate(n, seed), 4),
        },
        "safeguards": {"n_campaigns": n, **safeguards(n, seed)},
    }
    for name, figures in others.items():
        print(name, figures)
    if asked.keep:
        rows = [
            *others_measured(asked.cases, stamp),
            *table.drop(columns="is_met").round(4).to_dict("records"),
        ]
        rows.sort(key=lambda row: [*CASES].index(row["case"]))
        write_coverage({"date": f"{datetime.now(UTC):%Y-%m-%d}", **stamp, "coverage": rows, **others})
    raise SystemExit(0 if table["is_met"].all() else 1)


def others_measured(cases: list[str], stamp: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows kept earlier of the cases that did not run now; none if seed or version were others."""
    kept = measured_coverage() or {}
    if any(kept.get(name) != value for name, value in stamp.items()):
        return []
    return [row for row in kept["coverage"] if row["case"] in CASES and row["case"] not in cases]


if __name__ == "__main__":
    main()
