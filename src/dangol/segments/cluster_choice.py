"""How many clusters the data hold, if any: stability under resampling, and separation against chance."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

MIN_STABILITY = 0.75
SURE_STABILITY = 0.95
SURE_CLUSTER = 0.85
MIN_EXCESS = 0.02
_N_RESAMPLES = 20
_N_NULLS = 19
_N_POINTS = 5_000
_N_SILHOUETTE = 1_000
_LEAST_PER_CLUSTER = 10


@dataclass(frozen=True)
class Choice:
    """What was found about numbers of clusters.

    Attributes:
        n_clusters: the number chosen; 1 if no number stands out from chance.
        evidence: one row per number tried: ``n_clusters``, ``stability_score`` (mean adjusted Rand
            index between the clustering and that of bootstrap samples), ``weakest_score`` (mean Jaccard
            index of the cluster that returns least with its likeness in them), ``silhouette_score``,
            ``chance_score`` and ``chance_max`` (mean and largest silhouette of samples without
            clusters; missing where stability had failed), ``is_supported``.
        reason: one sentence: why this number, or why none.
    """

    n_clusters: int
    evidence: pd.DataFrame
    reason: str


def choose_n_clusters(points: np.ndarray, candidates: list[int], seed: int) -> Choice:
    """Choose the largest number that is as good as certain, else the one that exceeds chance most.

    Of the supported numbers the largest with a stability of ``SURE_STABILITY`` is taken of which every
    cluster returns (``SURE_CLUSTER``): one cluster more would have to split a cluster somewhere, which
    no two samples do alike, and the halves give that away even where all other clusters are so clear
    that the whole looks stable. If none is that stable, it is the number whose silhouette lies
    furthest above chance.

    A number is supported if bootstrap samples give the same clustering (mean adjusted Rand index of
    ``MIN_STABILITY`` or more) and if its silhouette lies above that of each of 19 samples drawn
    without clusters, and at least ``MIN_EXCESS`` above their mean. Such a sample has the same
    marginal distributions and rank correlations (a Gaussian copula), so neither skewness nor
    correlation alone passes for clusters. Groups that differ in one feature only do not pass
    either: that is a threshold, not a cluster.

    Args:
        points: (n, n_features) float64, scaled.
        candidates: numbers to try, each 2 or more.
        seed: of every draw.

    Source:
        Silhouette: Rousseeuw (1987). Bootstrap stability, of the whole and cluster by cluster: Hennig
        (2007), Computational Statistics & Data Analysis 52. Reference distribution: after Tibshirani,
        Walther & Hastie (2001).
    """
    from threadpoolctl import threadpool_limits

    sample = _some(points, _N_POINTS, np.random.default_rng(seed))
    most = min(len(sample) // _LEAST_PER_CLUSTER, _n_distinct(sample) - 1)
    tried = [k for k in candidates if k <= most]
    with threadpool_limits(1):  # threads cost more than they gain on so few rows
        rows = [_judged(sample, k, seed) for k in tried]
    columns = ["n_clusters", "stability_score", "weakest_score", "silhouette_score", "chance_score"]
    columns.append("chance_max")
    evidence = pd.DataFrame(rows, columns=columns)
    excess = evidence["silhouette_score"] - evidence["chance_score"]
    is_above = evidence["silhouette_score"] > evidence["chance_max"]
    evidence["is_supported"] = (
        (evidence["stability_score"] >= MIN_STABILITY) & is_above & (excess >= MIN_EXCESS)
    ).astype("bool")
    if not tried:
        needed = _LEAST_PER_CLUSTER * min(candidates, default=2)
        reason = f"{len(points)} customers are too few or too alike; two clusters need {needed} who differ"
        return Choice(1, evidence, reason)
    if not evidence["is_supported"].any():
        return Choice(1, evidence, _why_none(evidence))
    returns = (evidence["stability_score"] >= SURE_STABILITY) & (evidence["weakest_score"] >= SURE_CLUSTER)
    is_sure = evidence["is_supported"] & returns
    weight = (
        evidence["n_clusters"].where(is_sure) if is_sure.any() else excess.where(evidence["is_supported"])
    )
    best = evidence.iloc[int(weight.argmax())]
    reason = (
        f"{best['n_clusters']:.0f} clusters stand out from chance: silhouette {best['silhouette_score']:.2f} "
        f"against {best['chance_score']:.2f} without clusters, stability {best['stability_score']:.2f}"
    )
    return Choice(int(best["n_clusters"]), evidence, reason)


def _why_none(evidence: pd.DataFrame) -> str:
    stable = evidence[evidence["stability_score"] >= MIN_STABILITY]
    if stable.empty:
        best = evidence["stability_score"].max()
        return (
            f"no number of clusters is stable: resampled customers agree by {best:.2f} at best, "
            f"{MIN_STABILITY} is needed"
        )
    best = stable.iloc[int((stable["silhouette_score"] - stable["chance_score"]).argmax())]
    return (
        f"no clusters stand out from chance: silhouette {best['silhouette_score']:.2f} against up to "
        f"{best['chance_max']:.2f} in data without clusters"
    )


def _judged(points: np.ndarray, k: int, seed: int) -> tuple[float, ...]:
    model = kmeans(points, k, seed)
    stability, weakest = _stability(points, model.labels_, k, seed)
    silhouette = _silhouette(points, model.labels_, seed)
    if stability < MIN_STABILITY:
        return k, stability, weakest, silhouette, np.nan, np.nan
    chance = [_separation_by_chance(points, k, seed + draw) for draw in range(_N_NULLS)]
    return k, stability, weakest, silhouette, float(np.mean(chance)), float(np.max(chance))


def _stability(points: np.ndarray, labels: np.ndarray, k: int, seed: int) -> tuple[float, float]:
    """Mean adjusted Rand index over bootstrap samples, and the least mean Jaccard index of a cluster."""
    from sklearn.metrics import adjusted_rand_score
    from sklearn.metrics.cluster import contingency_matrix

    rng = np.random.default_rng([seed, k])
    scores, returns = [], []
    for draw in range(_N_RESAMPLES):
        rows = rng.integers(0, len(points), len(points))
        model = kmeans(points[rows], k, seed + draw, n_init=5)
        found = model.predict(points)
        scores.append(adjusted_rand_score(labels, found))
        shared = contingency_matrix(labels, found)
        either = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
        returns.append((shared / either).max(axis=1))
    return float(np.mean(scores)), float(np.mean(returns, axis=0).min())


def _separation_by_chance(points: np.ndarray, k: int, seed: int) -> float:
    drawn = _without_clusters(points, np.random.default_rng([seed, k]))
    return _silhouette(drawn, kmeans(drawn, k, seed, n_init=3).labels_, seed)


def _silhouette(points: np.ndarray, labels: np.ndarray, seed: int) -> float:
    """Mean silhouette of at most ``_N_SILHOUETTE`` points; 0 if they lie in one cluster."""
    from sklearn.metrics import silhouette_score

    rows = _some(np.arange(len(points)), _N_SILHOUETTE, np.random.default_rng(seed))
    return float(silhouette_score(points[rows], labels[rows])) if len(np.unique(labels[rows])) > 1 else 0.0


def _some(rows: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    return rows if len(rows) <= n else rows[rng.choice(len(rows), n, replace=False)]


def _without_clusters(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many points with the same marginals and rank correlations, joined by a Gaussian copula."""
    from scipy.stats import norm, rankdata

    n, n_features = points.shape
    normal = norm.ppf((rankdata(points, axis=0) - 0.5) / n)
    correlation = np.corrcoef(normal, rowvar=False).reshape(n_features, n_features)
    drawn = rng.multivariate_normal(np.zeros(n_features), correlation, n, method="eigh")
    ranks = rankdata(drawn, axis=0).astype("int64") - 1
    return np.take_along_axis(np.sort(points, axis=0), ranks, axis=0)


def kmeans(points: np.ndarray, k: int, seed: int, n_init: int = 20) -> Any:
    """A fitted k-means; fewer different points than clusters are the caller's to prevent.

    Args:
        points: (n, n_features).
        k: clusters.
        seed: of the starts.
        n_init: starts.

    Returns:
        A fitted ``sklearn.cluster.KMeans``.
    """
    from sklearn.cluster import KMeans

    return KMeans(n_clusters=k, n_init=n_init, random_state=seed % 2**32).fit(points)


def _n_distinct(points: np.ndarray) -> int:
    return len(np.unique(points.round(9), axis=0)) if points.shape[1] else 1
