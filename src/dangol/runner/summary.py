"""The last lines of a batch: what failed and why, where the results are."""

import pandas as pd
from pandas.api.types import is_numeric_dtype
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dangol.runner.run import Result, relative
from dangol.stages import StageResult
from dangol.tracking.store import place_to_look
from dangol.workspace import reports_folder

_INDENT = "  "
_UNCUT = 100_000  # characters of a line that nobody's screen has to hold
_ORDER = ("done", "unchanged", "skipped", "failed", "blocked")


def show_result(result: Result, out: Console, err: Console) -> None:
    """Print one block per failure on ``err``, reasons of skips and places of results on ``out``."""
    for stage in result.stages:
        if stage.status == "failed":
            err.print(_failure(result, stage), soft_wrap=True, highlight=False)
        if stage.status == "skipped" and out.is_terminal:  # elsewhere the line of the notebook said so
            out.print(f"{stage.number} {stage.verb} skipped: {escape(stage.message)}", soft_wrap=True)
    for trouble in result.troubles:
        err.print(f"[bold red]trouble[/]: {escape(trouble)}", soft_wrap=True, highlight=False)
    counts = [(status, sum(stage.status == status for stage in result.stages)) for status in _ORDER]
    shown = ", ".join(f"{count} {status}" for status, count in counts if count)
    out.print(f"{shown} in {result.seconds:.1f} s", highlight=False)
    if result.report:
        out.print(f"report: {relative(result.report)}", soft_wrap=True, highlight=False)
    if result.parent_id:
        out.print(f"MLflow: run {result.parent_id} ({place_to_look()})", soft_wrap=True, highlight=False)


def show_rows(rows: pd.DataFrame, out: Console) -> None:
    """Print a frame as a table, numbers to the right; whole where it goes to a file or another program."""
    table = Table(box=SIMPLE_HEAD)
    for name, dtype in rows.dtypes.items():
        table.add_column(escape(str(name)), justify="right" if is_numeric_dtype(dtype) else "left")
    for row in rows.itertuples(index=False):
        table.add_row(*(Text(_shown(value)) for value in row))
    (out if out.is_terminal else Console(file=out.file, width=_UNCUT)).print(table)


def _shown(value: object) -> str:
    if value is None or value is pd.NaT or value != value:  # not a number is not itself
        return ""
    return f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _failure(result: Result, stage: StageResult) -> str:
    settings = result.settings
    copy = (
        reports_folder(settings.dataset, settings.as_of, settings.variant)
        / "notebooks"
        / f"{stage.name}.ipynb"
    )
    lines = [escape(line) for line in stage.message.splitlines()]
    if copy.is_file():
        lines.append(f"executed copy: {escape(relative(copy))}")
    return "\n".join(
        [f"[bold red]{stage.number} {stage.verb} failed[/]", *(_INDENT + line for line in lines)]
    )
