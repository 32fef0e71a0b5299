"""Past campaigns: when their effect can be seen, who was in them, what was spent meanwhile."""

from typing import Any

import ibis
import pandas as pd

from dangol.errors import InputError
from dangol.evaluation.campaign_log import CampaignLog
from dangol.features import EventLog

ORDER_OUTCOMES = ("spend", "orders", "buyers")
"""What the order log tells of a window, the money first."""

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
        ``end_date`` (both inclusive), ``window_end`` and ``seen_until`` (exclusive), ``is_running``,
        ``is_randomized``,
        ``channel``, ``n_contacts``, ``n_controls``, ``cost``, ``n_responders``, ``response_rate``,
        ``n_control_responders``,
        ``is_in_log`` (the order log shows what was bought in the window),
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
    past = past.assign(window_end=after.where(after < cut, cut), is_running=after > cut, seen_until=cut)
    past = past.assign(is_in_log=_is_in_log(log, past))
    counts = _contact_counts(log, past).join(_responder_counts(log, cut))
    counted = ["n_responders", "n_control_responders"]
    counts = counts.fillna(dict.fromkeys(counted, 0)).astype(dict.fromkeys(counted, "int64"))
    past = past.drop(columns="contact_cost").merge(counts, on="campaign_id")
    contacts = past["n_contacts"].where(past["n_contacts"] > 0)
    past = past.assign(
        response_rate=(past["n_responders"] / contacts).fillna(0.0),
        is_randomized=past["is_randomized"] & (past["n_controls"] > 0),
        planned_control_share=past.get("planned_control_share", pd.Series(float("nan"), past.index)),
    )
    columns = ["campaign_id", "campaign_type", "start_date", "end_date", "window_end", "is_running"]
    columns += ["is_randomized", "n_contacts", "n_controls", "cost", "n_responders", "response_rate"]
    columns += ["n_control_responders", "n_late_contacts", "planned_control_share", "channel", "seen_until"]
    columns += ["is_in_log"]
    return past[columns].sort_values(["start_date", "campaign_id"], ignore_index=True)


def _is_in_log(log: CampaignLog, past: pd.DataFrame) -> pd.Series:
    """Whether the order log reaches the middle of each campaign's window, from both sides."""
    if log.events is None:
        return pd.Series(False, index=past.index)
    middle = past["start_date"] + (past["window_end"] - past["start_date"]) / 2
    return (log.first_order_ts() <= middle) & (log.last_order_ts() >= middle.dt.normalize())


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


def _responder_counts(log: CampaignLog, cut: pd.Timestamp) -> pd.DataFrame:
    """Customers with a response before ``cut``, by campaign, contacted and held out."""
    seen = log.responses.loc[log.responses["response_ts"] < cut]
    both = ["customer_id", "campaign_id"]
    answers = seen[both].drop_duplicates().merge(log.contacts[[*both, "arm"]], on=both)
    is_control = answers["arm"] == "control"
    counted = answers.assign(n_responders=~is_control, n_control_responders=is_control)
    return counted.groupby("campaign_id")[["n_responders", "n_control_responders"]].sum()


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


def department_spend(events: EventLog, windows: pd.DataFrame, n_largest: int = 8) -> pd.DataFrame:
    """What each customer spent in each of several windows, by department.

    Args:
        events: the event log.
        windows: as for `window_outcomes`.
        n_largest: departments told apart; the rest is ``OTHER``.

    Returns:
        One row per window × customer, indexed by both, one column per department, 0 where nothing
        was bought. Columns sum to the spend of `window_outcomes`.
    """
    spans = ibis.memtable(windows[["window", "start", "end"]])
    lines = events.lines()
    inside = spans.join(lines, (lines.order_ts >= spans.start) & (lines.order_ts < spans.end))
    sums = inside.group_by("window", "customer_id", "department").agg(amount=inside.amount.sum().round(2))
    found = sums.order_by("window", "customer_id", "department").execute()  # sums do not hang on its order
    totals = found.groupby("department")["amount"].sum().sort_values(ascending=False)
    kept = found["department"].isin(totals.index[:n_largest])
    found = found.assign(department=found["department"].where(kept, "OTHER"))
    return found.pivot_table(
        values="amount",
        index=["window", "customer_id"],
        columns="department",
        aggfunc="sum",
        fill_value=0.0,
        observed=True,
    ).astype("float64")


def response_outcomes(log: CampaignLog, past: pd.DataFrame) -> dict[Any, pd.DataFrame]:
    """What customers answered, by campaign.

    Args:
        log: the campaign log; its responses carry ``response_kind`` and ``value``.
        past: from `past_campaigns`; answers before ``seen_until`` count. Where the order log shows what was
            bought meanwhile, only campaigns whose controls answered too: other answers count contacts.

    Returns:
        By campaign one row per customer who answered and one column per kind of response: 1 for kinds
        whose values are all 1 or missing, else the sum of the values. The kind with the largest sum of
        values stands first, and is called ``spend`` where the order log shows none; without such a kind the
        most frequent one does.
    """
    responses = log.responses
    is_rate = responses.groupby("response_kind")["value"].agg(lambda value: bool(value.dropna().eq(1).all()))
    amounts = responses.loc[~responses["response_kind"].map(is_rate).astype(bool)]
    totals = amounts.groupby("response_kind")["value"].sum().sort_values(ascending=False)
    counts = responses["response_kind"].value_counts()
    money = str(totals.index[0]) if len(totals) else ""
    order = [*totals.index, *(kind for kind in counts.index if kind not in totals.index)]
    found = {}
    for campaign in past.loc[~past["is_in_log"] | (past["n_control_responders"] > 0)].itertuples():
        is_own = responses["campaign_id"] == campaign.campaign_id
        own = responses.loc[is_own & (responses["response_ts"] < campaign.seen_until)]
        table = own.assign(value=own["value"].fillna(1.0)).pivot_table(
            values="value", index="customer_id", columns="response_kind", aggfunc="sum", fill_value=0.0
        )
        table = table.reindex(columns=order, fill_value=0.0).astype("float64")
        rates = [kind for kind in order if is_rate[kind]]
        table[rates] = table[rates].clip(upper=1.0)
        names = (
            {name: f"{name} answered" for name in ORDER_OUTCOMES} if campaign.is_in_log else {money: "spend"}
        )
        found[campaign.campaign_id] = table.rename(columns=names)
    return found


def responder_spend(log: CampaignLog, past: pd.DataFrame) -> pd.DataFrame:
    """What the responders of each campaign spent in its window: attribution credits it with all of it.

    Args:
        log: the campaign log.
        past: from `past_campaigns`.

    Returns:
        One row per campaign × responder: ``campaign_id``, ``customer_id``, ``amount``.
    """
    answered = response_outcomes(log, past.loc[~past["is_in_log"]])
    parts = {key: table["spend"] for key, table in answered.items() if "spend" in table}
    known = past.loc[past["is_in_log"], ["campaign_id", "start_date", "window_end"]]
    if len(known):
        bought = window_outcomes(log.orders(), known.set_axis(["window", "start", "end"], axis=1))["spend"]
        parts |= {key: own.droplevel(0) for key, own in bought.groupby(level=0)}
    spend = pd.concat(parts, names=["campaign_id", "customer_id"]) if parts else pd.Series(dtype="float64")
    sent = log.sent()[["customer_id", "campaign_id"]]
    answers = log.responses.merge(sent, on=["customer_id", "campaign_id"])
    end = past["window_end"].where(past["is_in_log"], past["seen_until"])
    ends = answers["campaign_id"].map(end.set_axis(past["campaign_id"]))
    pairs = answers.loc[answers["response_ts"] < ends, ["campaign_id", "customer_id"]]
    pairs = pairs.drop_duplicates(ignore_index=True)
    amount = spend.reindex(pd.MultiIndex.from_frame(pairs), fill_value=0.0)
    return pairs.assign(amount=amount.to_numpy())
