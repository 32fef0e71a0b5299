"""Customers at a row of dates: the few figures that grades and states are replayed from."""

import ibis
import ibis.expr.types as ir
import pandas as pd

KEY = ["as_of", "customer_id"]


def evaluation_dates(as_of: str, first_ts: pd.Timestamp, n_evaluations: int, step_days: int) -> list[str]:
    """Dates at which customers are looked at, oldest first, the last one ``as_of``.

    Args:
        as_of: the snapshot date, exclusive.
        first_ts: first event of the log; dates on or before its day are left out.
        n_evaluations: dates wanted.
        step_days: days between them.
    """
    end = pd.Timestamp(as_of)
    dates = [end - pd.Timedelta(days=step_days * k) for k in reversed(range(n_evaluations))]
    return [f"{date:%Y-%m-%d}" for date in dates if date > first_ts.normalize() or date == end]


def customer_history(
    orders: ir.Table, as_ofs: list[str], *, window_days: int = 364, growth_days: int = 84
) -> pd.DataFrame:
    """What grades and states need to know of each customer at each date.

    Args:
        orders: one row per order: ``customer_id``, ``order_ts``, ``amount`` and ``margin`` (refunds
            negative), as from ``orders_with_margin``.
        as_ofs: dates, ``YYYY-MM-DD``; only orders strictly before them are seen.
        window_days: how far ``amount``, ``margin`` and ``n_orders`` look back.
        growth_days: length of the two windows of ``amount_recent`` and ``amount_earlier``.

    Returns:
        One row per date × customer with a purchase before it, sorted by both. Refunds lower amounts
        but are no purchase. ``as_of`` (text), ``customer_id``, ``recency_days``, ``tenure_days``
        (int64; a purchase the day before gives 1), ``gap_last_days``, ``gap_max_days`` (float64,
        between purchase days, missing for a single one), ``n_days`` (int64, purchase days so far),
        ``n_orders`` (int64), ``amount``,
        ``margin``, ``amount_recent``, ``amount_earlier`` (float64, rounded to the cent).
    """
    days = _days(orders).cache()
    snapshots = ibis.memtable({"as_of": sorted(set(as_ofs))}).mutate(as_of=ibis._.as_of.cast("date"))
    past = snapshots.join(days, days.day < snapshots.as_of)
    is_bought = past.n_orders > 0
    age = past.as_of.delta(past.day, unit="day")
    measures = past.group_by(KEY).agg(
        recency_days=age.min(where=is_bought),
        tenure_days=age.max(where=is_bought),
        gap_last_days=past.gap_days.argmax(past.day, where=is_bought).cast("float64"),
        gap_max_days=past.gap_days.max().cast("float64"),
        n_days=past.count(where=is_bought),
        n_orders=past.n_orders.sum(where=age <= window_days).fill_null(0).cast("int64"),
        amount=past.amount.sum(where=age <= window_days).fill_null(0).round(2),
        margin=past.margin.sum(where=age <= window_days).fill_null(0).round(2),
        amount_recent=past.amount.sum(where=age <= growth_days).fill_null(0).round(2),
        amount_earlier=past.amount.sum(where=(age > growth_days) & (age <= 2 * growth_days))
        .fill_null(0)
        .round(2),
    )
    frame = measures.filter(measures.recency_days >= 0).execute()
    frame = frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.strftime("%Y-%m-%d"))
    frame = frame.astype(
        {"recency_days": "int64", "tenure_days": "int64", "n_days": "int64", "amount": "float64"}
    )
    return frame.sort_values(KEY, ignore_index=True)


def _days(orders: ir.Table) -> ir.Table:
    """One row per customer and day with orders; ``gap_days`` to the purchase day before."""
    days = orders.group_by("customer_id", day=orders.order_ts.date()).agg(
        amount=orders.amount.sum().round(2),
        margin=orders.margin.sum().round(2),
        n_orders=orders.count(where=orders.amount >= 0),
    )
    bought = days.filter(days.n_orders > 0)
    before = bought.day.lag().over(ibis.window(group_by="customer_id", order_by="day"))
    gaps = bought.select("customer_id", "day", gap_days=bought.day.delta(before, unit="day"))
    return days.left_join(gaps, ["customer_id", "day"]).select(
        "customer_id", "day", "amount", "margin", "n_orders", "gap_days"
    )


def grade_scores(history: pd.DataFrame, basis: str, points_per_order: float = 0.0) -> pd.DataFrame:
    """What the ladder of grades looks at.

    Args:
        history: as from ``customer_history``.
        basis: ``amount``, ``margin`` or ``points``: a point per unit of the amount (refunds beyond
            sales give none) and ``points_per_order`` for each order.
        points_per_order: see above.

    Returns:
        One row per date × customer: ``as_of``, ``customer_id``, ``score``.
    """
    scores = {
        "amount": history["amount"],
        "margin": history["margin"],
        "points": history["amount"].clip(lower=0) + points_per_order * history["n_orders"],
    }
    return history[KEY].assign(score=scores[basis].astype("float64"))
