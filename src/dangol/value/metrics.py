"""How good value predictions are: ranking, calibration, size of error, coverage.

Every metric takes ``actual`` and ``predicted`` float (n,), one entry per customer, and optional ``weights``
(..., n): how often each customer counts. With weights of shape (n_boot, n) it returns all bootstrap
replicates (n_boot,) at once, which is what `dangol.value.leaderboard` uses. Without weights every customer
counts once.

Names ending in ``_error`` are better when lower; `normalized_gini` and `spearman` when higher; `total_bias`
is best at 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.value.likelihood import Array

Values = npt.ArrayLike
NORMAL_95 = 1.959964  # standard errors each side


def normalized_gini(actual: Values, predicted: Values, weights: Values | None = None) -> Array:
    """How well predictions rank customers by what they will spend: 1 perfect, 0 random, negative reversed.

    Area between the gain curve and the diagonal, over the same area when ranked by the truth. Tied
    predictions share their mean rank, so row order does not matter. NaN if all actual values are equal.

    Source:
        Wang, Liu & Miao (2019), arXiv:1912.07753, section 4.2.
    """
    truth, guess, w = _checked(actual, predicted, weights)
    half = w.sum(axis=-1, keepdims=True) / 2
    reached = (w * truth * (_mid_ranks(guess, w) - half)).sum(axis=-1)
    possible = (w * truth * (_mid_ranks(truth, w) - half)).sum(axis=-1)
    # Equal actual values leave rounding noise of this order instead of 0.
    noise = 1e-12 * (w * np.abs(truth)).sum(axis=-1) * half[..., 0]
    return _ratio(reached, np.where(possible > noise, possible, 0.0))


def spearman(actual: Values, predicted: Values, weights: Values | None = None) -> Array:
    """Spearman's rank correlation with mid-ranks for ties; NaN if either side is constant."""
    truth, guess, w = _checked(actual, predicted, weights)
    centre = w.sum(axis=-1, keepdims=True) / 2
    first, second = _mid_ranks(truth, w) - centre, _mid_ranks(guess, w) - centre
    spread = (w * first**2).sum(axis=-1) * (w * second**2).sum(axis=-1)
    return _ratio((w * first * second).sum(axis=-1), np.sqrt(spread))


def total_bias(actual: Values, predicted: Values, weights: Values | None = None) -> Array:
    """Sum of predictions over sum of actual values: 1 is unbiased, 0.9 predicts 10 % too little."""
    truth, guess, w = _checked(actual, predicted, weights)
    return _ratio(w @ guess, w @ truth)


def total_bias_error(actual: Values, predicted: Values, weights: Values | None = None) -> Array:
    """Distance of `total_bias` from 1."""
    return np.abs(total_bias(actual, predicted, weights) - 1)


def mean_absolute_error(actual: Values, predicted: Values, weights: Values | None = None) -> Array:
    """Mean of absolute errors; a weak yardstick where most customers spend nothing, as it rewards 0."""
    truth, guess, w = _checked(actual, predicted, weights)
    return _ratio(w @ np.abs(guess - truth), w.sum(axis=-1))


def root_mean_square_error(actual: Values, predicted: Values, weights: Values | None = None) -> Array:
    """Root of the mean of squared errors."""
    truth, guess, w = _checked(actual, predicted, weights)
    return np.sqrt(_ratio(w @ (guess - truth) ** 2, w.sum(axis=-1)))


def decile_calibration_error(
    actual: Values, predicted: Values, weights: Values | None = None, n_groups: int = 10
) -> Array:
    """Mean absolute gap between predicted and actual group totals, over the actual total.

    Groups as in `decile_calibration`; they stay as they are in bootstrap replicates. 0 is perfectly
    calibrated.
    """
    truth, guess, w = _checked(actual, predicted, weights)
    member = np.eye(n_groups)[_groups(guess, n_groups)]  # (n, n_groups)
    gaps = np.abs((w * (guess - truth)) @ member)
    return _ratio(gaps.sum(axis=-1), w @ truth)


def decile_calibration(actual: Values, predicted: Values, n_groups: int = 10) -> pd.DataFrame:
    """Mean prediction and mean truth in groups of equal size, from the lowest predictions to the highest.

    Returns:
        One row per group that has customers: ``decile`` (1 lowest .. ``n_groups``), ``n``, ``predicted``
        and ``actual`` (means), ``low`` and ``high`` (95 % normal interval of the mean actual value, the
        value itself for a single customer), ``total_bias`` (predicted over actual, NaN if actual is 0).
        Equal predictions stay together, so groups may differ in size or be missing.
    """
    truth, guess, _ = _checked(actual, predicted, None)
    frame = pd.DataFrame({"decile": 1 + _groups(guess, n_groups), "guess": guess, "truth": truth})
    table = frame.groupby("decile").agg(
        n=("truth", "size"), predicted=("guess", "mean"), actual=("truth", "mean"), error=("truth", "sem")
    )
    reach = NORMAL_95 * table.pop("error").fillna(0.0)
    table["low"], table["high"] = table["actual"] - reach, table["actual"] + reach
    table["total_bias"] = table["predicted"] / table["actual"].where(table["actual"] != 0)
    return table.reset_index()


def interval_coverage(actual: Values, low: Values, high: Values, weights: Values | None = None) -> Array:
    """Share of customers whose actual value lies in ``[low, high]``, both inclusive."""
    truth, least, w = _checked(actual, low, weights)
    _, most, _ = _checked(actual, high, None)
    return _ratio(w @ ((truth >= least) & (truth <= most)), w.sum(axis=-1))


def _groups(values: Array, n_groups: int) -> npt.NDArray[np.intp]:
    """Group 0..n_groups - 1 of each value by mid-rank (n,)."""
    return np.minimum(
        (_mid_ranks(values, np.ones(len(values))) * n_groups / len(values)), n_groups - 1
    ).astype(np.intp)


def _mid_ranks(values: Array, weights: Array) -> Array:
    """Weight below each value plus half the weight at it (..., n): ranks, shared by ties."""
    _, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    firsts = np.flatnonzero(np.diff(place[order], prepend=-1))
    tied = np.add.reduceat(weights[..., order], firsts, axis=-1)
    return (np.cumsum(tied, axis=-1) - tied / 2)[..., place]


def _ratio(above: Array, below: Array) -> Array:
    above, below = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    return np.divide(above, below, out=np.full(below.shape, np.nan), where=below != 0)


def _checked(actual: Values, predicted: Values, weights: Values | None) -> tuple[Array, Array, Array]:
    truth, guess = np.asarray(actual, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    w = np.ones(truth.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != guess.shape or w.shape[-1:] != truth.shape or len(truth) == 0:
        raise ValueError(
            f"expected equally long one-dimensional values; received shapes {truth.shape}, {guess.shape}, "
            f"weights "
            f"{w.shape}. Align predictions with the customers of the actual values."
        )
    n_missing = int((~np.isfinite(truth) | ~np.isfinite(guess)).sum())
    if n_missing:
        raise ValueError(
            f"{n_missing} of {len(truth)} values are missing or infinite. Fill or drop them first."
        )
    return truth, guess, w
