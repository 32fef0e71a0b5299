"""Whether rows to be scored look like the rows a network has learnt from, asked at every prediction."""

import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd

from dangol.drift import DriftWarning, drift_of, reference_of, shift_sentence
from dangol.networks.columns import Kind, kind_of

MIN_ROWS, MAX_ROWS = 30, 2_000
_PACKAGE = __name__.rpartition(".")[0]
_ADVICE = "Predictions may be off: check the source of these columns, or refit on recent rows."


class DriftGuard:
    """Counts per bin of every training column, and a warning where rows to be scored fall otherwise.

    Below 30 rows nothing can be told; of more than 2,000 so many are drawn, always the same.

    Args:
        frame: raw training rows. No row is kept.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._kinds = {str(name): kind_of(frame.iloc[:, place]) for place, name in enumerate(frame.columns)}
        self._reference = reference_of(pd.DataFrame(self._typed(frame)))

    def drift(self, frame: pd.DataFrame) -> pd.DataFrame:
        """As `dangol.drift.drift_of`, over all rows."""
        return drift_of(self._reference, pd.DataFrame(self._typed(frame)))

    def warn(self, frame: pd.DataFrame) -> None:
        """Issue a `DriftWarning` that names the columns shifted most, if any has shifted."""
        if len(frame) < MIN_ROWS:
            return
        if len(frame) > MAX_ROWS:
            frame = frame.iloc[np.random.default_rng(0).choice(len(frame), MAX_ROWS, replace=False)]
        found = shift_sentence(self._reference, self._typed(frame))
        if found:
            warnings.warn(f"{found}. {_ADVICE}", DriftWarning, stacklevel=_frames_in_package())

    def _typed(self, frame: pd.DataFrame) -> dict[str, pd.Series]:
        """Columns as the network reads them: numbers and dates that came as text are no levels."""
        columns = zip(self._kinds.items(), frame.items(), strict=True)
        return {name: _as_kind(column, kind) for (name, kind), (_, column) in columns}


def _as_kind(column: pd.Series, kind: Kind) -> pd.Series:
    types: Any = pd.api.types
    if types.is_timedelta64_dtype(column.dtype):
        return column.dt.total_seconds() / 86_400
    if kind == "number" and not types.is_numeric_dtype(column.dtype):
        return pd.to_numeric(column.astype("object"), errors="coerce")
    if kind == "date" and not types.is_datetime64_any_dtype(column.dtype):
        return pd.to_datetime(column.astype("object"), errors="coerce", utc=True, format="ISO8601")
    return column


def _frames_in_package() -> int:
    """How far up the caller outside this package is, for ``stacklevel`` of its caller's warning."""
    level, frame = 0, sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back  # type: ignore[assignment]
    return level + 1
