"""Golden records: per customer and field the value that survives, from which record, by which rule."""

from collections.abc import Mapping, Sequence

import pandas as pd

from dangol.errors import InputError
from dangol.identity.fields import GOLDEN

RECENT, FREQUENT, COMPLETE, TRUSTED = "most recent", "most frequent", "most complete", "most trusted source"
RULES: Mapping[str, str] = {
    "name": FREQUENT,
    "birth_date": FREQUENT,
    "phone": RECENT,
    "email": RECENT,
    "address": RECENT,
}
_SORT_KEY = {RECENT: "age", FREQUENT: "rareness", COMPLETE: "shortness", TRUSTED: "trust"}
_TIES = ("age", "rareness", "shortness", "trust", "source", "source_key")


def golden_records(
    people: pd.DataFrame,
    customer_id: pd.Series,
    rules: Mapping[str, str] | None = None,
    trusted_sources: Sequence[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One record per customer, and why each of its fields holds what it holds.

    Args:
        people: as ``standardise`` returns it.
        customer_id: per record.
        rules: field to one of ``most recent`` (latest ``recorded_date``), ``most frequent``,
            ``most complete`` (longest), ``most trusted source``; fields not named keep ``RULES``.
            A rule that does not decide is followed by the others, in this order.
        trusted_sources: the most trusted first; sources not named come after them.

    Returns:
        One row per ``customer_id``: the fields and ``n_records``; and one row per customer and
        field that is known: ``source``, ``source_key``, ``rule``, ``n_values`` and ``reason``.

    Raises:
        InputError: if a field or rule is unknown; all are listed.
    """
    chosen = {**RULES, **_checked(rules or {}, trusted_sources)}
    records = people.assign(customer_id=customer_id.to_numpy())
    golden = records.groupby("customer_id").size().rename("n_records").reset_index()
    reasons = []
    for field in GOLDEN:
        best = _best(records, field, chosen[field], list(trusted_sources))
        golden = golden.merge(best[["customer_id", field]], on="customer_id", how="left")
        reasons.append(_reasons(best, field, chosen[field]))
    columns = ["customer_id", *GOLDEN, "n_records"]
    reason = pd.concat(reasons).sort_values(["customer_id", "field"], ignore_index=True)
    return golden[columns], reason


def _checked(rules: Mapping[str, str], trusted_sources: Sequence[str]) -> Mapping[str, str]:
    faults = [
        f"unknown field {field}: expected {', '.join(GOLDEN)}" for field in rules if field not in GOLDEN
    ]
    faults += [
        f"unknown rule {rule!r} for {field}: expected {', '.join(_SORT_KEY)}"
        for field, rule in rules.items()
        if rule not in _SORT_KEY
    ]
    if TRUSTED in rules.values() and not trusted_sources:
        faults.append(f"rule {TRUSTED!r} needs trusted_sources, the most trusted first")
    if faults:
        raise InputError("survivorship rules:\n" + "\n".join(f"  - {fault}" for fault in faults))
    return rules


def _best(records: pd.DataFrame, field: str, rule: str, trusted: list[str]) -> pd.DataFrame:
    known = records.loc[
        records[field].notna(), ["customer_id", "source", "source_key", "recorded_date", field]
    ]
    alike = known.groupby(["customer_id", field])[field].transform("size")
    rank = {source: place for place, source in enumerate(trusted)}
    ranked = known.assign(
        age=-known["recorded_date"].astype("int64").where(known["recorded_date"].notna(), -(2**62)),
        rareness=-alike,
        shortness=-known[field].astype("str").str.len(),
        trust=known["source"].map(rank).fillna(len(rank)).astype("int64"),
        n_alike=alike,
        n_values=known.groupby("customer_id")[field].transform("nunique"),
    )
    order = ["customer_id", _SORT_KEY[rule], *(key for key in _TIES if key != _SORT_KEY[rule])]
    return ranked.sort_values(order).drop_duplicates("customer_id")


def _reasons(best: pd.DataFrame, field: str, rule: str) -> pd.DataFrame:
    detail = {
        RECENT: best["recorded_date"].dt.strftime(", recorded %Y-%m-%d").fillna(", no date known"),
        FREQUENT: ", in " + best["n_alike"].astype("str") + " record(s)",
        COMPLETE: ", " + (-best["shortness"]).astype("str") + " characters",
        TRUSTED: ", " + best["source"],
    }[rule]
    several = rule + " of " + best["n_values"].astype("str") + " values" + detail
    return pd.DataFrame(
        {
            "customer_id": best["customer_id"],
            "field": field,
            "source": best["source"],
            "source_key": best["source_key"],
            "rule": rule,
            "n_values": best["n_values"].astype("int64"),
            "reason": several.where(best["n_values"] > 1, "the only value known").astype("str"),
        }
    )
