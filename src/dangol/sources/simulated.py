"""The simulator as a source: ``simulator``, ``simulator-5000`` or ``simulator-5000-7`` (size, seed)."""

from pathlib import Path

import pandas as pd

from dangol.sources.raw import Manifest, describe_files
from dangol.warehouse.intake import Intake, Warehouse, warehouse_of
from dangol.warehouse.rules import (
    forget_zero_quantities,
    note_unknown_products,
    set_aside_empty_lines,
    with_all_customers,
    with_inferred_products,
)
from dangol.workspace import raw_folder

NAME = "simulator"
PATTERN = r"simulator(-[1-9][0-9]{1,7}(-[0-9]{1,6})?)?"

_DEFAULT_CUSTOMERS, _DEFAULT_SEED = 3_000, 1
_HOLDOUT_DAYS = 28


def fill(dataset: str, folder: Path) -> Manifest:
    """Simulate the company named by the data set and write it as raw files; the truth goes beside."""
    from dangol.simulator import simulate, write_world

    n_customers, seed = _size_and_seed(dataset)
    world = simulate(n_customers=n_customers, seed=seed)
    write_world(world, folder)
    order_ts = world.tables["transactions"]["order_ts"]
    return Manifest(
        dataset=dataset,
        origin=f"Simulated by dangol.simulator: {n_customers:,} customers, seed {seed}. No real people.",
        licence="Same as the project.",
        first_ts=f"{order_ts.min():%Y-%m-%d}",
        last_ts=f"{order_ts.max():%Y-%m-%d}",
        default_as_of=f"{order_ts.max() - pd.Timedelta(days=_HOLDOUT_DAYS):%Y-%m-%d}",
        files=describe_files(folder),
    )


def to_canonical(dataset: str, contact_cost: float) -> Warehouse:
    """Canonical tables from the raw files.

    Args:
        dataset: whose raw folder to read.
        contact_cost: not used; the simulator states what each contact cost.
    """
    folder = raw_folder(dataset)
    names = ("products", "stores", "customers", "campaigns", "contacts", "responses")
    taken = {name: _intake(folder, name) for name in names}
    lines = _intake(folder, "transactions", amount="amount")
    note_unknown_products(lines, taken["products"].frame)
    set_aside_empty_lines(lines)
    forget_zero_quantities(lines)
    intakes = [*taken.values(), lines]
    tables = {intake.table: intake.frame.reset_index(drop=True) for intake in intakes}
    tables["products"] = with_inferred_products(tables["products"], [lines.frame])
    tables["customers"] = with_all_customers(tables["customers"], lines.frame, tables["contacts"])
    return warehouse_of(tables, intakes)


def _intake(folder: Path, table: str, amount: str = "") -> Intake:
    return Intake(table, f"{table}.parquet", pd.read_parquet(folder / f"{table}.parquet"), amount)


def _size_and_seed(dataset: str) -> tuple[int, int]:
    given = [int(part) for part in dataset.split("-")[1:]]
    n_customers, seed = given + [_DEFAULT_CUSTOMERS, _DEFAULT_SEED][len(given) :]
    return n_customers, seed
