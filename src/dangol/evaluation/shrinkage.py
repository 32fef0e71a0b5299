"""Many effects looked at together: false discoveries held down, and chance drawn out of the largest."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dangol.evaluation.intervals import LEVEL, Array
from dangol.evaluation.pooling import between_variance


@dataclass(frozen=True)
class Shrunken:
    """Effects drawn towards their common mean, each by as much as it is likely to be chance.

    Attributes:
        estimate: shape (effects,); missing where the effect given was.
        low: lower end of the 95 % interval, allowing for the common mean and the spread being estimated.
        high: upper end.
        mean: the common mean.
        spread: standard deviation of the true effects around it, 0 if chance explains all differences.
    """

    estimate: Array
    low: Array
    high: Array
    mean: float
    spread: float


def shrink(estimates: npt.ArrayLike, standard_errors: npt.ArrayLike) -> Shrunken:
    """Empirical Bayes with a normal distribution of true effects.

    The largest of many estimates is large partly by luck (winner's curse); drawn towards the mean,
    the sum of chosen effects is closer to what they will bring again.

    Args:
        estimates: one effect each; missing ones are left out.
        standard_errors: of the estimates, aligned.

    Returns:
        As `Shrunken`. The spread is found by Paule and Mandel's equation; the interval adds what the
        estimated mean and spread leave open.

    Source:
        Paule & Mandel (1982), J. Research of the National Bureau of Standards 87(5); Morris (1983),
        J. American Statistical Association 78, for the interval.
    """
    from scipy.stats import norm

    y, error = np.asarray(estimates, dtype=np.float64), np.asarray(standard_errors, dtype=np.float64)
    known = np.isfinite(y) & np.isfinite(error) & (error > 0)
    missing = np.full(len(y), np.nan)
    if not known.any():
        return Shrunken(missing, missing, missing, float("nan"), 0.0)
    given, variance = y[known], error[known] ** 2
    between = between_variance(given, variance, np.ones(len(given)))
    weight = 1 / (variance + between)
    mean = float(weight @ given / weight.sum())
    n, chance = len(given), variance / (variance + between)
    if n > 3:
        chance = chance * (n - 3) / (n - 1)
    drawn = mean + (1 - chance) * (given - mean)
    doubt = 2 / max(n - 3, 1) * chance**2 * (given - mean) ** 2
    own = variance * (1 - chance * (1 - weight / weight.sum())) + doubt
    reach = float(norm.ppf((1 + LEVEL) / 2)) * np.sqrt(own)
    estimate, low, high = (missing.copy() for _ in range(3))
    estimate[known], low[known], high[known] = drawn, drawn - reach, drawn + reach
    return Shrunken(estimate, low, high, mean, float(np.sqrt(between)))


def q_values(p_values: npt.ArrayLike) -> Array:
    """Benjamini and Hochberg's q-values; missing p-values stay missing and do not count.

    >>> q_values([0.01, 0.04, float("nan")]).round(2).tolist()
    [0.02, 0.04, nan]

    Source:
        Benjamini & Hochberg (1995), J. Royal Statistical Society B 57(1).
    """
    from scipy.stats import false_discovery_control

    return _corrected(p_values, false_discovery_control)


def holm(p_values: npt.ArrayLike) -> Array:
    """Holm's adjusted p-values: the chance that any true null among them falls below.

    Source:
        Holm (1979), Scandinavian J. Statistics 6(2).
    """
    return _corrected(p_values, _step_down)


def _step_down(p: Array) -> Array:
    # statsmodels' version collects garbage at every call: a second each in a large process
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted


def _corrected(p_values: npt.ArrayLike, method: Callable[[Array], Array]) -> Array:
    p = np.asarray(p_values, dtype=np.float64)
    known = np.isfinite(p)
    corrected = np.full(len(p), np.nan)
    if known.any():
        corrected[known] = method(p[known])
    return corrected
