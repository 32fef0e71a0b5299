"""Rules of thumb every model has to beat."""

import numpy as np
import pandas as pd

_EDGES_DAYS = (2, 4, 7, 11, 15, 22, 29, 43, 57, 85, 113, 169)


def recency_rule(recency_days: pd.Series, is_lapsed: pd.Series, scored_recency_days: pd.Series) -> np.ndarray:
    """Lapse rate of past customers whose last order was about as long ago.

    Args:
        recency_days: of the training rows.
        is_lapsed: 0 or 1, of the training rows.
        scored_recency_days: of the rows to score.

    Returns:
        float64 in (0, 1), one per row to score; each recency band counts one average customer
        more than it has, so that no rate is 0 or 1.
    """
    base = float(is_lapsed.mean())
    band = np.digitize(recency_days, _EDGES_DAYS)
    sums = pd.Series(is_lapsed.to_numpy(), dtype="float64").groupby(band).agg(["sum", "size"])
    rate = (sums["sum"] + base) / (sums["size"] + 1)
    return pd.Series(np.digitize(scored_recency_days, _EDGES_DAYS)).map(rate).fillna(base).to_numpy()


def recent_spend_rule(amount_84d: pd.Series, horizon_days: int) -> np.ndarray:
    """The spend of the last 84 days goes on at the same pace; refunds never make it negative."""
    return (amount_84d.clip(lower=0) * horizon_days / 84).to_numpy()


def recent_pace(
    features: pd.DataFrame, horizon_days: int, floor: float | None = None
) -> tuple[np.ndarray, float]:
    """Spend over the horizon if each customer went on as in the last 28 and 84 days, never quite zero.

    Models of spend learn the ratio to this pace: one pattern then serves small and large customers.

    Args:
        features: ``amount_28d`` and ``amount_84d``, one row per snapshot × customer.
        horizon_days: length of the label window.
        floor: what is added to every pace; None takes a twentieth of the average over all rows. Whoever
            scores with a model that is already fitted gives the floor it was fitted with.

    Returns:
        float64 above 0, in the currency of the data: the mean of both rules plus the floor, which keeps
        ratios of inactive customers finite; and the floor.
    """
    rates = features["amount_28d"].clip(lower=0) / 28 + features["amount_84d"].clip(lower=0) / 84
    pace = rates.to_numpy() / 2 * horizon_days
    added = max(float(pace.mean()), 0.01) / 20 if floor is None else floor
    return pace + added, added
