"""Features from promotions: how much of what was bought was on display or in the mailer."""

import ibis
import ibis.expr.types as ir

from dangol.features.purchases import KEY

_WINDOW_DAYS = 84
_WEEK_DAYS = 7


def promotion_exposure(snapshots: ir.Table, transactions: ir.Table, promotions: ir.Table) -> ir.Table:
    """Shares of the lines of the last 84 days bought while promoted in that store.

    A promotion holds for the seven days from its ``week_date``; where weeks overlap, the latest
    counts. Only combinations of product, store and week that were bought are looked up, so that
    a promotion table many times as large as the purchases stays cheap.

    Args:
        snapshots: from ``as_of_table``.
        transactions: order lines.
        promotions: one row per product × store × week.

    Returns:
        One row per snapshot × customer with a line in the window.
    """
    reach = snapshots.as_of.min().as_scalar() - ibis.interval(days=_WINDOW_DAYS)
    is_in_reach = (transactions.order_ts >= reach) & (
        transactions.order_ts < snapshots.as_of.max().as_scalar()
    )
    bought = _promoted_lines(transactions.filter(is_in_reach), promotions).cache()
    start = (snapshots.as_of - ibis.interval(days=_WINDOW_DAYS)).date()
    past = snapshots.join(bought, (bought.day < snapshots.as_of.date()) & (bought.day >= start))
    n_lines = past.n_lines.sum()
    return past.group_by(KEY).agg(
        displayed_line_share_84d=(past.n_displayed.sum() / n_lines).round(6),
        mailed_line_share_84d=(past.n_mailed.sum() / n_lines).round(6),
        promoted_line_share_84d=(past.n_promoted.sum() / n_lines).round(6),
    )


def _promoted_lines(transactions: ir.Table, promotions: ir.Table) -> ir.Table:
    """One row per customer and day: lines in all, on display, in the mailer, either."""
    key = ["product_id", "store_id", "day"]
    lines = transactions.mutate(day=transactions.order_ts.date())
    lines = lines.group_by("customer_id", *key).agg(n_lines=lines.count())
    weeks = promotions.select(week_date=promotions.week_date.date()).distinct()
    days = lines.select("day").distinct()
    near = (weeks.week_date <= days.day) & (days.day < weeks.week_date + ibis.interval(days=_WEEK_DAYS))
    week_of = days.join(weeks, near).group_by("day").agg(week_date=ibis._.week_date.max())
    wanted = lines.join(week_of, "day").select("product_id", "store_id", "week_date").distinct()
    offered = promotions.mutate(week_date=promotions.week_date.date())
    offered = offered.semi_join(wanted, ["product_id", "store_id", "week_date"])
    offered = offered.group_by("product_id", "store_id", "week_date").agg(
        is_displayed=offered.is_displayed.any(), is_mailed=offered.is_mailed.any()
    )
    dated = lines.left_join(week_of, "day").drop("day_right")
    flagged = dated.left_join(offered, ["product_id", "store_id", "week_date"])
    on_display, in_mailer = flagged.is_displayed.fill_null(False), flagged.is_mailed.fill_null(False)
    return flagged.group_by("customer_id", "day").agg(
        n_lines=flagged.n_lines.sum(),
        n_displayed=flagged.n_lines.sum(where=on_display).fill_null(0),
        n_mailed=flagged.n_lines.sum(where=in_mailer).fill_null(0),
        n_promoted=flagged.n_lines.sum(where=on_display | in_mailer).fill_null(0),
    )
