"""The first rows of a source, and what each of its columns looks like."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from dangol.errors import InputError
from dangol.sources.own import values
from dangol.sources.own.csv_rows import CsvRows
from dangol.sources.own.databases import duckdb_tables, postgres_samples, sqlite_tables
from dangol.sources.own.dates import UNIX, forms_of, is_ambiguous, looks_like_dates
from dangol.sources.own.dialect import dialect_of
from dangol.sources.own.headers import header_row_of, header_row_of_text
from dangol.sources.own.inputs import READABLE, SHEET_FILES, SQLITE_FILES
from dangol.sources.own.opening import open_rows
from dangol.sources.own.rows import RAGGED, Rows, text_of
from dangol.sources.own.sheets import SheetRows
from dangol.sources.own.spec import DEFAULT_MISSING, Format, Input

N_SAMPLE = 5_000
_THREE_AFTER = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}\D*")
_MOSTLY = 0.9  # share of values that must be numbers: exports have cells like "n/a" among them


@dataclass(frozen=True)
class ColumnSample:
    """One column of a sample.

    Attributes:
        name: as the source has it.
        values: its texts, missing ones left out.
        n_rows: of the sample.
        decimal: mark with which nine of ten values are numbers; ``None`` if they are none.
        is_whole: those are whole numbers.
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

    @property
    def is_surely_date(self) -> bool:
        """Whether its dates could not be plain numbers, such as telephone numbers, as well."""
        return self.is_date and self.date_forms != [UNIX]

    @cached_property
    def date_forms(self) -> list[str]:
        """In which forms its dates are written."""
        return [] if self.is_typed_date else forms_of(self.values)

    @cached_property
    def is_ambiguous_date(self) -> bool:
        """Whether day and month cannot be told apart."""
        return not self.is_typed_date and is_ambiguous(self.values)

    @cached_property
    def grouped_example(self) -> str:
        """A number such as 1.234 where all with a mark are like it and may mean thousands; else empty."""
        marked = [text for text in self.values if "." in text or "," in text]
        is_unclear = self.decimal is not None and all(_THREE_AFTER.fullmatch(text) for text in marked)
        return marked[0] if marked and is_unclear else ""

    @cached_property
    def n_distinct(self) -> int:
        """How many different values."""
        return len(set(self.values))

    @cached_property
    def is_binary(self) -> bool:
        """Only 0 and 1 (or yes and no, in a language that is understood), both of them."""
        found = {word.casefold() for word in self.values}
        return len(found) == 2 and bool(found & set(values.YES)) and bool(found & set(values.NO))


@dataclass(frozen=True)
class Source:
    """One table that may be mapped: a file or several alike, a sheet or a table of a database.

    Attributes:
        label: for people.
        files: paths as they are to stand in the spec; none for a database address.
        database: address; empty for files.
        table: of a database; ``None`` otherwise.
        sheet: of a workbook with several; ``None`` otherwise.
        encoding: of a text file; ``None`` otherwise.
        delimiter: of a text file; ``None`` otherwise.
        header_row: where the names stand, from 1; lines above it are a title.
        columns: with their samples.
        n_sample: rows looked at.
    """

    label: str
    files: tuple[str, ...] = ()
    database: str = ""
    table: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int = 1
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
            yield Source(f"{name}, table {table}", (name,), table=table, **_sampled(rows))
    elif suffix in SHEET_FILES:
        yield from _sheets(path, name)
    elif suffix == ".parquet":
        yield Source(name, (name,), **_sampled(open_rows(path, Input(file=(path.name,)))))
    else:
        dialect = dialect_of(path)
        head = header_row_of_text(path, dialect)
        form = Format(encoding=dialect.encoding, delimiter=dialect.delimiter, header_row=head)
        yield Source(
            name,
            (name,),
            encoding=dialect.encoding,
            delimiter=dialect.delimiter,
            header_row=head,
            **_sampled(CsvRows(path, form)),
        )


def sources_of_database(address: str) -> Iterator[Source]:
    """The tables of a PostgreSQL database, sampled."""
    for table, rows in postgres_samples(address, N_SAMPLE):
        columns = tuple(_column(name, rows[name]) for name in rows.column_names)
        yield Source(
            f"database table {table}", database=address, table=table, columns=columns, n_sample=rows.num_rows
        )


def _sheets(path: Path, name: str) -> Iterator[Source]:
    names = SheetRows(path, Format(header_row=0)).sheet_names
    several = len(names) > 1
    for sheet in names:
        head = header_row_of(SheetRows(path, Format(sheet=sheet, header_row=0)).first_rows)
        if several and head is None:
            continue  # a sheet without a table, such as a cover
        rows = SheetRows(path, Format(sheet=sheet, header_row=head or 1))
        label = f"{name}, sheet {sheet}" if several else name
        yield Source(label, (name,), sheet=sheet if several else None, header_row=head or 1, **_sampled(rows))


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
    is_date = pa.types.is_temporal(cells.type)
    return column_of(name, tuple(_texts(cells)), len(cells), is_typed_date=is_date)


def column_of(name: str, texts: tuple[str, ...], n_rows: int, *, is_typed_date: bool) -> ColumnSample:
    """A column from the texts of its cells."""
    decimal, is_whole = _numbers(texts)
    return ColumnSample(name, texts, n_rows, decimal, is_whole, is_typed_date)


def _numbers(texts: tuple[str, ...]) -> tuple[str | None, bool]:
    """The decimal mark with which most texts are numbers, and whether those are whole."""
    if not texts:
        return None, False
    table = ibis.memtable(pa.table({"cell": pa.array(texts, pa.string())}))
    tests: dict[str, Any] = {}
    for name, mark in (("point", "."), ("comma", ",")):
        number = values.number(table["cell"], Format(decimal=mark))
        tests |= {name: number.count(), f"whole_{name}": (number == number.floor()).all()}
    found = table.aggregate(**tests).execute().iloc[0]
    name, mark = ("comma", ",") if found["comma"] > found["point"] else ("point", ".")
    if found[name] < _MOSTLY * len(texts):
        return None, False
    return mark, bool(found[f"whole_{name}"])


def _texts(column: pa.ChunkedArray) -> Iterator[str]:
    for value in column.to_pylist():
        text = text_of(value)
        if text is not None and (clean := text.strip()) not in DEFAULT_MISSING:
            yield clean
