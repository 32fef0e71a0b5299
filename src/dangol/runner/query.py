"""SQL over the tables of a run: its Parquet files as DuckDB views, nothing copied, nothing locked."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from dangol import tables
from dangol.contracts import Table
from dangol.errors import InputError
from dangol.workspace import RunFolder, home

_NO_NOTEBOOK = "00"


@dataclass(frozen=True)
class Answer:
    """What a query gave.

    Attributes:
        rows: the first rows, as many as asked for.
        is_cut: whether there are more.
    """

    rows: pd.DataFrame
    is_cut: bool


def find_run(dataset: str, as_of: str | None, variant: str) -> RunFolder:
    """A run that has tables; without a date the latest one.

    Raises:
        InputError: if there is none; names those there are.
    """
    known = sorted(path.relative_to(home() / "data" / "processed").parts for path in _run_folders())
    dates = [
        date for name, date, kind in known if (name, kind) == (dataset, variant) and as_of in (None, date)
    ]
    if dates:
        return RunFolder(dataset, dates[-1], variant, _NO_NOTEBOOK)
    listed = "".join(f"\n  - --dataset {name} --as-of {date} --variant {kind}" for name, date, kind in known)
    wanted = f"data set '{dataset}'{f' as of {as_of}' if as_of else ''} ({variant})"
    raise InputError(
        f"no run of {wanted} has tables yet. {'There are:' + listed if known else 'Run: dangol run'}"
    )


def _run_folders() -> list[Path]:
    paths = (home() / "data" / "processed").glob("*/*/*/*.parquet")
    return sorted({path.parent for path in paths if not path.name.startswith(".")})


def tables_of(run: RunFolder) -> pd.DataFrame:
    """One row per table of a run: name, rows, columns, what one row is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = []
    for table in [table for table in tables.ALL if table.exists(run)]:
        try:
            found.append((table, pq.read_metadata(table.path(run))))
        except (OSError, pa.ArrowInvalid):
            raise _damaged(table, run) from None
    return pd.DataFrame(
        [(table.name, meta.num_rows, meta.num_columns, table.owner, table.grain) for table, meta in found],
        columns=["table", "n_rows", "n_columns", "notebook", "one row is"],
    )


def ask(query: str, run: RunFolder, limit: int) -> Answer:
    """The answer to a query over the tables of a run.

    Nothing but these tables can be read, whatever the query asks for.

    Args:
        query: DuckDB SQL; tables by their names.
        run: whose tables.
        limit: at most this many rows.

    Raises:
        InputError: if it is not one select, or DuckDB refuses it; says why.
    """
    _refuse_other_than_one_select(query)
    with duckdb.connect() as connection:
        for table in tables.ALL:
            if table.exists(run):
                _show(table, run, connection)
        _shut_in(run, connection)
        try:
            relation = connection.sql(query)
            rows = relation.limit(limit + 1).df() if relation is not None else pd.DataFrame()
        except duckdb.Error as error:
            raise InputError(f"DuckDB cannot answer: {error}") from None
    return Answer(rows.head(limit), len(rows) > limit)


def _show(table: Table, run: RunFolder, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.read_parquet(str(table.path(run))).create_view(table.name)
    except duckdb.Error:
        raise _damaged(table, run) from None


def _shut_in(run: RunFolder, connection: duckdb.DuckDBPyConnection) -> None:
    """From here on no other file, database, extension or address can be read, and nothing undoes that."""
    tables_of_run = sorted(str(path) for path in run.path.glob("*.parquet"))
    connection.execute("set allowed_paths = $paths", {"paths": tables_of_run})
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _damaged(table: Table, run: RunFolder) -> InputError:
    place = f"'{run.dataset}' as of {run.as_of} ({run.variant})"
    return InputError(
        f"table '{table.name}' of {place} is damaged, not a readable Parquet file. Ask `dangol run` for the "
        f"same run again: notebook {table.owner} writes it anew."
    )


def _refuse_other_than_one_select(query: str) -> None:
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error:
        return  # not SQL at all: DuckDB's own message says why
    if any(statement.type != duckdb.StatementType.SELECT for statement in statements):
        raise InputError("expected a select; the tables of a run are read here, not written.")
    if len(statements) > 1:
        raise InputError(f"expected one select, received {len(statements)}; ask them one after the other.")
