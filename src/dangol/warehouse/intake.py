"""Taking one raw file in: every row is kept, mended or set aside, and all of it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

_QUARANTINE = {
    "table": "str",
    "source_file": "str",
    "source_row": "int64",
    "reason": "str",
    "amount": "float64",
}
SOURCE_RULE = "source"
ABSENT_RULE = "absent"  # what a source does not tell is no fault of its rows
QUARANTINED = "quarantined"
NO_CONTACT_COST = "no cost of a contact in the source"


@dataclass
class Intake:
    """One raw file on its way into a canonical table.

    Attributes:
        table: name of the canonical table it becomes.
        source_file: name of the raw file.
        frame: the rows kept so far; the index is the row number in the raw file, from 0.
        amount: column that holds money, in ``frame``; empty if the file has none.
    """

    table: str
    source_file: str
    frame: pd.DataFrame
    amount: str = ""
    _set_aside: list[pd.DataFrame] = field(default_factory=list)
    _faults: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frame = self.frame.reset_index(drop=True)
        self._n_rows_in = len(self.frame)
        self._amount_in = self._money(self.frame).sum()

    def note(self, rows: pd.Series, fault: str, treatment: str, rule: str = SOURCE_RULE) -> None:
        """Count a kind of dirt among the rows still here.

        Args:
            rows: boolean, aligned with ``frame``.
            fault: what is wrong, in words.
            treatment: what is done about it, in words.
            rule: name of the rule that found it; ``source`` for what only this source knows.
        """
        amount = self._money(self.frame[rows]).sum()
        self._faults.append(fault_row(self.table, rule, fault, int(rows.sum()), float(amount), treatment))

    def note_left_out(self, n_rows: int, amount: float, fault: str, treatment: str) -> None:
        """Count rows that the source left out before they came here."""
        self._faults.append(fault_row(self.table, SOURCE_RULE, fault, n_rows, amount, treatment))

    def note_absent(self, n_rows: int, what: str, treatment: str) -> None:
        """Count rows for which the source does not tell something, and what stands in for it."""
        self._faults.append(fault_row(self.table, ABSENT_RULE, what, n_rows, 0.0, treatment))

    def set_aside(self, rows: pd.Series, reason: str, rule: str = SOURCE_RULE) -> None:
        """Move rows to the quarantine.

        Args:
            rows: boolean, aligned with ``frame``.
            reason: why, in words.
            rule: name of the rule that found them.
        """
        self.note(rows, reason, QUARANTINED, rule)
        bad = self.frame[rows]
        row_numbers = bad.index.to_numpy(dtype="int64")
        self._set_aside.append(
            quarantined(self.table, self.source_file, row_numbers, reason, self._money(bad).to_numpy())
        )
        if len(bad):
            self.frame = self.frame[~rows]

    def quarantine(self) -> pd.DataFrame:
        """The rows set aside; columns as in ``tables.QUARANTINE``."""
        return pd.concat([empty_quarantine(), *self._set_aside], ignore_index=True)

    def reconciliation(self) -> dict[str, Any]:
        """Rows and amounts in, out and quarantined; columns as in ``tables.RECONCILIATION``."""
        aside = self.quarantine()
        return {
            "source_file": self.source_file,
            "table": self.table,
            "n_rows_in": self._n_rows_in,
            "n_rows_out": len(self.frame),
            "n_rows_quarantined": len(aside),
            "amount_in": float(self._amount_in),
            "amount_out": float(self._money(self.frame).sum()),
            "amount_quarantined": float(aside["amount"].sum()),
        }

    def faults(self) -> list[dict[str, Any]]:
        """The kinds of dirt counted; columns as in ``tables.DATA_FAULTS``."""
        return list(self._faults)

    def _money(self, frame: pd.DataFrame) -> pd.Series:
        """What each row moves; an amount that is missing or infinite moves none."""
        if not self.amount:
            return pd.Series(0.0, index=frame.index)
        amount = frame[self.amount].astype("float64")
        return amount.where(np.isfinite(amount), 0.0)


@dataclass(frozen=True)
class Warehouse:
    """What notebook 01 writes.

    Attributes:
        tables: canonical tables by name, as in ``dangol.tables``: pandas frames, or lazy Ibis
            tables where there are too many rows for one.
        quarantine: one raw row set aside per row.
        reconciliation: one raw file and table per row: rows and amounts in, out and quarantined.
        faults: one rule applied to a table per row: what was looked for, how many rows were hit,
            what was done about them.
        earlier_people: the records of people as known after each delivery before the last.
    """

    tables: Mapping[str, Any]
    quarantine: pd.DataFrame
    reconciliation: pd.DataFrame
    faults: pd.DataFrame
    earlier_people: tuple[pd.DataFrame, ...] = ()


def fault_row(
    table: str, rule: str, fault: str, n_rows: int, amount: float, treatment: str
) -> dict[str, Any]:
    """One row of ``tables.DATA_FAULTS``."""
    return {
        "table": table,
        "rule": rule,
        "fault": fault,
        "n_rows": n_rows,
        "amount": amount,
        "treatment": treatment,
    }


def quarantined(table: str, source_file: str, source_row: Any, reason: str, amount: Any) -> pd.DataFrame:
    """Rows of ``tables.QUARANTINE``, one per row number of the raw file."""
    rows = pd.DataFrame(
        {
            "table": table,
            "source_file": source_file,
            "source_row": source_row,
            "reason": reason,
            "amount": amount,
        }
    )
    return rows.astype(_QUARANTINE)


def empty_quarantine() -> pd.DataFrame:
    """``tables.QUARANTINE`` without a row."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _QUARANTINE.items()})


def warehouse_of(tables: Mapping[str, Any], intakes: list[Any]) -> Warehouse:
    """Gather the tables and the books of all raw files taken in.

    Args:
        tables: canonical tables by name.
        intakes: `Intake` and `LazyIntake`, one per raw file and table.
    """
    quarantine = pd.concat(
        [empty_quarantine(), *(intake.quarantine() for intake in intakes)], ignore_index=True
    )
    columns = list(fault_row("", "", "", 0, 0.0, ""))
    faults = pd.DataFrame([fault for intake in intakes for fault in intake.faults()], columns=columns)
    over_files = faults.groupby(["table", "rule", "fault", "treatment"], sort=False, as_index=False)
    return Warehouse(
        tables=tables,
        quarantine=quarantine,
        reconciliation=pd.DataFrame([intake.reconciliation() for intake in intakes]),
        faults=over_files.agg({"n_rows": "sum", "amount": "sum"})[columns].astype(
            {"n_rows": "int64", "amount": "float64"}  # also where no rule was looked for
        ),
    )
