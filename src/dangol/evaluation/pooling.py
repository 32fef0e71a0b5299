"""One mean from the effects of several campaigns that share customers and may truly differ."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dangol.evaluation.intervals import LEVEL, Array

_ITERATIONS = 200


@dataclass(frozen=True)
class PooledMean:
    """The mean of the true effects that campaigns of a kind have.

    Attributes:
        estimate: the mean; missing without effects.
        low: lower end of the 95 % interval.
        high: upper end.
        p_value: of a mean of zero, two-sided.
        standard_error: as the model has it, without what the scatter of few campaigns leaves open.
        spread: standard deviation of the true effects around it, 0 if chance explains all differences.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    standard_error: float
    spread: float


def pooled_mean(estimates: npt.ArrayLike, covariance: npt.ArrayLike) -> PooledMean:
    """Mean effect, weighted by how well each is known and by how far true effects differ.

    The interval lets the scatter of the effects speak (Student's, with one degree of freedom less than
    there are campaigns): it holds the mean as often as it says with as few as two campaigns, where
    the usual normal interval is far too narrow. One effect alone keeps its own normal interval.

    Args:
        estimates: one effect per campaign, without gaps.
        covariance: of their errors, shape (campaigns, campaigns); customers in several campaigns
            make it more than a diagonal.

    Source:
        Hartung & Knapp (2001), Statistics in Medicine 20; IntHout, Ioannidis & Borm (2014), BMC
        Medical Research Methodology 14(25); Paule & Mandel (1982) for the spread. With errors that
        hang together the same is done along the covariance's principal axes, where they do not.
    """
    from scipy.stats import norm, t

    y, errors = np.asarray(estimates, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    nothing = float("nan")
    if not len(y) or not (np.isfinite(errors).all() and np.diag(errors).min() > 0):
        return PooledMean(nothing, nothing, nothing, nothing, nothing, 0.0)
    variance, axes = np.linalg.eigh(errors)
    rotated, ones = axes.T @ y, axes.sum(axis=0)
    variance = variance.clip(min=1e-9 * variance.max())
    between = between_variance(rotated, variance, ones)
    weight = 1 / (variance + between)
    precision = float(weight @ ones**2)
    mean, error = float((weight * ones) @ rotated / precision), float(1 / np.sqrt(precision))
    n_free = len(y) - 1
    scatter = float(weight @ (rotated - mean * ones) ** 2) / n_free if n_free else 1.0
    doubt = error * np.sqrt(scatter)
    law = t(n_free) if n_free else norm()
    reach = float(law.ppf((1 + LEVEL) / 2) * doubt)
    p_value = float(2 * law.sf(abs(mean) / doubt)) if doubt > 0 else float(mean == 0)
    return PooledMean(mean, mean - reach, mean + reach, p_value, error, float(np.sqrt(between)))


def between_variance(y: Array, variance: Array, ones: Array) -> float:
    """The variance of true effects at which the weighted scatter is what chance makes it.

    Args:
        y: effects with independent errors.
        variance: of those errors.
        ones: what a mean of one looks like in ``y``: ones, or their rotation.

    Source:
        Paule & Mandel (1982), J. Research of the National Bureau of Standards 87(5).
    """

    def scatter(between: float) -> float:
        weight = 1 / (variance + between)
        mean = (weight * ones) @ y / (weight @ ones**2)
        return float(weight @ (y - mean * ones) ** 2)

    wanted = len(y) - 1
    if wanted < 1 or scatter(0.0) <= wanted:
        return 0.0
    low, high = 0.0, float(np.var(y) * len(y) + variance.max())
    while scatter(high) > wanted:
        high *= 2
    for _ in range(_ITERATIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if scatter(middle) > wanted else (low, middle)
    return (low + high) / 2
