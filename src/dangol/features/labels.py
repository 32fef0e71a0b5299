"""What customers did in the horizon after a snapshot: the truth models are held to."""

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from dangol.errors import InputError
from dangol.features.events import EventLog, as_of_table, days_between
from dangol.features.price_tiers import tier_moves
from dangol.features.purchases import KEY


def behavior_labels(log: EventLog, as_ofs: list[str], horizon_days: int) -> pd.DataFrame:
    """Orders, spend, lapse, repurchase and time to the next order in ``[as_of, as_of + horizon_days)``.

    Args:
        log: the event log.
        as_ofs: snapshot dates, ``YYYY-MM-DD``.
        horizon_days: length of the label window.

    Returns:
        One row per snapshot × customer with a purchase before it, sorted by both: ``as_of``
        (text), ``customer_id``, ``n_orders`` (int64, refunds do not count), ``spend`` (float64,
        refunds netted), ``is_lapsed`` (int64: 1 if there was no purchase), ``is_repurchased``
        (int64: 1 if there was), ``days_to_next_order`` (int64: whole days from ``as_of``, 0 on its
        day; for those who did not order, the days they were watched), ``is_censored`` (int64: 1
        if no order was seen). Customers are watched to the end of the horizon, or to the last day
        of the log if that comes first.
    """
    orders = log.orders()
    window = _in_horizon(as_of_table(as_ofs), orders, "order_ts", horizon_days)
    is_purchase = window.amount >= 0
    sums = window.group_by(KEY).agg(
        n_orders=window.count(where=is_purchase),
        spend=window.amount.sum().round(2),
        next_days=days_between(window.order_ts.min(where=is_purchase), window.as_of.max()),
    )
    labels = _for_every_customer(log, as_ofs, sums)
    n_orders = labels["n_orders"].fillna(0).astype("int64")
    last = pd.Timestamp(orders.order_ts.max().execute())
    watched = (last.normalize() + pd.Timedelta(days=1) - pd.to_datetime(labels["as_of"])).dt.days
    return labels.assign(
        n_orders=n_orders,
        spend=labels["spend"].fillna(0.0).astype("float64"),
        is_lapsed=(n_orders == 0).astype("int64"),
        is_repurchased=(n_orders > 0).astype("int64"),
        days_to_next_order=labels["next_days"].fillna(watched.clip(0, horizon_days)).astype("int64"),
        is_censored=labels["next_days"].isna().astype("int64"),
    ).drop(columns="next_days")


def category_labels(
    log: EventLog, as_ofs: list[str], horizon_days: int, only_new_days: int = 0
) -> pd.DataFrame:
    """Which categories are bought in the horizon: one label per category.

    Args:
        log: the event log, with products.
        as_ofs: snapshot dates.
        horizon_days: length of the label window.
        only_new_days: if above 0, count only categories the customer had not bought in so many
            days before the snapshot.

    Returns:
        Rows as in ``behavior_labels``; ``as_of``, ``customer_id``, then one int64 column per
        category that had been sold before the first snapshot, named as the category, in
        alphabetical order: 1 if bought (refunds do not count).

    Raises:
        InputError: if the log has no products.
    """
    if log.products is None:
        raise InputError("the data set has no products, so there is no next category to predict.")
    snapshots, lines = as_of_table(as_ofs), log.lines()
    lines = lines.filter(lines.amount >= 0).select("customer_id", "order_ts", "category")
    sold = lines.filter(lines.order_ts < snapshots.as_of.min().as_scalar())
    names = sorted(sold.select("category").distinct().execute()["category"])
    came = _in_horizon(snapshots, lines, "order_ts", horizon_days)
    came = came.select(*KEY, "category").distinct()
    if only_new_days:
        start = snapshots.as_of - ibis.interval(days=only_new_days)
        held = snapshots.join(lines, (lines.order_ts < snapshots.as_of) & (lines.order_ts >= start))
        came = came.anti_join(held, [*KEY, "category"])
    found = came.execute()
    found = found[found["category"].isin(names)].assign(
        as_of=lambda frame: frame["as_of"].dt.strftime("%Y-%m-%d")
    )
    rows = _for_every_customer(log, as_ofs, None)
    place = pd.MultiIndex.from_frame(rows).get_indexer(pd.MultiIndex.from_frame(found[KEY]))
    matrix = np.zeros((len(rows), len(names)), dtype="int64")
    matrix[place, pd.Index(names).get_indexer(found["category"])] = 1
    return pd.concat([rows, pd.DataFrame(matrix, columns=names)], axis=1)


def upsell_labels(log: EventLog, as_ofs: list[str], horizon_days: int) -> pd.DataFrame:
    """Who moves to a higher price tier in the horizon, in a category bought before.

    Args:
        log: the event log, with products and quantities.
        as_ofs: snapshot dates.
        horizon_days: length of the label window.

    Returns:
        Rows as in ``behavior_labels``: ``as_of``, ``customer_id``, ``is_upsold`` (int64),
        ``n_higher_tier_categories`` (int64). Tiers and habits are those of the 364 days before
        the snapshot (`dangol.features.price_tiers`).

    Raises:
        InputError: if the log has no products.
    """
    if log.products is None:
        raise InputError("the data set has no products, so there are no price tiers to move between.")
    rows = _for_every_customer(log, as_ofs, tier_moves(as_of_table(as_ofs), log, horizon_days))
    n_moves = rows["n_higher_tier_categories"].fillna(0).astype("int64")
    return rows.assign(is_upsold=(n_moves > 0).astype("int64"), n_higher_tier_categories=n_moves)


def response_labels(log: EventLog, as_ofs: list[str], horizon_days: int) -> pd.DataFrame:
    """Who responds to any campaign in the horizon.

    For the label of one contact see `dangol.response.labelled_contacts`.

    Args:
        log: the event log, with responses.
        as_ofs: snapshot dates.
        horizon_days: length of the label window.

    Returns:
        Rows as in ``behavior_labels``: ``as_of``, ``customer_id``, ``is_answering`` (int64),
        ``n_responses`` (int64).

    Raises:
        InputError: if the log has no responses.
    """
    if log.responses is None:
        raise InputError("the data set has no responses, so there is no response to predict.")
    came = _in_horizon(as_of_table(as_ofs), log.responses, "response_ts", horizon_days)
    rows = _for_every_customer(log, as_ofs, came.group_by(KEY).agg(n_responses=came.count()))
    n_responses = rows["n_responses"].fillna(0).astype("int64")
    return rows.assign(is_answering=(n_responses > 0).astype("int64"), n_responses=n_responses)


def _in_horizon(snapshots: ir.Table, facts: ir.Table, time: str, horizon_days: int) -> ir.Table:
    """Snapshots × facts in ``[as_of, as_of + horizon_days)``."""
    end = snapshots.as_of + ibis.interval(days=horizon_days)
    return snapshots.join(facts, (facts[time] >= snapshots.as_of) & (facts[time] < end))


def _for_every_customer(log: EventLog, as_ofs: list[str], sums: ir.Table | None) -> pd.DataFrame:
    """One row per snapshot × customer with a purchase before it, sorted, with what is summed for it."""
    snapshots, orders = as_of_table(as_ofs), log.orders()
    before = (orders.order_ts < snapshots.as_of) & (orders.amount >= 0)
    rows = snapshots.join(orders, before).select(*KEY).distinct()
    if sums is not None:
        rows = rows.left_join(sums, KEY).drop(*(f"{name}_right" for name in KEY))
    frame = rows.execute().sort_values(KEY, ignore_index=True)
    return frame.assign(as_of=frame["as_of"].dt.strftime("%Y-%m-%d"))
