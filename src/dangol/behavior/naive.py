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
