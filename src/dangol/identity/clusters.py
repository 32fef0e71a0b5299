"""From pairs to persons: connected records, unless two of them cannot be one person."""

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from dangol.identity.comparisons import BIRTH_DATES_CONFLICT, PERSONS_CONFLICT, personal_conflict
from dangol.identity.engine import quiet_duckdb

# bits against a match from which a difference is a conflict: 1 in 32 for name and birth date together,
# 1 in 16 for a birth date alone, 1 in 512 for all that is personal. Where a field is wrong more often
# than that, it refuses nothing.
_PERSONS_BITS, _BIRTH_DATES_BITS, _PERSONAL_BITS = -5.0, -4.0, -9.0
_IN_FULL = dict.fromkeys(("given_name", "birth_date", "phone", "email", "identifier"), -5.0)


def cluster(
    people: pd.DataFrame,
    links: pd.DataFrame,
    max_records: int,
    difference_weight: Mapping[str, float] | None = None,
    account_prob: float = 0.0,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Group records that are linked, directly or through others.

    A group is built from its surest link to its least sure one; a link is refused where it would
    bring together more than ``max_records``, or two records that cannot be one person: given names
    and birth dates both differ; birth dates differ and no link joins the two directly; or birth date,
    phone, e-mail and identifier differ as far as known; or two accounts of the company, which only a
    direct link of at least ``account_prob`` joins.

    Args:
        people: as ``standardise`` returns it.
        links: pairs that count as one person: ``left``, ``right``, ``match_prob`` (missing under
            rules).
        max_records: of one person.
        difference_weight: bits that "different" counts per field, as ``Linkage`` has it; if none
            are known, every field counts in full.
        account_prob: from which a link joins two records of different ``customer_id``; under rules,
            which give no probability, every link does.

    Returns:
        Per record the number of its group, from 0 in the order of its first record; and the links
        refused with their ``refusal`` in words.
    """
    rough = _components(len(people), links)
    conflicts = _conflicts(people, rough, links, _conflict_sql(difference_weight or _IN_FULL))
    conflicts |= _accounts_apart(people, rough, links, account_prob)
    sizes = np.bincount(rough, minlength=1)
    crowded = np.flatnonzero(sizes > max_records)
    watched = set(crowded.tolist()) | {int(rough[left]) for left, _ in conflicts}
    if not watched:
        return rough, links.iloc[:0].assign(refusal="")
    is_watched = np.isin(rough[links["left"]], list(watched))
    surest = links[is_watched].sort_values(["match_prob", "left", "right"], ascending=[False, True, True])
    joined, refused = _join(surest, conflicts, max_records)
    kept = links.drop(index=refused.index)
    calm = kept[~np.isin(rough[kept["left"]], list(watched))]
    return _components(len(people), pd.concat([calm, joined])), refused


def _components(n_records: int, links: pd.DataFrame) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(links), dtype=np.int8)
    graph = coo_array((ones, (links["left"], links["right"])), shape=(n_records, n_records))
    return pd.factorize(connected_components(graph, directed=False)[1])[0]


def _conflict_sql(difference_weight: Mapping[str, float]) -> str:
    birth_date = difference_weight.get("birth_date", 0.0)
    given_name = difference_weight.get("given_name", 0.0)
    conditions = [personal_conflict(difference_weight, _PERSONAL_BITS)]
    if birth_date + given_name <= _PERSONS_BITS:
        conditions.append(PERSONS_CONFLICT)
    if birth_date <= _BIRTH_DATES_BITS:
        conditions.append(f'links."left" IS NULL AND {BIRTH_DATES_CONFLICT}')
    return " OR ".join(f"({condition})" for condition in conditions)


def _conflicts(
    people: pd.DataFrame, rough: np.ndarray, links: pd.DataFrame, conflict: str
) -> set[tuple[int, int]]:
    """Pairs within one component that may not end in one group."""
    several = np.bincount(rough, minlength=1)[rough] > 1
    needed = ["given_name", "surname", "given_roman", "given_sound", "birth_digits", "birth_swapped"]
    needed += ["phone", "mailbox", "identifier"]
    members = people.loc[several, needed].assign(record=np.flatnonzero(several), component=rough[several])
    sides = {
        side: ", ".join(f"{name} AS {name}_{side}" for name in (*needed, "record", "component"))
        for side in "lr"
    }
    with quiet_duckdb() as connection:
        connection.register("members", members)
        connection.register("links", links[["left", "right"]])
        found = connection.execute(f"""
            SELECT record_l, record_r
            FROM (SELECT {sides["l"]} FROM members) JOIN (SELECT {sides["r"]} FROM members)
              ON component_l = component_r AND record_l < record_r
            LEFT JOIN links ON links."left" = record_l AND links."right" = record_r
            WHERE {conflict}
        """).fetchnumpy()
    return set(zip(found["record_l"].tolist(), found["record_r"].tolist(), strict=True))


def _accounts_apart(
    people: pd.DataFrame, rough: np.ndarray, links: pd.DataFrame, account_prob: float
) -> set[tuple[int, int]]:
    """Pairs of records of different accounts within one component that no sure link joins."""
    if "customer_id" not in people or account_prob <= 0:
        return set()
    sure = links[~(links["match_prob"] < account_prob)]
    joined = set(zip(sure["left"].tolist(), sure["right"].tolist(), strict=True))
    account = people["customer_id"].tolist()
    known = pd.Series(rough)[people["customer_id"].notna().to_numpy()]
    return {
        pair
        for records in known.groupby(known).groups.values()
        for pair in combinations(sorted(records.tolist()), 2)
        if account[pair[0]] != account[pair[1]] and pair not in joined
    }


def _join(
    surest: pd.DataFrame, conflicts: set[tuple[int, int]], max_records: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Links taken and links refused, the surest first."""
    group: dict[int, set[int]] = {}
    enemies: dict[int, set[int]] = {}
    for left, right in conflicts:
        enemies.setdefault(left, set()).add(right)
        enemies.setdefault(right, set()).add(left)
    refusals: dict[object, str] = {}
    sides = (surest["left"].tolist(), surest["right"].tolist())
    for index, left, right in zip(surest.index, *sides, strict=True):
        one, other = group.setdefault(left, {left}), group.setdefault(right, {right})
        if one is other:
            continue
        if refusal := _refusal(one, other, enemies, max_records):
            refusals[index] = refusal
            continue
        small, large = sorted((one, other), key=len)
        large |= small
        for record in small:
            group[record] = large
    refused = surest.loc[list(refusals)].assign(refusal=pd.Series(refusals, dtype="str"))
    return surest.drop(index=refused.index), refused


def _refusal(one: Iterable[int], other: set[int], enemies: dict[int, set[int]], max_records: int) -> str:
    members = set(one)
    if len(members) + len(other) > max_records:
        return f"more than {max_records} records would become one customer"
    if any(enemies.get(record, set()) & other for record in members):
        return "what is personal to each conflicts"
    return ""
