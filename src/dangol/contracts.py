"""Table contracts: the columns a table has, who writes it, and checks on every write and read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api import types as kinds

from dangol.errors import ContractError, DangolError, MissingTableError, SkipNotebookError
from dangol.files import replacing
from dangol.workspace import RunFolder

_IS_KIND = {
    "id": lambda s: kinds.is_signed_integer_dtype(s.dtype) or kinds.is_string_dtype(s.dtype),
    "int": lambda s: kinds.is_integer_dtype(s.dtype),
    "float": lambda s: kinds.is_float_dtype(s.dtype),
    "bool": lambda s: kinds.is_bool_dtype(s.dtype),
    "str": lambda s: kinds.is_string_dtype(s.dtype),
    "datetime": lambda s: kinds.is_datetime64_any_dtype(s.dtype),
}
_UNIT_INTERVAL = ("_prob", "_share", "_rate")


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
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)

    def path(self, folder: RunFolder) -> Path:
        """Where the table lies in a run."""
        return folder.path / f"{self.name}.parquet"

    def exists(self, folder: RunFolder) -> bool:
        """Whether the run has the table."""
        return self.path(folder).is_file()

    def check(self, frame: pd.DataFrame) -> None:
        """Compare a frame with the contract.

        Raises:
            ContractError: listing every breach at once.
        """
        if breaches := [*self._column_breaches(frame), *self._key_breaches(frame)]:
            lines = "\n".join(f"  - {breach}" for breach in breaches)
            raise ContractError(
                f"table '{self.name}' breaks its contract in {len(breaches)} place(s):\n{lines}\n"
                f"Re-run notebook {self.owner}, which writes it."
            )

    def write(self, frame: pd.DataFrame, folder: RunFolder) -> None:
        """Check and write the table, whole or not at all.

        Raises:
            ContractError: if a breach is found or another notebook owns the table.
        """
        if folder.notebook != self.owner:
            raise ContractError(
                f"notebook {folder.notebook} may not write '{self.name}': notebook {self.owner} owns it."
            )
        self.check(frame)
        with replacing(self.path(folder)) as temporary:
            frame.to_parquet(temporary, index=False, compression="zstd")

    def write_if_any(self, frame: pd.DataFrame | None, folder: RunFolder) -> None:
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

    def _column_breaches(self, frame: pd.DataFrame) -> list[str]:
        import pandera.errors

        try:
            self._schema.validate(frame.reset_index(drop=True), lazy=True)
        except pandera.errors.SchemaErrors as error:
            return _breaches(error.failure_cases, frame, list(self.columns))
        return []

    def _key_breaches(self, frame: pd.DataFrame) -> list[str]:
        if not self.key or not set(self.key) <= set(frame.columns):
            return []
        n_duplicates = int(frame.duplicated(list(self.key)).sum())
        return [f"key ({', '.join(self.key)}): {n_duplicates} duplicate rows"] if n_duplicates else []

    @cached_property
    def _schema(self) -> Any:
        import pandera.pandas as pa

        columns = {name: _column(name, kind, self.ranges.get(name)) for name, kind in self.columns.items()}
        return pa.DataFrameSchema(columns, strict=False)


def _column(name: str, kind: str, bounds: tuple[float | None, float | None] | None) -> Any:
    import pandera.pandas as pa

    base, optional = kind.removesuffix("?"), kind.endswith("?")
    checks = [pa.Check(_IS_KIND[base], name="kind", error=f"expected {base}")]
    if bounds is None and name.endswith(_UNIT_INTERVAL):
        bounds = (0.0, 1.0)
    low, high = bounds or (None, None)
    if low is not None:
        checks.append(pa.Check.ge(low))
    if high is not None:
        checks.append(pa.Check.le(high))
    return pa.Column(None, checks, nullable=optional)


def _breaches(cases: pd.DataFrame, frame: pd.DataFrame, order: list[str]) -> list[str]:
    """One line per broken rule: column, what it is, what was expected; in the order of the contract."""
    lines = []
    of_another_kind = set(cases.loc[cases["check"].astype("str").str.startswith("expected"), "column"])
    for (column, rule), rows in cases.groupby(["column", "check"], dropna=False, sort=False):
        example = rows["failure_case"].iloc[0]
        if rule == "column_in_dataframe":
            lines.append((example, "column missing"))
        elif rule == "not_nullable":
            lines.append((column, f"{len(rows)} missing values"))
        elif str(rule).startswith("expected"):
            lines.append((column, f"{frame[column].dtype}, {rule}"))
        elif column not in of_another_kind:
            lines.append((column, f"{len(rows)} rows break {rule}, for example {example}"))
    return [f"{column}: {breach}" for column, breach in sorted(lines, key=lambda line: order.index(line[0]))]
