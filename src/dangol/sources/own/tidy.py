"""Own files to canonical tables: identifiers, defaults for what is not given, books and history."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from dangol.sources.own import defaults, lines, wide
from dangol.sources.own.fields import KEYS
from dangol.sources.own.frames import read_intakes, whole_ids
from dangol.sources.own.history import history_of
from dangol.sources.own.loads import Deliveries, spec_and_files
from dangol.sources.own.plan import plans_of
from dangol.sources.own.spec import Spec
from dangol.sources.own.staging import Staged, engine_in, stage
from dangol.sources.own.versions import Kept, without_known
from dangol.sources.raw import Manifest
from dangol.warehouse.intake import NO_CONTACT_COST, Intake
from dangol.warehouse.integrate import Delivery

_WIDE = "campaign_file"
_KNOWN = "row of an earlier or a later delivery as well"


def take_in(manifest: Manifest, contact_cost: float) -> Delivery:
    """The raw folder of own data under canonical names, defaults filled in and counted.

    Args:
        manifest: of the raw folder.
        contact_cost: cost of one contact, in the currency of the data, where the spec is silent.
    """
    spec, deliveries = spec_and_files(manifest)
    with tempfile.TemporaryDirectory(prefix="dangol-stage-") as folder:
        kept = _staged(spec, deliveries, Path(folder))
        ids = whole_ids(kept)
        defaults.keep_unknown_possible(kept, ids)
        intakes = {table: read_intakes(table, files, ids) for table, files in kept.items()}
        dates = [load.date for load in manifest.loads]
        history = history_of(kept.get("customers", []), ids, dates)
        earlier = _earlier_people(kept.get("people", []), ids)
    defaults.name_sources(intakes.get("people", []))
    derived = _completed(spec, intakes, contact_cost)
    if history is not None:
        derived["customer_history"] = history
    _note_known(intakes, kept)
    every = tuple(one for files in intakes.values() for one in files)
    return Delivery(every, derived, earlier_people=earlier)


def _earlier_people(kept: list[Kept], ids: Mapping[str, str]) -> tuple[pd.DataFrame, ...]:
    """The people as known after each delivery before the last; of a key that came again the later row."""
    last = max((one.load for one in kept), default=0)
    early = [Kept(one.staged, one.load, one.staged.table) for one in kept if one.load < last]
    intakes = read_intakes("people", early, ids)
    defaults.name_sources(intakes)
    known = [
        pd.concat([intake.frame for intake, one in zip(intakes, early, strict=True) if one.load <= load])
        for load in sorted({one.load for one in early})
    ]
    return tuple(frame.drop_duplicates(list(KEYS["people"]), keep="last") for frame in known)


def _staged(spec: Spec, deliveries: Deliveries, folder: Path) -> dict[str, list[Kept]]:
    engine = engine_in(folder)
    kept = {}
    dates = [date.fromisoformat(load.date) for load, _ in deliveries]
    for table, plan in plans_of(spec).items():
        files: list[tuple[int, Staged]] = []
        others = {
            one.name for _, found in deliveries for other in found if other != table for one in found[other]
        }
        for number, (_, found) in enumerate(deliveries):
            for one in found[table]:
                target = folder / f"{table}-{len(files)}.parquet"
                name = f"{one.name} ({table})" if plan.distinct or one.name in others else one.name
                dated = replace(plan, came_in=dates[number])
                files.append((number, stage(dated, one.path, name, target, engine)))
        kept[table] = without_known(files, folder)
    return kept


def _completed(
    spec: Spec, intakes: Mapping[str, list[Intake]], contact_cost: float
) -> dict[str, pd.DataFrame]:
    """Complete the tables given, in an order in which each can look at those it needs.

    Returns:
        Tables that follow from others and have no file of their own.
    """
    for table, given in spec.tables.items():
        defaults.keep_one_per_key(intakes[table], table, given)
    if spec.transactions:
        lines.complete(intakes["transactions"], spec.transactions)
    made = {table: _joined(files) for table, files in intakes.items() if table != _WIDE}
    if spec.campaign_file:
        made |= wide.tables_of(intakes[_WIDE], spec.campaign_file, made.get("customers"))
    if n_rows := defaults.n_without_cost(made):
        first = intakes.get("contacts", intakes.get(_WIDE, []))[0]
        first.note_absent(n_rows, NO_CONTACT_COST, f"kept: {contact_cost:,.2f} assumed")
    made = defaults.completed(made, contact_cost)
    for table, files in intakes.items():
        _hand_back(made.get(table), files)
    return {table: frame for table, frame in made.items() if table not in intakes}


def _hand_back(frame: pd.DataFrame | None, files: list[Intake]) -> None:
    """Completed rows to the files they came from; a file that became other tables has none left."""
    start = 0
    for one in files:
        rows = slice(start, start + len(one.frame))
        start += len(one.frame)
        if frame is not None and len(frame) >= start:
            one.frame = frame.iloc[rows].set_axis(one.frame.index)


def _joined(files: list[Intake]) -> pd.DataFrame:
    return pd.concat([one.frame for one in files], ignore_index=True)


def _note_known(intakes: Mapping[str, list[Intake]], kept: Mapping[str, list[Kept]]) -> None:
    """Rows that came more than once are named among the faults, so that all of them are accounted for."""
    for table, files in intakes.items():
        for intake, one in zip(files, kept[table], strict=True):
            if one.n_known:
                intake.note_left_out(one.n_known, one.amount_known, _KNOWN, "not counted again")
