"""Features from orders: recency, frequency, monetary value, windows, habits, trends, rhythm."""

import ibis
import ibis.expr.types as ir

from dangol.features.events import days_between

WINDOWS_DAYS = (7, 28, 84, 364)
KEY = ["as_of", "customer_id"]


def purchase_measures(past: ir.Table) -> dict[str, ir.Value]:
    """Totals, windows and habits.

    Args:
        past: snapshots × orders strictly before them.
    """
    return _totals(past) | _windows(past) | _habits(past)


def trend_measures(past: ir.Table) -> dict[str, ir.Value]:
    """The quarter before the last one, for ratios of the two."""
    return _span(past, 84, 168)


def rhythm(snapshots: ir.Table, orders: ir.Table, with_median: bool) -> ir.Table:
    """Days between purchase days, one row per snapshot × customer."""
    purchases = orders.filter(orders.amount >= 0)
    days = purchases.select("customer_id", day=purchases.order_ts.date()).distinct()
    before = ibis.window(group_by="customer_id", order_by="day")
    gaps = days.mutate(gap_days=days.day.delta(days.day.lag().over(before), unit="day"))
    past = snapshots.join(gaps, gaps.day < snapshots.as_of.date())
    median = {"gap_median_days": past.gap_days.median().cast("float64")} if with_median else {}
    return past.group_by(KEY).agg(
        n_order_days=past.count(),
        gap_mean_days=past.gap_days.mean().round(4),
        gap_sd_days=past.gap_days.std(how="sample").round(4),
        gap_max_days=past.gap_days.max().cast("float64"),
        gap_last_days=past.gap_days.argmax(past.day).cast("float64"),
        **median,
    )


def _totals(past: ir.Table) -> dict[str, ir.Value]:
    is_purchase = past.amount >= 0
    first, last = past.order_ts.min(where=is_purchase), past.order_ts.max(where=is_purchase)
    day = past.as_of.max()
    spent = past.amount.sum(where=is_purchase).round(2)
    return {
        "recency_days": days_between(day, last),
        "tenure_days": days_between(day, first),
        "active_span_days": days_between(last, first),
        "n_orders": past.count(where=is_purchase),
        "monetary": past.amount.sum().round(2),
        "mean_order_amount": (spent / past.count(where=is_purchase)).round(4),
        "largest_order_amount": past.amount.max(),
        "n_stores": past.store_id.nunique(),
    }


def _windows(past: ir.Table) -> dict[str, ir.Value]:
    measures = {}
    for days in WINDOWS_DAYS:
        inside = past.order_ts >= past.as_of - ibis.interval(days=days)
        measures[f"n_orders_{days}d"] = past.count(where=inside & (past.amount >= 0))
        measures[f"amount_{days}d"] = past.amount.sum(where=inside).fill_null(0).round(2)
        measures[f"n_lines_{days}d"] = past.n_lines.sum(where=inside).fill_null(0).cast("int64")
    return measures | _span(past, 28, 56)


def _span(past: ir.Table, nearer: int, farther: int) -> dict[str, ir.Value]:
    """Orders and amount between two distances, in days before the snapshot."""
    inside = (past.order_ts < past.as_of - ibis.interval(days=nearer)) & (
        past.order_ts >= past.as_of - ibis.interval(days=farther)
    )
    name = f"{nearer + 1}_{farther}d"
    return {
        f"n_orders_{name}": past.count(where=inside & (past.amount >= 0)),
        f"amount_{name}": past.amount.sum(where=inside).fill_null(0).round(2),
    }


def _habits(past: ir.Table) -> dict[str, ir.Value]:
    inside = past.order_ts >= past.as_of - ibis.interval(days=84)
    sums = {
        f"{name}_84d": past[name].sum(where=inside).fill_null(0).round(2)
        for name in ("discount_amount", "coupon_amount", "private_brand_amount")
    }
    is_weekend = (past.order_ts.day_of_week.index() >= 5).cast("float64")
    return sums | {
        "mean_categories_84d": past.n_categories.mean(where=inside).round(4),
        "weekend_share_84d": is_weekend.mean(where=inside).round(6),
        "mean_hour_84d": past.order_ts.hour().mean(where=inside).round(4),
    }
