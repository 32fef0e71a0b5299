"""One small file per run with its verdict and main figures, from which the pages across runs are made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dangol.files import write_json
from dangol.reports.facts import Facts
from dangol.reports.key_figures import KEY_FIGURES
from dangol.workspace import RunFolder, home

_FILE = "records/summary.json"


@dataclass(frozen=True)
class Figure:
    """A main figure of a run, with its interval where one was recorded.

    Attributes:
        value: in the unit of the figure.
        low: lower end of the 95 % interval.
        high: upper end.
        origin: notebook, metric and MLflow run it comes from.
    """

    value: float
    low: float | None = None
    high: float | None = None
    origin: str = ""


@dataclass(frozen=True)
class RunSummary:
    """What the pages across runs show of one.

    Attributes:
        dataset: name of the data set.
        as_of: snapshot date.
        variant: which parameters.
        ended: when the report was written, UTC, ISO 8601; empty for a run that never came so far.
        headlines: the verdict, by language.
        states: notebook number to what became of it.
        run_ids: notebook number to its MLflow run.
        figures: by name in ``key_figures.KEY_FIGURES``.
        currency: ISO code of the amounts; empty where the data do not say.
    """

    dataset: str
    as_of: str
    variant: str
    ended: str
    headlines: Mapping[str, str]
    states: Mapping[str, str]
    run_ids: Mapping[str, str | None]
    figures: Mapping[str, Figure]
    currency: str = ""

    @property
    def place(self) -> str:
        """``dataset/as_of/variant``."""
        return f"{self.dataset}/{self.as_of}/{self.variant}"

    @property
    def state(self) -> str:
        """``failed`` if any notebook failed, ``skipped`` if any was skipped, ``missing`` without a report."""
        found = set(self.states.values())
        if not self.ended:
            return "missing"
        return "failed" if found & {"failed", "blocked"} else "skipped" if "skipped" in found else "done"


def write_summary(
    run: RunFolder, headlines: Mapping[str, str], states: Mapping[str, str], facts: Facts
) -> None:
    """Keep what the pages across runs show of this one."""
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    figures = {figure.name: made for figure in KEY_FIGURES if (made := _figure(figure.reference, facts))}
    currency = facts.text("01.currency") or ""
    summary = RunSummary(
        run.dataset, run.as_of, run.variant, ended, headlines, states, dict(facts.run_ids), figures, currency
    )
    write_json(asdict(summary), run.path / _FILE)


def summary_of(run: RunFolder) -> RunSummary:
    """The kept summary; an empty one if the run has none, or it is damaged."""
    try:
        kept = json.loads((run.path / _FILE).read_text("utf-8"))
        figures = {name: Figure(**figure) for name, figure in kept.pop("figures").items()}
        return RunSummary(**kept, figures=figures)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return RunSummary(run.dataset, run.as_of, run.variant, "", {}, {}, {}, {})


def all_summaries() -> list[RunSummary]:
    """Every run below the home folder, by data set, variant and date."""
    root = home() / "data" / "processed"
    folders = sorted(path.parent for path in root.glob("*/*/*/records") if path.is_dir())
    return [summary_of(_run(folder)) for folder in folders]


def _run(folder: Path) -> RunFolder:
    variant, as_of, dataset = folder.name, folder.parent.name, folder.parent.parent.name
    return RunFolder(dataset, as_of, variant, "00")


def _figure(reference: str, facts: Facts) -> Figure | None:
    fact = facts.find(reference, "")
    if fact is None or isinstance(fact.value, str):
        return None
    bounds = facts.bounds(fact)
    ends: Sequence[float | None] = [float(end.value) for end in bounds] if bounds else (None, None)
    # a count that gives a few people away beside another one, as on the report's first screen
    value = round(float(fact.value), -1) if facts.hidden_text(fact) else float(fact.value)
    return Figure(value, ends[0], ends[1], fact.origin)
