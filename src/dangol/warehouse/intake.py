"""Taking one raw file in: every row is kept, mended or set aside, and all of it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Warehouse:
    """What notebook 01 writes.

    Attributes:
        tables: canonical tables by name, as in ``dangol.tables``.
        quarantine: one raw row set aside per row.
        reconciliation: one raw file per row: rows and amounts in, out and quarantined.
        faults: one kind of dirt per row, and what was done about it.
    """

    tables: Mapping[str, pd.DataFrame]
    quarantine: pd.DataFrame
    reconciliation: pd.DataFrame
    faults: pd.DataFrame


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
    _faults: list[dict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frame = self.frame.reset_index(drop=True)
        self._n_rows_in = len(self.frame)
        self._amount_in = self._money(self.frame).sum()

    def note(self, rows: pd.Series, fault: str, treatment: str) -> None:
        """Count a kind of dirt among the rows still here.

        Args:
            rows: boolean, aligned with ``frame``.
            fault: what is wrong, in words.
            treatment: what is done about it, in words.
        """
        amount = self._money(self.frame[rows]).sum()
        self._faults.append(
            {
                "table": self.table,
                "fault": fault,
                "n_rows": int(rows.sum()),
                "amount": float(amount),
                "treatment": treatment,
            }
        )

    def set_aside(self, rows: pd.Series, reason: str) -> None:
        """Move rows to the quarantine.

        Args:
            rows: boolean, aligned with ``frame``.
            reason: why, in words.
        """
        self.note(rows, reason, "quarantined")
        bad = self.frame[rows]
        self._set_aside.append(
            pd.DataFrame(
                {
                    "table": self.table,
                    "source_file": self.source_file,
                    "source_row": bad.index.astype("int64"),
                    "reason": reason,
                    "amount": self._money(bad).to_numpy(),
                }
            )
        )
        self.frame = self.frame[~rows]

    def quarantine(self) -> pd.DataFrame:
        """The rows set aside; columns as in ``tables.QUARANTINE``."""
        if self._set_aside:
            return pd.concat(self._set_aside, ignore_index=True)
        empty = {
            "table": "str",
            "source_file": "str",
            "source_row": "int64",
            "reason": "str",
            "amount": "float64",
        }
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in empty.items()})

    def reconciliation(self) -> dict:
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

    def faults(self) -> list[dict]:
        """The kinds of dirt counted; columns as in ``tables.DATA_FAULTS``."""
        return list(self._faults)

    def _money(self, frame: pd.DataFrame) -> pd.Series:
        return frame[self.amount] if self.amount else pd.Series(0.0, index=frame.index)


def warehouse_of(tables: Mapping[str, pd.DataFrame], intakes: list[Intake]) -> Warehouse:
    """Gather the tables and the books of all raw files taken in."""
    quarantine = pd.concat([intake.quarantine() for intake in intakes], ignore_index=True)
    columns = ["table", "fault", "n_rows", "amount", "treatment"]
    return Warehouse(
        tables=tables,
        quarantine=quarantine.astype({"source_row": "int64", "amount": "float64"}),
        reconciliation=pd.DataFrame([intake.reconciliation() for intake in intakes]),
        faults=pd.DataFrame([fault for intake in intakes for fault in intake.faults()], columns=columns),
    )
