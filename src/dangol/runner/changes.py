"""``name=value`` texts: their notebook, name and typed value, and what was probably meant."""

import ast
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from dangol.runner.notebook import Notebook

_FORM = re.compile(r"(?:(\d{2})\.)?([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_N_NEAREST = 5
_IN_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


@dataclass(frozen=True)
class Change:
    """One value that replaces a default.

    Attributes:
        number: the notebook concerned; ``None`` for every notebook that has the parameter.
        name: of the parameter.
        text: the value as written.
        is_optional: no fault if no notebook has the parameter (presets name those of all notebooks).
    """

    number: str | None
    name: str
    text: str
    is_optional: bool = False

    @property
    def label(self) -> str:
        """Name as the caller wrote it."""
        return f"{self.number}.{self.name}" if self.number else self.name


def parse_changes(texts: Sequence[str], faults: list[str]) -> list[Change]:
    """Split ``name=value`` and ``NN.name=value``; what has another form becomes a fault."""
    changes = []
    for text in texts:
        if not _is_unicode(text):
            faults.append(f"--set {text!a}: expected text in UTF-8, received bytes of another encoding")
            continue
        found = _FORM.fullmatch(text.strip())
        if found is None:
            faults.append(
                f"--set {text}: expected name=value or NN.name=value, like n_segments=4 or 03.seed=7"
            )
            continue
        change = Change(found[1], found[2], found[3].strip())
        if change.name == "variant":
            faults.append("variant: cannot be set; it is named after what differs from the defaults")
        elif change.number and change.name in ("dataset", "as_of"):
            faults.append(
                f"{change.label}: holds for the whole run, not for one notebook; use {change.name}=…"
            )
        else:
            changes.append(change)
    return changes


def _is_unicode(text: str) -> bool:
    """Whether a text can be written; bytes of a command line that are no UTF-8 come as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def typed(change: Change, notebook: Notebook) -> Any:
    """The value as the notebook's field wants it; ranges are checked later, with the whole class.

    Raises:
        ValueError: if the text cannot be read as the field's type.
    """
    assert notebook.params_class is not None  # a notebook without one has no fields to change
    annotation: Any = notebook.params_class.model_fields[change.name].annotation
    try:
        if get_origin(annotation) in (list, tuple, dict, set):
            return TypeAdapter(annotation).validate_python(ast.literal_eval(change.text))
        return TypeAdapter(annotation).validate_strings(change.text)
    except (ValidationError, ValueError, SyntaxError):
        raise ValueError(
            f"{change.label}: expected {_in_words(annotation)}, received {change.text!r}"
        ) from None


def _in_words(annotation: Any) -> str:
    if annotation in _IN_WORDS:
        return _IN_WORDS[annotation]
    choices = get_args(annotation)
    return (
        f"one of {', '.join(map(str, choices))}"
        if choices and not get_origin(annotation)
        else str(annotation)
    )


def unknown_name(change: Change, notebooks: Sequence[Notebook]) -> str:
    """What is wrong with a change that fits no notebook, and what was probably meant."""
    if change.number and change.number not in {nb.number for nb in notebooks}:
        return f"{change.label}: there is no notebook {change.number}"
    fields = sorted({name for nb in notebooks for name in nb.fields if name != "variant"})
    close = difflib.get_close_matches(change.name, fields, n=1, cutoff=0.6)
    where = [nb.number for nb in notebooks if change.name in nb.fields or (close and close[0] in nb.fields)]
    where = [change.number] if change.number in where else where
    if change.number and change.name in fields:
        return f"{change.label}: notebook {change.number} has no such parameter; {', '.join(where)} has"
    hint = f"did you mean {close[0]} (notebook {', '.join(where)})?" if close else _nearest(change, notebooks)
    return f"{change.label}: no notebook has this parameter; {hint}"


def _nearest(change: Change, notebooks: Sequence[Notebook]) -> str:
    """A few names like the one asked for, and where all of them stand."""
    asked = [nb for nb in notebooks if change.number in (None, nb.number)]
    fields = sorted({name for nb in asked for name in nb.fields if name != "variant"})
    near = difflib.get_close_matches(change.name, fields, n=_N_NEAREST, cutoff=0.0)
    place = f"notebook {change.number}" if change.number else "each notebook"
    rest = f"; all stand in the cell `parameters` at the top of {place}" if len(near) < len(fields) else ""
    return f"the nearest are {', '.join(near)}{rest}"
