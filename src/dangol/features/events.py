"""The dated facts features are made of, as lazy Ibis tables."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir


@dataclass(frozen=True)
class EventLog:
    """Everything known about customers, with its time.

    Attributes:
        transactions: one order line per row, as in ``tables.TRANSACTIONS``.
        products: as in ``tables.PRODUCTS``.
        contacts: as in ``tables.CONTACTS``; None if the data set has none.
        responses: as in ``tables.RESPONSES``; None if the data set has none.
    """

    transactions: ir.Table
    products: ir.Table
    contacts: ir.Table | None = None
    responses: ir.Table | None = None

    def orders(self) -> ir.Table:
        """One row per order and day: who, when, where, how much of what kind.

        Lines that join an order on a later day, such as a refund booked under its number, are an
        order of their own: nothing that happens later changes what was known before. Amounts are
        rounded to the cent, so that the order of summation cannot show.
        """
        lines = self.transactions.join(self.products, "product_id", how="left")
        line = lines.amount
        by_day = lines.group_by("order_id", "customer_id", order_date=lines.order_ts.date())
        return by_day.agg(
            order_ts=lines.order_ts.min(),
            store_id=lines.store_id.min(),
            amount=line.sum().round(2),
            discount_amount=lines.discount_amount.sum().round(2),
            coupon_amount=lines.coupon_amount.sum().round(2),
            private_brand_amount=line.sum(where=lines.brand == "Private").fill_null(0).round(2),
            n_lines=lines.count(),
            n_categories=lines.category.nunique(),
        ).drop("order_date")


def as_of_table(as_ofs: list[str]) -> ir.Table:
    """The snapshot dates, each once, as a one-column table ``as_of`` (timestamp, midnight)."""
    return ibis.memtable({"as_of": sorted(set(as_ofs))}).mutate(as_of=ibis._.as_of.cast("timestamp"))
