"""The parameters of an executed notebook, read from its tagged cells."""

import ast
from dataclasses import dataclass
from typing import Any

from dangol.forms import meanings


@dataclass(frozen=True)
class Parameter:
    """One parameter of a run: its value, the comment beside its default, and whether it was changed."""

    name: str
    value: str
    meaning: str
    is_changed: bool


def parameters_of(cells: list[dict[str, Any]]) -> list[Parameter]:
    """Parameters of a notebook, in the order of its ``parameters`` cell.

    Args:
        cells: parsed cells; one is tagged ``parameters``; papermill adds ``injected-parameters``.
    """
    default_source = _tagged(cells, "parameters")
    defaults, injected = _assigned(default_source), _assigned(_tagged(cells, "injected-parameters"))
    spoken = meanings(default_source)
    return [
        Parameter(
            name,
            injected.get(name, defaults.get(name, "")),
            spoken.get(name, ""),
            name in injected and injected[name] != defaults.get(name),
        )
        for name in {**defaults, **injected}
    ]


def _tagged(cells: list[dict[str, Any]], tag: str) -> str:
    sources = [cell["source"] for cell in cells if tag in cell.get("metadata", {}).get("tags", ())]
    return sources[0] if sources else ""


def _assigned(source: str) -> dict[str, str]:
    """Name to literal, of the assignments in a cell; empty if it is no valid Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return {}
    found: dict[str, str] = {}
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if value is not None and len(targets) == 1 and isinstance(targets[0], ast.Name):
            found[targets[0].id] = ast.unparse(value)
    return found
