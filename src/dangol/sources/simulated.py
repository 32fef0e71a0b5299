"""The simulator as a source: ``simulator``, ``simulator-5000`` or ``simulator-5000-7`` (size, seed)."""

from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dangol.sources.about_data import About
from dangol.sources.raw import Manifest, describe_files
from dangol.warehouse.intake import Intake
from dangol.warehouse.integrate import Delivery
from dangol.workspace import raw_folder

NAME = "simulator"
ABOUT = About(phone_region="KR")
PATTERN = r"simulator(-[1-9][0-9]{1,7}(-[0-9]{1,6})?)?"

_DEFAULT_CUSTOMERS, _DEFAULT_SEED = 3_000, 1
_HOLDOUT_DAYS = 28
_BIRTH_FORMATS = {
    "shop": "%Y-%m-%d",
    "web": "%Y%m%d",
    "call_centre": "%d.%m.%Y",
    "outside_list": "%d/%m/%Y",
}


def fill(dataset: str, folder: Path) -> Manifest:
    """Simulate the company named by the data set into raw files; the truth goes beside."""
    from dangol.simulator import Arguments, simulate_to

    n_customers, seed = _size_and_seed(dataset)
    simulate_to(folder, Arguments(n_customers=n_customers, seed=seed))
    order_ts = pc.min_max(pq.read_table(folder / "transactions.parquet", columns=["order_ts"])["order_ts"])
    first_ts, last_ts = (pd.Timestamp(order_ts[end].as_py()) for end in ("min", "max"))
    return Manifest(
        dataset=dataset,
        origin=f"Simulated by dangol.simulator: {n_customers:,} customers, seed {seed}. No real people.",
        licence="Same as the project.",
        first_ts=f"{first_ts:%Y-%m-%d}",
        last_ts=f"{last_ts:%Y-%m-%d}",
        default_as_of=f"{last_ts - pd.Timedelta(days=_HOLDOUT_DAYS):%Y-%m-%d}",
        files=describe_files(folder),
    )


def take_in(dataset: str, contact_cost: float) -> Delivery:
    """The raw files, which carry canonical names.

    Args:
        dataset: whose raw folder to read.
        contact_cost: not used; the simulator states what each contact cost.
    """
    folder = raw_folder(dataset)
    names = ("products", "stores", "customers", "campaigns", "contacts", "responses", "events", "people")
    taken = {name: _intake(folder, name) for name in names}
    read_birth_dates(taken["people"])
    return Delivery((*taken.values(), _intake(folder, "transactions", amount="amount")))


def read_birth_dates(people: Intake) -> None:
    """Turn the text of each source's own format into dates; what is no date becomes missing."""
    text, source = people.frame["birth_date"], people.frame["source"]
    dates = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    for name, form in _BIRTH_FORMATS.items():
        rows = source == name
        dates[rows] = pd.to_datetime(text[rows], format=form, errors="coerce")
    unreadable = text.notna() & dates.isna()
    people.note(unreadable, "birth date that is no date", "kept: birth date set to missing")
    people.frame = people.frame.assign(birth_date=dates)


def _intake(folder: Path, table: str, amount: str = "") -> Intake:
    return Intake(table, f"{table}.parquet", pd.read_parquet(folder / f"{table}.parquet"), amount)


def _size_and_seed(dataset: str) -> tuple[int, int]:
    given = [int(part) for part in dataset.split("-")[1:]]
    n_customers, seed = given + [_DEFAULT_CUSTOMERS, _DEFAULT_SEED][len(given) :]
    return n_customers, seed
