"""Tables of own data brought to their contracts: keys once, defaults counted, missing tables made."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dangol.sources.own.fields import FIELDS, KEYS
from dangol.sources.own.spec import TableSpec
from dangol.sources.own.staging import is_set_aside
from dangol.sources.own.versions import Kept
from dangol.warehouse.intake import Intake
from dangol.warehouse.rules import UNKNOWN

CONTROL, TREATMENT, ONE_CAMPAIGN = "control", "treatment", "campaign"

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "products": {"department": UNKNOWN, "category": None, "brand": UNKNOWN},
    "stores": {"channel": UNKNOWN},
    "campaigns": {"campaign_type": ONE_CAMPAIGN, "channel": UNKNOWN},
    "contacts": {"campaign_id": ONE_CAMPAIGN, "arm": TREATMENT, "is_randomized": False},
    "responses": {"campaign_id": ONE_CAMPAIGN, "response_kind": "response"},
    "campaign_products": {"coupon_id": UNKNOWN},
    "promotions": {"is_displayed": False, "is_mailed": False},
}


def keep_unknown_possible(kept: Mapping[str, Sequence[Kept]], ids: dict[str, str]) -> None:
    """Identifiers that some rows lack become text in all tables alike, because the default is a word."""
    for table, files in kept.items():
        for name in (name for name, field in FIELDS.get(table, {}).items() if field.kind == "id"):
            if name in ids and any(_lacks(one, name) for one in files):
                ids[name] = "string"


def _lacks(kept: Kept, name: str) -> bool:
    plan = kept.staged.plan
    if name not in plan.names:
        return True
    usable = kept.table.filter(~is_set_aside(plan, kept.table))
    return not plan.column(name).needed and bool(usable[name].isnull().any().execute())


def fill(intakes: Sequence[Intake], table: str) -> None:
    """Columns and cells the contract needs and the source lacks, each kind counted."""
    for intake in intakes:
        for name, value in _DEFAULTS.get(table, {}).items():
            default = intake.frame["department"] if name == "category" else value
            treatment = f"kept: {name} set to {_word(name, value)}"
            if name not in intake.frame:
                intake.note_absent(len(intake.frame), f"no {name} in the source", treatment)
                intake.frame = intake.frame.assign(**{name: default})
            elif (missing := intake.frame[name].isna()).any():
                intake.note(missing, f"row without {name}", treatment)
                intake.frame = intake.frame.assign(**{name: intake.frame[name].mask(missing, default)})
            if isinstance(value, bool):
                intake.frame = intake.frame.astype({name: "bool"})


def _word(name: str, value: Any) -> str:
    return "the department" if name == "category" else str(value)


def name_sources(people: Sequence[Intake]) -> None:
    """Records of people that do not say which system they come from are named after their file."""
    for intake in people:
        if "source" not in intake.frame:
            intake.frame = intake.frame.assign(source=intake.source_file.rpartition("/")[2].split(".")[0])


def keep_one_per_key(intakes: Sequence[Intake], table: str, given: TableSpec) -> None:
    """Of rows with the same key the last one is kept, over all files of a table."""
    fill(intakes, table)
    key = list(given.key or KEYS.get(table, ()))
    if not key or not intakes or any(set(key) - set(intake.frame) for intake in intakes):
        return
    keys = pd.concat([intake.frame[key] for intake in intakes], ignore_index=True)
    is_repeated = keys.duplicated(key, keep="last").to_numpy()
    start = 0
    for intake in intakes:
        own = is_repeated[start : start + len(intake.frame)]
        start += len(own)
        if own.any():
            intake.set_aside(pd.Series(own, index=intake.frame.index), "key listed again further down")


def completed(made: dict[str, pd.DataFrame], contact_cost: float) -> dict[str, pd.DataFrame]:
    """Tables with every column of their contract, and campaigns where only their contacts are given."""
    tables = dict(made)
    if "contacts" in tables:
        tables["campaigns"] = _campaigns(tables, contact_cost)
        tables["contacts"] = _contacts(tables, contact_cost)
    if "responses" in tables and "value" not in tables["responses"]:
        tables["responses"] = tables["responses"].assign(value=float("nan"))
    if "events" in tables and "text" not in tables["events"]:
        tables["events"] = tables["events"].assign(text=pd.Series(pd.NA, tables["events"].index, dtype="str"))
    return tables


def n_without_cost(tables: Mapping[str, pd.DataFrame]) -> int:
    """Contacts of which neither their row nor their campaign's says what they cost; controls cost nothing."""
    if "contacts" not in tables:
        return 0
    contacts = tables["contacts"]
    unknown = pd.Series(float("nan"), index=contacts.index)
    of_campaign = unknown
    if "contact_cost" in tables.get("campaigns", ()):
        costs = tables["campaigns"].set_index("campaign_id")["contact_cost"]
        of_campaign = contacts["campaign_id"].map(costs)
    cost = contacts.get("contact_cost", unknown).fillna(of_campaign)
    return int((cost.isna() & (contacts["arm"] != CONTROL)).sum())


def _campaigns(tables: Mapping[str, pd.DataFrame], contact_cost: float) -> pd.DataFrame:
    """Campaigns as given, or one per campaign contacted; an end that is missing follows from responses."""
    contacts = tables["contacts"]
    responses = tables.get("responses", pd.DataFrame({"campaign_id": [], "response_ts": []}))
    last = responses.groupby("campaign_id")["response_ts"].max()
    if "campaigns" in tables:
        campaigns = tables["campaigns"]
    else:
        times = contacts.get("contact_ts", pd.Series(responses["response_ts"].min(), contacts.index))
        start = times.groupby(contacts["campaign_id"]).min().dt.normalize()
        campaigns = pd.DataFrame({"campaign_id": start.index, "start_date": start.to_numpy()}).assign(
            campaign_type=ONE_CAMPAIGN, channel=UNKNOWN
        )
    end = campaigns["campaign_id"].map(last).dt.normalize()
    end = end.where(end > campaigns["start_date"], campaigns["start_date"])
    given = campaigns.get("end_date", end)
    cost = campaigns.get("contact_cost", contact_cost)
    filled = campaigns.assign(end_date=given.fillna(end), contact_cost=cost)
    return filled.assign(contact_cost=filled["contact_cost"].astype("float64").fillna(contact_cost))


def _contacts(tables: Mapping[str, pd.DataFrame], contact_cost: float) -> pd.DataFrame:
    """Contacts dated and priced as their campaign where the source is silent; control costs nothing."""
    contacts = tables["contacts"]
    campaigns = tables["campaigns"].set_index("campaign_id")
    start = contacts["campaign_id"].map(campaigns["start_date"])
    cost = contacts["campaign_id"].map(campaigns["contact_cost"]).fillna(contact_cost)
    cost = cost.where(contacts["arm"] != CONTROL, 0.0)
    times = contacts["contact_ts"].fillna(start) if "contact_ts" in contacts else start
    own = contacts["contact_cost"].fillna(cost) if "contact_cost" in contacts else cost
    return contacts.assign(contact_ts=times, contact_cost=own.astype("float64"))
