"""Weekly sequences among the columns of a frame, and their encoding beside the other columns."""

from typing import Any

import numpy as np
import pandas as pd

from dangol.networks.columns import read_numbers
from dangol.networks.preprocess import TablePreprocessor


def sequence_columns(names: list[Any], channel: str) -> list[str]:
    """Columns ``<channel>_w01`` (latest), ``<channel>_w02``, … of one channel, oldest first.

    >>> sequence_columns(["orders_w01", "age", "orders_w02"], "orders")
    ['orders_w02', 'orders_w01']
    """
    prefix = f"{channel}_w"
    found = [
        str(name) for name in names if str(name).startswith(prefix) and str(name)[len(prefix) :].isdigit()
    ]
    return sorted(found, key=lambda name: int(name[len(prefix) :]), reverse=True)


def _week(name: str) -> int:
    return int(name.rpartition("_w")[2])


class SequencePreprocessor:
    """A frame as one matrix: ordinary columns as `TablePreprocessor` does, then the sequences.

    Sequence values enter as ``sign(x) log(1 + |x|)`` over their root mean square per channel, so
    that zero stays zero: no purchase is no signal. Time runs from old to new, channels vary fastest.

    Args:
        channels: names whose columns ``<channel>_w01`` … form a sequence.

    Attributes:
        n_weeks_: length of the sequences.
        sources_: source column of every input, length ``n_inputs``.
        unused_: source columns that gave no input.
        is_evidence_: (n_inputs,) bool, which inputs are weights of evidence: none.
    """

    def __init__(self, channels: tuple[str, ...]) -> None:
        self.channels = channels
        self.n_weeks_ = 0

    def fit_transform(
        self, frame: pd.DataFrame, targets: np.ndarray, weight: np.ndarray, folds: np.ndarray, n_cases: int
    ) -> np.ndarray:
        """As `TablePreprocessor.fit_transform`, with the sequences last.

        Raises:
            ValueError: if a channel has no columns or channels differ in length.
        """
        names = list(frame.columns)
        columns = {channel: sequence_columns(names, channel) for channel in self.channels}
        weeks = {channel: [_week(name) for name in found] for channel, found in columns.items()}
        expected = list(range(max(map(len, weeks.values()), default=0), 0, -1))
        if any(found != expected or not found for found in weeks.values()):
            received = [f"{len(found)} for {channel} {found[::-1]}" for channel, found in weeks.items()]
            raise ValueError(
                "sequence_channels: expected columns <channel>_w01, <channel>_w02, … of equal number and "
                f"without holes, received {', '.join(received)}."
            )
        self.n_weeks_ = len(expected)
        self._weekly = [columns[channel][week] for week in range(self.n_weeks_) for channel in self.channels]
        held = set(self._weekly)
        self._plain = [position for position, name in enumerate(names) if name not in held]
        self._positions = [names.index(name) for name in self._weekly]
        self.table_ = TablePreprocessor()
        table = self.table_.fit_transform(frame.iloc[:, self._plain], targets, weight, folds, n_cases)
        values = self._values(frame)
        by_channel = values.reshape(-1, len(self.channels)) if self._weekly else np.ones((1, 0))
        size = np.sqrt((by_channel**2).mean(axis=0))
        self._scale = np.tile(np.where(size > 0, size, 1.0), self.n_weeks_)
        self.sources_ = [*self.table_.sources_, *self._weekly]
        self.unused_ = self.table_.unused_
        self.is_evidence_ = np.zeros(len(self.sources_), dtype=bool)
        return np.concatenate([table, (values / self._scale).astype("float32")], axis=1)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Matrix (rows, inputs), float32, of new rows; columns as in training, in that order."""
        table = self.table_.transform(frame.iloc[:, self._plain])
        return np.concatenate([table, (self._values(frame) / self._scale).astype("float32")], axis=1)

    def _values(self, frame: pd.DataFrame) -> np.ndarray:
        if not self._positions:
            return np.empty((len(frame), 0))
        read = [read_numbers(frame.iloc[:, position], "number") for position in self._positions]
        numbers = np.nan_to_num(np.stack(read, axis=1), nan=0.0)
        return np.sign(numbers) * np.log1p(np.abs(numbers))
