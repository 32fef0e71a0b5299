"""Tables of databases as rows: DuckDB and SQLite files read-only, PostgreSQL by its address."""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from dangol.errors import InputError
from dangol.sources.own.rows import BATCH_ROWS, Advance, Rows, TextRows, well_formed

FROM_ENVIRONMENT = "DANGOL_DATABASE_PASSWORD"
_ADDRESS = re.compile(r"postgres(?:ql)?://(?:[^:@/]+@)?[^:@/]+(?::\d+)?/[^/?]+")


class SqliteRows(TextRows):
    """One table of a SQLite file, in the order of its rows, all as text."""

    def __init__(self, path: Path, table: str | None) -> None:
        own = _quoted(_named(path, table, sqlite_tables(path)))
        with _sqlite(path) as connection:
            columns = [row[1] for row in connection.execute(f"pragma table_info({own})")]

        def rows() -> Iterator[Sequence]:
            with _sqlite(path) as reader:
                yield from reader.execute(f"select * from {own}")

        super().__init__(path, columns, rows)


class DuckdbRows(Rows):
    """One table of a DuckDB file; columns keep their types."""

    def __init__(self, path: Path, table: str | None) -> None:
        self._table = _named(path, table, duckdb_tables(path))
        with _duckdb(path) as connection:
            empty = connection.execute(f"select * from {_quoted(self._table)} limit 0").to_arrow_table()
        self._schema = empty.schema
        super().__init__(path, self._schema.names)

    def types(self, columns: Sequence[str]) -> list[pa.DataType]:
        """Arrow types of columns."""
        return [self._schema.field(self.names.index(name)).type for name in columns]

    def batches(self, columns: Sequence[str], advance: Advance) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """Batches of the columns."""
        places = [self.names.index(name) for name in columns]
        with _duckdb(self.path) as connection:
            for batch in connection.execute(f"select * from {_quoted(self._table)}").to_arrow_reader(
                BATCH_ROWS
            ):
                yield batch.select(places), well_formed(batch.num_rows)
        advance(self.path.stat().st_size)


def duckdb_tables(path: Path) -> list[str]:
    """Names of the tables of a DuckDB file; views are not listed, because they run code."""
    with _duckdb(path) as connection:
        found = connection.execute("select table_name from duckdb_tables() where not internal").fetchall()
    return sorted(name for (name,) in found)


def sqlite_tables(path: Path) -> list[str]:
    """Names of the tables of a SQLite file; views are not listed, because they run code."""
    with _sqlite(path) as connection:
        found = connection.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        ).fetchall()
    return sorted(name for (name,) in found)


def export_postgres(address: str, table: str, target: Path) -> None:
    """Write one table of a PostgreSQL database as Parquet.

    Args:
        address: ``postgresql://user@host:port/database``; the password comes from the environment
            variable ``DANGOL_DATABASE_PASSWORD``, since a spec is shared.
        table: its name.
        target: the Parquet file.

    Raises:
        InputError: if the address holds a password, the extra is not installed, the database cannot
            be reached or has no such table.
    """
    connection = _postgres(address)
    tables = connection.list_tables()
    if table not in tables:
        raise InputError(f"the database has no table {table!r}; it has {', '.join(sorted(tables))}")
    connection.table(table).to_parquet(target)


def postgres_samples(address: str, n_rows: int) -> Iterator[tuple[str, pa.Table]]:
    """Every table of a PostgreSQL database by its name, with its first rows.

    Raises:
        InputError: as ``export_postgres`` does.
    """
    connection = _postgres(address)
    for table in sorted(connection.list_tables()):
        yield table, connection.table(table).limit(n_rows).to_pyarrow()


def _postgres(address: str) -> Any:
    import ibis

    if not _ADDRESS.fullmatch(address):
        raise InputError(
            "expected a database address like postgresql://user@host:5432/shop without a password; "
            f"put the password into the environment variable {FROM_ENVIRONMENT}"
        )
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise InputError(
            "reading PostgreSQL needs the extra 'postgres': pip install -e '.[postgres]'"
        ) from None
    password = os.environ.get(FROM_ENVIRONMENT, "")
    try:
        return ibis.connect(address.replace("@", f":{password}@", 1) if password else address)
    except Exception as error:  # each driver has its own; the address may stand in the text
        raise InputError(
            f"the database cannot be reached ({type(error).__name__}); check address and {FROM_ENVIRONMENT}"
        ) from None


def _named(path: Path, table: str | None, tables: Sequence[str]) -> str:
    if table is None and len(tables) == 1:
        return tables[0]
    if table not in tables:
        problem = "state which table to read" if table is None else f"there is no table {table!r}"
        raise InputError(f"{path.name}: {problem}; it has {', '.join(tables) or 'none'}")
    return table or ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("select count(*) from sqlite_master")
        yield connection
    except sqlite3.DatabaseError:
        raise InputError(f"{path.name}: not a readable SQLite file") from None
    finally:
        connection.close()


def _duckdb(path: Path) -> Any:
    import duckdb

    try:
        return duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"})
    except duckdb.Error:
        raise InputError(
            f"{path.name}: not a readable DuckDB file (or another program is writing it)"
        ) from None
