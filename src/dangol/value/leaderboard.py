"""Which model is better, and is it more than luck: bootstrap intervals, paired differences, a winner."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.value import metrics
from dangol.value.likelihood import Array

Values = npt.ArrayLike
Metric = Callable[..., Any]

CHUNK_WEIGHTS = 4_000_000  # bootstrap replicates x customers held at once: 32 MB
STANDARD_METRICS: tuple[Metric, ...] = (
    metrics.normalized_gini,
    metrics.spearman,
    metrics.mean_absolute_error,
    metrics.root_mean_square_error,
    metrics.total_bias,
    metrics.decile_calibration_error,
)
HIGHER_IS_BETTER = ("normalized_gini", "spearman")


class Interval(NamedTuple):
    """An estimate with its bootstrap interval, both bounds inclusive."""

    estimate: float
    low: float
    high: float


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
    pair = (np.asarray(actual, dtype=np.float64), np.asarray(predicted, dtype=np.float64))
    replicates = _replicates(metric, [pair], n_boot, seed)[0]
    return _interval(float(metric(*pair)), replicates, level)


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
    truth = np.asarray(actual, dtype=np.float64)
    pairs = [(truth, np.asarray(guess, dtype=np.float64)) for guess in (predicted_a, predicted_b)]
    first, second = _replicates(metric, pairs, n_boot, seed)
    return _interval(float(metric(*pairs[0])) - float(metric(*pairs[1])), first - second, level)


def leaderboard(
    actual: Values,
    predictions: Mapping[str, Values],
    metric_functions: tuple[Metric, ...] = STANDARD_METRICS,
    intervals: Mapping[str, tuple[Values, Values]] | None = None,
    n_boot: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Every metric of every model with its bootstrap interval.

    Args:
        actual: float (n,), one entry per customer.
        predictions: by model name, float (n,) aligned with ``actual``.
        metric_functions: as in `bootstrap_interval`; their names become the ``metric`` column.
        intervals: by model name, lower and upper bounds (n,) of predicted intervals; adds
            ``interval_coverage``.
        n_boot: replicates, at least 1.
        seed: of the resampling, the same customers for all models.
        level: probability of the bootstrap interval, in (0, 1).

    Returns:
        One row per model and metric, in the order given: ``model``, ``metric``, ``estimate``, ``low``,
        ``high``.
    """
    truth = np.asarray(actual, dtype=np.float64)
    jobs: list[tuple[str, Metric, tuple[Any, ...]]] = [
        (m, metric, (truth, guess)) for m, guess in predictions.items() for metric in metric_functions
    ]
    jobs += [(m, metrics.interval_coverage, (truth, *bounds)) for m, bounds in (intervals or {}).items()]
    rows = []
    for model, metric, arguments in jobs:
        replicates = _replicates(metric, [arguments], n_boot, seed)[0]
        rows.append((model, metric.__name__, *_interval(float(metric(*arguments)), replicates, level)))
    return pd.DataFrame(rows, columns=["model", "metric", "estimate", "low", "high"])


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


def _replicates(metric: Metric, arguments: list[tuple[Any, ...]], n_boot: int, seed: int) -> list[Array]:
    """Bootstrap replicates (n_boot,) of a metric per argument tuple, on the same resampled customers."""
    n_customers = len(arguments[0][0])
    found: list[list[Array]] = [[] for _ in arguments]
    takes_weights = "weights" in inspect.signature(metric).parameters
    for weights in _counted_draws(n_customers, n_boot, seed):
        for result, given in zip(found, arguments, strict=True):
            if takes_weights:
                result.append(np.asarray(metric(*given, weights=weights)))
                continue
            places = [np.repeat(np.arange(n_customers), row) for row in weights]
            result.append(np.array([metric(*(np.asarray(g)[at] for g in given)) for at in places]))
    return [np.concatenate(result) for result in found]


def _counted_draws(n_customers: int, n_boot: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """How often each customer is drawn in n-out-of-n resampling, in blocks (replicates, n)."""
    if n_boot < 1 or n_customers < 1:
        raise ValueError(
            f"expected customers and n_boot >= 1; received {n_customers}, {n_boot}. Raise n_boot."
        )
    rng = np.random.default_rng(seed)
    block = max(1, CHUNK_WEIGHTS // n_customers)
    for begin in range(0, n_boot, block):
        size = min(block, n_boot - begin)
        draws = rng.integers(0, n_customers, (size, n_customers)) + n_customers * np.arange(size)[:, None]
        yield np.bincount(draws.ravel(), minlength=size * n_customers).reshape(size, n_customers)


def _interval(estimate: float, replicates: Array, level: float) -> Interval:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1; received {level}. Pass 0.95 for 95 %.")
    tail = (1 - level) / 2
    low, high = (
        np.nanquantile(replicates, [tail, 1 - tail]) if np.isfinite(replicates).any() else (np.nan, np.nan)
    )
    return Interval(estimate, float(low), float(high))
