"""The dated facts features are made of, as lazy Ibis tables."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

# Kinds of events whose date is known before it comes; birthdays come back every year.
KNOWN_AHEAD = frozenset({"birthday", "contract_end"})
YEARLY = frozenset({"birthday"})
UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class EventLog:
    """Everything known about customers, with its time. Any Ibis engine will do.

    Attributes:
        transactions: one order line per row, as in ``tables.TRANSACTIONS``.
        products: as in ``tables.PRODUCTS``; None if the data set has none.
        contacts: as in ``tables.CONTACTS``; None if the data set has none.
        responses: as in ``tables.RESPONSES``; None if the data set has none.
        promotions: as in ``tables.PROMOTIONS``; None if the data set has none.
        events: as in ``tables.EVENTS``; None if the data set has none.
        known_ahead: kinds of events whose date is known before it comes. All other kinds are
            known from their day on.
    """

    transactions: ir.Table
    products: ir.Table | None = None
    contacts: ir.Table | None = None
    responses: ir.Table | None = None
    promotions: ir.Table | None = None
    events: ir.Table | None = None
    known_ahead: frozenset[str] = KNOWN_AHEAD

    def lines(self) -> ir.Table:
        """Order lines with what is known of their product; ``UNKNOWN`` where nothing is."""
        columns = ("department", "category", "brand")
        if self.products is None:
            return self.transactions.mutate(**dict.fromkeys(columns, ibis.literal(UNKNOWN)))
        kinds = self.products.select("product_id", *columns)
        lines = self.transactions.left_join(kinds, "product_id").drop("product_id_right")
        return lines.mutate(**{name: lines[name].fill_null(UNKNOWN) for name in columns})

    def orders(self) -> ir.Table:
        """One row per order and day: who, when, where, how much of what kind.

        Lines that join an order on a later day, such as a refund booked under its number, are an
        order of their own: nothing that happens later changes what was known before. Amounts are
        rounded to the cent, so that the order of summation cannot show.
        """
        lines = self.lines()
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


def days_between(later: ir.Value, earlier: ir.Value) -> ir.Value:
    """Whole calendar days from one time to another, int64; the hour does not count."""
    return later.date().delta(earlier.date(), unit="day").cast("int64")


def column_name(text: str) -> str:
    """A department, or the kind of an event, as part of a column name."""
    return "".join(c if c.isalnum() else "_" for c in text.lower()).strip("_") or "other"


def by_column_name(texts: list[str]) -> dict[str, list[str]]:
    """Column name to the texts that share it, in alphabetical order."""
    names: dict[str, list[str]] = {}
    for text in sorted(texts):
        names.setdefault(column_name(text), []).append(text)
    return names
