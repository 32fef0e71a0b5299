"""Main figures of several runs in words: what the index and the comparison of a sweep share."""

from dataclasses import dataclass, replace

from dangol.reports.formats import MINUS
from dangol.reports.key_figures import KEY_FIGURES, KeyFigure
from dangol.reports.messages import Writer
from dangol.reports.summaries import Figure, RunSummary
from dangol.small_cells import is_small

_PLUS = "+"


@dataclass(frozen=True)
class Cell:
    """One figure of one run.

    Attributes:
        text: the figure.
        range: its interval, or empty.
        change: against the run before, or empty.
        direction: ``up``, ``down`` or ``flat``.
        origin: where the figure comes from.
    """

    text: str
    range: str = ""
    change: str = ""
    direction: str = "flat"
    origin: str = ""


def columns(summaries: list[RunSummary]) -> list[KeyFigure]:
    """The main figures that at least one of the runs has."""
    return [figure for figure in KEY_FIGURES if any(figure.name in run.figures for run in summaries)]


def label(figure: KeyFigure, writer: Writer) -> str:
    """The figure's name in the language of the page."""
    return str(writer.find(f"key_figures.{figure.name}.label"))


def cells(run: RunSummary, before: RunSummary | None, figures: list[KeyFigure], writer: Writer) -> list[Cell]:
    """The main figures of a run, each with its change against the run ``before``."""
    earlier = before.figures if before else {}
    writer = replace(writer, formats=replace(writer.formats, currency=run.currency))
    return [
        _cell(figure, run.figures.get(figure.name), earlier.get(figure.name), writer) for figure in figures
    ]


def _cell(figure: KeyFigure, now: Figure | None, before: Figure | None, writer: Writer) -> Cell:
    if now is None:
        return Cell("")
    formats = writer.formats
    text = formats.apply(figure.kind, now.value)
    span = ""
    if now.low is not None and now.high is not None:
        ends, like = {"low": now.low, "high": now.high}, max(abs(now.low), abs(now.high))
        span = writer.content["formats"]["range"].format(
            **{name: formats.apply(figure.kind, end, like) for name, end in ends.items()}
        )
    change, direction = _change(figure, now, before, writer)
    return Cell(text, span, change, direction, writer.say(now.origin))


def _change(figure: KeyFigure, now: Figure, before: Figure | None, writer: Writer) -> tuple[str, str]:
    """In per cent; as a difference where the earlier figure is not positive; nothing for small cells."""
    if before is None:
        return "", "flat"
    if figure.kind == "people" and (is_small(now.value) or is_small(before.value)):
        return "", "flat"
    difference = now.value - before.value
    sign = _PLUS if difference > 0 else MINUS if difference < 0 else ""
    direction = "up" if difference > 0 else "down" if difference < 0 else "flat"
    if before.value > 0:
        return sign + writer.formats.apply("change", difference / before.value), direction
    return sign + writer.formats.apply(figure.kind, abs(difference)), direction
