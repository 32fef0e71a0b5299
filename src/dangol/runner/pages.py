"""The page of a notebook: drawn after an execution, drawn anew when only prose or layout changed."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dangol.files import sha256_of_text, write_json
from dangol.runner.modules import digest_of_modules
from dangol.runner.notebook import Notebook
from dangol.runner.stage import Plan

Neighbours = tuple[str | None, str | None]


def page_key(notebook: Notebook, neighbours: Neighbours) -> str:
    """One name for what a page shows beyond the results: the notebook's cells, links, layout code."""
    return sha256_of_text(
        json.dumps([asdict(cell) for cell in notebook.cells]),
        json.dumps(neighbours),
        digest_of_modules(["dangol.reports.pages"]),
    )


def draw_page(plan: Plan, neighbours: Neighbours, run_url: str | None) -> None:
    """Write the page of an executed notebook; nothing to do if there is no executed copy."""
    from dangol.reports.pages import write_page

    if plan.executed.is_file():
        write_page(plan.executed, plan.page, neighbours=neighbours, run_url=run_url)


def renew_prose(notebook: Notebook, executed: Path) -> None:
    """Put the prose of the source into an executed copy whose code is that of the source."""
    content = json.loads(executed.read_text())
    cells = with_prose_of(notebook, content["cells"])
    if cells != content["cells"]:
        write_json({**content, "cells": cells}, executed)


def with_prose_of(notebook: Notebook, executed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The executed code cells in order, with the prose between them as in the source.

    Args:
        notebook: the source; its code cells are those of the copy.
        executed: cells of the copy, with the one papermill injected.
    """
    code = iter([cell for cell in executed if cell["cell_type"] == "code"])
    cells: list[dict[str, Any]] = []
    for number, cell in enumerate(notebook.cells):
        if cell.kind == "code":
            cells.append(next(code))
            if "parameters" in cell.tags:
                cells.append(next(code))
        else:
            metadata = {"tags": list(cell.tags)}
            cells.append(
                {
                    "cell_type": cell.kind,
                    "id": f"prose-{number}",
                    "metadata": metadata,
                    "source": cell.source.splitlines(keepends=True),
                }
            )
    return cells
