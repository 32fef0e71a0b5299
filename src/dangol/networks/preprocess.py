"""From a raw frame to the network's input matrix; learnt on training rows only, pure NumPy and pandas."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.networks.columns import Kind, kind_of, read_levels, read_numbers
from dangol.networks.encoders import LevelEncoder, NumberEncoder, TargetStatisticEncoder

ROWS_PER_BIN, MIN_BINS, MAX_BINS = 500, 2, 24
# One-hot up to here; beyond, levels have too few rows for weights of their own, and out-of-fold
# statistics gained .005 AUC at 474 levels.
MAX_ONE_HOT_LEVELS = 50

Encoder = NumberEncoder | LevelEncoder | TargetStatisticEncoder


@dataclass(frozen=True)
class _Part:
    """One source column that feeds the network: where it is, how it is read and encoded."""

    position: int
    kind: Kind
    encoder: Encoder


class TablePreprocessor:
    """Numbers, dates, booleans, levels and gaps of a frame as one centred float32 matrix.

    Numbers give a normal quantile, piecewise-linear bins (Gorishniy et al. 2022) and a missing indicator;
    two-valued columns 0/1; levels one-hot with rare ones pooled; many levels out-of-fold target
    statistics. Constant and empty columns, and keys that hardly repeat, give nothing.

    Args:
        values_as_edges: whether a count of few values has an edge at each, see `encoders.bin_edges`. Sharp
            for classes; a forecast of amounts beyond the past came out too high with it.

    Attributes:
        sources_: source column of every input, length ``n_inputs``.
        unused_: source columns that gave no input.
    """

    def __init__(self, values_as_edges: bool = False) -> None:
        self.values_as_edges = values_as_edges

    def fit_transform(
        self, frame: pd.DataFrame, targets: np.ndarray, weight: np.ndarray, seed: int
    ) -> np.ndarray:
        """Learn the encoding and return the training matrix (rows, inputs), float32.

        Args:
            frame: raw columns, one row per case.
            targets: (rows, k); what a level's target statistic averages.
            weight: (rows,) positive row weights, used by the target statistics.
            seed: cuts the folds of the target statistics.

        Raises:
            ValueError: if a value is infinite, or no column varies.
        """
        self._n_bins = int(np.clip(len(frame) // ROWS_PER_BIN, MIN_BINS, MAX_BINS))
        self.parts_: list[_Part] = []
        self.sources_: list[Any] = []
        self.unused_: list[Any] = []
        blocks = []
        for position, name in enumerate(frame.columns):
            kind = kind_of(frame.iloc[:, position])
            values = _read(frame.iloc[:, position], kind)
            encoder = self._encoder(kind, values, targets, weight, seed)
            block = encoder.fit_transform(values)
            if block.shape[1] == 0:
                self.unused_.append(name)
                continue
            self.parts_.append(_Part(position, kind, encoder))
            self.sources_ += [name] * block.shape[1]
            blocks.append(block)
        if not blocks:
            raise ValueError(
                f"none of the {frame.shape[1]} column(s) varies usefully: nothing to learn from. "
                "Pass at least one column with two different, repeating values."
            )
        return np.concatenate(blocks, axis=1)

    def _encoder(
        self, kind: Kind, values: np.ndarray, targets: np.ndarray, weight: np.ndarray, seed: int
    ) -> Encoder:
        if kind != "level":
            return NumberEncoder(self._n_bins, self.values_as_edges)
        if len(pd.unique(values)) <= MAX_ONE_HOT_LEVELS:
            return LevelEncoder()
        return TargetStatisticEncoder(targets, weight, seed)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Matrix (rows, inputs), float32, of new rows; columns as in training, in that order.

        Raises:
            ValueError: if a value is infinite, or not of the kind the column had in training.
        """
        parts = self.parts_
        blocks = [p.encoder.transform(_read(frame.iloc[:, p.position], p.kind)) for p in parts]
        return np.concatenate(blocks, axis=1)


def _read(column: pd.Series, kind: Kind) -> np.ndarray:
    return read_levels(column) if kind == "level" else read_numbers(column, kind)
