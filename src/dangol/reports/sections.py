"""The parts of the stakeholder report that come from figures: large figures, and one section per notebook."""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from dangol.records import MetricValue
from dangol.reports.drawings import Drawing, drawings
from dangol.reports.facts import Fact, counts_people
from dangol.reports.findings import FINDINGS, sentences
from dangol.reports.key_figures import KEY_FIGURES, MAX_KEY_FIGURES, KeyFigure
from dangol.reports.messages import Writer
from dangol.stages import StageResult
from dangol.workspace import RunFolder


@dataclass(frozen=True)
class Interval:
    """Where an interval lies on a scale that holds zero, in percent of its width."""

    low: float
    estimate: float
    high: float
    zero: float
    text: str


@dataclass(frozen=True)
class Large:
    """A key figure of the first screen."""

    label: str
    figure: str
    origin: str
    note: Markup | None
    interval: Interval | None
    covers: str  # what the interval stands for
    notebook: str


@dataclass(frozen=True)
class Recorded:
    """One row of the list of everything a notebook recorded."""

    name: str
    meaning: str
    tables: str
    value: str
    origin: str


@dataclass(frozen=True)
class Section:
    """What one notebook found."""

    number: str
    question: str
    name: str
    state: str
    note: str | None
    message: str
    findings: list[Markup]
    drawings: list[Drawing]
    figures: list[Recorded]
    page: str | None
    run_id: str | None
    seconds: float


def key_figures(writer: Writer) -> list[Large]:
    """The large figures of the first screen, at most four, the weightiest first."""
    found = [large for figure in KEY_FIGURES if (large := _large(figure, writer)) is not None]
    return found[:MAX_KEY_FIGURES]


def _large(figure: KeyFigure, writer: Writer) -> Large | None:
    fact = writer.facts.find(figure.reference, "")
    if fact is None:
        return None
    interval = _interval(fact, figure.kind, writer)
    is_assumed = figure.measured_if and writer.facts.number(figure.measured_if) == 0
    return Large(
        label=writer.find(f"key_figures.{figure.name}.label"),
        figure=writer.formats.apply(figure.kind, fact.value),
        origin=writer.origin(fact),
        note=writer.sentence(f"key_figures.{figure.name}.{'note_assumed' if is_assumed else 'note'}"),
        interval=interval,
        covers=writer.find(f"key_figures.{figure.name}.covers") or "",
        notebook=fact.notebook,
    )


def _interval(fact: Fact, kind: str, writer: Writer) -> Interval | None:
    bounds = writer.facts.bounds(fact)
    if bounds is None:
        return None
    low, estimate, high = (float(part.value) for part in (bounds[0], fact, bounds[1]))
    start, end = min(low, estimate, 0.0), max(high, estimate, 0.0)
    like = max(abs(start), abs(end))
    width = (end - start) or 1.0
    text = writer.content["formats"]["range"].format(
        low=writer.formats.apply(kind, low, like), high=writer.formats.apply(kind, high, like)
    )
    at_low, at_estimate, at_high, at_zero = (
        round(100 * (number - start) / width, 1) for number in (low, estimate, high, 0.0)
    )
    return Interval(at_low, at_estimate, at_high, at_zero, text)


def sections(folder: RunFolder, stages: list[StageResult], target: Path, writer: Writer) -> list[Section]:
    """One section per notebook, whether it ran or not.

    Args:
        folder: the run.
        stages: what became of the notebooks; one that is not among them did not run.
        target: folder of the report, in which the notebooks' pages lie.
        writer: of the report's language.
    """
    known = {stage.number: stage for stage in stages}
    numbers = sorted(set(FINDINGS) | set(known))
    return [_section(number, known.get(number), folder.of(number), target, writer) for number in numbers]


def state_of(number: str, stage: StageResult | None, writer: Writer) -> str:
    """State of a notebook; one that was not part of this run but recorded figures earlier is unchanged."""
    if stage is not None:
        return stage.status
    return "unchanged" if writer.facts.metrics.get(number) else "missing"


def _section(
    number: str, stage: StageResult | None, folder: RunFolder, target: Path, writer: Writer
) -> Section:
    state = state_of(number, stage, writer)
    names = writer.find(f"sections.{number}") or {}
    title = stage.title if stage else number
    run_id = stage.run_id if stage else None
    page = f"{stage.name}.html" if stage and (target / f"{stage.name}.html").is_file() else None
    return Section(
        number=number,
        question=names.get("question", title),
        name=names.get("name", title),
        state=state,
        note=writer.find(f"state_notes.{state}"),
        message=_message(stage, writer),
        findings=sentences(FINDINGS.get(number, ()), f"findings.{number}", writer, number),
        drawings=drawings(folder, run_id, writer.say),
        figures=_all_figures(number, writer),
        page=page,
        run_id=run_id,
        seconds=stage.seconds if stage else 0.0,
    )


def _message(stage: StageResult | None, writer: Writer) -> str:
    """Why a notebook was skipped, in the reader's language; what an error said stays as it was."""
    if stage is None:
        return ""
    return writer.say(stage.message) if stage.status == "skipped" else stage.message


def _all_figures(number: str, writer: Writer) -> list[Recorded]:
    """Everything a notebook recorded, each figure with its definition."""
    rows = []
    for name, value in writer.facts.metrics.get(number, {}).items():
        fact = writer.facts.find(f"{number}.{name}", number)
        if fact is not None:
            about = writer.define(fact)
            meaning, tables = (about.text, about.tables) if about else ("", "")
            text = writer.facts.hidden_text(fact) or _plain(name, value, writer)
            rows.append(Recorded(name, meaning, tables, text, writer.origin(fact)))
    return rows


def _plain(name: str, value: MetricValue, writer: Writer) -> str:
    if counts_people(name) and isinstance(value, int | float):
        return writer.formats.people(value)
    kind = "date" if name.endswith("_date") else "number"
    return writer.say(writer.formats.apply(kind, value))
