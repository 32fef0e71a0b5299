"""Files of one kind, such as one per month: the same columns, so one table of the spec."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dangol.sources.own.sampling import ColumnSample, Source, column_of


def joined_alike(sources: Iterable[Source]) -> list[Source]:
    """Sources with files of the same columns and form become one, in the place of the first."""
    groups: dict[object, list[Source]] = {}
    for number, source in enumerate(sources):
        names = tuple(column.name for column in source.columns)
        form = (source.files[0].rpartition(".")[2].lower() if source.files else "", source.delimiter)
        is_single = bool(source.table or source.database or not names)
        key = number if is_single else (names, form, source.sheet, source.header_row)
        groups.setdefault(key, []).append(source)
    return [_joined(group) if len(group) > 1 else group[0] for group in groups.values()]


def are_parts(files: Sequence[str]) -> bool:
    """Whether names of files differ only in numbers, such as a month, and none says it is a copy.

    >>> are_parts(["orders-2024-01.csv", "orders-2024-02.csv"]), are_parts(["sales.csv", "returns.csv"])
    (True, False)
    >>> are_parts(["sales.csv", "sales (1).csv"])
    False
    """
    return len({re.sub(r"\d+", "0", file) for file in files}) == 1


def _joined(group: list[Source]) -> Source:
    first = group[0]
    encodings = {source.encoding for source in group}
    return replace(
        first,
        label=f"{first.label} and {len(group) - 1} more",
        files=tuple(file for source in group for file in source.files),
        encoding=first.encoding if len(encodings) == 1 else None,  # then found out file by file
        columns=tuple(_column([source.column(c.name) for source in group]) for c in first.columns),
        n_sample=sum(source.n_sample for source in group),
    )


def _column(parts: list[ColumnSample]) -> ColumnSample:
    texts = tuple(text for part in parts for text in part.values)
    is_date = any(part.is_typed_date for part in parts)
    return column_of(parts[0].name, texts, sum(part.n_rows for part in parts), is_typed_date=is_date)
