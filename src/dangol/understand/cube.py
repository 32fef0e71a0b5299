"""The cube: sales by time, product, store, customer, grade and campaign, rolled up and drilled into.

Every order line stands in exactly one cell of each grouping, so every roll-up adds up to all lines.
Amounts are summed as exact decimals: they agree to the cent, whatever the order of summation.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from dangol.errors import InputError
from dangol.understand.kpi import UNKNOWN, UNKNOWN_GROUP

DIMENSIONS = (
    "year_date",
    "quarter_date",
    "month_date",
    "department",
    "category",
    "channel",
    "store_id",
    "customer_group",
    "customer_grade",
    "campaign_type",
    "campaign_id",
)
NO_CAMPAIGN, NOT_GRADED = "no campaign", "not graded"
TABLE_DIMENSIONS = ("month_date", "department", "channel", "customer_group", "campaign_type")
_MOMENT = ["customer_id", "order_ts"]
_MONEY = ("amount", "discount_amount", "coupon_amount")
_SHOWN = {"n_lines": "int64", "n_orders": "int64", "n_customers": "int64"}


def cube_facts(
    lines: ir.Table,
    products: ir.Table,
    stores: ir.Table,
    groups: ir.Table,
    *,
    grades: ir.Table | None = None,
    campaigns: ir.Table | None = None,
    contacts: ir.Table | None = None,
) -> ir.Table:
    """Order lines with their place in every dimension; as many rows as ``lines``, lazy.

    Args:
        lines: as in ``tables.TRANSACTIONS``, already cut at the snapshot date.
        products: with ``product_id``, ``department``, ``category``.
        stores: with ``store_id``, ``channel``.
        groups: with ``customer_id``, ``customer_group``; one row per customer.
        grades: ``customer_id``, ``as_of`` (text), ``customer_grade``: a line counts under the grade held
            at the last evaluation on or before it. None: everybody is ``not graded``.
        campaigns: as in ``tables.CAMPAIGNS``, with ``contacts`` as in ``tables.CONTACTS``: a line counts
            under the campaign that contacted the customer last before it and was still running, which
            says nothing about cause. None: ``no campaign``.
        contacts: see ``campaigns``.

    Returns:
        Columns ``DIMENSIONS`` and those of ``lines``.
    """
    facts = lines.mutate(
        year_date=lines.order_ts.truncate("Y").cast("timestamp"),
        quarter_date=lines.order_ts.truncate("Q").cast("timestamp"),
        month_date=lines.order_ts.truncate("M").cast("timestamp"),
    )
    described = (
        (products, "product_id", {"department": UNKNOWN, "category": UNKNOWN}),
        (stores, "store_id", {"channel": UNKNOWN}),
        (groups, "customer_id", {"customer_group": UNKNOWN_GROUP}),
    )
    for table, key, unknown in described:
        facts = facts.left_join(table.select(key, *unknown), key).drop(f"{key}_right")
        facts = facts.mutate(**{name: facts[name].fill_null(word) for name, word in unknown.items()})
    facts = _with_grade(facts, grades)
    return _with_campaign(facts, campaigns, contacts)


def _with_grade(facts: ir.Table, grades: ir.Table | None) -> ir.Table:
    if grades is None:
        return facts.mutate(customer_grade=ibis.literal(NOT_GRADED))
    held = grades.select("customer_id", "customer_grade", graded_ts=grades.as_of.cast("timestamp"))
    found = _latest(
        facts, held, lambda rows: rows.order_ts >= held.graded_ts, "graded_ts", ["customer_grade"]
    )
    return found.mutate(customer_grade=found.customer_grade.fill_null(NOT_GRADED))


def _with_campaign(facts: ir.Table, campaigns: ir.Table | None, contacts: ir.Table | None) -> ir.Table:
    if campaigns is None or contacts is None:
        nothing = ibis.literal(NO_CAMPAIGN)
        return facts.mutate(campaign_type=nothing, campaign_id=nothing)
    sent = contacts.filter(contacts.arm != "control").select("customer_id", "campaign_id", "contact_ts")
    known = campaigns.select("campaign_id", "campaign_type", "end_date")
    sent = sent.join(known, "campaign_id")
    sent = sent.mutate(campaign_id=sent.campaign_id.cast("string"))
    end_ts = sent.end_date.cast("timestamp") + ibis.interval(days=1)
    found = _latest(
        facts,
        sent,
        lambda rows: (rows.order_ts >= sent.contact_ts) & (rows.order_ts < end_ts),
        "contact_ts",
        ["campaign_type", "campaign_id"],
    )
    names = ("campaign_type", "campaign_id")
    return found.mutate(**{name: found[name].fill_null(NO_CAMPAIGN) for name in names})


def _latest(
    facts: ir.Table,
    other: ir.Table,
    holds: Callable[[ir.Table], ir.BooleanValue],
    time: str,
    columns: list[str],
) -> ir.Table:
    """Facts with columns of the customer's latest row for which a condition holds, missing if none does."""
    moments = facts.select(*_MOMENT).distinct()
    pairs = moments.join(other, [moments.customer_id == other.customer_id, holds(moments)])
    order = [pairs[time].desc(), *(pairs[name] for name in reversed(columns))]
    ranked = pairs.mutate(place=ibis.row_number().over(group_by=_MOMENT, order_by=order))
    latest = ranked.filter(ranked.place == 0).select(*_MOMENT, *columns)
    return facts.left_join(latest, _MOMENT).drop("customer_id_right", "order_ts_right")


def groupings_up_to(dimensions: Sequence[str], n_at_once: int) -> list[tuple[str, ...]]:
    """Every choice of at most so many dimensions, the empty one (all lines) first, and all of them together.

    >>> groupings_up_to(("a", "b", "c"), 1)
    [(), ('a',), ('b',), ('c',), ('a', 'b', 'c')]
    """
    chosen = [sets for size in range(n_at_once + 1) for sets in combinations(dimensions, size)]
    return list(dict.fromkeys([*chosen, tuple(dimensions)]))


def sales_cube(facts: ir.Table, groupings: Iterable[Sequence[str]]) -> pd.DataFrame:
    """Sums over several groupings at once (``GROUPING SETS`` in DuckDB).

    Args:
        facts: from ``cube_facts``.
        groupings: each some of ``DIMENSIONS``; the empty one gives the total.

    Returns:
        One row per grouping and cell: ``grouping`` (names joined by " × ", ``total`` for none), the
        dimensions in any grouping (missing where rolled up), ``n_lines``, ``n_orders``,
        ``n_customers`` (distinct within the cell: they do not add up), ``quantity``, ``amount``,
        ``discount_amount``, ``coupon_amount``. Sorted by grouping as given, then by cell.

    Raises:
        InputError: naming dimensions that do not exist.
    """
    sets = list(dict.fromkeys(tuple(grouping) for grouping in groupings))
    used = [name for name in DIMENSIONS if any(name in grouping for grouping in sets)]
    _refuse_unknown({name for grouping in sets for name in grouping})
    sums = [f"sum(cast({name} as decimal(18, 4))) as {name}" for name in _MONEY]
    written = ", ".join(f"({', '.join(grouping)})" for grouping in sets)
    marks = f"grouping({', '.join(used)})" if used else "0"
    query = (
        f"select {marks} as mark, {''.join(f'{name}, ' for name in used)}count(*) as n_lines, "
        "count(distinct order_id) as n_orders, count(distinct customer_id) as n_customers, "
        f"coalesce(sum(quantity), 0) as quantity, {', '.join(sums)} "
        f"from facts group by grouping sets ({written})"
    )
    measured = facts.select(*used, "order_id", "customer_id", "quantity", *_MONEY).cache()
    cells = measured.get_backend().raw_sql(f"with facts as ({ibis.to_sql(measured)}) {query}").df()
    place = {_mark(grouping, used): number for number, grouping in enumerate(sets)}
    cells = cells.assign(place=cells["mark"].map(place)).sort_values(["place", *used], ignore_index=True)
    names = [" × ".join(grouping) or "total" for grouping in sets]
    cells.insert(0, "grouping", [names[number] for number in cells["place"]])
    cells = cells.drop(columns=["mark", "place"]).astype(_SHOWN)
    return cells.assign(**{name: _cents(cells[name]) for name in ("quantity", *_MONEY)})


def _cents(values: pd.Series) -> pd.Series:
    return values.astype("float64").fillna(0.0).round(4)


def _mark(grouping: Sequence[str], used: Sequence[str]) -> int:
    """DuckDB's number of a grouping set: one bit per dimension, first one highest, set if rolled up."""
    return sum((name not in grouping) << (len(used) - 1 - place) for place, name in enumerate(used))


def drill_down(facts: ir.Table, cell: Mapping[str, Any]) -> ir.Table:
    """The order lines behind a cell.

    Args:
        facts: from ``cube_facts``.
        cell: dimension to value; dimensions left out, or with a missing value, are not looked at, so
            that a row of ``sales_cube`` can be given as it is.

    Raises:
        InputError: naming dimensions that do not exist.
    """
    chosen = {name: value for name, value in cell.items() if not pd.isna(value)}
    _refuse_unknown(chosen)
    conditions = [facts[name] == ibis.literal(value) for name, value in chosen.items()]
    return facts.filter(conditions) if conditions else facts


def _refuse_unknown(names: Iterable[str]) -> None:
    if unknown := sorted(set(names) - set(DIMENSIONS)):
        raise InputError(f"no dimension {', '.join(unknown)}; there are {', '.join(DIMENSIONS)}.")


def cube_sentence(cube: pd.DataFrame) -> str:
    """Whether every grouping adds up to all lines, to the cent."""
    sums = cube.groupby("grouping", sort=False)["amount"].sum().round(2)
    off = float((sums - sums.iloc[0]).abs().max())
    return (
        f"{len(cube):,} cells in {len(sums)} groupings; each grouping sums to **{sums.iloc[0]:,.2f}** "
        f"(largest difference {off:,.2f})."
    )
