"""Table contracts: the columns a table has, who writes it, and checks on every write and read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dangol.breaches import Bounds, frame_breaches, key_breaches, lazy_breaches, schema_of
from dangol.errors import ContractError, DangolError, MissingTableError, SkipNotebookError
from dangol.files import replacing
from dangol.workspace import RunFolder


@dataclass(frozen=True)
class Table:
    """The contract of one table.

    Attributes:
        name: file name without ``.parquet``.
        owner: two-digit number of the one notebook that writes it.
        grain: what one row is, in words.
        key: columns that together are unique; empty if the table has no key.
        columns: column name to kind: ``id`` (int64 or text), ``int``, ``float``, ``bool``,
            ``str`` or ``datetime``; a trailing ``?`` allows missing values. Further columns
            may be present.
        ranges: column name to (lowest, highest), both inclusive, ``None`` for open. Columns
            ending in ``_prob``, ``_share`` or ``_rate`` lie in [0, 1] without saying so.
    """

    name: str
    owner: str
    grain: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    ranges: Mapping[str, Bounds] = field(default_factory=dict)

    def path(self, folder: RunFolder) -> Path:
        """Where the table lies in a run."""
        return folder.path / f"{self.name}.parquet"

    def exists(self, folder: RunFolder) -> bool:
        """Whether the run has the table."""
        return self.path(folder).is_file()

    def check(self, frame: Any) -> None:
        """Compare a pandas frame or an Ibis table with the contract.

        Raises:
            ContractError: listing every breach at once.
        """
        if isinstance(frame, pd.DataFrame):
            breaches = frame_breaches(frame, self._schema)
        else:
            breaches = lazy_breaches(frame, self.columns, self.ranges)
        if breaches := [*breaches, *key_breaches(frame, self.key)]:
            lines = "\n".join(f"  - {breach}" for breach in breaches)
            raise ContractError(
                f"table '{self.name}' breaks its contract in {len(breaches)} place(s):\n{lines}\n"
                f"Re-run notebook {self.owner}, which writes it."
            )

    def write(self, frame: Any, folder: RunFolder) -> None:
        """Check and write the table, whole or not at all.

        Args:
            frame: pandas frame, or Ibis table on DuckDB; the latter is streamed into the file
                and checked there, so that tables larger than memory can be written.
            folder: the run.

        Raises:
            ContractError: if a breach is found or another notebook owns the table.
        """
        if folder.notebook != self.owner:
            raise ContractError(
                f"notebook {folder.notebook} may not write '{self.name}': notebook {self.owner} owns it."
            )
        if isinstance(frame, pd.DataFrame):
            self.check(frame)
        with replacing(self.path(folder)) as temporary:
            if isinstance(frame, pd.DataFrame):
                frame.to_parquet(temporary, index=False, compression="zstd")
            else:
                _stream(frame, temporary)
                with _opened(temporary) as written:
                    self.check(written)

    def write_if_any(self, frame: Any, folder: RunFolder) -> None:
        """As ``write``; None removes an older file, since the data set has no such data."""
        if frame is None:
            self.path(folder).unlink(missing_ok=True)
        else:
            self.write(frame, folder)

    def read(self, folder: RunFolder, columns: list[str] | None = None) -> pd.DataFrame:
        """Read the table and check it again.

        Args:
            folder: the run.
            columns: read only these; then only their part of the contract is checked.

        Raises:
            MissingTableError: if it is not there yet; names the notebook to run.
            SkipNotebookError: if the data set has no such data at all.
            ContractError: if the file breaks the contract.
            DangolError: if the file is damaged.
        """
        path = self._existing_path(folder)
        try:
            frame = pd.read_parquet(path, columns=columns)
        except (OSError, ValueError) as error:
            raise self._damaged(error) from None
        (self._only(columns) if columns else self).check(frame)
        return frame

    def expr(self, folder: RunFolder) -> Any:
        """The table as a lazy Ibis expression on DuckDB, for relational work.

        Raises:
            MissingTableError: if it is not there yet; names the notebook to run.
            SkipNotebookError: if the data set has no such data at all.
            DangolError: if the file is damaged.
        """
        import duckdb
        import ibis

        path = self._existing_path(folder)
        try:
            return ibis.read_parquet(path)
        except duckdb.Error as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> DangolError:
        return DangolError(
            f"table '{self.name}' cannot be read ({type(error).__name__}); the file is damaged. "
            f"Re-run notebook {self.owner}, which writes it: dangol run --only {self.owner}"
        )

    def read_if_any(self, folder: RunFolder) -> pd.DataFrame | None:
        """As ``read``; None if the data set has no such data."""
        return self.read(folder) if self.exists(folder) else None

    def expr_if_any(self, folder: RunFolder) -> Any:
        """As ``expr``; None if the data set has no such data."""
        return self.expr(folder) if self.exists(folder) else None

    def earlier_runs(self, folder: RunFolder) -> dict[str, RunFolder]:
        """Runs of the same data set and variant with an earlier date that hold the table, oldest first.

        Notebooks of one run never read what a later one writes. A run of an earlier date is finished,
        and what it wrote was known then, so it may be read.

        Returns:
            ``as_of`` to the run's folder.
        """
        runs = {}
        for path in sorted(folder.path.parents[1].glob(f"*/{folder.variant}/{self.name}.parquet")):
            as_of = path.parents[1].name
            if _is_date(as_of) and as_of < folder.as_of:
                runs[as_of] = RunFolder(folder.dataset, as_of, folder.variant, folder.notebook)
        return runs

    def _existing_path(self, folder: RunFolder) -> Path:
        path = self.path(folder)
        if path.is_file():
            return path
        if folder.of(self.owner).records.joinpath("done.json").is_file():
            raise SkipNotebookError(
                f"data set '{folder.dataset}' has no {self.name} ({self.grain}), which this notebook needs."
            )
        raise MissingTableError(
            f"table '{self.name}' of data set '{folder.dataset}' as of {folder.as_of} is not there yet. "
            f"Run notebook {self.owner} first, or: dangol run --only {self.owner} "
            f"--dataset {folder.dataset} --set as_of={folder.as_of}"
        )

    def _only(self, columns: list[str]) -> "Table":
        key = self.key if set(self.key) <= set(columns) else ()
        kept = {name: kind for name, kind in self.columns.items() if name in columns}
        return Table(self.name, self.owner, self.grain, key, kept, self.ranges)

    @cached_property
    def _schema(self) -> Any:
        return schema_of(self.columns, self.ranges)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _stream(table: Any, target: Path) -> None:
    """Write an Ibis table as Parquet, row group by row group in the order of its source.

    One thread: with more, DuckDB keeps row groups in memory until their turn comes (20.9 million
    rows: 2.5 GB instead of 0.1), for no gain in time.
    """
    engine = table.get_backend()
    n_threads = engine.raw_sql("select current_setting('threads')").fetchone()[0]
    engine.raw_sql("set threads = 1")
    try:
        engine.to_parquet(table, target, compression="zstd")
    finally:
        engine.raw_sql(f"set threads = {n_threads}")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A Parquet file as an Ibis table of a connection of its own."""
    import ibis

    connection = ibis.duckdb.connect()
    try:
        yield connection.read_parquet(path)
    finally:
        connection.disconnect()
