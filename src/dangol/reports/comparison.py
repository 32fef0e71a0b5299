"""The page of a sweep: its runs in one table and one figure, each linked to its report."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from dangol.files import replacing
from dangol.records import MetricValue, metrics_of
from dangol.reports.across import cells, columns, label
from dangol.reports.drawings import HOUSE_COLOURS, inline_svg
from dangol.reports.facts import Fact, Facts, counts_people
from dangol.reports.findings import FINDINGS
from dangol.reports.key_figures import KeyFigure
from dangol.reports.languages import LANGUAGES, page_name
from dangol.reports.messages import Writer
from dangol.reports.rendering import write_html, writer_of
from dangol.reports.summaries import RunSummary, summary_of
from dangol.small_cells import FEW, is_small
from dangol.workspace import RunFolder, home, reports_folder


@dataclass(frozen=True)
class Compared:
    """One run of a sweep.

    Attributes:
        run: where its tables lie.
        differs: the parameters in which it differs from the others.
        is_done: whether it ended well.
        message: why not.
    """

    run: RunFolder
    differs: Mapping[str, str]
    is_done: bool
    message: str = ""


def write_comparison(name: str, compared: Sequence[Compared], folder: Path) -> Path:
    """Write ``comparison.csv`` and, in every language, ``index.html`` of a sweep.

    Args:
        name: of the sweep.
        compared: its runs, in order.
        folder: where the files go, below ``reports/``.

    Returns:
        The page in English. The CSV holds one row per run: its parameters, its state and all
        recorded figures.
    """
    summaries = [summary_of(each.run) for each in compared]
    shown = [run for run, each in zip(summaries, compared, strict=True) if each.is_done]
    figures = columns(shown)
    parameters = list(dict.fromkeys(key for each in compared for key in each.differs))
    _write_table(compared, parameters, folder / "comparison.csv")
    for language in LANGUAGES:
        writer = writer_of(Facts({}, {}), language)
        words = writer.content["comparison"]
        title = words["figure"].format(parameter="".join(parameters[:1]))
        context = {
            "t": words,
            "name": name,
            "home": page_name("index", language),
            "headline": _headline(compared, writer),
            "parameters": parameters,
            "labels": [label(figure, writer) for figure in figures],
            "rows": [
                _row(each, run, parameters, figures, folder, writer)
                for each, run in zip(compared, summaries, strict=True)
            ],
            "spreads": [text for figure in figures if (text := _spread(figure, compared, summaries, writer))],
            "figure_title": title,
            "drawing": _drawing(compared, summaries, parameters, figures, writer, title),
        }
        write_html(folder, "index", "comparison", writer, context, sheet="across")
    return folder / page_name("index", "en")


def _headline(compared: Sequence[Compared], writer: Writer) -> str:
    n_failed = sum(not each.is_done for each in compared)
    words = writer.content["comparison"]
    return str(words["some" if n_failed else "all"].format(n=len(compared), n_failed=n_failed))


def _spread(
    figure: KeyFigure, compared: Sequence[Compared], summaries: Sequence[RunSummary], writer: Writer
) -> str | None:
    """Where a main figure was lowest and where highest."""
    known = [
        (run.figures[figure.name].value, " ".join(each.differs.values()) or run.place)
        for each, run in zip(compared, summaries, strict=True)
        if each.is_done and figure.name in run.figures
    ]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    texts = [writer.formats.apply(figure.kind, value, abs(high[0])) for value in (low[0], high[0])]
    words = writer.content["comparison"]["same" if texts[0] == texts[1] else "spread"]
    fields = {"low": texts[0], "low_run": low[1], "high": texts[1], "high_run": high[1]}
    return str(words.format(label=label(figure, writer), **fields))


def _row(
    each: Compared,
    run: RunSummary,
    parameters: list[str],
    figures: list[KeyFigure],
    folder: Path,
    writer: Writer,
) -> dict[str, Any]:
    page = reports_folder(run.dataset, run.as_of, run.variant) / page_name("index", writer.language)
    back = "../" * len(folder.relative_to(home() / "reports").parts)
    return {
        "parameters": [each.differs.get(name, "") for name in parameters],
        "place": run.place,
        "state": "done" if each.is_done else "failed",
        "message": each.message,
        "href": back + page.relative_to(home() / "reports").as_posix() if page.is_file() else None,
        "run_ids": {number: run_id for number, run_id in sorted(run.run_ids.items()) if run_id},
        "cells": cells(run, None, figures, writer) if each.is_done else [],
    }


def _drawing(
    compared: Sequence[Compared],
    summaries: Sequence[RunSummary],
    parameters: list[str],
    figures: list[KeyFigure],
    writer: Writer,
    title: str,
) -> Markup | None:
    """The main figures over the first parameter that differs, one line for each combination of the others."""
    import io

    import matplotlib.pyplot as plt
    import pandas as pd

    from dangol.plots import house_style, plot_runs

    if not parameters:
        return None
    rows = [
        {
            "x": each.differs.get(parameters[0], ""),
            "line": " ".join(f"{key}={each.differs[key]}" for key in parameters[1:] if key in each.differs),
            "figure": label(figure, writer),
            **{name: getattr(run.figures[figure.name], name) for name in ("value", "low", "high")},
        }
        for each, run in zip(compared, summaries, strict=True)
        for figure in figures
        if each.is_done and figure.name in run.figures
    ]
    if not rows:
        return None
    with house_style():
        drawn = plot_runs(pd.DataFrame(rows), parameters[0])
        text = io.StringIO()
        drawn.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
        plt.close(drawn)
    return inline_svg(text.getvalue(), title, "sweep-", HOUSE_COLOURS, writer.say)


def _told(fact: Fact, facts: Facts) -> MetricValue:
    """The figure, unless it counts so few people that it must not be told."""
    is_few = counts_people(fact.name) and isinstance(fact.value, int | float) and is_small(fact.value)
    return facts.hidden_text(fact) or (FEW if is_few else fact.value)


def _write_table(compared: Sequence[Compared], parameters: list[str], file: Path) -> None:
    """All recorded figures; names carry the number of their notebook."""
    rows = []
    for each in compared:
        facts = Facts({number: metrics_of(each.run.of(number)) for number in sorted(FINDINGS)}, {})
        figures = {f"{fact.notebook}.{fact.name}": _told(fact, facts) for fact in facts.every()}
        place = {"dataset": each.run.dataset, "as_of": each.run.as_of, "variant": each.run.variant}
        state = {"state": "done" if each.is_done else "failed"}
        rows.append({**dict(each.differs), **place, **state, **(figures if each.is_done else {})})
    names = list(dict.fromkeys([*parameters, *(name for row in rows for name in row)]))
    with replacing(file) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, names)
        table.writeheader()
        table.writerows(rows)
