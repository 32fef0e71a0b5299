"""Which contacts a response model learns from, is judged on, and is asked about."""

import numpy as np
import pandas as pd

from dangol.errors import InputError
from dangol.evaluation.campaign_log import CampaignLog
from dangol.response.rows import KEY, describe_contacts

_DAY = pd.Timedelta(days=1)


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
        ``campaign_type``, ``observed_days`` (float64), ``is_answered`` (int64). Campaigns that
        started before the order log did are left out: nothing was known about their customers.

    Raises:
        InputError: if there are no such contacts, or all or none were answered.
    """
    end = pd.Timestamp(known_before)
    rows = log.sent().merge(
        log.campaigns[["campaign_id", "campaign_type", "start_date", "end_date"]], on="campaign_id"
    )
    start = max(log.first_order_ts(), pd.Timestamp(started_from or log.first_order_ts()))
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
    _check_labels(rows, known_before, started_from)
    columns = [*KEY, "campaign_type", "observed_days", "is_answered"]
    return rows[columns].sort_values(["contact_date", *KEY[:2]], ignore_index=True)


def next_contacts(log: CampaignLog, as_of: str) -> pd.DataFrame:
    """Every customer × campaign type that could be sent on a date.

    The next campaign of a type is taken to be like the latest one of that type that had started:
    same products, same length.

    Args:
        log: the campaign log; may reach beyond ``as_of``.
        as_of: day of sending; nothing on or after it is seen.

    Returns:
        One row per customer first seen before ``as_of`` and campaign type: columns as in
        ``labelled_contacts``, without ``is_answered``.

    Raises:
        InputError: if no campaign had started.
    """
    day = pd.Timestamp(as_of)
    past = log.campaigns.loc[log.campaigns["start_date"] < day].sort_values(["start_date", "campaign_id"])
    if past.empty:
        raise InputError(
            f"no campaign started before {as_of}, so there is none to repeat. Choose a later as_of."
        )
    latest = past.groupby("campaign_type", as_index=False).tail(1)
    length = (latest["end_date"] + _DAY - latest["start_date"]).dt.days
    latest = latest.assign(observed_days=length.astype("float64"))
    first_seen = log.customers["first_seen_date"]
    known = log.customers.loc[first_seen.isna() | (first_seen < day), ["customer_id"]]
    rows = known.merge(latest[["campaign_id", "campaign_type", "observed_days"]], how="cross")
    rows = rows.assign(contact_date=day.as_unit("ns"))
    return rows[[*KEY, "campaign_type", "observed_days"]]


def describe_all(log: CampaignLog, parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Model inputs of several sets of contacts, with the same columns and categories in each.

    Args:
        log: the campaign log.
        parts: frames with ``customer_id``, ``campaign_id``, ``contact_date``, ``observed_days``.

    Returns:
        One frame per part, rows in its order: the features of `describe_contacts`, and
        ``campaign_days`` as the days the contact could be observed. Columns without a single value
        in the first part, which models learn from, are left out of all.
    """
    pairs = pd.concat([part[KEY] for part in parts]).drop_duplicates(ignore_index=True)
    features = describe_contacts(log, pairs)
    place = pd.MultiIndex.from_frame(pairs)
    described = []
    for part in parts:
        rows = features.iloc[place.get_indexer(pd.MultiIndex.from_frame(part[KEY]))]
        described.append(rows.set_axis(part.index).assign(campaign_days=part["observed_days"]))
    known = described[0].columns[described[0].notna().any()]
    return [rows[known] for rows in described]


def _check_labels(rows: pd.DataFrame, known_before: str, started_from: str | None) -> None:
    period = f"between {started_from} and {known_before}" if started_from else f"before {known_before}"
    if rows.empty:
        raise InputError(f"no campaign with contacts started {period}. Choose another as_of or test_days.")
    n_answered = int(rows["is_answered"].sum())
    if n_answered in (0, len(rows)):
        raise InputError(
            f"{n_answered} of {len(rows)} contacts of campaigns {period} were answered; learning and judging "
            "need both answered and unanswered ones. Choose another as_of or test_days."
        )
