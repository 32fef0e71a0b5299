"""The first rows of a source, and what each of its columns looks like."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from dangol.errors import InputError
from dangol.sources.own import values
from dangol.sources.own.csv_rows import CsvRows
from dangol.sources.own.databases import duckdb_tables, postgres_tables, sqlite_tables
from dangol.sources.own.dates import forms_of, is_ambiguous, looks_like_dates
from dangol.sources.own.inputs import READABLE, SHEET_FILES, SQLITE_FILES
from dangol.sources.own.opening import open_rows
from dangol.sources.own.rows import RAGGED, Rows, text_of
from dangol.sources.own.sheets import SheetRows
from dangol.sources.own.spec import DEFAULT_MISSING, Format, Input

N_SAMPLE = 5_000


@dataclass(frozen=True)
class ColumnSample:
    """One column of a sample.

    Attributes:
        name: as the source has it.
        values: its texts, missing ones left out.
        n_rows: of the sample.
        decimal: mark with which all values are numbers; ``None`` if they are none.
        is_whole: all values are whole numbers.
        is_typed_date: the source stores dates or times.
    """

    name: str
    values: tuple[str, ...]
    n_rows: int
    decimal: str | None = None
    is_whole: bool = False
    is_typed_date: bool = False

    @cached_property
    def is_date(self) -> bool:
        """Whether it holds dates."""
        return self.is_typed_date or (looks_like_dates(self.values[:500]))

    @cached_property
    def date_forms(self) -> list[str]:
        """In which forms its dates are written."""
        return [] if self.is_typed_date else forms_of(self.values)

    @cached_property
    def is_ambiguous_date(self) -> bool:
        """Whether day and month cannot be told apart."""
        return not self.is_typed_date and is_ambiguous(self.values)

    @cached_property
    def n_distinct(self) -> int:
        """How many different values."""
        return len(set(self.values))

    @cached_property
    def is_binary(self) -> bool:
        """Only 0 and 1 (or true and false), both of them."""
        return set(map(str.lower, self.values)) in ({"0", "1"}, {"true", "false"})


@dataclass(frozen=True)
class Source:
    """One table that may be mapped: a file, a sheet or a table of a database.

    Attributes:
        label: for people.
        file: path as it is to stand in the spec; empty for a database address.
        database: address; empty for files.
        table: of a database; ``None`` otherwise.
        sheet: of a workbook with several; ``None`` otherwise.
        encoding: of a text file; ``None`` otherwise.
        delimiter: of a text file; ``None`` otherwise.
        columns: with their samples.
        n_sample: rows looked at.
    """

    label: str
    file: str
    database: str = ""
    table: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    columns: tuple[ColumnSample, ...] = field(default=())
    n_sample: int = 0

    def column(self, name: str) -> ColumnSample:
        """A column by its name."""
        return next(column for column in self.columns if column.name == name)


def sources_of(path: Path, name: str) -> Iterator[Source]:
    """The tables of one file, sampled.

    Args:
        path: of the file.
        name: as it is to stand in the spec.

    Raises:
        InputError: if the file is none that can be read.
    """
    suffix = path.suffix.lower()
    if suffix not in READABLE:
        raise InputError(f"{path.name}: cannot be read as a table; expected one of {', '.join(READABLE)}")
    if path.stat().st_size == 0:
        raise InputError(f"{path.name}: the file is empty")
    if suffix == ".duckdb" or suffix in SQLITE_FILES:
        tables = duckdb_tables(path) if suffix == ".duckdb" else sqlite_tables(path)
        for table in tables:
            rows = open_rows(path, Input(file=(path.name,), table=table))
            yield Source(f"{name}, table {table}", name, table=table, **_sampled(rows))
    elif suffix in SHEET_FILES:
        yield from _sheets(path, name)
    else:
        rows = open_rows(path, Input(file=(path.name,)))
        dialect = rows.dialect if isinstance(rows, CsvRows) else None
        yield Source(
            name,
            name,
            encoding=dialect.encoding if dialect else None,
            delimiter=dialect.delimiter if dialect else None,
            **_sampled(rows),
        )


def sources_of_database(address: str) -> Iterator[Source]:
    """The tables of a PostgreSQL database; their content is not looked at."""
    for table in postgres_tables(address):
        yield Source(f"database table {table}", "", database=address, table=table)


def _sheets(path: Path, name: str) -> Iterator[Source]:
    names = SheetRows(path, Format()).sheet_names
    for sheet in names:
        try:
            rows = SheetRows(path, Format(sheet=sheet))
        except InputError:
            if len(names) == 1:
                raise
            continue  # a sheet without a table, such as a cover
        several = len(names) > 1
        yield Source(
            f"{name}, sheet {sheet}" if several else name,
            name,
            sheet=sheet if several else None,
            **_sampled(rows),
        )


def _sampled(rows: Rows) -> dict:
    """Columns and size of the sample of a stream of rows."""
    reader = rows.stream(rows.names)
    batches, n_rows = [], 0
    try:
        for batch in reader:
            batches.append(batch)
            n_rows += batch.num_rows
            if n_rows >= N_SAMPLE:
                break
    except Exception:
        if rows.failure:
            raise rows.failure from None
        raise
    table = pa.Table.from_batches(batches, reader.schema).slice(0, N_SAMPLE)
    table = table.filter(pc.is_null(table[RAGGED]))
    columns = tuple(_column(name, table[f"c{i}"]) for i, name in enumerate(rows.names))
    return {"columns": columns, "n_sample": n_rows}


def _column(name: str, cells: pa.ChunkedArray) -> ColumnSample:
    texts = tuple(_texts(cells))
    decimal, is_whole = _numbers(texts)
    return ColumnSample(name, texts, len(cells), decimal, is_whole, pa.types.is_temporal(cells.type))


def _numbers(texts: tuple[str, ...]) -> tuple[str | None, bool]:
    """The decimal mark with which all texts are numbers, and whether those are whole."""
    if not texts:
        return None, False
    table = ibis.memtable(pa.table({"cell": pa.array(texts, pa.string())}))
    for mark in (".", ","):
        number = values.number(table["cell"], Format(decimal=mark))
        found = table.aggregate(n=number.count(), is_whole=(number == number.floor()).all()).execute()
        if int(found["n"].iloc[0]) == len(texts):
            return mark, bool(found["is_whole"].iloc[0])
    return None, False


def _texts(column: pa.ChunkedArray) -> Iterator[str]:
    for value in column.to_pylist():
        text = text_of(value)
        if text is not None and (clean := text.strip()) not in DEFAULT_MISSING:
            yield clean
