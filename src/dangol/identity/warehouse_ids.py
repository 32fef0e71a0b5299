"""Resolved customer ids for every table of the warehouse."""

from collections.abc import Mapping

import pandas as pd

from dangol.identity.resolution import Resolution

_ONE_ROW_EACH = {"customers": ["customer_id"], "contacts": ["customer_id", "campaign_id"]}


def resolved_ids(resolution: Resolution) -> pd.Series:
    """From the customer ids a company's tables hold to the resolved ones.

    A record is named by its own ``customer_id`` where it has one, by ``source:source_key``, and by
    ``source_key`` alone if no other source uses the same.
    """
    people, resolved = resolution.people, resolution.customer_identity["customer_id"].to_numpy()
    names = [people["source"] + ":" + people["source_key"]]
    names.append(people["source_key"].mask(people["source_key"].duplicated(keep=False)))
    if "customer_id" in people:
        names.insert(0, people["customer_id"])
    known = pd.concat([pd.Series(resolved, index=name.to_numpy(dtype="object")) for name in names])
    known = known[known.index.notna()]
    return known[~known.index.duplicated()]


def with_resolved_ids(
    tables: Mapping[str, pd.DataFrame], resolution: Resolution
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The tables under resolved customer ids.

    Args:
        tables: canonical tables by name; ``people`` is brought to the form of ``tables.PEOPLE``.
        resolution: of ``tables["people"]``.

    Returns:
        The tables; and what was done, one row per table with columns as in ``tables.DATA_FAULTS``.
        Customers that became one leave one row, with the attributes known first; of two contacts
        of one customer in one campaign the earlier stays. Ids of nobody among the people stay.
    """
    known = resolved_ids(resolution)
    result, faults = dict(tables), []
    for name, frame in tables.items():
        if name == "people" or "customer_id" not in frame.columns:
            continue
        mapped, n_moved, n_folded = _mapped(frame, known, _ONE_ROW_EACH.get(name, []))
        result[name] = mapped
        for n_rows, treatment in (
            (n_moved, "kept: customer id replaced"),
            (n_folded, "folded into the row kept"),
        ):
            fault = (
                "customer known under several ids"
                if "replaced" in treatment
                else "second row of one customer"
            )
            faults.append((name, fault, n_rows, 0.0, treatment))
    columns = ["table", "fault", "n_rows", "amount", "treatment"]
    found = pd.DataFrame(faults, columns=columns)
    return result, found[found["n_rows"] > 0].reset_index(drop=True)


def _mapped(frame: pd.DataFrame, known: pd.Series, key: list[str]) -> tuple[pd.DataFrame, int, int]:
    before = frame["customer_id"]
    new = known.to_dict()
    change = {old: new.get(old, old) for old in before.drop_duplicates().tolist()}
    is_number = all(isinstance(value, int) for value in change.values())
    after = [change[old] for old in before.tolist()]  # map would turn numbers into floats
    mapped = frame.assign(customer_id=pd.Series(after, frame.index, "int64" if is_number else "str"))
    n_moved = int((mapped["customer_id"].astype("str") != before.astype("str")).sum())
    if not key or not mapped.duplicated(key).any():
        return mapped, n_moved, 0
    date = next((name for name in ("contact_ts", "first_seen_date") if name in mapped), None)
    ordered = mapped.sort_values(date, kind="stable") if date else mapped
    folded = ordered.groupby(key, as_index=False).first()
    return folded[frame.columns.tolist()], n_moved, len(mapped) - len(folded)
