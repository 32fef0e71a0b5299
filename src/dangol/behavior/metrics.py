"""Losses of outcomes that are more than one number: categories, times, counts.

Every metric takes the truth, the prediction and optional ``weights`` (..., n): how often each customer
counts. It returns one number, or one per row of weights, as `dangol.value.leaderboard` asks for.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import xlogy

Array = npt.NDArray[np.float64]
NAMED_CATEGORIES = 3


def row_log_losses(actual: npt.ArrayLike, probs: Mapping[str, Array]) -> pd.DataFrame:
    """Log loss of every row, one column per model; ``actual`` (n,) of 0 and 1."""
    truth = np.asarray(actual)
    held = {name: np.clip(prob, 1e-15, 1 - 1e-15) for name, prob in probs.items()}
    return pd.DataFrame(
        {name: -np.where(truth == 1, np.log(prob), np.log1p(-prob)) for name, prob in held.items()}
    )


def poisson_deviance_loss(actual: Array, rate: Array, weights: Array | None = None) -> Array:
    """Mean Poisson deviance of counts (n,) given rates (n,) above 0.

    Source:
        McCullagh & Nelder (1989), Generalized Linear Models, section 2.3.
    """
    rate = np.maximum(rate, 1e-9)
    return _mean(2 * (xlogy(actual, actual / rate) - (actual - rate)), weights)


def integrated_brier_loss(is_waiting: Array, survival: Array, weights: Array | None = None) -> Array:
    """Mean squared error of survival curves over all days of the horizon.

    Args:
        is_waiting: (n, days), 1 if the event had not come by the end of that day; nobody is censored
            within the horizon, so no reweighting is needed.
        survival: (n, days), probability of that.
        weights: how often each customer counts.

    Source:
        Graf, Schmoor, Sauerbrei & Schumacher (1999), Statistics in Medicine 18.
    """
    return _mean(((is_waiting - survival) ** 2).mean(axis=1), weights)


def labels_log_loss(actual: Array, prob: Array, weights: Array | None = None) -> Array:
    """Log loss of 0/1 labels (n, labels), averaged over labels."""
    prob = np.clip(prob, 1e-7, 1 - 1e-7)
    return _mean(-(actual * np.log(prob) + (1 - actual) * np.log1p(-prob)).mean(axis=1), weights)


def named_hit_rate(actual: Array, prob: Array, weights: Array | None = None) -> Array:
    """Share of the three categories named first that were bought; (n, labels) each, higher is better."""
    named = np.argsort(-prob, axis=1, kind="stable")[:, :NAMED_CATEGORIES]
    return _mean(np.take_along_axis(actual, named, axis=1).mean(axis=1), weights)


def _mean(values: Array, weights: Array | None) -> Array:
    if weights is None:
        return np.asarray(values.mean())
    return np.asarray(weights @ values / weights.sum(axis=-1))
