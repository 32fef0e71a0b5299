"""Past campaigns: when their effect can be seen, who was in them, what was spent meanwhile."""

import ibis
import pandas as pd

from dangol.errors import InputError
from dangol.evaluation.campaign_log import CampaignLog
from dangol.features import EventLog

_DAY = pd.Timedelta(days=1)


def past_campaigns(log: CampaignLog, as_of: str) -> pd.DataFrame:
    """Campaigns that started before a date, with their cost and their answers.

    The window of a campaign goes from its first day to its last day, or to ``as_of`` if it was
    still running then; what came later is not seen.

    Args:
        log: the campaign log; may reach beyond ``as_of``.
        as_of: exclusive end.

    Returns:
        One row per campaign, oldest first: ``campaign_id``, ``campaign_type``, ``start_date``,
        ``end_date`` (both inclusive), ``window_end`` (exclusive), ``is_running``, ``is_randomized``,
        ``n_contacts``, ``n_controls``, ``cost``, ``n_responders``, ``response_rate``,
        ``n_late_contacts`` (after the last day), ``planned_control_share`` (from the column of
        this name in the campaigns, if they have it).

    Raises:
        InputError: if no campaign started before ``as_of``.
    """
    cut = pd.Timestamp(as_of)
    past = log.campaigns.loc[log.campaigns["start_date"] < cut]
    if past.empty:
        raise InputError(
            f"no campaign started before {as_of}, so there is none to evaluate. Choose a later as_of."
        )
    after = past["end_date"] + _DAY
    past = past.assign(window_end=after.where(after < cut, cut), is_running=after > cut)
    counts = _contact_counts(log, past).join(_responder_counts(log, cut))
    past = past.drop(columns="contact_cost").merge(counts.fillna({"n_responders": 0}), on="campaign_id")
    contacts = past["n_contacts"].where(past["n_contacts"] > 0)
    past = past.assign(
        n_responders=past["n_responders"].astype("int64"),
        response_rate=(past["n_responders"] / contacts).fillna(0.0),
        is_randomized=past["is_randomized"] & (past["n_controls"] > 0),
        planned_control_share=past.get("planned_control_share", pd.Series(float("nan"), past.index)),
    )
    columns = ["campaign_id", "campaign_type", "start_date", "end_date", "window_end", "is_running"]
    columns += ["is_randomized", "n_contacts", "n_controls", "cost", "n_responders", "response_rate"]
    columns += ["n_late_contacts", "planned_control_share"]
    return past[columns].sort_values(["start_date", "campaign_id"], ignore_index=True)


def _contact_counts(log: CampaignLog, past: pd.DataFrame) -> pd.DataFrame:
    """Contacts, controls and cost by campaign; controls cost nothing."""
    after = log.contacts["campaign_id"].map(past.set_index("campaign_id")["end_date"] + _DAY)
    is_control = log.contacts["arm"] == "control"
    rows = log.contacts.assign(
        n_contacts=(~is_control).astype("int64"),
        n_controls=is_control.astype("int64"),
        cost=log.contacts["contact_cost"].where(~is_control, 0.0),
        n_late_contacts=(log.contacts["contact_ts"] >= after).astype("int64"),
    )
    sums = rows.groupby("campaign_id")[["n_contacts", "n_controls", "cost", "n_late_contacts"]].sum()
    return sums.assign(is_randomized=rows.groupby("campaign_id")["is_randomized"].all())


def _responder_counts(log: CampaignLog, cut: pd.Timestamp) -> pd.Series:
    """Contacted customers with a response before ``cut``, by campaign."""
    seen = log.responses.loc[log.responses["response_ts"] < cut]
    answers = seen.merge(log.sent()[["customer_id", "campaign_id"]], on=["customer_id", "campaign_id"])
    return answers.groupby("campaign_id")["customer_id"].nunique().rename("n_responders")


def window_outcomes(events: EventLog, windows: pd.DataFrame) -> pd.DataFrame:
    """What each customer bought in each of several windows.

    Args:
        events: the event log.
        windows: ``window`` (a name), ``start`` (inclusive), ``end`` (exclusive).

    Returns:
        One row per window × customer with an order in it, indexed by both: ``spend`` (net of
        refunds, so it may be negative), ``orders`` (float64; refunds are none).
    """
    spans, orders = ibis.memtable(windows[["window", "start", "end"]]), events.orders()
    inside = spans.join(orders, (orders.order_ts >= spans.start) & (orders.order_ts < spans.end))
    sums = inside.group_by("window", "customer_id").agg(
        spend=inside.amount.sum().round(2), orders=inside.count(where=inside.amount >= 0).cast("float64")
    )
    return sums.execute().set_index(["window", "customer_id"]).sort_index()


def responder_spend(log: CampaignLog, past: pd.DataFrame) -> pd.DataFrame:
    """What the responders of each campaign spent in its window: attribution credits it with all of it.

    Args:
        log: the campaign log.
        past: from `past_campaigns`.

    Returns:
        One row per campaign × responder: ``campaign_id``, ``customer_id``, ``amount``.
    """
    spans = past[["campaign_id", "start_date", "window_end"]].set_axis(["window", "start", "end"], axis=1)
    spend = window_outcomes(log.orders(), spans)["spend"]
    sent = log.sent()[["customer_id", "campaign_id"]]
    answers = log.responses.merge(sent, on=["customer_id", "campaign_id"])
    ends = answers["campaign_id"].map(past.set_index("campaign_id")["window_end"])
    pairs = answers.loc[answers["response_ts"] < ends, ["campaign_id", "customer_id"]]
    pairs = pairs.drop_duplicates(ignore_index=True)
    amount = spend.reindex(pd.MultiIndex.from_frame(pairs), fill_value=0.0)
    return pairs.assign(amount=amount.to_numpy())
