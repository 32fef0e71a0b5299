"""Executed notebooks leave paths and dead widgets behind; others read them and MLflow keeps them."""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dangol.workspace import home, project_root

_WIDGET = "application/vnd.jupyter.widget-view+json"
_KERNEL_FILE = re.compile(re.escape(tempfile.gettempdir()) + r"/ipykernel_\d+/\d+\.py")
# A user's folder may have a name as short as /root: after a word or a slash it is part of something else.
# What follows the end of a colour code (which is a digit and an m) is a path again.
_NOT_INSIDE = r"(?:(?<![\w.~/-])|(?<=\dm))"
_ENDS_HERE = r"(?=$|[^\w.-])"


def scrub_notebook(content: dict[str, Any]) -> dict[str, Any]:
    """A copy of an executed notebook without absolute paths of this machine and without widgets.

    Args:
        content: the notebook as parsed JSON.
    """
    clean = path_remover()
    papermill = content.get("metadata", {}).get("papermill", {})
    kept = {name: papermill[name] for name in ("parameters", "duration") if name in papermill}
    cells = [
        {**cell, "outputs": _cleaned(_without_widgets(cell["outputs"]), clean)} if "outputs" in cell else cell
        for cell in content["cells"]
    ]
    return {**content, "cells": cells, "metadata": {**content["metadata"], "papermill": kept}}


def path_remover() -> Callable[[str], str]:
    """A function that makes paths of this machine relative to the project or the home folder."""
    names = {
        str(home()): ".",
        str(project_root()): ".",
        sys.prefix: ".venv",
        sys.base_prefix: "python",
    }
    longest_first = sorted((path for path in names if len(Path(path).parts) > 1), key=len, reverse=True)
    known = re.compile(f"({'|'.join(map(re.escape, longest_first))}){_ENDS_HERE}")
    user = str(Path.home())
    of_user = re.compile(_NOT_INSIDE + re.escape(user) + _ENDS_HERE if len(Path(user).parts) > 1 else r"(?!)")

    def clean(text: str) -> str:
        text = known.sub(lambda found: names[found[1]], _KERNEL_FILE.sub("cell", text))
        return of_user.sub("~", text)

    return clean


def _without_widgets(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outputs without widgets: a progress bar serves whoever waits, and is dead afterwards."""
    return [output for output in outputs if _WIDGET not in output.get("data", {})]


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item, clean) for item in value]
    if isinstance(value, dict):
        return {
            name: item if name.startswith("image/png") else _cleaned(item, clean)
            for name, item in value.items()
        }
    return value
