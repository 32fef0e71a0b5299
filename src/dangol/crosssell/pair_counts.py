"""How often two categories share a basket, and how often basket size alone would bring them together."""

from dataclasses import dataclass

import numpy as np

from dangol.crosssell.baskets import Baskets

_MOST_CATEGORIES = 400
_TOLERANCE, _MAX_ROUNDS = 1e-10, 500


@dataclass(frozen=True)
class PairCounts:
    """Observed and expected co-purchases of the more frequent categories.

    A basket of twenty categories holds almost any pair, so a textbook lift is above one for
    nearly all of them. Here a pair is compared with what it would be if, among baskets of the same
    size, categories were filled in independently at their own frequency in such baskets.

    Attributes:
        baskets: what was counted.
        column: (k,) columns of ``baskets.holds`` that are compared.
        observed: (k, k) baskets holding both.
        expected: (k, k) the same under independence given basket size; the diagonal is void.
        size_row: (n_baskets,) row of each basket's size in the three arrays below; -1 for baskets
            of a single category, which can hold no pair.
        n_of_size: (s,) baskets of each size.
        share: (s, k) share of them holding the category.
        weight: (s, k); the product of two is the expected share of baskets holding both.

    Source:
        Fixed row and column totals as the null model of co-occurrence: Gionis, Mannila,
        Mielikäinen & Tsaparas (2007), ACM TKDD 1(3). Strata as in Mantel & Haenszel (1959), JNCI 22.
        Within a size the expectation is that of quasi-independence (no category joins itself):
        Goodman (1968), JASA 63(324), fitted by iterative proportional scaling.
    """

    baskets: Baskets
    column: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    size_row: np.ndarray
    n_of_size: np.ndarray
    share: np.ndarray
    weight: np.ndarray

    @property
    def categories(self) -> list[str]:
        """Names of the compared categories."""
        return [self.baskets.categories[column] for column in self.column]

    def shrunk_lift(self, prior_baskets: float) -> np.ndarray:
        """(k, k) observed over expected, drawn towards 1 by ``prior_baskets``; 1 on the diagonal."""
        lift = (self.observed + prior_baskets) / (self.expected + prior_baskets)
        np.fill_diagonal(lift, 1.0)
        return lift


def count_pairs(baskets: Baskets, min_share: float) -> PairCounts:
    """Count co-purchases of the categories in at least ``min_share`` of the baskets (at most 400)."""
    n_with = baskets.n_with
    frequent = np.flatnonzero(n_with >= max(1.0, min_share * baskets.n_baskets))
    column = np.sort(frequent[np.argsort(-n_with[frequent], kind="stable")][:_MOST_CATEGORIES])
    sizes = np.unique(baskets.size[baskets.size >= 2])
    size_row = np.where(baskets.size >= 2, np.searchsorted(sizes, baskets.size), -1)
    n_of_size = np.bincount(size_row[size_row >= 0], minlength=len(sizes))
    shares = np.zeros((len(sizes), len(baskets.categories)))
    weights = np.zeros_like(shares)
    for row, size in enumerate(sizes):
        shares[row] = baskets.holds[np.flatnonzero(size_row == row)].mean(axis=0)
        weights[row] = _joint_weights(shares[row], int(size))
    holds = baskets.holds[:, column]
    weight = weights[:, column]
    return PairCounts(
        baskets=baskets,
        column=column,
        observed=(holds.T @ holds).toarray(),
        expected=(weight * n_of_size[:, None]).T @ weight,
        size_row=size_row,
        n_of_size=n_of_size,
        share=shares[:, column],
        weight=weight,
    )


def _joint_weights(share: np.ndarray, size: int) -> np.ndarray:
    """Weights whose pairwise products sum to (size - 1) × share over each category's partners."""
    target = (size - 1) * share
    weight = share * np.sqrt((size - 1) / size)
    for _ in range(_MAX_ROUNDS):
        others = weight.sum() - weight
        scaled = np.sqrt(weight * np.divide(target, others, out=np.zeros_like(target), where=others > 0))
        if np.abs(scaled - weight).max() < _TOLERANCE:
            return scaled
        weight = scaled
    return weight
