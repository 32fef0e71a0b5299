"""The truth scorecard as a page: on simulated data, what was recovered beside what was planted."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from dangol.files import replacing, write_json
from dangol.reports.formats import Formats
from dangol.reports.styles import style_sheet
from dangol.scorecard import Line, has_truth, scorecard
from dangol.workspace import RunFolder, reports_folder

PAGE = "scorecard.html"


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


def write_scorecard(run: RunFolder, content: dict[str, Any], environment: Environment) -> Summary | None:
    """Write the page and ``records/scorecard.json``.

    Args:
        run: which notebook it belongs to does not matter.
        content: message catalogue of one language.
        environment: of the templates.

    Returns:
        What the report says about it; None, and no page, if the data set has no planted truth or
        no notebook has a figure to compare yet.
    """
    page = reports_folder(run.dataset, run.as_of, run.variant) / PAGE
    lines = scorecard(run) if has_truth(run.dataset) else []
    if not lines:
        page.unlink(missing_ok=True)
        return None
    words, formats = content["scorecard"], Formats(content["formats"])
    summary = Summary(PAGE, _headline(lines, words), all(line.is_inside for line in lines))
    html = environment.get_template("scorecard.html.j2").render(
        css=Markup(style_sheet("house", "scorecard")),
        t=words,
        language=content["language"],
        run=run,
        day=formats.apply("date", run.as_of),
        summary=summary,
        groups=list(_groups(lines, content, formats)),
    )
    with replacing(page) as temporary:
        temporary.write_text(html, encoding="utf-8")
    rows = [vars(line) | {"is_inside": line.is_inside} for line in lines]
    write_json(rows, run.path / "records" / "scorecard.json")
    return summary


def _headline(lines: list[Line], words: dict[str, Any]) -> str:
    n_outside = sum(not line.is_inside for line in lines)
    return words["headline_some" if n_outside else "headline_all"].format(n=len(lines), n_outside=n_outside)


def _groups(
    lines: list[Line], content: dict[str, Any], formats: Formats
) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Number and name of each notebook, with its figures in words."""
    for number, mine in groupby(sorted(lines, key=lambda line: line.notebook), lambda line: line.notebook):
        rows = [_row(line, content, formats) for line in mine]
        for before, row in pairwise(rows):  # said once for several of a kind
            row["is_repeated"] = before["why"] == row["why"]
        yield number, content["sections"][number]["name"], rows


def _row(line: Line, content: dict[str, Any], formats: Formats) -> dict[str, Any]:
    words = content["scorecard"]
    about = words["lines"][line.key]
    how = "percent" if line.is_relative else line.kind
    planted, recovered = (formats.apply(line.kind, value) for value in (line.planted, line.recovered))
    error, bound = (formats.apply(how, value) for value in (line.error, line.bound))
    what = f"{about['what']}: {line.label}" if line.label else about["what"]
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
