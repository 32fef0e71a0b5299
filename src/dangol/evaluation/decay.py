"""How an effect develops: week by week, and how fast it fades."""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.effect import Effect
from dangol.evaluation.intervals import Array
from dangol.evaluation.randomized import intention_to_treat

_Z = 1.959963984540054


@dataclass(frozen=True)
class Decay:
    """An effect that starts at a height and halves again and again.

    Attributes:
        first: effect in the first period.
        half_life: periods until it has halved; infinite if it does not fade.
        half_life_low: lower end of the 95 % interval.
        half_life_high: upper end; infinite if not fading cannot be ruled out.
        p_value: of the fit: small if the effect does not fade like this.
    """

    first: float
    half_life: float
    half_life_low: float
    half_life_high: float
    p_value: float


def effects_over_time(outcomes: pd.DataFrame, is_treated: npt.ArrayLike) -> tuple[pd.DataFrame, Array]:
    """Effect in each period after the contact, and how the errors of the periods hang together.

    Args:
        outcomes: one row per customer, one column per period in order.
        is_treated: whether drawn for contact.

    Returns:
        A frame with ``period`` (column name), ``estimate``, ``low``, ``high``, and ``total`` (sum up
        to here) with ``total_low`` and ``total_high``; and the covariance of the estimates, shape
        (periods, periods): customers who buy much do so in every period.
    """
    effects = [intention_to_treat(outcomes[name], is_treated) for name in outcomes]
    sums = [intention_to_treat(y, is_treated) for y in outcomes.cumsum(axis=1).to_numpy(dtype=float).T]
    table = pd.DataFrame(
        {
            "period": list(outcomes.columns),
            **{name: _values(effects, name) for name in ("estimate", "low", "high")},
            "total": _values(sums, "estimate"),
            "total_low": _values(sums, "low"),
            "total_high": _values(sums, "high"),
        }
    )
    influence = np.array([effect.influence for effect in effects])
    return table, influence @ influence.T


def fit_decay(estimates: npt.ArrayLike, covariance: npt.ArrayLike) -> Decay | None:
    """Fit ``first * 2 ** (-period / half_life)`` to effects of equally long periods.

    Args:
        estimates: effect per period, from the first on.
        covariance: of the estimates, as from `effects_over_time`.

    Returns:
        The fit by generalised least squares, or None with fewer than three periods or no convergence.
    """
    from scipy.optimize import OptimizeWarning, curve_fit
    from scipy.stats import chi2

    y, spread = np.asarray(estimates, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    periods = np.arange(len(y), dtype=np.float64)
    if len(y) < 3:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", OptimizeWarning)
            (first, rate), doubt = curve_fit(
                _fading, periods, y, p0=(y[0] or 1.0, 0.3), sigma=spread, absolute_sigma=True, maxfev=5000
            )
    except (RuntimeError, OptimizeWarning, np.linalg.LinAlgError, ValueError):
        return None
    error = float(np.sqrt(doubt[1, 1]))
    rest = y - _fading(periods, first, rate)
    p_value = float(chi2.sf(rest @ np.linalg.solve(spread, rest), len(y) - 2))
    half_life, shortest, longest = (_half_life(r) for r in (rate, rate + _Z * error, rate - _Z * error))
    return Decay(float(first), half_life, shortest, longest, p_value)


def _fading(periods: Array, first: float, rate: float) -> Array:
    return first * np.exp(-rate * periods)


def _half_life(rate: float) -> float:
    return float(np.log(2) / rate) if rate > 0 else float("inf")


def _values(effects: list[Effect], name: str) -> list[float]:
    return [getattr(effect, name) for effect in effects]
