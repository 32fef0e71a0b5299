"""Intervals of two rates with few events, where the normal approximation fails."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_BISECTIONS = 50
_LARGEST_Z = 40.0


def newcombe(
    rate: Array, n: Array, control_rate: Array, control_n: Array, level: float
) -> tuple[Array, Array, Array]:
    """Difference of two rates: ends of the hybrid score interval, and its p-value.

    Args:
        rate: of the contacted, in [0, 1].
        n: contacted customers.
        control_rate: of the controls.
        control_n: controls.
        level: of the interval.

    Source:
        Newcombe (1998), Statistics in Medicine 17, method 10.
    """
    from scipy.stats import norm

    low, high = _newcombe_ends(rate, n, control_rate, control_n, norm.ppf((1 + level) / 2))
    inner, outer = np.zeros_like(rate), np.full_like(rate, _LARGEST_Z)
    for _ in range(_BISECTIONS):  # the z at which an end of the interval touches zero
        middle = (inner + outer) / 2
        ends = _newcombe_ends(rate, n, control_rate, control_n, middle)
        excludes = (ends[0] > 0) | (ends[1] < 0)
        inner, outer = np.where(excludes, middle, inner), np.where(excludes, outer, middle)
    return low, high, 2 * norm.sf(inner)


def donner_zou(
    rate: Array, n: Array, control_rate: Array, control_n: Array, level: float
) -> tuple[Array, Array]:
    """Ratio of two rates: ends of the interval made from the score intervals of each.

    Args:
        rate: of the contacted, in [0, 1].
        n: contacted customers.
        control_rate: of the controls.
        control_n: controls.
        level: of the interval.

    Source:
        Donner & Zou (2012), Statistical Methods in Medical Research 21(4), equation 9.
    """
    from scipy.stats import norm

    z = norm.ppf((1 + level) / 2)
    (low, high), (control_low, control_high) = wilson(rate, n, z), wilson(control_rate, control_n, z)
    product = rate * control_rate
    lower = _root(product, low * control_high * (2 * rate - low) * (2 * control_rate - control_high), -1)
    upper = _root(product, high * control_low * (2 * rate - high) * (2 * control_rate - control_low), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = lower / (control_high * (2 * control_rate - control_high))
        upper = upper / (control_low * (2 * control_rate - control_low))
    return np.maximum(np.nan_to_num(lower), 0.0), np.where(np.isfinite(upper), upper, np.inf)


def wilson(rate: Array, n: Array, z: Array | float) -> tuple[Array, Array]:
    """Ends of the score interval of one rate.

    Source:
        Wilson (1927), J. American Statistical Association 22.
    """
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    return middle - reach, middle + reach


def _newcombe_ends(
    rate: Array, n: Array, control_rate: Array, control_n: Array, z: Array | float
) -> tuple[Array, Array]:
    (low, high), (control_low, control_high) = wilson(rate, n, z), wilson(control_rate, control_n, z)
    gap = rate - control_rate
    below = np.sqrt((rate - low) ** 2 + (control_high - control_rate) ** 2)
    above = np.sqrt((high - rate) ** 2 + (control_rate - control_low) ** 2)
    return gap - below, gap + above


def _root(product: Array, subtracted: Array, sign: int) -> Array:
    return product + sign * np.sqrt(np.maximum(product**2 - subtracted, 0.0))
