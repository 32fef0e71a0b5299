"""What each recorded figure is, and the tables it stands on; both come from the message catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BOUNDS = {"_low": "lower", "_high": "upper"}
_SPANS = ("_days", "_weeks")  # a parameter of the estimate beside it, not the estimate


@dataclass(frozen=True)
class Definition:
    """Of one recorded figure.

    Attributes:
        text: what it is, in a few words.
        tables: names of the tables it stands on.
    """

    text: str
    tables: str


def definition_of(content: Mapping[str, Any], notebook: str, name: str) -> Definition | None:
    """The definition of a figure; None if the catalogue has none, as for a notebook somebody added.

    Args:
        content: message catalogue of one language.
        notebook: two-digit number of the notebook that recorded it.
        name: of the metric; the ends of an interval, ``<name>_low`` and ``<name>_high``, are explained by
            its estimate, whose last word may be left out, as in `Facts.bounds`.
    """
    words = content["definitions"]
    entries: Mapping[str, str] = words.get(notebook, {})
    if name in entries:
        tables, _, text = entries[name].partition(" | ")
        return Definition(text, tables)
    for ending, end in _BOUNDS.items():
        stem = name.removesuffix(ending)
        estimates = [
            key
            for key in entries
            if stem == key or (stem == key.rpartition("_")[0] and not key.endswith(_SPANS))
        ]
        if stem != name and estimates:
            of = definition_of(content, notebook, stem if stem in entries else estimates[0])
            return of and Definition(words[end].format(text=of.text), of.tables)
    return None
