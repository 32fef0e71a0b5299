"""Features from what was bought: departments, breadth, price level, discounted lines."""

import ibis
import ibis.expr.types as ir

from dangol.features.events import EventLog, by_column_name
from dangol.features.purchases import KEY

_N_DEPARTMENTS = 8
_TAKEN = frozenset({"coupon", "discount", "private_brand", "weekend"})  # other features begin like that
_WINDOW_DAYS = 84


def category_sums(snapshots: ir.Table, log: EventLog, with_prices: bool) -> ir.Table:
    """One row per snapshot × customer × category bought in the 84 days before, with its department.

    Args:
        snapshots: from ``as_of_table``.
        log: the event log.
        with_prices: whether lines, quantities and full prices are summed as well.
    """
    lines = log.lines()
    names = ["customer_id", "order_ts", "amount", "department", "category"]
    if with_prices:
        names += ["quantity", "discount_amount", "coupon_amount"]
    lines = lines.select(names)
    start = snapshots.as_of - ibis.interval(days=_WINDOW_DAYS)
    past = snapshots.join(lines, (lines.order_ts < snapshots.as_of) & (lines.order_ts >= start))
    measures = {"amount": past.amount.sum().round(2)}
    if with_prices:
        has_price = (past.quantity > 0) & (past.amount >= 0)
        measures |= {
            "n_lines": past.count(),
            "n_discounted": past.count(where=past.discount_amount > 0),
            "n_with_coupon": past.count(where=past.coupon_amount > 0),
            "priced_quantity": past.quantity.sum(where=has_price).fill_null(0).round(3),
            "full_amount": (past.amount + past.discount_amount).sum(where=has_price).fill_null(0).round(2),
        }
    return past.group_by([*KEY, "department", "category"]).agg(**measures)


def department_columns(departments: list[str]) -> dict[str, list[str]]:
    """Beginning of a department's columns to the departments that share it, in alphabetical order.

    >>> department_columns(["Coupon", "Tea & Co"])
    {'coupon_department': ['Coupon'], 'tea___co': ['Tea & Co']}
    """
    return {
        f"{name}_department" if name in _TAKEN else name: members
        for name, members in by_column_name(departments).items()
    }


def department_amounts(sums: ir.Table, departments: list[str]) -> ir.Table:
    """Amount per department, one row per snapshot × customer; names become part of columns."""
    measures = {
        f"{name}_amount_84d": sums.amount.sum(where=sums.department.isin(members)).fill_null(0).round(2)
        for name, members in department_columns(departments).items()
    }
    return sums.group_by(KEY).agg(n_departments_84d=sums.department.nunique(), **measures)


def largest_departments(snapshots: ir.Table, log: EventLog) -> list[str]:
    """Departments by sales before the first snapshot, so that the columns know no future."""
    lines = log.lines()
    past = lines.filter(lines.order_ts < snapshots.as_of.min().as_scalar())
    sales = past.group_by("department").agg(amount=past.amount.sum().round(2))
    ranked = sales.order_by(ibis.desc("amount"), "department").limit(_N_DEPARTMENTS).execute()
    return sorted(ranked["department"])


def breadth_and_prices(sums: ir.Table) -> ir.Table:
    """How many kinds of goods, how concentrated, how dear, how often reduced.

    ``price_level_84d`` compares full prices per unit with those all customers paid in the same
    categories and days: 1.1 is ten per cent dearer. ``category_concentration_84d`` is the
    Herfindahl index of category lines: 1 if all are of one category.
    """
    names = ("n_lines", "n_discounted", "n_with_coupon", "priced_quantity", "full_amount")
    by_category = sums.group_by(*KEY, "category").agg(**{name: sums[name].sum() for name in names})
    market = by_category.group_by("as_of", "category").agg(
        unit_price=by_category.full_amount.sum().round(2)
        / by_category.priced_quantity.sum().round(3).nullif(0)
    )
    rows = by_category.left_join(market, ["as_of", "category"])[[*by_category.columns, "unit_price"]]
    share, total = rows.n_lines.cast("float64"), rows.n_lines.sum()
    expected = (rows.unit_price * rows.priced_quantity).sum(where=rows.unit_price.notnull())
    return rows.group_by(KEY).agg(
        n_categories_84d=rows.count(),
        top_category_share_84d=(rows.n_lines.max() / total).round(6),
        category_concentration_84d=((share * share).sum() / (total * total)).round(6),
        discounted_line_share_84d=(rows.n_discounted.sum() / total).round(6),
        coupon_line_share_84d=(rows.n_with_coupon.sum() / total).round(6),
        price_level_84d=(rows.full_amount.sum().round(2) / expected.round(4).nullif(0)).round(4),
    )
