"""Features from the calendar and from dated facts: birthdays, contract ends, complaints."""

from collections.abc import Collection

import ibis
import ibis.expr.types as ir
import pandas as pd

from dangol.features.events import YEARLY, by_column_name, days_between
from dangol.features.purchases import KEY


def fact_history(snapshots: ir.Table, events: ir.Table, known_ahead: Collection[str]) -> ir.Table | None:
    """Days to what is known to come, days since and number of what has happened.

    Args:
        snapshots: from ``as_of_table``.
        events: one dated fact per row.
        known_ahead: kinds whose date is known before it comes: their next date gives
            ``days_to_<kind>`` (0 on the day). Birthdays come back every year; that of a 29
            February falls on the 28th in other years. Every other kind is seen only before the
            snapshot.

    Returns:
        One row per snapshot × customer with an event; None if no event gives a column. Kinds that
        first occur after the first snapshot have no column: the columns know no future.
    """
    first = snapshots.as_of.min().as_scalar()
    is_known = events.event_kind.isin(sorted(known_ahead)) | (events.event_date < first)
    kinds = sorted(events.filter(is_known).select("event_kind").distinct().execute()["event_kind"])
    facts = snapshots.cross_join(events)
    measures: dict[str, ir.Value] = {}
    for name, members in by_column_name(kinds).items():
        rows = facts.event_kind.isin(members)
        if set(members) <= YEARLY & set(known_ahead):
            measures[f"days_to_{name}"] = _days_to_anniversary(facts).min(where=rows).cast("float64")
            continue
        if set(members) <= set(known_ahead):
            ahead = rows & (facts.event_date >= facts.as_of)
            measures[f"days_to_{name}"] = days_between(
                facts.event_date.min(where=ahead), facts.as_of.max()
            ).cast("float64")
        measures |= _past_measures(facts, rows & (facts.event_date < facts.as_of), name)
    return facts.group_by(KEY).agg(**measures) if measures else None


def calendar(as_of: pd.Series) -> dict[str, pd.Series]:
    """What the date itself says, one value per row.

    Args:
        as_of: snapshot dates, datetime.

    Returns:
        ``as_of_month`` (1 to 12), ``as_of_day_of_year`` (1 to 366), ``weeks_to_year_end`` (whole
        weeks left, from 52 down to 0), each int64.
    """
    left = pd.to_datetime(as_of.dt.year.astype("str") + "-12-31") - as_of
    return {
        "as_of_month": as_of.dt.month.astype("int64"),
        "as_of_day_of_year": as_of.dt.day_of_year.astype("int64"),
        "weeks_to_year_end": (left.dt.days // 7).astype("int64"),
    }


def _past_measures(facts: ir.Table, happened: ir.BooleanValue, name: str) -> dict[str, ir.Value]:
    counts = {
        f"n_{name}_{days}d": facts.count(
            where=happened & (facts.event_date >= facts.as_of - ibis.interval(days=days))
        )
        for days in (84, 364)
    }
    since = days_between(facts.as_of.max(), facts.event_date.max(where=happened))
    return counts | {f"days_since_{name}": since.cast("float64")}


def _days_to_anniversary(facts: ir.Table) -> ir.Value:
    """Days from the snapshot to the next day with the event's month and day, 0 to 365."""
    year = facts.as_of.year()
    this, following = (_anniversary(facts.event_date, year + offset) for offset in (0, 1))
    today = facts.as_of.date()
    return ibis.ifelse(this >= today, this.delta(today, unit="day"), following.delta(today, unit="day"))


def _anniversary(date: ir.Value, year: ir.Value) -> ir.Value:
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    day = ibis.ifelse((date.month() == 2) & (date.day() == 29) & ~is_leap, 28, date.day())
    return ibis.date(year.cast("int32"), date.month().cast("int32"), day.cast("int32"))
