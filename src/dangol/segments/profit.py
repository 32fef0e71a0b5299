"""What each customer earned or cost: a ledger from list price to profit, and the money at risk."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from dangol.errors import InputError

# every line of the ledger with its sign; they sum to the profit
LEDGER = {
    "list_amount": 1,
    "discount_amount": -1,
    "coupon_amount": -1,
    "refund_amount": -1,
    "product_cost": -1,
    "contact_cost": -1,
}
COSTS = tuple(name for name, sign in LEDGER.items() if sign < 0)
ENDANGERED = ("at risk", "dormant")
LOSS, LOSS_RISK, EARNS = "loss", "loss risk", "earns"


def customer_profit(
    lines: ir.Table,
    products: ir.Table,
    contacts: ir.Table | None,
    *,
    as_of: str,
    window_days: int,
    margin_rate: float,
) -> pd.DataFrame:
    """The ledger of every customer who bought, returned or was contacted in the window.

    ``list_amount`` (sales at list price, before refunds) less ``discount_amount``, ``coupon_amount``,
    ``refund_amount``, ``product_cost`` and ``contact_cost`` is ``profit``. The product cost is what
    the data know: amount less ``margin`` if the lines have it, else ``quantity * unit_cost`` if the
    products do; a line for which neither is known is taken to cost ``1 - margin_rate`` of its amount.
    Goods given back (negative amounts) give their cost back.

    Args:
        lines: order lines as in ``tables.TRANSACTIONS``, ``margin`` if known.
        products: as in ``tables.PRODUCTS``, ``unit_cost`` if known.
        contacts: as in ``tables.CONTACTS``; None if there are none. The control arm costs nothing.
        as_of: exclusive end, ``YYYY-MM-DD``.
        window_days: how far back the ledger goes, from ``as_of``.
        margin_rate: assumed where costs are unknown, in [0, 1].

    Returns:
        One row per customer, sorted, as in ``tables.CUSTOMER_PROFIT``: ``customer_id``, the ledger
        (float64, in cents' precision, costs positive), ``profit``, ``n_orders``, ``n_contacts`` and
        ``is_cost_known`` (whether every line's product cost is from the data).
    """
    end = ibis.timestamp(as_of)
    start = end - ibis.interval(days=window_days)
    frame = _sales(lines.filter((lines.order_ts >= start) & (lines.order_ts < end)), products, margin_rate)
    if contacts is None:
        frame = frame.assign(contact_cost=0.0, n_contacts=0)
    else:
        sent = contacts.filter(
            (contacts.contact_ts >= start) & (contacts.contact_ts < end) & (contacts.arm != "control")
        )
        cost = sent.group_by("customer_id").agg(
            contact_cost=sent.contact_cost.sum().round(2), n_contacts=sent.count()
        )
        frame = frame.merge(cost.execute(), on="customer_id", how="outer")
    frame = frame.fillna({"is_cost_known": True}).fillna(0).astype({"is_cost_known": "bool"})
    frame = frame.astype(dict.fromkeys(LEDGER, "float64") | {"n_orders": "int64", "n_contacts": "int64"})
    profit = sum(sign * frame[name] for name, sign in LEDGER.items())
    columns = ["customer_id", *LEDGER, "profit", "n_orders", "n_contacts", "is_cost_known"]
    return frame.assign(profit=pd.Series(profit).round(2)).sort_values("customer_id", ignore_index=True)[
        columns
    ]


def orders_with_margin(lines: ir.Table, products: ir.Table, margin_rate: float) -> ir.Table:
    """One row per order and day with its amount and margin.

    Args:
        lines: order lines as in ``tables.TRANSACTIONS``, ``margin`` if known.
        products: as in ``tables.PRODUCTS``, ``unit_cost`` if known.
        margin_rate: assumed where costs are unknown, see ``customer_profit``.

    Returns:
        Lazily: ``order_id``, ``customer_id``, ``order_ts``, ``amount``, ``margin``. Lines that join an
        order on a later day, such as a refund, are an order of their own.
    """
    costed = _with_cost(lines, products, margin_rate)
    return costed.group_by("order_id", "customer_id", order_date=costed.order_ts.date()).agg(
        order_ts=costed.order_ts.min(),
        amount=costed.amount.sum().round(2),
        margin=(costed.amount - costed.line_cost).sum().round(2),
    )


def _with_cost(lines: ir.Table, products: ir.Table, margin_rate: float) -> ir.Table:
    """The lines with ``line_cost`` and whether it is known (``is_known``)."""
    unit_cost = "unit_cost" in products.columns
    if unit_cost:
        lines = lines.join(products.select("product_id", "unit_cost"), "product_id", how="left")
    known = []
    if "margin" in lines.columns:
        known.append(lines.amount - lines.margin)
    if unit_cost:
        known.append(lines.quantity.abs() * lines.unit_cost * (lines.amount < 0).ifelse(-1, 1))
    cost = ibis.coalesce(*known, lines.amount * (1 - margin_rate))
    # coalesce gives null where no cost is known, and a comparison with null is not true
    is_known = (
        (ibis.coalesce(*known) == ibis.coalesce(*known)).fill_null(False) if known else ibis.literal(False)
    )
    return lines.mutate(line_cost=cost, is_known=is_known)


def _sales(lines: ir.Table, products: ir.Table, margin_rate: float) -> pd.DataFrame:
    lines = _with_cost(lines, products, margin_rate)
    is_sale = lines.amount >= 0
    given = lines.discount_amount.fill_null(0) + lines.coupon_amount.fill_null(0)
    return (
        lines.group_by("customer_id")
        .agg(
            list_amount=((lines.amount * is_sale.cast("float64")) + given).sum().round(2),
            discount_amount=lines.discount_amount.sum().fill_null(0).round(2),
            coupon_amount=lines.coupon_amount.sum().fill_null(0).round(2),
            refund_amount=(-lines.amount).sum(where=~is_sale).fill_null(0).round(2),
            product_cost=lines.line_cost.sum().round(2),
            n_orders=lines.order_id.nunique(where=is_sale),
            is_cost_known=lines.is_known.all(),
        )
        .execute()
    )


def with_profit_status(profit: pd.DataFrame, recent: pd.DataFrame) -> pd.DataFrame:
    """Who loses money, who is about to, and who earns.

    Args:
        profit: as from ``customer_profit`` over the whole window.
        recent: the same over a shorter one that ends on the same date.

    Returns:
        ``profit`` with ``recent_profit`` (0 without recent sales, refunds or contacts) and
        ``profit_status``: ``loss`` below zero, ``loss risk`` if only the recent profit is below zero,
        else ``earns``.
    """
    lately = (
        profit["customer_id"].map(recent.set_index("customer_id")["profit"]).fillna(0.0).astype("float64")
    )
    status = np.select([profit["profit"] < 0, lately < 0], [LOSS, LOSS_RISK], EARNS)
    return profit.assign(recent_profit=lately, profit_status=pd.Series(status, profit.index, dtype="str"))


def loss_makers(profit: pd.DataFrame) -> pd.DataFrame:
    """Customers who cost more than they brought or are about to, the dearest first.

    Args:
        profit: as from ``with_profit_status``.

    Returns:
        The rows of status ``loss``, then ``loss risk``, each by profit (recent profit for a risk), and
        ``main_cost``: of discounts, coupons, refunds and contacts the largest; ``product_cost`` if
        none of these was spent.
    """
    losing = profit[profit["profit_status"] != EARNS]
    worst = losing["profit"].where(losing["profit_status"] == LOSS, losing["recent_profit"])
    losing = losing.assign(worst=worst).sort_values(
        ["profit_status", "worst", "customer_id"], ignore_index=True
    )
    losing = losing.drop(columns="worst")
    steered = [name for name in COSTS if name != "product_cost"]
    costs = losing[steered].astype("float64")
    largest = costs.idxmax(axis=1) if len(losing) else pd.Series(dtype="str")
    return losing.assign(main_cost=largest.where(costs.max(axis=1) > 0, "product_cost").astype("str"))


def value_at_risk(segments: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The money of customers at risk or dormant, by group.

    Args:
        segments: one row per customer: ``life_cycle_state``, ``amount`` (of the last window, in
            currency) and the columns of ``by``.
        by: columns to group by, such as ``["segment"]``.

    Returns:
        One row per group, the largest sum at risk first: ``n_customers``, ``amount``,
        ``n_at_risk``, ``amount_at_risk`` and ``at_risk_share`` (of the group's amount, 0 to 1;
        refunds beyond sales count as nothing).

    Raises:
        InputError: if columns are missing.
    """
    if missing := sorted({*by, "life_cycle_state", "amount"} - set(segments.columns)):
        raise InputError(f"value at risk needs the column(s) {', '.join(missing)}, which the frame lacks.")
    amount = segments["amount"].clip(lower=0)
    is_endangered = segments["life_cycle_state"].isin(ENDANGERED)
    table = (
        segments.assign(
            amount=amount, n_at_risk=is_endangered, amount_at_risk=amount.where(is_endangered, 0.0)
        )
        .groupby(list(by), as_index=False)
        .agg(
            n_customers=("amount", "size"),
            amount=("amount", "sum"),
            n_at_risk=("n_at_risk", "sum"),
            amount_at_risk=("amount_at_risk", "sum"),
        )
    )
    share = (table["amount_at_risk"] / table["amount"].where(table["amount"] > 0)).fillna(0.0).clip(0, 1)
    return table.assign(at_risk_share=share).sort_values(
        ["amount_at_risk", *by], ascending=[False, *[True] * len(by)], ignore_index=True
    )
