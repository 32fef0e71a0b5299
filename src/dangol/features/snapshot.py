"""Customer features as of one or several dates, from the event log."""

from collections.abc import Collection, Iterator
from functools import reduce

import ibis.expr.types as ir
import pandas as pd

from dangol.errors import InputError
from dangol.features.assortment import (
    breadth_and_prices,
    category_sums,
    department_amounts,
    largest_departments,
)
from dangol.features.campaigns import contact_history, response_history
from dangol.features.dated_facts import calendar, fact_history
from dangol.features.derived import with_ratios, with_trends
from dangol.features.events import EventLog, as_of_table
from dangol.features.promotions import promotion_exposure
from dangol.features.purchases import KEY, purchase_measures, rhythm, trend_measures
from dangol.features.tripwire import check_blind_to_the_future

CORE_PARTS = ("purchases", "departments", "campaigns")
ALL_PARTS = (*CORE_PARTS, "trends", "assortment", "promotions", "events", "calendar")
_WHOLE = ("recency_days", "tenure_days", "active_span_days", "n_order_days")


def customer_features(
    log: EventLog,
    as_ofs: list[str],
    parts: Collection[str] = ALL_PARTS,
    departments: list[str] | None = None,
) -> pd.DataFrame:
    """What was known about each customer at each snapshot.

    Before it returns, the tripwire changes what a sample of customers did on or after the first
    snapshot at random; if a feature moves, it knows the future and the run stops.

    Args:
        log: the event log; may reach beyond the snapshots.
        as_ofs: snapshot dates, ``YYYY-MM-DD``; only events strictly before them are seen.
        parts: which groups of columns, of ``ALL_PARTS``; orders and their rhythm are always there.
            ``CORE_PARTS`` is what models learn from unless more was shown to help.
        departments: those with columns of their own; None takes the largest before the first snapshot.

    Returns:
        One row per snapshot × customer with a purchase before it, sorted by both. Refunds (orders
        with a negative amount) lower amounts but are no purchase: they count in no ``n_orders``,
        ``recency_days`` or ``gap_*``. ``as_of`` is text. ``recency_days`` counts calendar days
        from the last purchase to the snapshot (a purchase the day before gives 1),
        ``active_span_days`` from the first to the last purchase day, ``tenure_days`` from the
        first to the snapshot. ``*_364d`` looks back 364 days, likewise 7, 28 and 84. ``gap_*``
        describe days between purchase days and are missing for customers with a single one.
        Shares lie in [0, 1] and are missing where nothing was bought. Parts whose tables the
        data set lacks add no column.

    Raises:
        InputError: if a part is unknown.
        LeakageError: if a feature depends on what happens on or after the first snapshot.

    Source:
        Recency, frequency, monetary value: Fader, Hardie & Lee (2005), J. Marketing Research 42(4).
    """
    first, last = min(as_ofs), max(as_ofs)

    def as_of_first(events: EventLog) -> pd.DataFrame:
        frame = features_as_of(events, [first, last], parts, departments)
        return frame[frame["as_of"] == first].reset_index(drop=True)

    check_blind_to_the_future(as_of_first, log, first)
    return features_as_of(log, as_ofs, parts, departments)


def features_as_of(
    log: EventLog,
    as_ofs: list[str],
    parts: Collection[str] = ALL_PARTS,
    departments: list[str] | None = None,
) -> pd.DataFrame:
    """As ``customer_features``, without the tripwire."""
    if unknown := sorted(set(parts) - set(ALL_PARTS)):
        raise InputError(f"no feature part {', '.join(unknown)}; there are {', '.join(ALL_PARTS)}.")
    frames = [part.execute() for part in _tables(log, as_ofs, set(parts), departments)]
    frame = reduce(lambda left, right: left.merge(right, on=KEY, how="left"), frames)
    frame = frame[frame["n_orders"] > 0].sort_values(KEY, ignore_index=True)
    frame = with_ratios(frame.astype(dict.fromkeys(_WHOLE, "int64")))
    if "trends" in parts:
        frame = with_trends(frame)
    if "calendar" in parts:
        frame = frame.assign(**calendar(frame["as_of"]))
    return frame.assign(as_of=frame["as_of"].dt.strftime("%Y-%m-%d"))


def _tables(
    log: EventLog, as_ofs: list[str], parts: set[str], departments: list[str] | None
) -> Iterator[ir.Table]:
    """One lazy table per query, each with one row per snapshot × customer; purchases come first."""
    snapshots = as_of_table(as_ofs)
    orders = log.orders().cache()
    past = snapshots.join(orders, orders.order_ts < snapshots.as_of)
    measures = purchase_measures(past)
    if "trends" in parts:
        measures |= trend_measures(past)
    yield past.group_by(KEY).agg(**measures)
    yield rhythm(snapshots, orders, "trends" in parts)
    yield from _products(snapshots, log, parts, departments)
    if "campaigns" in parts and log.contacts is not None:
        yield contact_history(snapshots, log.contacts)
    if "campaigns" in parts and log.responses is not None:
        yield response_history(snapshots, log.responses)
    if "events" in parts and log.events is not None:
        facts = fact_history(snapshots, log.events, log.known_ahead)
        if facts is not None:
            yield facts


def _products(
    snapshots: ir.Table, log: EventLog, parts: set[str], departments: list[str] | None
) -> Iterator[ir.Table]:
    if log.products is not None and parts & {"departments", "assortment"}:
        sums = category_sums(snapshots, log, "assortment" in parts).cache()
        if "departments" in parts:
            named = largest_departments(snapshots, log) if departments is None else departments
            yield department_amounts(sums, named)
        if "assortment" in parts:
            yield breadth_and_prices(sums)
    if "promotions" in parts and log.promotions is not None:
        yield promotion_exposure(snapshots, log.transactions, log.promotions)
