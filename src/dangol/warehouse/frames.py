"""The tables of one delivery while rules go over them: each seen as a whole, kept file by file."""

from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from dangol.warehouse.intake import Intake


class Frames:
    """Intakes by table; a table that came in several files is seen as one frame.

    Args:
        intakes: one per raw file and table.
    """

    def __init__(self, intakes: Sequence[Intake]) -> None:
        self._intakes: dict[str, list[Intake]] = {}
        for intake in intakes:
            self._intakes.setdefault(intake.table, []).append(intake)
        self._joined: dict[str, tuple[list[pd.DataFrame], pd.DataFrame]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._intakes)

    def __contains__(self, table: object) -> bool:
        return table in self._intakes

    def __getitem__(self, table: str) -> pd.DataFrame:
        """All rows of a table that are still here; not to be changed."""
        parts = [intake.frame for intake in self._intakes[table]]
        if len(parts) == 1:
            return parts[0]
        known, joined = self._joined.get(table, ([], pd.DataFrame()))
        if len(known) != len(parts) or any(a is not b for a, b in zip(known, parts, strict=True)):
            joined = pd.concat(parts, keys=range(len(parts)))
            self._joined[table] = (parts, joined)
        return joined

    def has(self, *columns: str) -> bool:
        """Whether there are all of these columns, each written ``table.column``."""
        pairs = [column.split(".") for column in columns]
        return all(table in self and name in self[table] for table, name in pairs)

    def note(self, table: str, rows: pd.Series, fault: str, treatment: str, rule: str) -> None:
        """Count rows; arguments as in `Intake.note`."""
        for intake, own in self._split(table, rows):
            intake.note(own, fault, treatment, rule)

    def set_aside(self, table: str, rows: pd.Series, reason: str, rule: str) -> None:
        """Move rows to the quarantine; arguments as in `Intake.set_aside`."""
        for intake, own in self._split(table, rows):
            intake.set_aside(own, reason, rule)

    def mend(
        self, table: str, rows: pd.Series, mended: Callable[[pd.DataFrame, pd.Series], pd.DataFrame]
    ) -> None:
        """Put the mended frame in the place of the one with faults; columns may be added.

        Args:
            table: name of the table.
            rows: boolean, aligned with the table.
            mended: from frame and rows to a new frame of the same index.
        """
        for intake, own in self._split(table, rows):
            if own.any():
                intake.frame = mended(intake.frame, own)

    def _split(self, table: str, rows: pd.Series) -> Iterator[tuple[Intake, pd.Series]]:
        intakes = self._intakes[table]
        if len(intakes) == 1:
            yield intakes[0], rows
            return
        sizes = [len(intake.frame) for intake in intakes]
        ends = pd.Series(sizes).cumsum()
        for intake, size, end in zip(intakes, sizes, ends, strict=True):
            yield intake, rows.iloc[end - size : end].set_axis(intake.frame.index)
