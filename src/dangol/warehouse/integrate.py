"""From what a source hands over to the warehouse: the rules every source shares, then whole tables."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from dangol import tables
from dangol.breaches import kind_breaches
from dangol.contracts import Table
from dangol.errors import InputError
from dangol.warehouse.cross_rules import CONTRADICTION_RULES, INFERRED, ORPHAN_RULES, orphans
from dangol.warehouse.frames import Frames
from dangol.warehouse.inferred import with_all_customers, with_inferred_products, with_inferred_stores
from dangol.warehouse.intake import QUARANTINED, Intake, Warehouse, warehouse_of
from dangol.warehouse.lazy_intake import LazyIntake
from dangol.warehouse.rules import ROW_RULES, Rule, contract_rules

_CONTRACTS = {table.name: table for table in tables.ALL}
_IDS = ("customer_id", "product_id", "store_id", "campaign_id")
_SHARED_RULES = (*ORPHAN_RULES, *ROW_RULES, *CONTRADICTION_RULES)
RULE_NAMES = tuple(dict.fromkeys(["missing_value", *(rule.name for rule in _SHARED_RULES)]))


@dataclass(frozen=True)
class Delivery:
    """What a source hands over: its raw files under canonical names, nothing judged yet.

    Attributes:
        intakes: one per raw file and table; frames carry the columns of ``dangol.tables``, but
            for ``first_seen_date`` of customers, which is found here.
        derived: tables that have no raw file of their own.
        incomplete: tables that describe only some of the things the others name, so that being
            absent from them is no fault.
        earlier_people: the records of people as known after each delivery before the last.
    """

    intakes: tuple[Intake | LazyIntake, ...]
    derived: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    incomplete: frozenset[str] = frozenset()
    earlier_people: tuple[pd.DataFrame, ...] = ()


def integrate(delivery: Delivery, contact_cost: float, set_aside: Collection[str] = ()) -> Warehouse:
    """Apply every rule, then make whole tables: products, stores and customers nobody described are inferred.

    Args:
        delivery: from a source.
        contact_cost: of one contact, in the currency of the data, where the source is silent.
        set_aside: names of rules whose rows are quarantined though they could be kept.

    Raises:
        InputError: if a table lacks columns, columns are of another kind, or a rule has no such
            name; lists every fault.
    """
    frames = Frames([intake for intake in delivery.intakes if isinstance(intake, Intake)])
    lazy = [intake for intake in delivery.intakes if isinstance(intake, LazyIntake)]
    _refuse_faults([*_schema_faults(frames), *_id_faults(frames), *_name_faults(set_aside)])
    for rule in _rules(frames, contact_cost, delivery.incomplete):
        _apply(rule, frames, set_aside)
    for intake in lazy:
        _apply_lazily(intake, frames)
    warehouse = warehouse_of(_whole_tables(frames, lazy, delivery.derived), list(delivery.intakes))
    return replace(warehouse, earlier_people=delivery.earlier_people)


def _refuse_faults(faults: list[str]) -> None:
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise InputError(
            f"the data cannot be integrated: {len(faults)} fault(s)\n{lines}\n"
            "Correct the source's mapping to the canonical tables and run notebook 01 again."
        )


def _schema_faults(frames: Frames) -> Iterator[str]:
    for name in frames:
        if name in _CONTRACTS:
            breaches = kind_breaches(frames[name], _promised(_CONTRACTS[name]))
            yield from (f"{name}: {breach}" for breach in breaches)


def _promised(table: Table) -> dict[str, str]:
    """What a source has to give: all but what is found or brought to one form afterwards."""
    if table is tables.PEOPLE:  # birth dates and phones come as they are written
        return {name: table.columns[name] for name in table.key}
    return {name: kind for name, kind in table.columns.items() if name != "first_seen_date"}


def _id_faults(frames: Frames) -> Iterator[str]:
    """The same thing is named by a number in one table, by a text in another."""
    for key in _IDS:
        holders = [name for name in frames if _promises(name, key) and key in frames[name]]
        numeric = [name for name in holders if pd.api.types.is_integer_dtype(frames[name][key])]
        others = [name for name in holders if name not in numeric]
        if numeric and others:
            yield f"{key}: a number in {', '.join(numeric)}, a text in {', '.join(others)}"


def _promises(table: str, key: str) -> bool:
    """Whether a key is part of a table's contract; elsewhere, as in people, it may be missing."""
    return table in _CONTRACTS and key in _CONTRACTS[table].columns


def _name_faults(set_aside: Collection[str]) -> Iterator[str]:
    for name in set_aside:
        if name not in RULE_NAMES:
            yield f"set_aside: there is no rule '{name}'; known are {', '.join(RULE_NAMES)}"


def _rules(frames: Frames, contact_cost: float, incomplete: Collection[str]) -> Iterator[Rule]:
    for name in frames:
        if name in _CONTRACTS:
            yield from contract_rules(_CONTRACTS[name], contact_cost)
    no_fault = {f"unknown_{name.removesuffix('s')}" for name in incomplete}
    yield from (rule for rule in _SHARED_RULES if rule.name not in no_fault)


def _apply(rule: Rule, frames: Frames, set_aside: Collection[str]) -> None:
    if not frames.has(*rule.needs):
        return
    found = rule.find(frames)
    if rule.treatment == QUARANTINED or rule.name in set_aside:
        frames.set_aside(rule.table, found, rule.reason, rule.name)
        return
    frames.note(rule.table, found, rule.reason, rule.treatment, rule.name)
    if rule.mend is not None:
        frames.mend(rule.table, found, rule.mend)


def _apply_lazily(intake: LazyIntake, frames: Frames) -> None:
    """Values that must be there, and keys that must point somewhere."""
    columns = _CONTRACTS[intake.table].columns
    intake.set_aside_missing([name for name, kind in columns.items() if kind[-1] != "?"], "missing_value")
    for thing in ("product", "store"):
        key, parent = f"{thing}_id", f"{thing}s"
        if key in columns and parent in frames:
            used = intake.keys(key)
            unknown = used[orphans(used, frames[parent][key])].tolist()
            intake.note(
                intake.rows[key].isin(unknown),
                f"{thing} not in {parent}",
                INFERRED[thing],
                f"unknown_{thing}",
            )


def _whole_tables(
    frames: Frames, lazy: list[LazyIntake], derived: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    own = [name for name in frames if name in _CONTRACTS]  # a wide file has become other tables
    found = {name: frames[name].reset_index(drop=True) for name in own} | dict(derived)
    for name, fill in (("products", with_inferred_products), ("stores", with_inferred_stores)):
        used = _used(found, lazy, f"{name.removesuffix('s')}_id", name)
        if used is not None:
            found[name] = fill(found.get(name), used)
    seen = _used(found, lazy, "customer_id", "")
    if seen is not None:
        found["customers"] = with_all_customers(found.get("customers"), seen, found.get("transactions"))
    whole: dict[str, Any] = found | {intake.table: intake.kept for intake in lazy}
    return {name: whole[name] for name in [*_CONTRACTS, *whole] if name in whole}


def _used(
    found: Mapping[str, pd.DataFrame], lazy: list[LazyIntake], key: str, parent: str
) -> pd.Series | None:
    """Every value of a key that tables other than its own name; None if there is no such table."""
    users = [
        frame[key].drop_duplicates()
        for name, frame in found.items()
        if name != parent and _promises(name, key)
    ]
    users += [intake.keys(key) for intake in lazy if _promises(intake.table, key)]
    return pd.concat(users, ignore_index=True) if users else None
