"""Bootstrap intervals of scores and of differences between them: the one place that resamples.

A score is a function of weights: how often each row counts, float64 (draws, n), to one number per draw
(draws,). All scores of one call see the same draws, so that differences between models are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Score = Callable[[Array], Array]
Key = TypeVar("Key", bound=Hashable)

CHUNK_WEIGHTS = 4_000_000  # draws x rows held at once: 32 MB
LEVEL = 0.95


class Interval(NamedTuple):
    """An estimate with its bootstrap interval, both bounds inclusive."""

    estimate: float
    low: float
    high: float


def drawn_weights(groups: npt.ArrayLike, n_boot: int, seed: int) -> Iterator[Array]:
    """How often each row is drawn when whole groups are drawn with replacement, in blocks (draws, n).

    Args:
        groups: what is drawn as a whole, such as the customer of each row (n,).
        n_boot: draws, at least 1.
        seed: the same seed and groups give the same draws.

    Raises:
        ValueError: if there is no row or no draw.

    Source:
        Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8 (clusters).
    """
    codes, names = pd.factorize(np.asarray(groups), sort=True)
    if n_boot < 1 or len(names) < 1:
        raise ValueError(
            f"expected rows and n_boot >= 1; received {len(names)} customers and n_boot={n_boot}. "
            "Pass a few hundred draws."
        )
    rng, block = np.random.default_rng(seed), max(1, CHUNK_WEIGHTS // len(codes))
    for begin in range(0, n_boot, block):
        size = min(block, n_boot - begin)
        drawn = rng.integers(0, len(names), (size, len(names))) + len(names) * np.arange(size)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=size * len(names)).reshape(size, len(names))
        yield counts[:, codes].astype(np.float64)


def percentile_interval(estimate: float, replicates: Array, level: float = LEVEL) -> Interval:
    """The estimate with percentiles of its replicates; draws without a score (NaN) are left out.

    Raises:
        ValueError: if ``level`` lies outside (0, 1).
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1; received {level}. Pass 0.95 for 95 %.")
    known = replicates[np.isfinite(replicates)]
    if not len(known):
        return Interval(estimate, float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, float(low), float(high))


def score_intervals(
    scores: Mapping[Key, Score], groups: npt.ArrayLike, n_boot: int, seed: int, level: float = LEVEL
) -> dict[Key, Interval]:
    """Every score with its interval, all on the same draws; arguments as in `drawn_weights`."""
    replicates = _replicates(scores, groups, n_boot, seed)
    ones = np.ones((1, len(np.asarray(groups))))
    return {
        key: percentile_interval(float(score(ones)[0]), replicates[key], level)
        for key, score in scores.items()
    }


def score_table(
    scores: Mapping[tuple[str, str], Score],
    groups: npt.ArrayLike,
    n_boot: int,
    seed: int,
    level: float = LEVEL,
) -> pd.DataFrame:
    """`score_intervals` as a leaderboard.

    Args:
        scores: by model and metric.
        groups: as in `drawn_weights`, like ``n_boot`` and ``seed``.
        n_boot: draws.
        seed: of the draws.
        level: probability of the interval, in (0, 1).

    Returns:
        One row per score, in the order given: ``model``, ``metric``, ``estimate``, ``low``, ``high``.
    """
    found = score_intervals(scores, groups, n_boot, seed, level)
    rows = [(*key, *interval) for key, interval in found.items()]
    return pd.DataFrame(rows, columns=["model", "metric", *Interval._fields])


def paired_interval(
    first: Score, second: Score, groups: npt.ArrayLike, n_boot: int, seed: int, level: float = LEVEL
) -> Interval:
    """The first score minus the second on the same draws; arguments as in `drawn_weights`."""

    def gap(weights: Array) -> Array:
        return np.asarray(first(weights) - second(weights))

    return score_intervals({"gap": gap}, groups, n_boot, seed, level)["gap"]


def _replicates(
    scores: Mapping[Key, Score], groups: npt.ArrayLike, n_boot: int, seed: int
) -> dict[Key, Array]:
    """Scores (n_boot,) of every draw."""
    parts: dict[Key, list[Array]] = {key: [] for key in scores}
    for weights in drawn_weights(groups, n_boot, seed):
        for key, score in scores.items():
            parts[key].append(np.asarray(score(weights), dtype=np.float64))
    return {key: np.concatenate(part) for key, part in parts.items()}
