"""Dated facts about customers: birthdays, ends of contracts, complaints."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.simulator.complaints import TEXTS, TOPICS
from dangol.simulator.customers import Profile, Traits

# Of customers who leave, so many complain within ten days after their last order; of other orders
# so many are complained about. Complaints therefore announce that a customer leaves.
LEAVING_COMPLAINT_PROB = 0.35
ORDER_COMPLAINT_PROB = 0.004
_CONTRACT_SHARE = 0.5  # of customers who order everything online; less for the others
_RENEWAL_PROB = 0.75
_CONTRACT_DAYS = 365
_COMPLAINT_WITHIN_DAYS = 10
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class History:
    """What events follow from, one entry per customer unless said otherwise.

    Attributes:
        customer_id: identifiers.
        profile: demographics.
        traits: latent traits.
        first_order_ts: first order.
        dropout_ts: when the customer left; NaT while active.
        order_customer: row number of each real order's customer.
        order_ts: of each real order.
        end: exclusive end of the world.
    """

    customer_id: np.ndarray
    profile: Profile
    traits: Traits
    first_order_ts: np.ndarray
    dropout_ts: np.ndarray
    order_customer: np.ndarray
    order_ts: np.ndarray
    end: np.datetime64


def draw_events(rng: np.random.Generator, history: History) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The canonical events table, and what is true of each complaint.

    Birthdays and ends of contracts are known beforehand and reach a year beyond the world's end;
    complaints are not.

    Returns:
        Events by customer and date: ``customer_id``, ``event_kind`` (``birthday``,
        ``contract_end``, ``complaint``), ``event_date``, ``text`` (of complaints); and per
        complaint ``customer_id``, ``event_date``, ``topic``, ``language``, ``is_leaving``.
    """
    birthdays, contracts = _birthdays(history), _contract_ends(rng, history)
    complaints = _complaints(rng, history)
    parts = [
        birthdays.assign(event_kind="birthday"),
        contracts.assign(event_kind="contract_end"),
        complaints.assign(event_kind="complaint"),
    ]
    events = pd.concat(parts, ignore_index=True).sort_values(
        ["customer_id", "event_date", "event_kind"], kind="stable", ignore_index=True
    )
    kinds = {"event_kind": "str", "text": "str"}
    columns = ["customer_id", "event_kind", "event_date", "text"]
    truth = ["customer_id", "event_date", "topic", "language", "is_leaving"]
    return events[columns].astype(kinds), complaints[truth].reset_index(drop=True)


def birthday_in(year: int, birth_date: np.ndarray) -> np.ndarray:
    """The day a birthday is kept in a year, ``datetime64[D]``; 29 February on the 28th in common years.

    >>> birthday_in(2017, np.array(["1984-02-29", "1990-07-03"], dtype="datetime64[D]")).astype(str).tolist()
    ['2017-02-28', '2017-07-03']
    """
    month = birth_date.astype("datetime64[M]")
    day = birth_date - month.astype("datetime64[D]")
    kept = np.datetime64(str(year), "M") + (month.astype(np.int64) % 12)
    last = (kept + 1).astype("datetime64[D]") - _DAY
    return np.minimum(kept.astype("datetime64[D]") + day, last)


def _birthdays(history: History) -> pd.DataFrame:
    """Birthdays of customers whose birth date is known, from the first order until a year after the end.

    The dates tell no year of birth.
    """
    known = np.flatnonzero(history.profile.is_known)
    until = history.end + 365 * _DAY
    first, last = np.array([history.first_order_ts.min(), until]).astype("datetime64[Y]").astype(np.int64)
    frames = []
    for year in range(1970 + first, 1970 + last + 1):
        date = birthday_in(year, history.profile.birth_date[known])
        inside = (date >= history.first_order_ts[known].astype("datetime64[D]")) & (date < until)
        frames.append(_frame(history.customer_id[known[inside]], date[inside]))
    return pd.concat(frames, ignore_index=True)


def _contract_ends(rng: np.random.Generator, history: History) -> pd.DataFrame:
    """Delivery contracts of a year, renewed by most customers who are still active."""
    n = len(history.customer_id)
    has_contract = rng.random(n) < _CONTRACT_SHARE * np.sqrt(history.traits.online_share)
    begin = history.first_order_ts.astype("datetime64[D]") + (rng.random(n) * 60).astype(np.int64)
    dropout = np.where(np.isnat(history.dropout_ts), np.datetime64("9999-12-31"), history.dropout_ts)
    running = np.flatnonzero(has_contract & (begin < history.end) & (begin < dropout))
    frames = []
    while len(running):
        finish = begin[running] + _CONTRACT_DAYS
        frames.append(_frame(history.customer_id[running], finish))
        begin[running] = finish
        renewed = (rng.random(len(running)) < _RENEWAL_PROB) & (finish < history.end)
        running = running[renewed & (finish < dropout[running])]
    return pd.concat(frames, ignore_index=True) if frames else _frame(history.customer_id[:0], begin[:0])


def _complaints(rng: np.random.Generator, history: History) -> pd.DataFrame:
    leaving = np.flatnonzero(~np.isnat(history.dropout_ts))
    leaving = leaving[rng.random(len(leaving)) < LEAVING_COMPLAINT_PROB]
    disappointing = np.flatnonzero(rng.random(len(history.order_ts)) < ORDER_COMPLAINT_PROB)
    who = np.concatenate([leaving, history.order_customer[disappointing]])
    since = np.concatenate([history.dropout_ts[leaving], history.order_ts[disappointing]])
    date = since.astype("datetime64[D]") + rng.integers(0, _COMPLAINT_WITHIN_DAYS + 1, len(who))
    topic, variant = rng.integers(0, len(TOPICS), len(who)), rng.integers(0, 3, len(who))
    is_korean = history.profile.is_korean[who]
    rows = zip(topic, is_korean, variant, strict=True)
    texts = [TEXTS[TOPICS[number]][int(korean)][which] for number, korean, which in rows]
    frame = _frame(history.customer_id[who], date).assign(
        text=pd.array(texts, dtype="str"),
        topic=pd.array([TOPICS[number] for number in topic], dtype="str"),
        language=pd.array(np.where(is_korean, "ko", "en"), dtype="str"),
        is_leaving=np.arange(len(who)) < len(leaving),
    )
    happened = frame.loc[frame["event_date"] < pd.Timestamp(history.end)]
    return happened.sort_values(["customer_id", "event_date"], kind="stable", ignore_index=True)


def _frame(customer_id: np.ndarray, date: np.ndarray) -> pd.DataFrame:
    text = pd.array([None] * len(date), dtype="str")
    return pd.DataFrame(
        {"customer_id": customer_id, "event_date": date.astype("datetime64[us]"), "text": text}
    )
