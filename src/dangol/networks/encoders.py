"""Column encoders: raw values of one column in, a block of float32 network inputs out; pure NumPy.

Every block is centred on its training mean, so that zero means "nothing known" for every input.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

NORMAL_CLIP = 3.5
MAX_KNOTS = 1000
MIN_LEVEL_ROWS = 10
VALUES_PER_BIN = 2
STATISTIC_FOLDS = 10
STATISTIC_SMOOTHING = 20.0
MIN_EVIDENCE_BINS = 10
MIN_REPEATED_SHARE = 0.1


@dataclass(frozen=True)
class QuantileNormal:
    """Monotone map of a number to a standard normal, by mid-rank quantiles.

    Ties sit at the middle of their share, so a zero-inflated column keeps its zeros close to the rest
    instead of at the far left.
    """

    knots: np.ndarray
    normals: np.ndarray

    @classmethod
    def from_values(cls, values: np.ndarray) -> "QuantileNormal":
        """Fit on finite ``values`` (n,), at least two distinct."""
        knots, counts = np.unique(values, return_counts=True)
        mid_rank = (np.cumsum(counts) - counts / 2) / counts.sum()
        if len(knots) > MAX_KNOTS:
            kept = np.unique(np.searchsorted(mid_rank, np.linspace(mid_rank[0], mid_rank[-1], MAX_KNOTS)))
            knots, mid_rank = knots[kept], mid_rank[kept]
        return cls(knots, np.clip(ndtri(mid_rank), -NORMAL_CLIP, NORMAL_CLIP))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Normals (n,) of finite ``values``; beyond the training range the ends are held."""
        return np.interp(values, self.knots, self.normals)


def piecewise_linear(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How far each value has walked through each bin, from 0 (not reached) to 1 (passed): (n, bins).

    Source:
        Gorishniy, Rubachev & Babenko (2022), On Embeddings for Numerical Features, eq. 1; here the two
        outer bins are clipped as well, so that an outlier cannot leave the range seen in training.

    >>> piecewise_linear(np.array([1.5]), np.array([0.0, 1.0, 2.0]))
    array([[1. , 0.5]])
    """
    return np.clip((values[:, None] - edges[:-1]) / np.diff(edges), 0.0, 1.0)


def bin_edges(values: np.ndarray, n_bins: int, values_as_edges: bool = False) -> np.ndarray:
    """Distinct rising bin edges at equally spaced quantiles of ``values``, ends included.

    With ``values_as_edges``, where ``values`` (n,) take no more than two different values a bin, such as
    a number of calls, each becomes an edge that has enough rows on either side: what happens "from the
    fourth call on" is then one input. Quantiles alone put such tails into one bin.
    """
    edges = np.quantile(values, np.linspace(0, 1, n_bins + 1))
    distinct, counts = np.unique(values, return_counts=True)
    if values_as_edges and len(distinct) <= VALUES_PER_BIN * n_bins:
        up_to, from_on = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
        edges = np.append(edges, distinct[np.minimum(up_to, from_on) >= least_rows(len(values))])
    return np.unique(edges)


def least_rows(n_rows: int) -> int:
    """Rows a level needs for an input of its own; small tables cannot fill as many.

    >>> least_rows(50), least_rows(10_000)
    (2, 10)
    """
    return int(np.clip(n_rows // 20, 1, MIN_LEVEL_ROWS))


class NumberEncoder:
    """Normal quantile, piecewise-linear bins and a missing indicator of one numeric column."""

    def __init__(self, n_bins: int, values_as_edges: bool = False) -> None:
        self.n_bins = n_bins
        self.values_as_edges = values_as_edges

    def fit_transform(self, values: np.ndarray) -> np.ndarray:
        """Learn from float64 ``values`` (n,), NaN missing; return the block (n, width), maybe width 0."""
        known = values[~np.isnan(values)]
        distinct = np.unique(known)
        self.has_gaps_ = 0 < len(known) < len(values)
        self.median_ = float(np.median(known)) if len(known) else 0.0
        # two-valued columns are switches: 0, 1, and their mean where unknown
        self.ends_ = (distinct[0], distinct[-1]) if len(distinct) == 2 else None
        self.normal_ = QuantileNormal.from_values(known) if len(distinct) > 2 else None
        edges = bin_edges(known, self.n_bins, self.values_as_edges) if len(distinct) > 2 else None
        self.edges_ = edges
        self.switch_mean_ = float(np.mean(known == distinct[1])) if self.ends_ else 0.0
        block = self._raw(values)
        self.mean_ = block.mean(axis=0)
        return (block - self.mean_).astype("float32")

    def transform(self, values: np.ndarray) -> np.ndarray:
        """Block (n, width) of float32 for new ``values``."""
        return (self._raw(values) - self.mean_).astype("float32")

    def _raw(self, values: np.ndarray) -> np.ndarray:
        gaps = np.isnan(values)
        parts = []
        if self.ends_ is not None:
            low, high = self.ends_
            switch = np.clip((values - low) / (high - low), 0.0, 1.0)
            parts.append(np.where(gaps, self.switch_mean_, switch)[:, None])
        elif self.normal_ is not None and self.edges_ is not None:
            filled = np.where(gaps, self.median_, values)
            parts.append(self.normal_(filled)[:, None])
            if len(self.edges_) > 2:
                parts.append(piecewise_linear(filled, self.edges_))
        if self.has_gaps_:
            parts.append(gaps[:, None].astype("float64"))
        return np.concatenate(parts, axis=1) if parts else np.empty((len(values), 0))


class LevelEncoder:
    """One-hot of one column of levels; rare levels share one input, unseen ones join them.

    Missing is a level like any other. Two levels need one input only.
    """

    def fit_transform(self, levels: np.ndarray) -> np.ndarray:
        """Learn from ``levels`` (n,) of text; return the block (n, width), maybe width 0."""
        distinct, counts = np.unique(levels, return_counts=True)
        self.kept_ = pd.Index(distinct[counts >= least_rows(len(levels))], dtype=object)
        block = self._raw(levels)
        varying = np.flatnonzero(block.min(axis=0) < block.max(axis=0))
        self.columns_ = varying[1:] if len(varying) == 2 else varying
        self.mean_ = block[:, self.columns_].mean(axis=0)
        return (block[:, self.columns_] - self.mean_).astype("float32")

    def transform(self, levels: np.ndarray) -> np.ndarray:
        """Block (n, width) of float32 for new ``levels``."""
        return (self._raw(levels)[:, self.columns_] - self.mean_).astype("float32")

    def _raw(self, levels: np.ndarray) -> np.ndarray:
        codes = self.kept_.get_indexer(pd.Index(levels, dtype=object))
        pooled = len(self.kept_)
        return (np.where(codes < 0, pooled, codes)[:, None] == np.arange(pooled + 1)).astype("float64")


def statistic_folds(n_rows: int, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
    """Fold (n_rows,) of every row, ten of them; rows of a group, numbered from 0, share one."""
    n_groups = n_rows if groups is None else int(groups.max()) + 1
    folds = np.random.default_rng(seed).permutation(n_groups) % STATISTIC_FOLDS
    return folds if groups is None else folds[groups]


class TargetStatistic:
    """Smoothed target mean of every code of a column, computed out of fold while learning.

    A row's own fold never enters its statistic: in-sample statistics look best inside and are
    not. Shares are turned into logits.

    Args:
        targets: (n, k) of the training rows, what is averaged per code.
        weight: (n,) row weights.
        folds: (n,) fold of each row, see `statistic_folds`.

    Source:
        Micci-Barreca (2001), SIGKDD Explorations 3(1), with cross-fitting.
    """

    def __init__(self, targets: np.ndarray, weight: np.ndarray, folds: np.ndarray) -> None:
        self._learning_rows = targets.astype("float64"), weight, folds

    def fit_transform(self, codes: np.ndarray, n_codes: int) -> np.ndarray:
        """Statistics (n, k) of ``codes`` (n,), whole numbers below ``n_codes``."""
        targets, weight, folds = self._learning_rows
        # the training rows must not travel with the fitted encoder
        del self._learning_rows
        self.is_share_ = bool(targets.min() >= 0 and targets.max() <= 1)
        out = np.empty(targets.shape)
        for fold in np.unique(folds):
            held_out = folds == fold
            self._learn(codes, n_codes, targets, np.where(held_out, 0.0, weight))
            out[held_out] = self.transform(codes[held_out])
        self._learn(codes, n_codes, targets, weight)
        return out

    def transform(self, codes: np.ndarray) -> np.ndarray:
        """Statistics (n, k) of new ``codes``; -1, never seen, gets the overall mean."""
        found = self.statistic_[codes]
        if not self.is_share_:
            return found
        share = np.clip(found, 1e-4, 1 - 1e-4)
        return np.log(share) - np.log1p(-share)

    def _learn(self, codes: np.ndarray, n_codes: int, targets: np.ndarray, weight: np.ndarray) -> None:
        prior = np.average(targets, axis=0, weights=weight)
        mass = np.bincount(codes, weight, n_codes) + STATISTIC_SMOOTHING
        sums = np.stack([np.bincount(codes, weight * column, n_codes) for column in targets.T], axis=1)
        statistic = (sums + STATISTIC_SMOOTHING * prior) / mass[:, None]
        # the last row answers for code -1
        self.statistic_ = np.vstack([statistic, prior])


class TargetStatisticEncoder:
    """Standardised target statistics of a many-level column; keys that hardly repeat give nothing.

    Arguments as of `TargetStatistic`.
    """

    def __init__(self, targets: np.ndarray, weight: np.ndarray, folds: np.ndarray) -> None:
        self.statistic_ = TargetStatistic(targets, weight, folds)

    def fit_transform(self, levels: np.ndarray) -> np.ndarray:
        """Learn from ``levels`` (n,) of text; return standardised statistics (n, width), maybe width 0."""
        codes, distinct = pd.factorize(levels)
        self.levels_ = pd.Index(distinct, dtype=object)
        out = self.statistic_.fit_transform(codes, len(distinct))
        counts = np.bincount(codes)
        repeats = counts[counts > 1].sum() >= MIN_REPEATED_SHARE * len(levels)
        spread = out.std(axis=0)
        self.columns_ = np.flatnonzero((spread > 1e-6) & repeats)
        self.mean_, self.spread_ = out.mean(axis=0)[self.columns_], spread[self.columns_]
        return self._standardise(out)

    def transform(self, levels: np.ndarray) -> np.ndarray:
        """Block (n, width) of float32 for new ``levels``; unseen levels get the overall mean."""
        codes = self.levels_.get_indexer(pd.Index(levels, dtype=object))
        return self._standardise(self.statistic_.transform(codes))

    def _standardise(self, statistics: np.ndarray) -> np.ndarray:
        scaled = (statistics[:, self.columns_] - self.mean_) / self.spread_
        return np.clip(scaled, -NORMAL_CLIP, NORMAL_CLIP).astype("float32")


class EvidenceEncoder:
    """Weight of evidence of one column: log odds of the target where the value lies, less the mean.

    Numbers are read by their bin, gaps are a bin of their own, levels as they are. The odds are smoothed
    and out of fold and *not* standardised: a column that says little stays small by itself.

    Args:
        statistic: made for the training rows, whose one target is 0 or 1.
        n_bins: quantile bins of a number.

    Source:
        Good (1950), Probability and the Weighing of Evidence; usual in credit scoring.
    """

    def __init__(self, statistic: TargetStatistic, n_bins: int) -> None:
        self.statistic_, self.n_bins = statistic, max(n_bins, MIN_EVIDENCE_BINS)

    def fit_transform(self, values: np.ndarray) -> np.ndarray:
        """Learn from ``values`` (n,), text or float64 with NaN for gaps; return the block (n, 1)."""
        if values.dtype == object:
            self.levels_ = pd.Index(pd.unique(values), dtype=object)
            n_codes = len(self.levels_)
        else:
            self.edges_ = bin_edges(values[~np.isnan(values)], self.n_bins, values_as_edges=True)
            n_codes = len(self.edges_) + 2
        out = self.statistic_.fit_transform(self._codes(values), n_codes)
        self.mean_ = out.mean(axis=0)
        return (out - self.mean_).astype("float32")

    def transform(self, values: np.ndarray) -> np.ndarray:
        """Block (n, 1) of float32 for new ``values``; unseen levels get the overall odds."""
        return (self.statistic_.transform(self._codes(values)) - self.mean_).astype("float32")

    def _codes(self, values: np.ndarray) -> np.ndarray:
        if values.dtype == object:
            return self.levels_.get_indexer(pd.Index(values, dtype=object))
        bins = np.searchsorted(self.edges_, values, side="right")
        return np.where(np.isnan(values), len(self.edges_) + 1, bins)
