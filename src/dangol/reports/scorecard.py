"""The truth scorecard as a page: on simulated data, what was recovered beside what was planted."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from dangol.files import write_json
from dangol.reports.languages import page_name
from dangol.reports.messages import Writer
from dangol.reports.rendering import write_html
from dangol.scorecard import Line, has_truth, scorecard
from dangol.workspace import RunFolder, reports_folder

STEM = "scorecard"


@dataclass(frozen=True)
class Summary:
    """What the report says about the scorecard.

    Attributes:
        href: file name of the page.
        sentence: how many figures keep to their bounds.
        is_sound: whether all do.
    """

    href: str
    sentence: str
    is_sound: bool


def write_scorecard(run: RunFolder, writer: Writer) -> Summary | None:
    """Write the page and ``records/scorecard.json``.

    Args:
        run: which notebook it belongs to does not matter.
        writer: of the page's language; its facts do not matter.

    Returns:
        What the report says about it; None, and no page, if the data set has no planted truth or
        no notebook has a figure to compare yet.
    """
    folder, page = reports_folder(run.dataset, run.as_of, run.variant), page_name(STEM, writer.language)
    lines = scorecard(run) if has_truth(run.dataset) else []
    if not lines:
        (folder / page).unlink(missing_ok=True)
        return None
    words = writer.content["scorecard"]
    summary = Summary(page, _headline(lines, words), all(line.is_inside for line in lines))
    context = {
        "t": words,
        "run": run,
        "day": writer.formats.apply("date", run.as_of),
        "report": page_name("index", writer.language),
        "summary": summary,
        "groups": list(_groups(lines, writer)),
    }
    write_html(folder, STEM, "scorecard", writer, context, sheet="scorecard")
    rows = [vars(line) | {"is_inside": line.is_inside} for line in lines]
    write_json(rows, run.path / "records" / "scorecard.json")
    return summary


def _headline(lines: list[Line], words: dict[str, Any]) -> str:
    n_outside = sum(not line.is_inside for line in lines)
    return words["headline_some" if n_outside else "headline_all"].format(n=len(lines), n_outside=n_outside)


def _groups(lines: list[Line], writer: Writer) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Number and name of each notebook, with its figures in words."""
    for number, mine in groupby(sorted(lines, key=lambda line: line.notebook), lambda line: line.notebook):
        rows = [_row(line, writer) for line in mine]
        for before, row in pairwise(rows):  # said once for several of a kind
            row["is_repeated"] = before["why"] == row["why"]
        yield number, writer.content["sections"][number]["name"], rows


def _row(line: Line, writer: Writer) -> dict[str, Any]:
    words, formats = writer.content["scorecard"], writer.formats
    about = words["lines"][line.key]
    how = "percent" if line.is_relative else line.kind
    planted, recovered = (formats.apply(line.kind, value) for value in (line.planted, line.recovered))
    error, bound = (formats.apply(how, value) for value in (line.error, line.bound))
    what = f"{about['what']}: {writer.say(line.label)}" if line.label else about["what"]
    verdict = words["inside" if line.is_inside else "outside"]
    return {
        "what": what,
        "planted": planted,
        "recovered": recovered,
        "error": error,
        "bound": bound,
        "verdict": verdict,
        "is_inside": line.is_inside,
        "reach": round(100 * min(line.error / line.bound, 1.0) if line.bound else 100.0 * (line.error > 0)),
        "why": about["why"],
        "is_repeated": False,
        "sentence": words["sentence"].format(
            what=what, planted=planted, recovered=recovered, error=error, bound=bound, verdict=verdict
        ),
        "n": formats.apply("count", line.n),
    }
