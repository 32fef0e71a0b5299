"""Is a pair of categories in one basket more often than chance? Tests that respect who bought."""

import numpy as np
import pandas as pd
from scipy import stats

from dangol.crosssell.pair_counts import PairCounts


def judge_pairs(counts: PairCounts, first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    """One-sided tests that pairs share baskets more often than their sizes explain.

    Two p-values are computed, and the larger one counts. The first is the exact Poisson tail of
    the count, which does not trust a normal curve for rare pairs. The second is a score test whose
    variance is taken over customers, not baskets: a hundred baskets of one loyal customer are one
    witness, not a hundred.

    Args:
        counts: observed and expected co-purchases.
        first: (n,) positions of the pairs' first category in ``counts.categories``.
        second: (n,) positions of the other one.

    Returns:
        One row per pair: ``n_baskets`` holding both, ``n_expected``, ``lift`` (their ratio), ``lift_low``,
        ``lift_high`` (95 %, on the log scale, over customers), ``p_value``, ``textbook_p_value``
        (Fisher's exact test that takes every basket as independent and ignores its size).

    Source:
        Sum of independent rare events against the Poisson: Hodges & Le Cam (1960), Ann. Math. Stat. 31(3).
        Variance over clusters: Liang & Zeger (1986), Biometrika 73(1).
    """
    observed, expected = counts.observed[first, second], counts.expected[first, second]
    spread = np.sqrt(_customer_variance(counts, first, second))
    z_score = _ratio(observed - expected, spread, otherwise=0.0)
    lift = _ratio(observed, expected, otherwise=1.0)
    margin = np.exp(1.96 * np.minimum(_ratio(spread, observed, otherwise=np.inf), 50.0))
    n_with = counts.baskets.n_with[counts.column]
    textbook = stats.hypergeom.sf(observed - 1, counts.baskets.n_baskets, n_with[first], n_with[second])
    return pd.DataFrame(
        {
            "n_baskets": observed.astype(np.int64),
            "n_expected": expected,
            "lift": lift,
            "lift_low": lift / margin,
            "lift_high": lift * margin,
            "p_value": np.maximum(stats.poisson.sf(observed - 1, expected), stats.norm.sf(z_score)),
            "textbook_p_value": np.clip(textbook, 0.0, 1.0),
        }
    )


def _customer_variance(counts: PairCounts, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(n,) sum over customers of the squared excess of co-purchases, margins being estimated.

    A basket's part in the excess is ``ab - P(b|a) a - P(a|b) b + P(ab)``, all given its size.
    """
    is_pairable = counts.size_row >= 0
    size_row = counts.size_row[is_pairable]
    customer = counts.baskets.customer[is_pairable]
    n_customers, n_sizes = counts.baskets.n_customers, len(counts.n_of_size)
    cells = np.bincount(customer * n_sizes + size_row, minlength=n_customers * n_sizes)
    n_of_size = cells.reshape(n_customers, n_sizes).astype(float)
    holds = counts.baskets.holds[np.flatnonzero(is_pairable)][:, counts.column].tocsc()
    rows = [holds.indices[start:end] for start, end in zip(holds.indptr[:-1], holds.indptr[1:], strict=True)]
    variance = np.zeros(len(first))
    for number, (a, b) in enumerate(zip(first, second, strict=True)):
        joint = counts.weight[:, a] * counts.weight[:, b]
        excess = np.bincount(customer[_both(rows[a], rows[b], len(customer))], minlength=n_customers)
        excess = excess + n_of_size @ joint
        for member in (a, b):
            share = counts.share[:, member]
            given = np.divide(joint, share, out=np.zeros_like(joint), where=share > 0)
            basket = rows[member]
            excess -= np.bincount(customer[basket], given[size_row[basket]], minlength=n_customers)
        variance[number] = excess @ excess
    return variance


def _ratio(above: np.ndarray, below: np.ndarray, otherwise: float) -> np.ndarray:
    return np.divide(above, below, out=np.full(len(below), otherwise), where=below > 0)


def _both(left: np.ndarray, right: np.ndarray, n_rows: int) -> np.ndarray:
    """Row numbers in both lists."""
    is_left = np.zeros(n_rows, dtype=bool)
    is_left[left] = True
    return right[is_left[right]]
