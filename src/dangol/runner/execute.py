"""One notebook, executed by papermill as a copy in its own process."""

import json
import logging
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dangol.files import write_json
from dangol.jupyter import without_grammar_of_addresses
from dangol.runner.kernel import KERNEL_NAME, Kernels
from dangol.runner.notebook import Notebook
from dangol.runner.scrub import cleaner, scrub_notebook

_START_SECONDS = 180
_COLOUR = re.compile("\x1b\\[[0-9;]*[A-Za-z]")
_MESSAGE_LINES = 12


@dataclass(frozen=True)
class Failure:
    """Why a notebook stopped.

    Attributes:
        cell: number among the code cells of the source, from 1; 0 if none was reached.
        first_line: of that cell.
        error: name of the exception.
        message: its text, without paths of this machine.
    """

    cell: int
    first_line: str
    error: str
    message: str

    def text(self) -> str:
        """One readable block."""
        where = f"in code cell {self.cell}: {self.first_line}" if self.cell else "before its first cell"
        lines = self.message.strip().splitlines()
        shown = lines[:_MESSAGE_LINES] + (["…"] if len(lines) > _MESSAGE_LINES else [])
        return "\n".join([where, f"{self.error}: {shown[0]}" if shown else self.error, *shown[1:]])


@dataclass(frozen=True)
class Execution:
    """What papermill made of a notebook."""

    seconds: float
    failure: Failure | None


def execute(notebook: Notebook, injected: dict[str, Any], target: Path, kernels: Kernels) -> Execution:
    """Execute a copy and keep it, failed or not, without paths of this machine.

    Args:
        notebook: the source; it is only read.
        injected: parameters to put after the parameters cell.
        target: where the executed copy goes, whole or not at all; not if the batch was ended.
        kernels: the batch the kernel belongs to.
    """
    with without_grammar_of_addresses():
        import papermill
    from jupyter_core.utils import ensure_event_loop

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # a dead kernel is told once, by the batch
    copy = kernels.folder / f"{notebook.name}.ipynb"
    started = time.perf_counter()
    stopped_by: Exception | None = None
    try:
        papermill.execute_notebook(
            str(notebook.path),
            str(copy),
            parameters=injected,
            kernel_name=KERNEL_NAME,
            language="python",
            progress_bar=False,
            start_timeout=_START_SECONDS,
            kernel_manager_class=kernels.manager_class(),
            shutdown_kernel="immediate",
        )
    except Exception as error:  # an error in a cell, or a kernel that dies or does not start
        stopped_by = error
    finally:
        ensure_event_loop().close()  # this thread's, left open by nbclient
    seconds = time.perf_counter() - started
    content = json.loads(copy.read_text()) if copy.is_file() else {"cells": [], "metadata": {}}
    if content["cells"] and not kernels.is_closed:
        write_json(scrub_notebook(content), target)
    return Execution(seconds, _failure(stopped_by, content["cells"]) if stopped_by else None)


def _failure(error: Exception, cells: list[dict[str, Any]]) -> Failure:
    """What a person needs to know: where it stopped and why."""
    code = [cell for cell in cells if cell["cell_type"] == "code" and not _is_injected(cell)]
    stopped = _stopped_at(code)
    first_line = _first_line("".join(code[stopped - 1]["source"])) if stopped else ""
    name = getattr(error, "ename", type(error).__name__)
    message = str(getattr(error, "evalue", error))
    if name == "DeadKernelError":
        message = "the notebook's process ended by itself; most often memory ran out. Try --workers 1."
    return Failure(stopped, first_line, name, _COLOUR.sub("", cleaner()(message)))


def _is_injected(cell: dict[str, Any]) -> bool:
    return "injected-parameters" in cell.get("metadata", {}).get("tags", ())


def _stopped_at(code: list[dict[str, Any]]) -> int:
    """Number of the cell with the error; if the kernel died, of the last one begun; 0 if none was."""
    broken = [number for number, cell in enumerate(code, start=1) if _has_error(cell)]
    begun = [number for number, cell in enumerate(code, start=1) if _papermill(cell).get("start_time")]
    return (broken or begun[-1:] or [0])[0]


def _has_error(cell: dict[str, Any]) -> bool:
    return any(output["output_type"] == "error" for output in cell.get("outputs", ()))


def _papermill(cell: dict[str, Any]) -> dict[str, Any]:
    return cell.get("metadata", {}).get("papermill", {})


def _first_line(source: str) -> str:
    lines = [
        line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    return lines[0] if lines else ""
