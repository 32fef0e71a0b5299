"""Customer features as of one or several dates, from the event log."""

from functools import reduce

import ibis
import ibis.expr.types as ir
import pandas as pd

from dangol.features.events import EventLog, as_of_table

WINDOWS_DAYS = (7, 28, 84, 364)
_KEY = ["as_of", "customer_id"]
_N_DEPARTMENTS = 8
# counts that are missing, not zero, where a customer has no row to count
_COUNTS_OF_NOTHING = ("n_contacts", "n_responses", "n_campaigns", "n_departments")


def customer_features(log: EventLog, as_ofs: list[str]) -> pd.DataFrame:
    """What was known about each customer at each snapshot.

    Args:
        log: the event log; may reach beyond the snapshots.
        as_ofs: snapshot dates, ``YYYY-MM-DD``; only events strictly before them are seen.

    Returns:
        One row per snapshot × customer with a purchase before it, sorted by both. Refunds (orders
        with a negative amount) lower amounts but are no purchase: they count in no ``n_orders``,
        ``recency_days`` or ``gap_*``. ``as_of`` is text. ``recency_days`` counts calendar days
        from the last purchase to the snapshot (a purchase the day before gives 1),
        ``active_span_days`` from the first to the last purchase day, ``tenure_days`` from the
        first to the snapshot. ``*_364d`` looks back 364 days, likewise 7, 28 and 84. ``gap_*``
        describe days between purchase days and are missing for customers with a single one.
        Shares lie in [0, 1] and are missing where nothing was bought.

    Source:
        Recency, frequency, monetary value: Fader, Hardie & Lee (2005), J. Marketing Research 42(4).
    """
    snapshots = as_of_table(as_ofs)
    orders = log.orders().cache()
    past = snapshots.join(orders, orders.order_ts < snapshots.as_of)
    parts = [
        _totals(past),
        _windows(past),
        _habits(past),
        _gaps(snapshots, orders),
        _departments(snapshots, log),
    ]
    if log.contacts is not None:
        parts.append(_contact_history(snapshots, log.contacts))
    if log.responses is not None:
        parts.append(_response_history(snapshots, log.responses))
    frames = [part.execute() for part in parts]
    frame = reduce(lambda left, right: left.merge(right, on=_KEY, how="left"), frames)
    frame = frame[frame["n_orders"] > 0].sort_values(_KEY, ignore_index=True)
    whole = ("recency_days", "tenure_days", "active_span_days", "n_order_days")
    frame = frame.astype(dict.fromkeys(whole, "int64"))
    return _derived(frame.assign(as_of=frame["as_of"].dt.strftime("%Y-%m-%d")))


def _totals(past: ir.Table) -> ir.Table:
    is_purchase = past.amount >= 0
    first = past.order_ts.min(where=is_purchase).date()
    last = past.order_ts.max(where=is_purchase).date()
    day = past.as_of.max().date()
    return past.group_by(_KEY).agg(
        recency_days=day.delta(last, unit="day").cast("int64"),
        tenure_days=day.delta(first, unit="day").cast("int64"),
        active_span_days=last.delta(first, unit="day").cast("int64"),
        n_orders=past.count(where=is_purchase),
        monetary=past.amount.sum().round(2),
        mean_order_amount=(past.amount.sum(where=is_purchase).round(2) / past.count(where=is_purchase)).round(
            4
        ),
        largest_order_amount=past.amount.max(),
        n_stores=past.store_id.nunique(),
    )


def _windows(past: ir.Table) -> ir.Table:
    measures = {}
    for days in WINDOWS_DAYS:
        inside = past.order_ts >= past.as_of - ibis.interval(days=days)
        measures[f"n_orders_{days}d"] = past.count(where=inside & (past.amount >= 0))
        measures[f"amount_{days}d"] = past.amount.sum(where=inside).fill_null(0).round(2)
        measures[f"n_lines_{days}d"] = past.n_lines.sum(where=inside).fill_null(0).cast("int64")
    earlier = (past.order_ts < past.as_of - ibis.interval(days=28)) & (
        past.order_ts >= past.as_of - ibis.interval(days=56)
    )
    measures["n_orders_29_56d"] = past.count(where=earlier & (past.amount >= 0))
    measures["amount_29_56d"] = past.amount.sum(where=earlier).fill_null(0).round(2)
    return past.group_by(_KEY).agg(**measures)


def _habits(past: ir.Table) -> ir.Table:
    inside = past.order_ts >= past.as_of - ibis.interval(days=84)
    sums = {
        name: past[name].sum(where=inside).fill_null(0).round(2)
        for name in ("discount_amount", "coupon_amount", "private_brand_amount")
    }
    return past.group_by(_KEY).agg(
        **{f"{name}_84d": value for name, value in sums.items()},
        mean_categories_84d=past.n_categories.mean(where=inside).round(4),
        weekend_share_84d=(past.order_ts.day_of_week.index() >= 5)
        .cast("float64")
        .mean(where=inside)
        .round(6),
        mean_hour_84d=past.order_ts.hour().mean(where=inside).round(4),
    )


def _gaps(snapshots: ir.Table, orders: ir.Table) -> ir.Table:
    purchases = orders.filter(orders.amount >= 0)
    days = purchases.select("customer_id", day=purchases.order_ts.date()).distinct()
    before = ibis.window(group_by="customer_id", order_by="day")
    gaps = days.mutate(gap_days=days.day.delta(days.day.lag().over(before), unit="day"))
    past = snapshots.join(gaps, gaps.day < snapshots.as_of.date())
    return past.group_by(_KEY).agg(
        n_order_days=past.count(),
        gap_mean_days=past.gap_days.mean().round(4),
        gap_sd_days=past.gap_days.std(how="sample").round(4),
        gap_max_days=past.gap_days.max().cast("float64"),
        gap_last_days=past.gap_days.argmax(past.day).cast("float64"),
    )


def _departments(snapshots: ir.Table, log: EventLog) -> ir.Table:
    lines = log.transactions.join(log.products, "product_id", how="left").select(
        "customer_id", "order_ts", "amount", "department"
    )
    in_reach = (lines.order_ts < snapshots.as_of) & (
        lines.order_ts >= snapshots.as_of - ibis.interval(days=84)
    )
    past = snapshots.join(lines, in_reach)
    measures = {
        f"{_slug(name)}_amount_84d": past.amount.sum(where=past.department == name).fill_null(0).round(2)
        for name in _largest_departments(snapshots, log)
    }
    return past.group_by(_KEY).agg(n_departments_84d=past.department.nunique(), **measures)


def _largest_departments(snapshots: ir.Table, log: EventLog) -> list[str]:
    """Departments by sales before the first snapshot, so that the columns know no future."""
    first = snapshots.as_of.min().execute()
    lines = log.transactions.filter(log.transactions.order_ts < first)
    sales = (
        lines.join(log.products, "product_id")
        .group_by("department")
        .agg(amount=lambda t: t.amount.sum().round(2))
    )
    ranked = sales.order_by(ibis.desc("amount"), "department").limit(_N_DEPARTMENTS).execute()
    return sorted(ranked["department"])


def _contact_history(snapshots: ir.Table, contacts: ir.Table) -> ir.Table:
    sent = snapshots.join(contacts, contacts.contact_ts < snapshots.as_of)
    return (
        sent.filter(sent.arm != "control")
        .group_by(_KEY)
        .agg(
            n_contacts=lambda t: t.count(),
            n_contacts_84d=lambda t: t.count(where=t.contact_ts >= t.as_of - ibis.interval(days=84)),
            days_since_contact=lambda t: (
                t.as_of.max().date().delta(t.contact_ts.max().date(), unit="day").cast("float64")
            ),
        )
    )


def _response_history(snapshots: ir.Table, responses: ir.Table) -> ir.Table:
    came = snapshots.join(responses, responses.response_ts < snapshots.as_of)
    return came.group_by(_KEY).agg(
        n_responses=lambda t: t.count(),
        n_campaigns_answered=lambda t: t.campaign_id.nunique(),
        days_since_response=lambda t: (
            t.as_of.max().date().delta(t.response_ts.max().date(), unit="day").cast("float64")
        ),
    )


def _derived(frame: pd.DataFrame) -> pd.DataFrame:
    """Ratios of the columns at hand, and zeros where nothing happened."""
    names = [str(name) for name in frame.columns]
    counts = [name for name in names if name.startswith(_COUNTS_OF_NOTHING)]
    sums = [name for name in names if name.endswith("_amount_84d")]
    frame = frame.fillna(dict.fromkeys(counts + sums, 0)).astype(dict.fromkeys(counts, "int64"))
    spent = frame["amount_84d"].where(frame["amount_84d"] > 0)
    shares = {
        name.removesuffix("_amount_84d") + "_share_84d": (frame[name] / spent).clip(0, 1).round(6)
        for name in sums
        if name not in ("discount_amount_84d", "coupon_amount_84d")
    }
    full_price = spent + frame["discount_amount_84d"]
    return frame.assign(
        **shares,
        discount_share_84d=(frame["discount_amount_84d"] / full_price).clip(0, 1).round(6),
        coupon_share_84d=(frame["coupon_amount_84d"] / full_price).clip(0, 1).round(6),
        recency_to_gap_ratio=(frame["recency_days"] / frame["gap_mean_days"]).round(6),
        orders_per_week=(7 * frame["n_orders"] / frame["tenure_days"]).round(6),
        amount_trend_ratio=(3 * frame["amount_28d"] / spent).round(6),
    ).drop(columns=sums)


def _slug(name: str) -> str:
    """A department's name as part of a column name."""
    return "".join(c if c.isalnum() else "_" for c in name.lower()).strip("_")
