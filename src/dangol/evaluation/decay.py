"""How an effect develops: week by week, and how fast it fades."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.intervals import LEVEL, REACH_95, Array

_KEPT = np.linspace(0.0, 1.5, 3001)  # share of the effect kept from period to period; above 1 it grows


@dataclass(frozen=True)
class Decay:
    """An effect that starts at a height and halves again and again.

    Attributes:
        first: effect in the first period.
        half_life: periods until it has halved; infinite if it does not fade.
        half_life_low: lower end of the 95 % interval; 0 if the effect may have ended with the first period.
        half_life_high: upper end; infinite if not fading cannot be ruled out.
        p_value: of the fit: small if the effect does not fade like this.
    """

    first: float
    half_life: float
    half_life_low: float
    half_life_high: float
    p_value: float


def effects_over_time(estimates: npt.ArrayLike, influence: npt.ArrayLike) -> tuple[pd.DataFrame, Array]:
    """Effect in each period after the contact, and how the errors of the periods hang together.

    Args:
        estimates: effect in each period, in order.
        influence: what each customer contributes to the error of each, shape (periods, customers), as
            in `Effect.influence`.

    Returns:
        A frame with ``period`` (from 1), ``estimate``, ``low``, ``high`` (95 %), and ``total`` (sum up
        to here) with ``total_low`` and ``total_high``; and the covariance of the estimates, shape
        (periods, periods): customers who buy much do so in every period.
    """
    y, parts = np.asarray(estimates, dtype=np.float64), np.asarray(influence, dtype=np.float64)
    table = pd.DataFrame({"period": np.arange(1, len(y) + 1)})
    for name, prefix, value, part in (
        ("estimate", "", y, parts),
        ("total", "total_", y.cumsum(), parts.cumsum(axis=0)),
    ):
        reach = REACH_95 * np.sqrt((part**2).sum(axis=1))
        table = table.assign(**{name: value, f"{prefix}low": value - reach, f"{prefix}high": value + reach})
    return table, parts @ parts.T


def fit_decay(estimates: npt.ArrayLike, covariance: npt.ArrayLike) -> Decay | None:
    """Fit ``first * 2 ** (-period / half_life)`` to effects of equally long periods.

    Args:
        estimates: effect per period, from the first on.
        covariance: of the estimates, as from `effects_over_time`.

    Returns:
        The fit by generalised least squares; the interval holds every half-life that the effects do
        not speak against (profile likelihood). None with fewer than three periods, or if the errors
        of the periods are not all their own.

    Source:
        Venzon & Moolgavkar (1988), Applied Statistics 37(1), for the interval. That of a linear
        approximation held a planted half-life of one and a half weeks 87 times in 100 only.
    """
    from scipy.stats import chi2

    y, spread = np.asarray(estimates, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    if len(y) < 3 or not np.isfinite(spread).all() or np.linalg.matrix_rank(spread) < len(y):
        return None
    shapes = _KEPT[:, None] ** np.arange(len(y))
    weighted = np.linalg.solve(spread, np.column_stack([y, shapes.T])).T
    along, own = shapes @ weighted[0], np.einsum("ij,ij->i", shapes, weighted[1:])
    misfit = float(y @ weighted[0]) - along**2 / own
    best = int(misfit.argmin())
    likely = _KEPT[misfit <= misfit[best] + chi2.ppf(LEVEL, 1)]
    return Decay(
        first=float(along[best] / own[best]),
        half_life=_half_life(_KEPT[best]),
        half_life_low=_half_life(likely.min()),
        half_life_high=_half_life(likely.max()),
        p_value=float(chi2.sf(misfit[best], len(y) - 2)),
    )


def _half_life(kept: float) -> float:
    """Periods until half is left, if from period to period the share ``kept`` stays."""
    if kept >= 1:
        return float("inf")
    return float(-np.log(2) / np.log(kept)) if kept > 0 else 0.0
