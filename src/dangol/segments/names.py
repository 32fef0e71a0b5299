"""Names for clusters, from their profile: never from their number."""

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


def segment_names(profile: pd.DataFrame) -> dict[int, str]:
    """A name for each cluster: what sets it apart most, then second most.

    Args:
        profile: one row per cluster, one column per feature, in standard deviations from the
            mean of all customers.

    Returns:
        Cluster number to name; ``INACTIVE`` included. Two clusters that stand apart in the same
        two features are told apart by further ones.
    """
    words = {cluster: _words(row) for cluster, row in profile.iterrows()}
    names = {INACTIVE: INACTIVE_NAME}
    for cluster, own in words.items():
        others = [other for number, other in words.items() if number != cluster]
        n_words = next(
            n for n in range(2, len(own) + 1) if n == len(own) or all(own[:n] != o[:n] for o in others)
        )
        names[cluster] = ", ".join(own[:n_words]).capitalize()
    return names


def _words(row: pd.Series) -> list[str]:
    # ties go by the order of `_WORDS`, so that the order of clusters cannot matter
    order = sorted(row.index, key=lambda name: (-abs(round(row[name], 6)), list(_WORDS).index(name)))
    return [_WORDS[name][0] if row[name] > 0 else _WORDS[name][1] for name in order]
