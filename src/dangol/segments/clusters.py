"""Clusters of buying behaviour."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.errors import InputError

INACTIVE = -1
PROFILE = {
    "n_orders_84d": "log",
    "mean_order_amount": "log",
    "mean_categories_84d": "log",
    "discount_share_84d": "as is",
    "private_brand_share_84d": "as is",
    "weekend_share_84d": "as is",
}


@dataclass(frozen=True)
class Clustering:
    """A clustering of the customers active in the last 84 days.

    Attributes:
        labels: one int64 per row of the snapshot; ``INACTIVE`` for customers without an order
            in the last 84 days. Numbers carry no meaning.
        profile: one row per cluster, one column per feature: mean in standard deviations from
            the mean of all active customers.
        silhouette_score: mean silhouette, from -1 to 1.
    """

    labels: pd.Series
    profile: pd.DataFrame
    silhouette_score: float


def cluster_customers(snapshot: pd.DataFrame, n_segments: int, seed: int) -> Clustering:
    """K-means on what, how often and how customers buy.

    Args:
        snapshot: one row per customer, as from ``customer_features``.
        n_segments: clusters.
        seed: of the starts.

    Raises:
        InputError: if fewer than ten active customers per cluster are there, or if they buy in
            fewer different ways than clusters are wanted.

    Source:
        Silhouette: Rousseeuw (1987), J. Computational and Applied Mathematics 20.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    active = snapshot["n_orders_84d"] > 0
    if active.sum() < 10 * n_segments:
        raise InputError(
            f"{active.sum()} customers ordered in the last 84 days; {n_segments} clusters need at least "
            f"{10 * n_segments}. Lower n_segments or choose another as_of."
        )
    scaled = _scaled(snapshot[active])
    n_distinct = len(scaled.drop_duplicates()) if scaled.shape[1] else 1
    if n_distinct < n_segments:
        raise InputError(
            f"the {len(scaled)} active customers buy in only {n_distinct} different way(s); {n_segments} "
            "clusters need at least as many. Lower n_segments or choose another as_of."
        )
    model = KMeans(n_clusters=n_segments, n_init=10, random_state=seed).fit(scaled)
    labels = pd.Series(INACTIVE, index=snapshot.index, dtype="int64")
    labels[active] = model.labels_.astype("int64")
    sample = min(5_000, len(scaled))
    score = silhouette_score(scaled, model.labels_, sample_size=sample, random_state=seed)
    profile = scaled.groupby(model.labels_).mean().rename_axis("cluster")
    return Clustering(labels, profile, float(score))


def _scaled(active: pd.DataFrame) -> pd.DataFrame:
    columns = {
        name: np.log1p(active[name].clip(lower=0)) if how == "log" else active[name]
        for name, how in PROFILE.items()
    }
    frame = pd.DataFrame(columns).fillna(0.0).astype("float64")
    spread = frame.std(ddof=0)
    kept = spread.index[spread > 0]
    return ((frame[kept] - frame[kept].mean()) / spread[kept]).clip(-3, 3)
