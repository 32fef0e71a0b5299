"""Names for clusters, from their profile: never from their number."""

from collections.abc import Hashable

import pandas as pd

from dangol.segments.clusters import INACTIVE

_WORDS = {
    "n_orders_84d": ("frequent", "occasional"),
    "mean_order_amount": ("big baskets", "small baskets"),
    "mean_categories_84d": ("broad range", "narrow range"),
    "discount_share_84d": ("deal seeking", "full price"),
    "private_brand_share_84d": ("private label", "branded"),
    "weekend_share_84d": ("weekend", "weekday"),
}
INACTIVE_NAME = "No recent order"
ONE_NAME = "Recent buyers"


def segment_names(profile: pd.DataFrame) -> dict[Hashable, str]:
    """A name for each cluster: what sets it apart most, then second most.

    Args:
        profile: one row per cluster, one column per feature, in standard deviations from the
            mean of all customers.

    Returns:
        Cluster number to name; ``INACTIVE`` included. Two clusters that stand apart in the same
        two features are told apart by further ones, and if all are the same by how far from the
        mean they lie: ``(1 of 2)`` is the more pronounced one. A single cluster is ``ONE_NAME``.
    """
    if len(profile) == 1:
        return {profile.index[0]: ONE_NAME, INACTIVE: INACTIVE_NAME}
    words = {cluster: _words(row) for cluster, row in profile.iterrows()}
    names: dict[Hashable, str] = {INACTIVE: INACTIVE_NAME}
    for cluster, own in words.items():
        others = [other for other in words.values() if other != own]
        enough = (
            n for n in range(min(2, len(own)), len(own)) if all(own[:n] != other[:n] for other in others)
        )
        name = ", ".join(own[: next(enough, len(own))]).capitalize()
        alike = profile.loc[[number for number, other in words.items() if other == own]]
        names[cluster] = name + (f" {_place(cluster, alike)}" if len(alike) > 1 else "")
    return names


def _place(cluster: Hashable, alike: pd.DataFrame) -> str:
    rows = {number: (round(float(row.abs().sum()), 6), row.tolist()) for number, row in alike.iterrows()}
    order = sorted(rows, key=rows.__getitem__, reverse=True)
    return f"({order.index(cluster) + 1} of {len(order)})"


def _words(row: pd.Series) -> list[str]:
    # ties go by the order of `_WORDS`, so that the order of clusters cannot matter
    order = sorted(row.index, key=lambda name: (-abs(round(row[name], 6)), list(_WORDS).index(name)))
    return [_WORDS[name][0] if row[name] > 0 else _WORDS[name][1] for name in order]
