"""Which reader a file needs, by its name."""

from pathlib import Path

from dangol.sources.own.csv_rows import CsvRows
from dangol.sources.own.databases import DuckdbRows, SqliteRows
from dangol.sources.own.inputs import SHEET_FILES, SQLITE_FILES
from dangol.sources.own.rows import ParquetRows, Rows
from dangol.sources.own.sheets import SheetRows
from dangol.sources.own.spec import Input


def open_rows(path: Path, given: Input) -> Rows:
    """The rows of one file.

    Raises:
        InputError: if the file is not what its name says.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return ParquetRows(path)
    if suffix in SHEET_FILES:
        return SheetRows(path, given.format)
    if suffix == ".duckdb":
        return DuckdbRows(path, given.table)
    if suffix in SQLITE_FILES:
        return SqliteRows(path, given.table)
    return CsvRows(path, given.format)
