"""The parameters of an executed notebook, read from its tagged cells."""

import ast
import io
import tokenize
from dataclasses import dataclass
from typing import Any


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
    meanings = _comments(default_source)
    return [
        Parameter(
            name,
            injected.get(name, defaults.get(name, "")),
            meanings.get(name, ""),
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


def _comments(source: str) -> dict[str, str]:
    """Name to the comment within the lines that assign it."""
    lines: dict[int, str] = {}
    try:
        body = ast.parse(source).body
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                lines[token.start[0]] = token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        return {}
    found: dict[str, str] = {}
    for node in body:
        for name in _assigned(ast.get_source_segment(source, node) or ""):
            spoken = [lines[row] for row in range(node.lineno, (node.end_lineno or 0) + 1) if row in lines]
            found[name] = " ".join(spoken)
    return found
