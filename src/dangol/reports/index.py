"""``reports/index.html``: every data set, date and run, and how the main figures moved."""

from itertools import groupby
from pathlib import Path
from typing import Any

from dangol.reports.across import cells, columns, label
from dangol.reports.languages import page_name
from dangol.reports.messages import Writer
from dangol.reports.rendering import write_html
from dangol.reports.summaries import RunSummary, all_summaries
from dangol.workspace import DEFAULT_VARIANT, home, reports_folder


def write_index(writer: Writer) -> Path:
    """Write the index of all runs below the home folder.

    Args:
        writer: of the page's language; its facts do not matter.
    """
    summaries = all_summaries()
    groups = [
        _group(dataset, list(runs), writer) for dataset, runs in groupby(summaries, lambda run: run.dataset)
    ]
    context = {"t": writer.content["index"], "groups": groups, "sweeps": _sweeps(writer.language)}
    return write_html(home() / "reports", "index", "index", writer, context, sheet="across")


def _group(dataset: str, runs: list[RunSummary], writer: Writer) -> dict[str, Any]:
    """The runs of one data set: the defaults first, each variant by date."""
    figures = columns(runs)
    ordered = sorted(runs, key=lambda run: (run.variant != DEFAULT_VARIANT, run.variant, run.as_of))
    rows = []
    before: RunSummary | None = None
    for run in ordered:
        same = before if before is not None and before.variant == run.variant else None
        rows.append(_row(run, cells(run, same, figures, writer), writer))
        before = run if run.figures else same
    return {"dataset": dataset, "labels": [label(figure, writer) for figure in figures], "rows": rows}


def _row(run: RunSummary, made: list[Any], writer: Writer) -> dict[str, Any]:
    page = reports_folder(run.dataset, run.as_of, run.variant) / page_name("index", writer.language)
    stopped = [number for number, state in sorted(run.states.items()) if state in ("failed", "blocked")]
    skipped = [number for number, state in sorted(run.states.items()) if state == "skipped"]
    return {
        "day": writer.formats.apply("date", run.as_of),
        "variant": run.variant,
        "state": run.state,
        "stopped": ", ".join(stopped),
        "skipped": ", ".join(skipped),
        "headline": run.headlines.get(writer.language, ""),
        "ended": run.ended[:16].replace("T", " "),
        "href": page.relative_to(home() / "reports").as_posix() if page.is_file() else None,
        "cells": made,
    }


def _sweeps(language: str) -> list[dict[str, str]]:
    file = page_name("index", language)
    pages = sorted((home() / "reports" / "sweeps").glob(f"*/{file}"))
    return [{"name": page.parent.name, "href": f"sweeps/{page.parent.name}/{file}"} for page in pages]
