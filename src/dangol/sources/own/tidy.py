"""Own files to canonical tables: identifiers, defaults for what is not given, books and history."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from dangol.sources.own import defaults, lines, wide
from dangol.sources.own.frames import read_intakes, whole_ids
from dangol.sources.own.history import history_of
from dangol.sources.own.loads import Deliveries, spec_and_files
from dangol.sources.own.plan import plans_of
from dangol.sources.own.spec import Spec
from dangol.sources.own.staging import Staged, engine_in, stage
from dangol.sources.own.versions import Kept, without_known
from dangol.sources.raw import Manifest
from dangol.warehouse.intake import Intake, Warehouse, warehouse_of

_WIDE = "campaign_file"
_KNOWN = "row of an earlier or a later delivery as well"


def to_canonical(manifest: Manifest, contact_cost: float) -> Warehouse:
    """Canonical tables from the raw folder of own data.

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
    tables = _tables(spec, intakes, contact_cost)
    if history is not None:
        tables["customer_history"] = history
    warehouse = warehouse_of(tables, [one for files in intakes.values() for one in files])
    return _with_known(warehouse, kept)


def _staged(spec: Spec, deliveries: Deliveries, folder: Path) -> dict[str, list[Kept]]:
    engine = engine_in(folder)
    kept = {}
    for table, plan in plans_of(spec).items():
        files: list[tuple[int, Staged]] = []
        others = {
            one.name for _, found in deliveries for other in found if other != table for one in found[other]
        }
        for number, (_, found) in enumerate(deliveries):
            for one in found[table]:
                target = folder / f"{table}-{len(files)}.parquet"
                name = f"{one.name} ({table})" if plan.distinct or one.name in others else one.name
                files.append((number, stage(plan, one.path, name, target, engine)))
        kept[table] = without_known(files, folder)
    return kept


def _tables(spec: Spec, intakes: Mapping[str, list[Intake]], contact_cost: float) -> dict[str, pd.DataFrame]:
    """All tables, in an order in which each can look at those it needs."""
    for table, given in spec.tables.items():
        defaults.keep_one_per_key(intakes[table], table, given)
    if spec.transactions:
        lines.complete(intakes["transactions"], spec.transactions)
    made = {table: _joined(files) for table, files in intakes.items() if table != _WIDE}
    if spec.campaign_file:
        made |= wide.tables_of(intakes[_WIDE], spec.campaign_file, contact_cost, made.get("customers"))
    return defaults.completed(made, intakes, contact_cost)


def _joined(files: list[Intake]) -> pd.DataFrame:
    return pd.concat([one.frame for one in files], ignore_index=True)


def _with_known(warehouse: Warehouse, kept: Mapping[str, list[Kept]]) -> Warehouse:
    """One row per kind of dirt, and rows that came more than once, so that all of them are accounted for."""
    known = [
        {
            "table": table,
            "fault": _KNOWN,
            "n_rows": one.n_known,
            "amount": one.amount_known,
            "treatment": "not counted again",
        }
        for table, files in kept.items()
        for one in files
        if one.n_known
    ]
    faults = pd.concat([warehouse.faults, pd.DataFrame(known, columns=warehouse.faults.columns)])
    once = faults.groupby(["table", "fault", "treatment"], sort=False, as_index=False)[
        ["n_rows", "amount"]
    ].sum()
    faults = once.astype({"n_rows": "int64", "amount": "float64"})[list(warehouse.faults.columns)]
    return Warehouse(warehouse.tables, warehouse.quarantine, warehouse.reconciliation, faults)
