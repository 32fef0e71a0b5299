"""What each customer did week by week before a snapshot: the input of sequence models."""

import ibis
import numpy as np
import pandas as pd

from dangol.features.events import EventLog, as_of_table

CHANNELS = ("orders", "amount", "lines")
_DAYS = 7


def weekly_sequence(log: EventLog, as_ofs: list[str], n_weeks: int) -> pd.DataFrame:
    """Orders, amount and order lines per week before each snapshot.

    Args:
        log: the event log; may reach beyond the snapshots.
        as_ofs: snapshot dates, ``YYYY-MM-DD``; only events strictly before them are seen.
        n_weeks: how many weeks to look back, at least 1.

    Returns:
        One row per snapshot × customer with an order in those weeks, sorted by both: ``as_of``
        (text), ``customer_id``, then for each channel of ``CHANNELS`` the float64 columns
        ``<channel>_w01`` (the seven days that end the day before the snapshot), ``_w02``, … up to
        ``n_weeks``; 0 in a week without orders. Refunds lower ``amount`` and count as no order.
    """
    snapshots, orders = as_of_table(as_ofs), log.orders()
    start = snapshots.as_of - ibis.interval(days=_DAYS * n_weeks)
    past = snapshots.join(orders, (orders.order_ts < snapshots.as_of) & (orders.order_ts >= start))
    days_before = past.as_of.date().delta(past.order_ts.date(), unit="day")
    weekly = past.group_by("as_of", "customer_id", week=((days_before - 1) // _DAYS).cast("int64")).agg(
        orders=past.count(where=past.amount >= 0),
        amount=past.amount.sum().round(2),
        lines=past.n_lines.sum(),
    )
    found = weekly.execute().sort_values(["as_of", "customer_id", "week"], ignore_index=True)
    rows = found[["as_of", "customer_id"]].drop_duplicates(ignore_index=True)
    row = pd.MultiIndex.from_frame(rows).get_indexer(
        pd.MultiIndex.from_frame(found[["as_of", "customer_id"]])
    )
    columns: dict[str, np.ndarray] = {}
    for channel in CHANNELS:
        grid = np.zeros((len(rows), n_weeks))
        grid[row, found["week"]] = found[channel]
        columns |= {f"{channel}_w{week + 1:02d}": grid[:, week] for week in range(n_weeks)}
    dated = rows.assign(as_of=rows["as_of"].dt.strftime("%Y-%m-%d"))
    return pd.concat([dated, pd.DataFrame(columns)], axis=1)
