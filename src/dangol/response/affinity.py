"""What a customer had bought, before a contact, of the products the campaign offers."""

import ibis
import ibis.expr.types as ir
import pandas as pd

from dangol.features import EventLog

_NEAR_DAYS = 84


def purchases_before(events: EventLog, rows: pd.DataFrame) -> ir.Table:
    """Earlier purchases of each contacted customer, product by product.

    Args:
        events: the event log; may reach beyond the contacts.
        rows: ``customer_id``, ``campaign_id``, ``contact_date``; position = ``row``.

    Returns:
        One row per contact × product bought strictly before ``contact_date``: ``amount`` and
        ``n_lines`` in all, over the last 28 and 84 days, lines bought with a coupon, and
        ``days_since_coupon``.
    """
    pairs = ibis.memtable(rows.assign(row=range(len(rows))))
    lines = events.transactions.select("customer_id", "product_id", "order_ts", "amount", "coupon_amount")
    past = pairs.join(lines, "customer_id")
    past = past.filter(past.order_ts < past.contact_date)
    near = past.order_ts >= past.contact_date - ibis.interval(days=_NEAR_DAYS)
    month = past.order_ts >= past.contact_date - ibis.interval(days=28)
    with_coupon = past.coupon_amount > 0
    days_ago = past.contact_date.date().delta(past.order_ts.date(), unit="day")
    measures = {
        "amount": past.amount.sum(),
        "amount_84d": past.amount.sum(where=near),
        "amount_28d": past.amount.sum(where=month),
        "n_lines": past.count(),
        "n_lines_84d": past.count(where=near),
        "n_coupon_lines": past.count(where=with_coupon),
        "n_coupon_lines_84d": past.count(where=with_coupon & near),
        "days_since_coupon": days_ago.min(where=with_coupon),
    }
    return past.group_by(["row", "campaign_id", "product_id"]).agg(**measures).cache()


def coupon_habits(bought: ir.Table) -> ir.Table:
    """How often the customer paid with a coupon before the contact, per contact (``row``)."""
    return bought.group_by("row").agg(
        n_coupon_lines=bought.n_coupon_lines.sum().cast("float64"),
        n_coupon_lines_84d=bought.n_coupon_lines_84d.sum().cast("float64"),
        days_since_coupon=bought.days_since_coupon.min().cast("float64"),
    )


def offer_affinity(bought: ir.Table, campaign_products: pd.DataFrame) -> ir.Table:
    """Earlier purchases of the offered products, per contact (``row``)."""
    products = campaign_products[["campaign_id", "product_id"]].drop_duplicates()
    own = bought.join(ibis.memtable(products), ["campaign_id", "product_id"])
    return own.group_by("row").agg(
        offered_amount=own.amount.sum().round(2),
        offered_amount_84d=own.amount_84d.sum().fill_null(0).round(2),
        offered_amount_28d=own.amount_28d.sum().fill_null(0).round(2),
        n_offered_lines=own.n_lines.sum().cast("float64"),
        n_offered_bought=own.count().cast("float64"),
        n_offered_bought_84d=own.count(where=own.n_lines_84d > 0).cast("float64"),
        n_offered_coupon_lines=own.n_coupon_lines.sum().cast("float64"),
    )


def coupon_familiarity(bought: ir.Table, campaign_products: pd.DataFrame) -> ir.Table:
    """On how many coupons of the campaign there is a product bought before, per contact (``row``)."""
    coupons = campaign_products[["campaign_id", "product_id", "coupon_id"]].drop_duplicates()
    own = bought.join(ibis.memtable(coupons), ["campaign_id", "product_id"])
    return own.group_by("row").agg(
        n_familiar_coupons=own.coupon_id.nunique().cast("float64"),
        n_familiar_coupons_84d=own.coupon_id.nunique(where=own.n_lines_84d > 0).cast("float64"),
    )


def category_affinity(bought: ir.Table, campaign_products: pd.DataFrame, products: ir.Table) -> ir.Table:
    """Spend of the last 84 days in the categories of the offered products, per contact (``row``)."""
    offers = ibis.memtable(campaign_products[["campaign_id", "product_id"]].drop_duplicates())
    kinds = products.select("product_id", "category")
    offered = offers.join(kinds, "product_id").select("campaign_id", "category").distinct()
    own = bought.join(kinds, "product_id").join(offered, ["campaign_id", "category"])
    return own.group_by("row").agg(category_amount_84d=own.amount_84d.sum().fill_null(0).round(2))
