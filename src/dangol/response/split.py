"""Which contacts a response model learns from, is judged on, and is asked about."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.errors import SkipNotebookError
from dangol.evaluation.campaign_log import CampaignLog
from dangol.features.sent_types import sent_types
from dangol.response.rows import KEY, describe_contacts

_DAY = pd.Timedelta(days=1)
_LABELS = ["campaign_type", "arm", "observed_days", "is_answered"]
_TEST_TENTHS = 3


@dataclass(frozen=True)
class Split:
    """Contacts to learn from and contacts to be judged on; rows as from ``labelled_contacts``.

    Attributes:
        train: answered and unanswered contacts that went out.
        test: the same, not seen in training.
        train_controls: customers of the same campaigns held out by lot.
        test_controls: the same for the test.
        is_by_time: whether the test campaigns started after the training ended; False if all
            campaigns started on one day, so that customers were drawn instead.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    train_controls: pd.DataFrame
    test_controls: pd.DataFrame
    is_by_time: bool


def split_contacts(log: CampaignLog, as_of: str, test_days: int, seed: int) -> Split:
    """Learn from campaigns of the past, judge on what came later.

    Where all campaigns started on one day there is no later: three tenths of the customers are
    drawn by lot to judge on, among those who answered and those who did not alike.

    Args:
        log: the campaign log; may reach beyond ``as_of``.
        as_of: exclusive end of what scores will use.
        test_days: campaigns starting in the last so many days before ``as_of``, or later, judge.
        seed: of the lot.

    Raises:
        SkipNotebookError: if a part has no contacts, or all or none of them were answered.
    """
    until = log.known_until()
    has_contacts = log.campaigns["campaign_id"].isin(log.contacts["campaign_id"])
    started = log.campaigns.loc[has_contacts & (log.campaigns["start_date"] < until), "start_date"]
    if started.min() < started.max():
        test_from = f"{pd.Timestamp(as_of) - pd.Timedelta(days=test_days):%Y-%m-%d}"
        return Split(
            labelled_contacts(log, test_from),
            labelled_contacts(log, until, test_from),
            control_contacts(log, test_from),
            control_contacts(log, until, test_from),
            True,
        )
    rows, controls = labelled_contacts(log, until), control_contacts(log, until)
    drawn = _drawn(pd.concat([rows, controls]), seed)
    is_test, is_held = (part["customer_id"].isin(drawn) for part in (rows, controls))
    parts = (rows[~is_test], rows[is_test], controls[~is_held], controls[is_held])
    train, test, train_controls, test_controls = (part.reset_index(drop=True) for part in parts)
    return Split(train, test, train_controls, test_controls, False)


def split_sentence(split: Split) -> str:
    """How learning and judging were kept apart, and how the answers of both parts compare."""
    train, test = split.train["is_answered"], split.test["is_answered"]
    counts = (
        f"{train.mean():.1%} of {len(train):,} training contacts and {test.mean():.1%} of {len(test):,} test "
        "contacts were answered"
    )
    if not split.is_by_time:
        return (
            "All campaigns started on one day, so there is no later campaign to judge on: customers were "
            f"drawn by lot. {counts}. How well the scores carry over to another campaign "
            "**cannot be seen here**."
        )
    rose = "rose" if test.mean() > train.mean() else "fell"
    return (
        f"{counts}: the base rate {rose} by the factor **{test.mean() / train.mean():.2f}** between the two "
        "periods. A model cannot know such a drift beforehand; section 5 shows whether its level still fits."
    )


def _drawn(rows: pd.DataFrame, seed: int) -> set[Any]:
    """Three tenths of the customers, by lot within those who answered and those who did not."""
    answered = rows.groupby("customer_id")["is_answered"].max().sort_index()
    lot = np.random.default_rng(seed).permutation(len(answered))
    place = answered.reset_index().assign(lot=lot).sort_values(["is_answered", "lot"])
    return set(place["customer_id"].iloc[[i for i in range(len(place)) if i % 10 < _TEST_TENTHS]])


def labelled_contacts(log: CampaignLog, known_before: str, started_from: str | None = None) -> pd.DataFrame:
    """Contacts that went out, and whether they had been answered by a date.

    A campaign that still runs at ``known_before`` is not counted as failed: its contacts are kept
    with the days they could be observed, so that the label reads "answered within
    ``observed_days``" and a model that knows this length sees no false "no".

    Args:
        log: the campaign log; may reach beyond ``known_before``.
        known_before: exclusive end; neither contacts nor responses on or after it are seen.
        started_from: only campaigns that started on or after this date.

    Returns:
        One row per customer × campaign: ``customer_id``, ``campaign_id``, ``contact_date``,
        ``campaign_type`` (with the arm where a campaign had several, see ``sent_types``), ``arm``,
        ``observed_days`` (float64), ``is_answered`` (int64). Campaigns that started before the order
        log did are left out: nothing was known about their customers.

    Raises:
        SkipNotebookError: if there are no such contacts, or all or none were answered.
    """
    labels = sent_types(log.campaigns, log.contacts)[["campaign_id", "arm", "sent_type"]]
    rows = _labelled(log, log.sent(), known_before, started_from)
    rows = rows.merge(labels, on=["campaign_id", "arm"], how="left").drop(columns="campaign_type")
    _check_labels(rows, known_before, started_from)
    return rows.rename(columns={"sent_type": "campaign_type"})[[*KEY, *_LABELS]]


def control_contacts(log: CampaignLog, known_before: str, started_from: str | None = None) -> pd.DataFrame:
    """Customers held out by lot, and whether they did without a contact what counts as an answer.

    Args and columns as in ``labelled_contacts``; may have no rows.
    """
    return _labelled(log, log.held_out(), known_before, started_from)[[*KEY, *_LABELS]]


def _labelled(
    log: CampaignLog, contacts: pd.DataFrame, known_before: str, started_from: str | None
) -> pd.DataFrame:
    end = pd.Timestamp(known_before)
    rows = contacts.merge(
        log.campaigns[["campaign_id", "campaign_type", "start_date", "end_date"]], on="campaign_id"
    )
    first = log.campaigns["start_date"].min() if log.events is None else log.first_order_ts()
    start = max(first, pd.Timestamp(started_from or first))
    rows = rows.loc[(rows["start_date"] >= start) & (rows["start_date"] < end) & (rows["contact_ts"] < end)]
    seen = log.responses.loc[log.responses["response_ts"] < end, ["customer_id", "campaign_id"]]
    rows = rows.merge(seen.drop_duplicates().assign(is_answered=1), on=KEY[:2], how="left")
    rows = rows.assign(contact_date=rows["contact_ts"].dt.normalize())
    days_to_end = (rows["end_date"] + _DAY - rows["contact_date"]).dt.days
    days_to_cut = (end - rows["contact_date"]).dt.days
    rows = rows.assign(
        observed_days=np.minimum(days_to_end, days_to_cut).clip(lower=0).astype("float64"),
        is_answered=rows["is_answered"].fillna(0).astype("int64"),
    )
    return rows.sort_values(["contact_date", *KEY[:2]], ignore_index=True)


def next_contacts(log: CampaignLog, as_of: str) -> pd.DataFrame:
    """Every customer × campaign type that could be sent on a date.

    The next campaign of a type is taken to be like the latest one of that type that had started:
    same products, same length.

    Args:
        log: the campaign log; may reach beyond ``as_of``.
        as_of: day of sending; nothing on or after it is seen.

    Returns:
        One row per customer first seen before ``as_of`` and campaign type (and arm, where a
        campaign had several): columns as in ``labelled_contacts``, without ``is_answered``.

    Raises:
        SkipNotebookError: if no campaign had started.
    """
    day = pd.Timestamp(as_of)
    past = log.campaigns.loc[log.campaigns["start_date"] < day].sort_values(["start_date", "campaign_id"])
    if past.empty:
        raise SkipNotebookError(
            f"no campaign started before {as_of}, so there is none to repeat. Choose a later as_of."
        )
    latest = past.groupby("campaign_type", as_index=False).tail(1)
    length = (latest["end_date"] + _DAY - latest["start_date"]).dt.days
    latest = latest.assign(observed_days=length.astype("float64"))
    first_seen = log.customers["first_seen_date"]
    known = log.customers.loc[first_seen.isna() | (first_seen < day), ["customer_id"]]
    labels = sent_types(past, log.contacts)[["campaign_id", "arm", "sent_type"]]
    latest = latest[["campaign_id", "campaign_type", "observed_days"]].merge(labels, "left", on="campaign_id")
    latest = latest.assign(campaign_type=latest["sent_type"].fillna(latest["campaign_type"]))
    rows = known.merge(latest.drop(columns="sent_type"), how="cross")
    rows = rows.assign(contact_date=day.as_unit("ns"))
    return rows[[*KEY, *_LABELS[:-1]]]


def describe_all(log: CampaignLog, parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Model inputs of several sets of contacts, with the same columns and categories in each.

    Args:
        log: the campaign log.
        parts: frames with ``customer_id``, ``campaign_id``, ``contact_date``, ``observed_days``, ``arm``.

    Returns:
        One frame per part, rows in its order: the features of `describe_contacts`, and
        ``campaign_days`` as the days the contact could be observed; ``arm``, if the first part has
        several. Columns without a single value in the first part, which models learn from, are left
        out of all.
    """
    pairs = pd.concat([part[KEY] for part in parts]).drop_duplicates(ignore_index=True)
    features = describe_contacts(log, pairs)
    place = pd.MultiIndex.from_frame(pairs)
    arms = pd.CategoricalDtype(sorted(parts[0]["arm"].dropna().unique()))
    described = []
    for part in parts:
        rows = features.iloc[place.get_indexer(pd.MultiIndex.from_frame(part[KEY]))]
        rows = rows.set_axis(part.index).assign(campaign_days=part["observed_days"])
        arm = part["arm"].where(part["arm"].isin(arms.categories)).astype(arms)  # held out: no arm
        described.append(rows.assign(arm=arm) if len(arms.categories) > 1 else rows)
    known = described[0].columns[described[0].notna().any()]
    return [rows[known] for rows in described]


def _check_labels(rows: pd.DataFrame, known_before: str, started_from: str | None) -> None:
    period = f"between {started_from} and {known_before}" if started_from else f"before {known_before}"
    if rows.empty:
        raise SkipNotebookError(
            f"no campaign with contacts started {period}. Choose another as_of or test_days."
        )
    n_answered = int(rows["is_answered"].sum())
    if n_answered in (0, len(rows)):
        raise SkipNotebookError(
            f"{n_answered} of {len(rows)} contacts of campaigns {period} were answered; learning and judging "
            "need both answered and unanswered ones. Choose another as_of or test_days."
        )
