"""Taking in a raw file with too many rows for a frame: counted and mended where it lies, in DuckDB."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from dangol.warehouse.intake import QUARANTINED, SOURCE_RULE, empty_quarantine, fault_row, quarantined

_ROW = "file_row_number"


@dataclass
class LazyIntake:
    """One Parquet file on its way into a canonical table; the twin of `Intake` for large files.

    Such files hold no money of their own.

    Attributes:
        table: name of the canonical table it becomes.
        source_file: name of the raw file.
        rows: Ibis table of the rows kept so far, with ``file_row_number`` from 0.
    """

    table: str
    source_file: str
    rows: Any
    _set_aside: list[pd.DataFrame] = field(default_factory=list)
    _faults: list[dict[str, Any]] = field(default_factory=list)
    _keys: dict[str, pd.Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._n_rows_in = int(self.rows.count().execute())

    @property
    def kept(self) -> Any:
        """The rows kept, without their numbers."""
        return self.rows.drop(_ROW)

    def note(self, rows: Any, fault: str, treatment: str, rule: str = SOURCE_RULE) -> int:
        """Count a kind of dirt among the rows still here.

        Args:
            rows: Ibis boolean over ``rows``; missing counts as false.
            fault: what is wrong, in words.
            treatment: what is done about it, in words.
            rule: name of the rule that found it.

        Returns:
            How many there are.
        """
        n_rows = int(self.rows.filter(rows).count().execute())
        self._record(rule, fault, n_rows, treatment)
        return n_rows

    def set_aside(self, rows: Any, reason: str, rule: str = SOURCE_RULE) -> None:
        """Move rows to the quarantine; arguments as in ``note``."""
        if not self.note(rows, reason, QUARANTINED, rule):
            return
        numbers = self.rows.filter(rows).order_by(_ROW)[_ROW].execute()
        self._set_aside.append(quarantined(self.table, self.source_file, numbers, reason, 0.0))
        self.rows = self.rows.filter(~rows.fill_null(False))
        self._keys.clear()

    def set_aside_missing(self, columns: Sequence[str], rule: str) -> None:
        """Quarantine rows without a value in one of these columns; one pass where all are there."""
        missing = {name: self.rows[name].isnull() for name in columns}  # noqa: PD003 - Ibis has no isna
        n_missing = self.rows.aggregate(**{name: rows.sum() for name, rows in missing.items()})
        for name, count in n_missing.execute().iloc[0].items():
            if count:
                self.set_aside(self.rows[str(name)].isnull(), f"{name} missing", rule)  # noqa: PD003
            else:
                self._record(rule, f"{name} missing", 0, QUARANTINED)

    def keys(self, column: str) -> pd.Series:
        """The distinct values of a column among the rows still here, sorted."""
        if column not in self._keys:
            self._keys[column] = self.rows.select(column).distinct().order_by(column).execute()[column]
        return self._keys[column]

    def quarantine(self) -> pd.DataFrame:
        """The rows set aside; columns as in ``tables.QUARANTINE``."""
        return pd.concat([empty_quarantine(), *self._set_aside], ignore_index=True)

    def reconciliation(self) -> dict[str, Any]:
        """Rows in, out and quarantined; columns as in ``tables.RECONCILIATION``."""
        return {
            "source_file": self.source_file,
            "table": self.table,
            "n_rows_in": self._n_rows_in,
            "n_rows_out": int(self.rows.count().execute()),
            "n_rows_quarantined": len(self.quarantine()),
            "amount_in": 0.0,
            "amount_out": 0.0,
            "amount_quarantined": 0.0,
        }

    def faults(self) -> list[dict[str, Any]]:
        """The kinds of dirt counted; columns as in ``tables.DATA_FAULTS``."""
        return list(self._faults)

    def _record(self, rule: str, fault: str, n_rows: int, treatment: str) -> None:
        self._faults.append(fault_row(self.table, rule, fault, n_rows, 0.0, treatment))


def open_parquet(path: Path) -> Any:
    """A Parquet file as a lazy Ibis table with ``file_row_number`` from 0; nothing is read yet."""
    import ibis

    return ibis.read_parquet(path, file_row_number=True)
