"""The leakage tripwire: events on or after a snapshot are changed at random, features must not move."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ibis
import numpy as np
import pandas as pd

from dangol.errors import LeakageError
from dangol.features.events import EventLog

_N_CUSTOMERS = 25
_TIMES = {
    "transactions": "order_ts",
    "contacts": "contact_ts",
    "responses": "response_ts",
    "events": "event_date",
    "promotions": "week_date",
}
_MAX_DELAY_DAYS = 60


def check_blind_to_the_future(
    describe: Callable[[EventLog], pd.DataFrame],
    log: EventLog,
    as_of: str,
    customers: list[Any] | None = None,
) -> None:
    """Stop if a description of customers as of a date depends on what happens on or after it.

    Of a sample of customers, everything on or after the date is altered: a third of the rows go,
    the others get other times and amounts, new ones appear, some of them at the very instant. The
    same computation on both logs must give the same bytes.

    Args:
        describe: gives the same rows and columns for any log; only rows as of ``as_of``.
        log: the event log.
        as_of: snapshot date, ``YYYY-MM-DD``.
        customers: whom to look at; by default a sample of those with an order before the date.

    Raises:
        LeakageError: naming every column that moved.
    """
    rng = np.random.default_rng(zlib.crc32(as_of.encode()))
    cut = pd.Timestamp(as_of)
    frames = _sample(log, cut, rng, customers)
    if frames["transactions"].empty:
        return
    altered = {
        name: _altered(frame, _TIMES[name], cut, log.known_ahead, rng) if name in _TIMES else frame
        for name, frame in frames.items()
    }
    one, other = (describe(_as_log(log, tables)) for tables in (frames, altered))
    if moved := _moved(one, other):
        raise LeakageError(
            f"{len(moved)} feature(s) as of {as_of} changed when events on or after that date did: "
            f"{', '.join(moved)}. They know the future and no model may see them. Features may use only "
            "events strictly before as_of: correct how these are made, or leave them out."
        )


def _sample(
    log: EventLog, cut: pd.Timestamp, rng: np.random.Generator, customers: list[Any] | None
) -> dict[str, pd.DataFrame]:
    """Rows of a few customers, and of the products they bought."""
    lines = log.transactions
    if customers is None:
        known = lines.filter(lines.order_ts < cut).select("customer_id").distinct().execute()
        known = known["customer_id"].sort_values()
        customers = known.sample(min(_N_CUSTOMERS, len(known)), random_state=rng).tolist()
    frames = {
        name: table.filter(table.customer_id.isin(customers)).execute()
        for name in ("transactions", "contacts", "responses", "events")
        if (table := getattr(log, name)) is not None
    }
    bought = frames["transactions"][["product_id", "store_id"]].drop_duplicates()
    for name, key in (("products", ["product_id"]), ("promotions", ["product_id", "store_id"])):
        table = getattr(log, name)
        if table is not None:
            wanted = ibis.memtable(bought[key].drop_duplicates())
            frames[name] = table.semi_join(wanted, key).execute()
    return frames


def _as_log(log: EventLog, frames: dict[str, pd.DataFrame]) -> EventLog:
    return replace(log, **{name: ibis.memtable(frame) for name, frame in frames.items()})


def _altered(
    frame: pd.DataFrame, time: str, cut: pd.Timestamp, known_ahead: frozenset[str], rng: np.random.Generator
) -> pd.DataFrame:
    """The same rows before the date; other rows, times, amounts and flags from it on."""
    is_fixed = frame[time] < cut
    if "event_kind" in frame:
        is_fixed |= frame["event_kind"].isin(known_ahead)
    later = frame[~is_fixed]
    kept = later[rng.random(len(later)) > 1 / 3]
    pool = frame[~frame["event_kind"].isin(known_ahead)] if "event_kind" in frame else frame
    added = pool.sample(min(len(pool), 200), random_state=rng)
    new = pd.concat([kept, added])
    delay = rng.integers(0, _MAX_DELAY_DAYS * 86_400, len(new))
    delay[rng.random(len(new)) < 0.1] = 0
    if time == "week_date":
        delay -= delay % (7 * 86_400)
    times = (cut + pd.to_timedelta(delay, unit="s")).astype(frame[time].dtype)
    changed = new.assign(**{time: times})
    for name in new.select_dtypes("bool").columns:
        changed[name] = rng.random(len(new)) < 0.5
    for name in new.select_dtypes("float64").columns:
        changed[name] = (new[name] * rng.uniform(-3, 9, len(new)) + 1).round(2)
    return pd.concat([frame[is_fixed], changed], ignore_index=True)


def _moved(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """Columns that differ, appeared or went; all of them if the rows do."""
    if len(one) != len(other):
        return [f"the rows themselves ({len(one)} and {len(other)})"]
    names = sorted({str(name) for frame in (one, other) for name in frame})
    return [
        name for name in names if name not in one or name not in other or not one[name].equals(other[name])
    ]
