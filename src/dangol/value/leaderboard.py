"""Which model is better, and is it more than luck: bootstrap intervals, paired differences, a winner."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.bootstrap import Interval, Score, paired_interval, score_intervals, score_table
from dangol.value import metrics
from dangol.value.likelihood import Array

Values = npt.ArrayLike
Metric = Callable[..., Any]

STANDARD_METRICS: tuple[Metric, ...] = (
    metrics.normalized_gini,
    metrics.spearman,
    metrics.mean_absolute_error,
    metrics.root_mean_square_error,
    metrics.total_bias,
    metrics.decile_calibration_error,
)
HIGHER_IS_BETTER = ("normalized_gini", "spearman")


def bootstrap_interval(
    metric: Metric, actual: Values, predicted: Values, n_boot: int = 1000, seed: int = 0, level: float = 0.95
) -> Interval:
    """A metric with its percentile bootstrap interval over customers.

    Args:
        metric: ``metric(actual, predicted)`` giving a number; those of `dangol.value.metrics` also take
            ``weights`` and are computed for many replicates at once.
        actual: float (n,), one entry per customer.
        predicted: float (n,), aligned with ``actual``.
        n_boot: replicates, at least 1.
        seed: of the resampling; the same seed draws the same customers for every model.
        level: probability of the interval, in (0, 1).

    Raises:
        ValueError: if ``n_boot`` or ``level`` is out of range or shapes differ.
    """
    score, customers = _score(metric, actual, predicted), np.arange(len(np.asarray(actual)))
    return score_intervals({metric.__name__: score}, customers, n_boot, seed, level)[metric.__name__]


def paired_bootstrap(
    metric: Metric,
    actual: Values,
    predicted_a: Values,
    predicted_b: Values,
    n_boot: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Difference ``metric(a) - metric(b)`` with its interval, both on the same resampled customers.

    Arguments and errors as in `bootstrap_interval`.
    """
    first, second = (_score(metric, actual, guess) for guess in (predicted_a, predicted_b))
    return paired_interval(first, second, np.arange(len(np.asarray(actual))), n_boot, seed, level)


def leaderboard(
    actual: Values,
    predictions: Mapping[str, Values],
    metric_functions: tuple[Metric, ...] = STANDARD_METRICS,
    intervals: Mapping[tuple[str, float], tuple[Values, Values]] | None = None,
    n_boot: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Every metric of every model with its bootstrap interval.

    Args:
        actual: float (n,), one entry per customer.
        predictions: by model name, float (n,) aligned with ``actual``.
        metric_functions: as in `bootstrap_interval`; their names become the ``metric`` column.
        intervals: by model name and level, lower and upper bounds (n,) of predicted intervals; adds
            ``interval_coverage_90`` for the level 0.9, and so on.
        n_boot: replicates, at least 1.
        seed: of the resampling, the same customers for all models.
        level: probability of the bootstrap interval, in (0, 1).

    Returns:
        One row per model and metric, in the order given: ``model``, ``metric``, ``estimate``, ``low``,
        ``high``.
    """
    scores = {
        (model, metric.__name__): _score(metric, actual, guess)
        for model, guess in predictions.items()
        for metric in metric_functions
    }
    for (model, level_covered), bounds in (intervals or {}).items():
        name = f"interval_coverage_{100 * level_covered:.0f}"
        scores[model, name] = _score(metrics.interval_coverage, actual, *bounds)
    return score_table(scores, np.arange(len(np.asarray(actual))), n_boot, seed, level)


def winner(
    actual: Values,
    predictions: Mapping[str, Values],
    metric: Metric = metrics.normalized_gini,
    n_boot: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> str | None:
    """The best model by a metric, if its paired interval against every other model excludes zero; else None.

    Raises:
        ValueError: if the metric says neither by its name (``_error``, ``_loss``, ``_score``) nor as one of
            `HIGHER_IS_BETTER` which direction is better, or there is no prediction.
    """
    name = metric.__name__
    lower = name.endswith(("_error", "_loss"))
    if not predictions or not (lower or name.endswith("_score") or name in HIGHER_IS_BETTER):
        raise ValueError(
            f"cannot name a winner of {len(predictions)} models by '{name}'; expected at least one model "
            f"and a "
            "metric with a direction, such as normalized_gini or total_bias_error."
        )
    gains = {
        model: float(metric(actual, guess)) * (-1 if lower else 1) for model, guess in predictions.items()
    }
    best = max(gains, key=lambda model: gains[model])
    for model, guess in predictions.items():
        if model == best:
            continue
        lead = paired_bootstrap(metric, actual, predictions[best], guess, n_boot, seed, level)
        if not (lead.high < 0 if lower else lead.low > 0):
            return None
    return best


def _score(metric: Metric, *arguments: Values) -> Score:
    """A metric of given values as a function of how often each customer is drawn."""
    values = [np.asarray(given, dtype=np.float64) for given in arguments]
    if "weights" in inspect.signature(metric).parameters:
        return lambda weights: np.asarray(metric(*values, weights=weights))
    n = len(values[0])

    def by_rows(weights: Array) -> Array:
        places = [np.repeat(np.arange(n), row.astype(np.int64)) for row in weights]
        return np.array([metric(*(given[at] for given in values)) for at in places])

    return by_rows
