"""What may not leave this machine: its paths, its secrets, and widgets that are dead afterwards.

Executed notebooks, pages, messages and what MLflow keeps all pass through here.
"""

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from dangol.workspace import home, project_root

_WIDGET = "application/vnd.jupyter.widget-view+json"
_KERNEL_FILE = re.compile(re.escape(tempfile.gettempdir()) + r"/ipykernel_\d+/\d+\.py")
# A user's folder may have a name as short as /root: after a word or a slash it is part of something else.
# What follows the end of a colour code (which is a digit and an m) is a path again.
_NOT_INSIDE = r"(?:(?<![\w.~/-])|(?<=\dm))"
_ENDS_HERE = r"(?=$|[^\w.-])"


# environment variables with such a name hold a secret
_SECRET_NAME = re.compile(r"passw|passphrase|secret|token|credential|api_?key|access_?key|private_?key", re.I)
_SECRET_LENGTH = 8  # a shorter value ("false") would be found in innocent words
_IN_ADDRESS = re.compile(r"(\w+://[^\s:@/]*):[^\s@/]+@")
_HIDDEN = "***"


def scrub_notebook(content: dict[str, Any]) -> dict[str, Any]:
    """A copy of an executed notebook without paths and secrets of this machine and without widgets.

    Args:
        content: the notebook as parsed JSON.
    """
    clean = cleaner()
    papermill = content.get("metadata", {}).get("papermill", {})
    kept = {name: papermill[name] for name in ("parameters", "duration") if name in papermill}
    cells = [
        {**cell, "outputs": _without_widgets(cell["outputs"])} if "outputs" in cell else cell
        for cell in content["cells"]
    ]
    metadata = {**content["metadata"], "papermill": _cleaned(kept, clean)}
    return {**content, "cells": _cleaned(cells, clean), "metadata": metadata}


def cleaner() -> Callable[[str], str]:
    """A function that takes what is private to this machine out of a text.

    Paths become relative to the project or the home folder. Passwords in addresses and the values of
    environment variables that are named like a secret become ``***``, however they are written.
    """
    remove_paths, secrets = _path_remover(), _secrets()

    def clean(text: str) -> str:
        return secrets.sub(_HIDDEN, _IN_ADDRESS.sub(rf"\1:{_HIDDEN}@", remove_paths(text)))

    return clean


def _secrets() -> re.Pattern[str]:
    """Every secret of the environment, as it is, in an address, in JSON and in a traceback."""
    values = [
        value
        for name, value in os.environ.items()
        if _SECRET_NAME.search(name) and len(value) >= _SECRET_LENGTH
    ]
    forms = {
        form
        for value in values
        for form in (value, quote(value, ""), quote_plus(value), json.dumps(value)[1:-1], repr(value)[1:-1])
    }
    return re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))) or r"(?!)")


def _path_remover() -> Callable[[str], str]:
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
