"""Identity resolution: people from several sources become customers with golden records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field, TypeAdapter, ValidationError

from dangol.errors import InputError
from dangol.identity.clusters import cluster
from dangol.identity.fields import Columns
from dangol.identity.households import households
from dangol.identity.linkage import RULES, Linkage, link
from dangol.identity.stable_ids import assign_ids
from dangol.identity.standard import SHOWN, standardise
from dangol.identity.survivorship import golden_records

DEFAULT_THRESHOLD, ACCOUNT_PROB = 0.9, 0.999
_SHARE = TypeAdapter(Annotated[float, Field(gt=0, lt=1)])
_COUNT = TypeAdapter(Annotated[int, Field(ge=1)])


@dataclass(frozen=True)
class Resolution:
    """Who is who.

    Attributes:
        people: one record per row, brought to one form; columns as in ``tables.PEOPLE``, and those
            that were compared.
        customer_identity: one record per row: ``customer_id``, and ``match_prob``, the probability
            of the surest link that ties the record to its customer; missing for customers of one
            record and under rules, which give none.
        golden_record: one customer per row, with ``household_id`` and ``n_records``.
        golden_reason: one customer and field per row: source record, rule, reason.
        identity_log: what changed against ``previous``.
        refused: links over the threshold that were not followed, and why.
        linkage: the pairs, their weights, and how they were found.
        threshold: pairs at least this probable were taken for one person.
        max_records: of one customer.
        account_prob: pairs of different accounts at least this probable were taken for one person.
    """

    people: pd.DataFrame
    customer_identity: pd.DataFrame
    golden_record: pd.DataFrame
    golden_reason: pd.DataFrame
    identity_log: pd.DataFrame
    refused: pd.DataFrame
    linkage: Linkage
    threshold: float
    max_records: int
    account_prob: float

    def groups_at(self, threshold: float) -> np.ndarray:
        """Per record of ``people`` the number of its group, had the threshold been this."""
        links = _links(self.linkage, threshold)
        weights = self.linkage.difference_weight
        return cluster(self.people, links, self.max_records, weights, self.account_prob)[0]


def resolve(
    people: pd.DataFrame,
    previous: pd.DataFrame | None = None,
    *,
    columns: Columns | None = None,
    threshold: float = DEFAULT_THRESHOLD,
    region: str = "KR",
    day_first: bool | None = None,
    latest: date | None = None,
    survivorship: Mapping[str, str] | None = None,
    trusted_sources: Sequence[str] = (),
    max_records: int = 30,
    max_household: int = 8,
    account_prob: float = ACCOUNT_PROB,
    seed: int = 1,
) -> Resolution:
    """Resolve records of people to customers.

    Args:
        people: one row per record of a source.
        previous: an earlier ``customer_identity``; its ids stay.
        columns: field to column(s), as in ``fields.field_texts``; None if they have the fields' names.
        threshold: pairs at least this probable are one person, in (0, 1). 0.9 says that a wrong
            merge costs nine times as much as a missed one. Rules know no threshold.
        region: ISO country code of phone numbers without one.
        day_first: how to read 03/02/1990; None lets each source's other dates decide.
        latest: birth dates after it are impossible; None for today.
        survivorship: field to rule, as in ``survivorship.golden_records``.
        trusted_sources: the most trusted first.
        max_records: of one customer.
        max_household: customers of one household.
        account_prob: two records of different ``customer_id`` are one person only if at least this
            probable, in [0, 1): joining two accounts of a company by mistake mixes two histories.
        seed: of the random pairs that chance agreement is learnt from.

    Raises:
        InputError: listing every fault of the arguments, or of the records' keys.
    """
    _check(previous, threshold, max_records, max_household)
    standard = standardise(people, columns, region, day_first, latest)
    linkage = link(standard, seed)
    links = _links(linkage, threshold)
    group, refused = cluster(standard, links, max_records, linkage.difference_weight, account_prob)
    customer_id, log = assign_ids(standard, group, previous)
    golden, reason = golden_records(standard, customer_id, survivorship, trusted_sources)
    living = households(standard, customer_id, max_household)
    identity = standard[["source", "source_key"]].assign(
        customer_id=customer_id, match_prob=_surest(links, refused, len(standard))
    )
    golden = golden.assign(household_id=golden["customer_id"].map(living))
    return Resolution(
        standard, identity, golden, reason, log, refused, linkage, threshold, max_records, account_prob
    )


def people_table(resolution: Resolution) -> pd.DataFrame:
    """The records in the form of ``tables.PEOPLE``."""
    return resolution.people[list(SHOWN)]


def _check(previous: pd.DataFrame | None, threshold: float, max_records: int, max_household: int) -> None:
    faults = []
    checks = ((_SHARE, "threshold", threshold), (_COUNT, "max_records", max_records))
    for adapter, name, value in (*checks, (_COUNT, "max_household", max_household)):
        try:
            adapter.validate_python(value)
        except ValidationError as error:
            faults.append(f"{name}: {error.errors()[0]['msg'].lower()}, received {value!r}")
    if previous is not None:
        missing = {"source", "source_key", "customer_id"} - set(previous.columns)
        if missing:
            faults.append(f"previous lacks {', '.join(sorted(missing))}: give an earlier customer_identity")
        elif previous.duplicated(["source", "source_key"]).any():
            faults.append("previous holds a record more than once: give an earlier customer_identity")
    if faults:
        raise InputError("identities cannot be resolved:\n" + "\n".join(f"  - {fault}" for fault in faults))


def _links(linkage: Linkage, threshold: float) -> pd.DataFrame:
    pairs = linkage.pairs
    return pairs if linkage.method == RULES else pairs[pairs["match_prob"] >= threshold]


def _surest(links: pd.DataFrame, refused: pd.DataFrame, n_records: int) -> np.ndarray:
    taken = links.drop(index=refused.index)
    best = np.full(n_records, -1.0)
    for side in ("left", "right"):
        np.maximum.at(best, taken[side].to_numpy(), taken["match_prob"].fillna(-1.0).to_numpy())
    return np.where(best < 0, np.nan, best)
