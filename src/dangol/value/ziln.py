"""Zero-inflated lognormal: nothing with one probability, else a lognormal amount.

The distribution of a customer's spend in a horizon, with the parameters a network head gives:

- ``buy_logit``: log odds of spending anything at all;
- ``log_mean``, ``log_sd``: mean and standard deviation (> 0) of the log of the spend, given there is any.

All arguments broadcast against each other; results are float64.

Source: Wang, Liu & Miao (2019), "A Deep Probabilistic Model for Customer Lifetime Value Prediction",
arXiv:1912.07753.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dangol.value.likelihood import Array

Numbers = npt.ArrayLike


def log_density(value: Numbers, buy_logit: Numbers, log_mean: Numbers, log_sd: Numbers) -> Array:
    """Log probability of 0 where ``value`` is 0, log density of the amount where it is positive.

    Negative values have log density minus infinity. The negative of this is the loss of the paper's equation
    (2).

    >>> float(log_density(0.0, 0.0, 3.0, 1.0).round(4))
    -0.6931
    """
    from scipy.special import log_expit

    spend, logit, mean, sd = _checked(value, buy_logit, log_mean, log_sd)
    log_spend = np.log(np.where(spend > 0, spend, 1.0))
    score = (log_spend - mean) / sd
    positive = log_expit(logit) - log_spend - np.log(sd) - 0.5 * np.log(2 * np.pi) - 0.5 * score**2
    return np.where(spend > 0, positive, np.where(spend == 0, log_expit(-logit), -np.inf))


def mean(buy_logit: Numbers, log_mean: Numbers, log_sd: Numbers) -> Array:
    """Expected spend: probability to buy times exp(log_mean + log_sd² / 2)."""
    from scipy.special import expit

    _, logit, centre, sd = _checked(0.0, buy_logit, log_mean, log_sd)
    return expit(logit) * np.exp(centre + 0.5 * sd**2)


def quantile(share: Numbers, buy_logit: Numbers, log_mean: Numbers, log_sd: Numbers) -> Array:
    """Smallest spend that is not exceeded with probability ``share`` in [0, 1); 0 up to the mass at 0.

    Raises:
        ValueError: if a share lies outside [0, 1).
    """
    from scipy.special import expit, ndtri

    wanted, logit, centre, sd = _checked(share, buy_logit, log_mean, log_sd)
    if not ((wanted >= 0) & (wanted < 1)).all():
        raise ValueError(
            "share must lie in [0, 1); received values outside. Pass probabilities, not percent."
        )
    # Counted from the upper end, so that a large logit does not cancel 1 - p.
    above = (1 - wanted) / expit(logit)
    inside = np.minimum(above, 1.0)
    with np.errstate(over="ignore"):
        return np.where(above >= 1, 0.0, np.exp(centre - sd * ndtri(inside)))


def sample(
    buy_logit: Numbers, log_mean: Numbers, log_sd: Numbers, n_draws: int, rng: np.random.Generator
) -> Array:
    """Draws of the spend; float64 with one more, last axis of length ``n_draws``."""
    from scipy.special import expit

    _, logit, centre, sd = (array[..., None] for array in _checked(0.0, buy_logit, log_mean, log_sd))
    shape = (*logit.shape[:-1], n_draws)
    is_buyer = rng.random(shape) < expit(logit)
    return np.where(is_buyer, np.exp(centre + sd * rng.standard_normal(shape)), 0.0)


def _checked(value: Numbers, buy_logit: Numbers, log_mean: Numbers, log_sd: Numbers) -> list[Array]:
    arrays = [np.asarray(a, dtype=np.float64) for a in (value, buy_logit, log_mean, log_sd)]
    if not (arrays[3] > 0).all():
        raise ValueError(
            "log_sd must be positive; received values <= 0 or NaN. Pass exp() or softplus() of a raw output."
        )
    return list(np.broadcast_arrays(*arrays))
