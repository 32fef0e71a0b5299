"""Features of the order log alone: what a value network sees of each customer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dangol.value.summary import orders_seen

WINDOWS_WEEKS = (2, 4, 8, 13)
DAYS = 7.0


def daily_purchases(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per customer and purchase day before ``as_of``, sorted: ``customer_id``, ``day``, ``amount``.

    A refund lowers the amount of its day; a day of refunds only is no purchase day.
    """
    seen = orders_seen(orders, as_of)
    by_day = seen.assign(is_purchase=seen["amount"] >= 0).groupby(["customer_id", "day"], as_index=False)
    daily = by_day.agg(amount=("amount", "sum"), is_purchase=("is_purchase", "any"))
    return daily[daily.pop("is_purchase")].reset_index(drop=True)


def order_features(daily: pd.DataFrame, summary: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Recency, frequency, money and rhythm of each customer.

    Args:
        daily: from `daily_purchases`.
        summary: from `purchase_summary` on the same date; gives the rows.
        as_of: the date, exclusive.

    Returns:
        float64, aligned with ``summary``. Amounts are per purchase day. ``n_orders_<k>w`` and ``amount_<k>w``
        look back ``k`` weeks; ``gap_*`` are days between purchase days, NaN with one of them only.
    """
    ids = pd.Index(summary["customer_id"])
    by_customer = daily.groupby("customer_id")
    amounts = by_customer["amount"].agg(["sum", "mean", "max", "first", "last"]).reindex(ids)
    gap = by_customer["day"].diff().dt.days
    gaps = gap.groupby(daily["customer_id"]).agg(["mean", "max", "std", "last"]).reindex(ids)
    recency = (summary["tenure_days"] - summary["active_span_days"]).to_numpy(dtype=np.float64)
    features = {
        "n_repeats": summary["n_repeats"].to_numpy(dtype=np.float64),
        "recency_days": recency,
        "tenure_days": summary["tenure_days"].to_numpy(dtype=np.float64),
        **{f"amount_{name}": amounts[name].to_numpy() for name in amounts},
        **{f"gap_{name}_days": gaps[name].to_numpy(dtype=np.float64) for name in gaps},
        "recency_to_gap_ratio": recency / gaps["mean"].to_numpy(dtype=np.float64),
    }
    for weeks in WINDOWS_WEEKS:
        recent = daily[daily["day"] >= as_of - pd.Timedelta(days=DAYS * weeks)]
        sums = recent.groupby("customer_id")["amount"].agg(["size", "sum"]).reindex(ids).fillna(0.0)
        features[f"n_orders_{weeks}w"] = sums["size"].to_numpy(dtype=np.float64)
        features[f"amount_{weeks}w"] = sums["sum"].to_numpy(dtype=np.float64)
    return pd.DataFrame(features)
