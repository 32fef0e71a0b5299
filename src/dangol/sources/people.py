"""Who is who in a delivery: people resolved to customers before anything else is read from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dangol.identity import (
    accuracy_by_threshold,
    explain_pair,
    kpi_by_threshold,
    people_table,
    resolve,
    with_resolved_ids,
)
from dangol.identity.explain import CURVE
from dangol.identity.resolution import Resolution
from dangol.warehouse.intake import Warehouse
from dangol.workspace import raw_folder

RULE = "identity"
_KEY = ["source", "source_key"]


@dataclass(frozen=True)
class Identities:
    """A warehouse under resolved customer ids, and what was found out on the way.

    Attributes:
        warehouse: all tables name customers by their resolved id.
        resolution: who is who; None if the data set has no people.
        kpi: as in ``tables.IDENTITY_KPI``; None likewise.
    """

    warehouse: Warehouse
    resolution: Resolution | None
    kpi: pd.DataFrame | None

    def table(self, name: str) -> pd.DataFrame | None:
        """A table of the resolution, such as ``golden_record``; None if the data set has no people."""
        return None if self.resolution is None else getattr(self.resolution, name)

    @property
    def metrics(self) -> dict[str, float | int | str]:
        """Figures for the records of the notebook; none if the data set has no people."""
        if self.resolution is None:
            return {}
        golden = self.resolution.golden_record
        return {
            "n_records_of_people": len(self.resolution.people),
            "n_golden_records": len(golden),
            "n_households": int(golden["household_id"].nunique()),
            "identity_method": self.resolution.linkage.method,
        }


def identify(warehouse: Warehouse, threshold: float, region: str, seed: int) -> Identities:
    """Resolve the people of a warehouse and put the resolved ids into every table.

    Ids are replayed over the deliveries: the people known at the first are resolved, then those known
    at the second with the ids of the first as earlier ones, and so on. So ids stay when records come,
    and a rerun gives the same ids without remembering anything.

    Args:
        warehouse: as ``sources.to_canonical`` returns it.
        threshold: pairs of records at least this probable are one person, in (0, 1).
        region: ISO country code of phone numbers without one.
        seed: of the random pairs that chance agreement is learnt from.

    Raises:
        InputError: if the people cannot be told apart; lists every fault.
    """
    people = warehouse.tables.get("people")
    if people is None or people.empty:
        return Identities(warehouse, None, None)
    ids = _ids_in_use(warehouse.tables)
    previous = None
    for earlier in warehouse.earlier_people:
        known = with_accounts(earlier, ids)
        previous = resolve(known, previous, threshold=threshold, region=region, seed=seed).customer_identity
    people = with_accounts(people, ids)
    resolution = resolve(people, previous, threshold=threshold, region=region, seed=seed)
    frames = {name: table for name, table in warehouse.tables.items() if isinstance(table, pd.DataFrame)}
    resolved, changes = with_resolved_ids(frames | {"people": people}, resolution)
    tables = {name: resolved.get(name, table) for name, table in warehouse.tables.items()}
    faults = pd.concat([warehouse.faults, changes.assign(rule=RULE)[warehouse.faults.columns]])
    thresholds = sorted({0.5, threshold, 0.99})
    kpi = kpi_by_threshold(resolution, _amounts(resolution, warehouse.tables), thresholds)
    whole = replace(
        warehouse,
        tables=tables | {"people": people_table(resolution)},
        faults=faults.reset_index(drop=True),
    )
    return Identities(whole, resolution, kpi)


def with_accounts(people: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """The people with the customer id that the company's other tables know each record under.

    Args:
        people: records; ``customer_id`` where a source gives it.
        ids: customer ids in use in other tables.

    Returns:
        The people with ``customer_id``: as given; else the id in use that is written like
        ``source:source_key``, or like ``source_key`` where one source alone uses this key.
    """
    in_use = {str(customer_id): customer_id for customer_id in ids.tolist()}
    alone = people["source_key"].mask(people["source_key"].duplicated(keep=False)).tolist()
    given = people.get("customer_id", pd.Series(pd.NA, people.index)).tolist()
    rows = zip(given, people["source"].tolist(), people["source_key"].tolist(), alone, strict=True)
    found = [
        in_use.get(f"{source}:{key}", in_use.get(str(own), pd.NA)) if pd.isna(known) else known
        for known, source, key, own in rows
    ]
    return people.assign(customer_id=pd.Series(found, people.index, dtype="object"))


def _ids_in_use(tables: Mapping[str, Any]) -> pd.Series:
    customers = tables.get("customers")
    return pd.Series(dtype="object") if customers is None else customers["customer_id"]


def _amounts(resolution: Resolution, tables: Mapping[str, Any]) -> pd.Series:
    """Sales of each record's account, counted at the first record that names it; else missing."""
    lines, people = tables.get("transactions"), resolution.people
    if lines is None:
        return pd.Series(float("nan"), index=people.index)
    sales = lines.groupby("customer_id")["amount"].sum()
    account = people["customer_id"].mask(people["customer_id"].duplicated())
    return account.map(sales).astype("float64")


def accuracy(dataset: str, resolution: Resolution | None) -> pd.DataFrame | None:
    """Precision and recall by threshold where the truth is known, as for the simulator; else None."""
    path = raw_folder(dataset) / "truth" / "identity.parquet"
    if resolution is None or not path.is_file():
        return None
    thresholds = sorted({*CURVE, resolution.threshold})
    return accuracy_by_threshold(resolution, pd.read_parquet(path), thresholds)


def curve_claim(curve: pd.DataFrame, threshold: float) -> str:
    """What the threshold in use costs, in one sentence."""
    row = curve.iloc[int((curve["threshold"] - threshold).abs().argmin())]
    wrong = 1 - row["precision_rate"]
    return f"{row['recall_rate']:.1%} of the true pairs are found, {wrong:.1%} of the pairs found are wrong"


def least_sure_link(resolution: Resolution | None) -> pd.DataFrame:
    """What speaks for and against the least sure link that was followed; weights only, no values.

    Returns:
        As ``explain_pair``; without rows if there is no link.
    """
    columns = ["field", "comparison", "weight_bits", "verdict"]
    if resolution is None:
        return pd.DataFrame(columns=columns)
    pairs = resolution.linkage.pairs
    taken = pairs[~(pairs["match_prob"] < resolution.threshold)].drop(index=resolution.refused.index)
    if taken.empty:
        return pd.DataFrame(columns=columns)
    pair = taken.sort_values(["match_prob", "left", "right"]).iloc[0]
    keys = resolution.people[_KEY]
    one, other = (tuple(keys.iloc[int(pair[side])]) for side in ("left", "right"))
    return explain_pair(resolution, one, other)


def identity_sentence(identities: Identities) -> str:
    """How many customers the records are, and how sure that is."""
    resolution, kpi = identities.resolution, identities.kpi
    if resolution is None or kpi is None:
        return "The data set has no table `people`: customers are who the source says they are."
    n_records, n_people = len(resolution.people), len(resolution.golden_record)
    n_households = resolution.golden_record["household_id"].nunique()
    low, high = kpi["amount_per_customer"].min(), kpi["amount_per_customer"].max()
    return (
        f"**{n_records:,} records are {n_people:,} people** in {n_households:,} households "
        f"({resolution.linkage.reason}). {len(resolution.refused):,} links above the threshold were not "
        "followed, because what is personal to the two conflicts. Sales per customer lie between "
        f"{low:,.2f} and {high:,.2f}, depending on how sure one wants to be."
    )
