"""From a raw frame to the network's input matrix; learnt on training rows only, pure NumPy and pandas."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from dangol.networks.columns import Kind, kind_of, read_levels, read_numbers
from dangol.networks.encoders import (
    EvidenceEncoder,
    LevelEncoder,
    NumberEncoder,
    TargetStatistic,
    TargetStatisticEncoder,
)

CASES_PER_BIN, MIN_BINS, MAX_BINS = 500, 2, 24
# One-hot up to here; beyond, levels have too few rows for weights of their own, and out-of-fold
# statistics gained .005 AUC at 474 levels.
MAX_ONE_HOT_LEVELS = 50

Encoder = NumberEncoder | LevelEncoder | TargetStatisticEncoder | EvidenceEncoder


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
        evidence: whether columns of three and more values also give their weight of evidence, if the target
            is one of 0 and 1, see `encoders.EvidenceEncoder`.

    Attributes:
        is_evidence_: (n_inputs,) bool, which inputs are weights of evidence.
        sources_: source column of every input, length ``n_inputs``.
        unused_: source columns that gave no input.
    """

    def __init__(self, values_as_edges: bool = False, evidence: bool = False) -> None:
        self.values_as_edges = values_as_edges
        self.evidence = evidence

    def fit_transform(
        self, frame: pd.DataFrame, targets: np.ndarray, weight: np.ndarray, folds: np.ndarray, n_cases: int
    ) -> np.ndarray:
        """Learn the encoding and return the training matrix (rows, inputs), float32.

        Args:
            frame: raw columns.
            targets: (rows, k); what a level's target statistic averages.
            weight: (rows,) positive row weights, used by the target statistics.
            folds: (rows,) what target statistics are learnt out of, see `encoders.statistic_folds`.
            n_cases: independent cases among the rows, such as customers that appear several times; how
                finely numbers are cut depends on it.

        Raises:
            ValueError: if a value is infinite, or no column varies.
        """
        self._n_bins = int(np.clip(n_cases // CASES_PER_BIN, MIN_BINS, MAX_BINS))
        self.parts_: list[_Part] = []
        self.sources_: list[Any] = []
        self.unused_: list[Any] = []
        # odds need two outcomes
        is_binary = targets.shape[1] == 1 and bool(np.isin(targets, (0, 1)).all())
        self._gives_evidence = self.evidence and is_binary
        blocks = []
        for position, name in enumerate(frame.columns):
            kind = kind_of(frame.iloc[:, position])
            values = _read(frame.iloc[:, position], kind)
            learnt = list(self._learnt_blocks(kind, values, targets, weight, folds))
            if not learnt:
                self.unused_.append(name)
            for encoder, block in learnt:
                self.parts_.append(_Part(position, kind, encoder))
                self.sources_ += [name] * block.shape[1]
                blocks.append(block)
        if not blocks:
            raise ValueError(
                f"none of the {frame.shape[1]} column(s) varies usefully: nothing to learn from. "
                "Pass at least one column with two different, repeating values."
            )
        widths = [block.shape[1] for block in blocks]
        self.is_evidence_ = np.repeat([isinstance(p.encoder, EvidenceEncoder) for p in self.parts_], widths)
        return np.concatenate(blocks, axis=1)

    def _learnt_blocks(
        self, kind: Kind, values: np.ndarray, targets: np.ndarray, weight: np.ndarray, folds: np.ndarray
    ) -> Iterator[tuple[Encoder, np.ndarray]]:
        """Fitted encoders of one column with their training blocks (rows, inputs), none of width 0."""
        encoder = self._encoder(kind, values, targets, weight, folds)
        block = encoder.fit_transform(values)
        if block.shape[1] > 0:
            yield encoder, block
        # a single input is a switch, whose odds say nothing new, or a statistic already
        if self._gives_evidence and block.shape[1] > 1:
            odds = EvidenceEncoder(TargetStatistic(targets, weight, folds), self._n_bins)
            yield odds, odds.fit_transform(values)

    def _encoder(
        self, kind: Kind, values: np.ndarray, targets: np.ndarray, weight: np.ndarray, folds: np.ndarray
    ) -> Encoder:
        if kind != "level":
            return NumberEncoder(self._n_bins, self.values_as_edges)
        if len(pd.unique(values)) <= MAX_ONE_HOT_LEVELS:
            return LevelEncoder()
        return TargetStatisticEncoder(targets, weight, folds)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Matrix (rows, inputs), float32, of new rows; columns as in training, in that order.

        Raises:
            ValueError: if a value is infinite, or not of the kind the column had in training.
        """
        blocks = []
        for position, parts in groupby(self.parts_, attrgetter("position")):
            first, *others = parts
            values = _read(frame.iloc[:, position], first.kind)
            blocks += [part.encoder.transform(values) for part in (first, *others)]
        return np.concatenate(blocks, axis=1)


def _read(column: pd.Series, kind: Kind) -> np.ndarray:
    return read_levels(column) if kind == "level" else read_numbers(column, kind)
