"""What customers did in the horizon after a snapshot: the truth models are held to."""

import ibis
import pandas as pd

from dangol.features.events import EventLog, as_of_table


def behavior_labels(log: EventLog, as_ofs: list[str], horizon_days: int) -> pd.DataFrame:
    """Orders, spend and lapse in ``[as_of, as_of + horizon_days)``.

    Args:
        log: the event log.
        as_ofs: snapshot dates, ``YYYY-MM-DD``.
        horizon_days: length of the label window.

    Returns:
        One row per snapshot × customer with a purchase before it, sorted by both:
        ``as_of`` (text), ``customer_id``, ``n_orders`` (int64, refunds do not count), ``spend``
        (float64, refunds netted), ``is_lapsed`` (int64: 1 if there was no purchase).
    """
    orders = log.orders()
    snapshots = as_of_table(as_ofs)
    before = (orders.order_ts < snapshots.as_of) & (orders.amount >= 0)
    seen = snapshots.join(orders, before).select("as_of", "customer_id").distinct()
    end = snapshots.as_of + ibis.interval(days=horizon_days)
    window = snapshots.join(orders, (orders.order_ts >= snapshots.as_of) & (orders.order_ts < end))
    sums = window.group_by("as_of", "customer_id").agg(
        n_orders=window.count(where=window.amount >= 0), spend=window.amount.sum().round(2)
    )
    frame = seen.left_join(sums, ["as_of", "customer_id"]).select("as_of", "customer_id", "n_orders", "spend")
    labels = frame.execute().sort_values(["as_of", "customer_id"], ignore_index=True)
    n_orders = labels["n_orders"].fillna(0).astype("int64")
    return labels.assign(
        as_of=labels["as_of"].dt.strftime("%Y-%m-%d"),
        n_orders=n_orders,
        spend=labels["spend"].fillna(0.0).astype("float64"),
        is_lapsed=(n_orders == 0).astype("int64"),
    )
