"""Where the names of the columns stand: exports often begin with a title or the date of the export."""

import csv
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

from dangol.sources.own.dialect import Dialect

N_HEAD_ROWS = 30


def header_row_of(rows: Sequence[Sequence[object]]) -> int | None:
    """Number of the first row, from 1, that fills most of the columns; ``None`` if no row fills two.

    >>> header_row_of([["Sales 2024", "", ""], [], ["day", "item", "price"], ["2024-01-05", "A", 7]])
    3
    """
    filled = [sum(str(cell).strip() != "" for cell in row) for row in rows[:N_HEAD_ROWS]]
    ordered = sorted(n_cells for n_cells in filled if n_cells)
    width = ordered[math.ceil(0.75 * (len(ordered) - 1))] if ordered else 0  # one row too wide says nothing
    if width < 2:
        return None
    return next(number for number, n_cells in enumerate(filled, start=1) if n_cells >= max(2, width / 2))


def header_row_of_text(path: Path, dialect: Dialect) -> int:
    """Number of the record of a text file, from 1, that holds the names of its columns."""
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as stream:
        try:
            rows = list(itertools.islice(csv.reader(stream, delimiter=dialect.delimiter), N_HEAD_ROWS))
        except csv.Error:
            return 1
    return header_row_of(rows) or 1
