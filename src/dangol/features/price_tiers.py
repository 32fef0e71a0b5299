"""Cheap, middle and dear: where a product stands within its category, as known on a date."""

import ibis
import ibis.expr.types as ir

from dangol.features.events import EventLog

TIERS = (1, 2, 3)
_LOOK_BACK_DAYS = 364


def price_tiers(snapshots: ir.Table, log: EventLog) -> ir.Table:
    """Thirds of the products of each category by what a unit cost before discounts.

    Args:
        snapshots: from ``as_of_table``.
        log: the event log; sales of the 364 days before each snapshot set the price.

    Returns:
        One row per snapshot × product sold in that time: ``as_of``, ``product_id``, ``category``,
        ``price_tier`` (int64, 1 cheap to 3 dear). Equal prices are split by ``product_id``.
    """
    lines = log.lines()
    priced = lines.filter((lines.quantity > 0) & (lines.amount >= 0))
    full = priced.amount + priced.discount_amount
    daily = priced.group_by("product_id", "category", day=priced.order_ts.date()).agg(
        full_amount=full.sum().round(2), quantity=priced.quantity.sum().round(3)
    )
    start = (snapshots.as_of - ibis.interval(days=_LOOK_BACK_DAYS)).date()
    past = snapshots.join(daily, (daily.day < snapshots.as_of.date()) & (daily.day >= start))
    prices = past.group_by("as_of", "product_id", "category").agg(
        unit_price=(past.full_amount.sum().round(2) / past.quantity.sum().round(3)).round(4)
    )
    ranking = ibis.window(group_by=["as_of", "category"], order_by=["unit_price", "product_id"])
    tier = ibis.ntile(len(TIERS)).over(ranking) + 1
    return prices.mutate(price_tier=tier.cast("int64")).drop("unit_price")


def tier_moves(snapshots: ir.Table, log: EventLog, horizon_days: int) -> ir.Table:
    """Who bought dearer than ever before, in a category of theirs, within the horizon.

    Args:
        snapshots: from ``as_of_table``.
        log: the event log.
        horizon_days: length of the horizon, from each snapshot on.

    Returns:
        One row per snapshot × customer with a purchase in the horizon of a product and category
        whose tier and habit are known: ``n_higher_tier_categories``, the categories in which the
        dearest tier bought lies above the dearest of the 364 days before.
    """
    lines = log.lines()
    bought = lines.filter(lines.amount >= 0).select("customer_id", "product_id", "order_ts")
    tiers = price_tiers(snapshots, log).cache()
    start = snapshots.as_of - ibis.interval(days=_LOOK_BACK_DAYS)
    end = snapshots.as_of + ibis.interval(days=horizon_days)
    near = snapshots.join(bought, (bought.order_ts >= start) & (bought.order_ts < end))
    tiered = near.join(tiers, ["as_of", "product_id"])
    is_past = tiered.order_ts < tiered.as_of
    moves = tiered.group_by("as_of", "customer_id", "category").agg(
        before=tiered.price_tier.max(where=is_past), after=tiered.price_tier.max(where=~is_past)
    )
    known = moves.filter(moves.before.notnull() & moves.after.notnull())
    return known.group_by("as_of", "customer_id").agg(
        n_higher_tier_categories=known.count(where=known.after > known.before)
    )
