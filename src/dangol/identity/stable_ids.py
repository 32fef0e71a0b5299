"""Customer ids that stay when records come, go or change sides, and a log of what moved."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd

_LOG = {"event": "str", "n_records": "int64", "reason": "str"}
_HALF = 2**52  # numbers from here to 2**53 are exact as float64, too, and no company counts so far


def assign_ids(
    people: pd.DataFrame, group: np.ndarray, previous: pd.DataFrame | None
) -> tuple[pd.Series, pd.DataFrame]:
    """Give each group of records its id.

    An id goes to the group that holds most of the records that had it; a group that could have
    several keeps the one most of its records had. Failing an earlier id, the number a company
    already gave (``customer_id`` of the records) stays; failing that, the id is a digest of the
    group's first record. So row order never matters, and a rerun gives the same ids.

    Args:
        people: as ``standardise`` returns it; a ``customer_id`` column is optional.
        group: per record, as ``cluster`` returns it.
        previous: an earlier ``source``, ``source_key``, ``customer_id``; None at the first time.

    Returns:
        ``customer_id`` per record, and the log: one row per ``event`` (``new``, ``joined``,
        ``merged``, ``split``) with ``customer_id``, ``previous_customer_id``, ``n_records``, ``reason``.
    """
    before = _before(people, previous)
    account = people["customer_id"] if "customer_id" in people else pd.Series(pd.NA, people.index)
    taken = _claims(group, before, account)
    is_number = _is_number(before) if before.notna().any() else _is_number(account)
    first = pd.Series(group).drop_duplicates().index
    digests = {
        int(group[row]): _digest(people["source"].iloc[row], people["source_key"].iloc[row], is_number)
        for row in first
        if int(group[row]) not in taken
    }
    by_group = taken | digests
    ids = pd.Series([by_group[number] for number in group.tolist()], index=people.index, name="customer_id")
    ids = ids.astype("int64" if is_number else "str")
    return ids, _log(ids, before if previous is not None else account, previous is not None)


def _before(people: pd.DataFrame, previous: pd.DataFrame | None) -> pd.Series:
    if previous is None or previous.empty:
        return pd.Series(pd.NA, index=people.index, dtype="object")
    keys = pd.MultiIndex.from_frame(people[["source", "source_key"]])
    known = previous.set_index(["source", "source_key"])["customer_id"].astype("object")
    return pd.Series(known.reindex(keys).to_numpy(), index=people.index)


def _is_number(ids: pd.Series) -> bool:
    known = ids.dropna()
    return len(known) > 0 and all(isinstance(value, int | np.integer) for value in known.tolist())


def _claims(group: np.ndarray, before: pd.Series, account: pd.Series) -> dict[int, Any]:
    """Group to id: earlier ids first, then a company's own, each to whoever holds most of its records."""
    taken: dict[int, Any] = {}
    given: set[Any] = set()
    for ids in (before, account):
        claims = pd.DataFrame({"group": group, "id": ids.to_numpy(dtype="object")}).dropna()
        sizes = claims.groupby(["group", "id"], sort=False).size().reset_index(name="n")
        sizes = sizes.sort_values(["n", "id"], ascending=[False, True])
        for number, earlier in zip(sizes["group"].tolist(), sizes["id"].tolist(), strict=True):
            if number not in taken and earlier not in given:
                taken[number] = earlier
                given.add(earlier)
        given |= set(claims["id"])  # an id of others, even one that went, means nobody else
    return taken


def _digest(source: str, source_key: str, is_number: bool) -> Any:
    digest = hashlib.blake2b(f"{source}\0{source_key}".encode(), digest_size=8).digest()
    return _HALF + int.from_bytes(digest) % _HALF if is_number else f"c{digest.hex()}"


def _log(ids: pd.Series, before: pd.Series, has_previous: bool) -> pd.DataFrame:
    moves = pd.DataFrame({"customer_id": ids, "previous_customer_id": before.to_numpy(dtype="object")})
    sizes = moves.groupby(["customer_id", "previous_customer_id"], dropna=False).size()
    table = sizes.reset_index(name="n_records")
    known = table["previous_customer_id"].notna()
    is_kept = table["customer_id"].astype("object") == table["previous_customer_id"]
    kept_ids = set(table.loc[is_kept, "customer_id"])
    is_old = table["customer_id"].isin(kept_ids | set(table.loc[known, "customer_id"]))
    live = set(ids)
    event = np.select(
        [is_kept, known & table["previous_customer_id"].isin(live), known, is_old, ~is_old],
        ["kept", "split", "merged", "joined", "new"],
        default="",
    )
    reason = {
        "split": "these records are no longer linked to the rest of the earlier customer",
        "merged": "a link joins the earlier customer to this one",
        "joined": "new records are linked to this customer",
        "new": "no record of this customer was known before",
    }
    log = table.assign(event=event)[lambda rows: rows["event"].isin(reason)]
    if not has_previous:
        log = log[log["event"].isin(["merged", "split"])]
    log = log.assign(reason=log["event"].map(reason)).astype(_LOG)
    columns = ["event", "customer_id", "previous_customer_id", "n_records", "reason"]
    kind = "Int64" if pd.api.types.is_integer_dtype(ids.dtype) else "str"
    log["previous_customer_id"] = log["previous_customer_id"].astype(kind)
    return log[columns].sort_values(["event", "customer_id"], ignore_index=True)
