"""A wide campaign file to customers, campaigns, contacts and responses."""

import pandas as pd

from dangol.sources.own.defaults import CONTROL, TREATMENT
from dangol.sources.own.spec import CampaignFile
from dangol.sources.own.values import plain
from dangol.warehouse.intake import Intake

_OUTCOME, _ATTRIBUTE = "outcome_", "attribute_"


def tables_of(
    intakes: list[Intake], given: CampaignFile, customers: pd.DataFrame | None
) -> dict[str, pd.DataFrame]:
    """Canonical tables of a wide file.

    Args:
        intakes: one per file; rows with problems have been set aside.
        given: what the spec says about the file.
        customers: attributes known from another table; those of the file are added.

    Returns:
        ``customers``, ``campaigns``, ``contacts`` and ``responses``; the books count the file once,
        since all four come from the same rows.
    """
    _set_aside_repeated(intakes, given)
    rows = pd.concat([intake.frame for intake in intakes], ignore_index=True)
    rows = _identified(rows, given)
    campaigns = _campaigns(rows, given)
    return {
        "customers": _customers(rows, customers),
        "campaigns": campaigns,
        "contacts": _contacts(rows, given, campaigns),
        "responses": _responses(rows, given),
    }


def _set_aside_repeated(intakes: list[Intake], given: CampaignFile) -> None:
    """A customer counts once per campaign; the first row is kept, since outcomes cannot be merged."""
    key = [name for name in ("customer_id", "campaign_id") if getattr(given, name)]
    if "customer_id" not in key:
        return
    seen = pd.concat([intake.frame[key] for intake in intakes], ignore_index=True).duplicated().to_numpy()
    start = 0
    for intake in intakes:
        own = pd.Series(seen[start : start + len(intake.frame)], index=intake.frame.index)
        start += len(own)
        if own.any():
            intake.set_aside(own, "customer listed again in the same campaign")


def _identified(rows: pd.DataFrame, given: CampaignFile) -> pd.DataFrame:
    """Customer, campaign and arm for every row."""
    if given.customer_id is None:
        rows = rows.assign(customer_id=range(1, len(rows) + 1))
    if given.campaign_id is None:
        rows = rows.assign(campaign_id=given.campaign.id)
    if given.arm is None:
        return rows.assign(arm=TREATMENT)
    arm = rows["arm"].mask(rows["arm"] == plain(given.control), CONTROL) if given.control else rows["arm"]
    return rows.assign(arm=arm.replace({plain(old): new for old, new in given.arms.items()}))


def _start(given: CampaignFile) -> pd.Timestamp:
    return pd.Timestamp(given.campaign.start_date).as_unit("us")


def _campaigns(rows: pd.DataFrame, given: CampaignFile) -> pd.DataFrame:
    """One row per campaign; its last day is the last day of the outcome window."""
    start, cost = _start(given), given.campaign.contact_cost
    return pd.DataFrame({"campaign_id": sorted(rows["campaign_id"].unique())}).assign(
        campaign_type=given.campaign.type,
        channel=given.campaign.channel,
        start_date=start,
        end_date=start + pd.Timedelta(days=given.campaign.outcome_window_days - 1),
        contact_cost=float("nan") if cost is None else cost,
    )


def _contacts(rows: pd.DataFrame, given: CampaignFile, campaigns: pd.DataFrame) -> pd.DataFrame:
    contacts = rows[["customer_id", "campaign_id", "arm"]]
    cost = campaigns["contact_cost"].iloc[0] if len(campaigns) else 0.0
    return contacts.assign(
        contact_ts=_start(given),
        is_randomized=given.campaign.is_randomized,
        contact_cost=(contacts["arm"] == CONTROL).map({True: 0.0, False: cost}),
    )


def _responses(rows: pd.DataFrame, given: CampaignFile) -> pd.DataFrame:
    """One row per outcome that is not zero; undated ones fall on the last day of the window."""
    last_day = _start(given) + pd.Timedelta(days=given.campaign.outcome_window_days - 1)
    parts = []
    for name, outcome in given.outcomes.items():
        value = rows[f"{_OUTCOME}{name}"]
        happened = value.notna() & (value != 0)
        hit = rows.loc[happened, ["customer_id", "campaign_id"]]
        dated = rows.loc[happened, "response_ts"].fillna(last_day) if given.response_date else last_day
        worth = 1.0 if outcome.kind == "binary" else value[happened]
        parts.append(hit.assign(response_ts=dated, response_kind=name, value=worth))
    return pd.concat(parts, ignore_index=True)


def _customers(rows: pd.DataFrame, known: pd.DataFrame | None) -> pd.DataFrame:
    """One row per customer; of several campaigns the last row's attributes hold."""
    names = {name: name.removeprefix(_ATTRIBUTE) for name in map(str, rows) if name.startswith(_ATTRIBUTE)}
    own = rows[["customer_id", *names]].rename(columns=names).drop_duplicates("customer_id", keep="last")
    if known is None:
        return own.reset_index(drop=True)
    fresh = own[["customer_id", *(name for name in own if name not in known)]]
    return known.merge(fresh, on="customer_id", how="outer")
