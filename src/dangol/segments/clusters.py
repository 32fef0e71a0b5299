"""Clusters of buying behaviour, or the plain statement that there are none."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.errors import InputError
from dangol.segments.cluster_choice import choose_n_clusters, kmeans

INACTIVE = -1
PROFILE = {
    "n_orders_84d": "log",
    "mean_order_amount": "log",
    "mean_categories_84d": "log",
    "discount_share_84d": "as is",
    "private_brand_share_84d": "as is",
    "weekend_share_84d": "as is",
}
_FIT_ROWS = 50_000


@dataclass(frozen=True)
class Clustering:
    """A clustering of the customers active in the last 84 days.

    Attributes:
        labels: one int64 per row of the snapshot; ``INACTIVE`` for customers without an order
            in the last 84 days. Numbers carry no meaning.
        profile: one row per cluster, one column per feature: mean in standard deviations from
            the mean of all active customers.
        n_clusters: 1 if the data hold no clusters.
        evidence: one row per number of clusters tried, see ``cluster_choice.Choice``.
        reason: one sentence: why this number of clusters, or why none.
        silhouette_score: mean silhouette, from -1 to 1; missing (NaN) for one cluster.
        points: of the active customers, (n, 2) float64: the first two principal components.
    """

    labels: pd.Series
    profile: pd.DataFrame
    n_clusters: int
    evidence: pd.DataFrame
    reason: str
    silhouette_score: float
    points: pd.DataFrame


def cluster_customers(
    snapshot: pd.DataFrame, n_segments: int, seed: int, max_segments: int = 8
) -> Clustering:
    """K-means on what, how often and how customers buy.

    Args:
        snapshot: one row per customer, as from ``customer_features``.
        n_segments: clusters; 0 to choose as many as stand out from chance, which may be one.
        seed: of every draw.
        max_segments: the most that are tried if they are chosen.

    Raises:
        InputError: if ``n_segments`` is given and fewer than ten active customers per cluster are
            there, or they buy in fewer different ways than clusters are wanted.

    Source:
        Silhouette: Rousseeuw (1987), J. Computational and Applied Mathematics 20.
    """
    active = snapshot["n_orders_84d"] > 0
    scaled = _scaled(snapshot[active])
    if n_segments:
        _check_wish(scaled, n_segments)
    candidates = [n_segments] if n_segments else list(range(2, max_segments + 1))
    choice = choose_n_clusters(scaled.to_numpy(), candidates, seed)
    k = n_segments or choice.n_clusters
    numbers = _fitted(scaled.to_numpy(), k, seed)
    labels = pd.Series(INACTIVE, index=snapshot.index, dtype="int64")
    labels[active] = numbers
    profile = scaled.groupby(numbers).mean().rename_axis("cluster")
    tried = choice.evidence.set_index("n_clusters")["silhouette_score"]
    silhouette = float(tried.get(k, np.nan))
    return Clustering(labels, profile, k, choice.evidence, choice.reason, silhouette, _plane(scaled))


def _check_wish(scaled: pd.DataFrame, n_segments: int) -> None:
    if len(scaled) < 10 * n_segments:
        raise InputError(
            f"{len(scaled)} customers ordered in the last 84 days; {n_segments} clusters need at least "
            f"{10 * n_segments}. Lower n_segments or choose another as_of."
        )
    n_distinct = len(scaled.drop_duplicates()) if scaled.shape[1] else 1
    if n_distinct < n_segments:
        raise InputError(
            f"the {len(scaled)} active customers buy in only {n_distinct} different way(s); {n_segments} "
            "clusters need at least as many. Lower n_segments or choose another as_of."
        )


def _fitted(points: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Cluster numbers; centres are learnt from a sample where there are very many customers."""
    if k == 1:
        return np.zeros(len(points), dtype="int64")
    rows = np.arange(len(points))
    if len(points) > _FIT_ROWS:
        rows = np.random.default_rng(seed).choice(rows, _FIT_ROWS, replace=False)
    return kmeans(points[rows], k, seed).predict(points).astype("int64")


def _plane(scaled: pd.DataFrame) -> pd.DataFrame:
    """The two directions in which customers differ most; the largest weight of each is positive."""
    points = scaled.to_numpy() - scaled.to_numpy().mean(axis=0, keepdims=True) if len(scaled) else None
    if points is None or scaled.shape[1] < 2:
        return pd.DataFrame({"x": 0.0, "y": 0.0}, index=scaled.index)
    _, axes = np.linalg.eigh(points.T @ points)
    axes = axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(2)])
    return pd.DataFrame(points @ axes, columns=["x", "y"], index=scaled.index)


def _scaled(active: pd.DataFrame) -> pd.DataFrame:
    """Logarithms where amounts and counts are skewed, then standard deviations, cut at three."""
    columns = {
        name: np.log1p(active[name].clip(lower=0)) if how == "log" else active[name]
        for name, how in PROFILE.items()
    }
    frame = pd.DataFrame(columns).replace([np.inf, -np.inf], np.nan).fillna(0.0).astype("float64")
    spread = frame.std(ddof=0)
    kept = spread.index[spread > 1e-9]
    return ((frame[kept] - frame[kept].mean()) / spread[kept]).clip(-3, 3)
