"""Whom to erase: every id under which the runs of a data set know one person."""

from collections.abc import Iterator
from dataclasses import dataclass

from dangol import tables
from dangol.errors import InputError
from dangol.sources.erased import read_marks
from dangol.workspace import RunFolder, home


@dataclass(frozen=True)
class Person:
    """One person of a data set.

    Attributes:
        dataset: name of the data set.
        customer_ids: resolved ids and those of the company's own accounts, as text.
        records: ``(source, source_key)`` of each record that is this person.
    """

    dataset: str
    customer_ids: frozenset[str]
    records: frozenset[tuple[str, str]] = frozenset()

    def described(self) -> str:
        """Under which names the person is known, to be read by whoever is asked to confirm."""
        records = ", ".join(f"{source}:{key}" for source, key in sorted(self.records)) or "none"
        return f"customer {', '.join(sorted(self.customer_ids))} of '{self.dataset}'; records: {records}"

    @property
    def marks(self) -> list[str]:
        """Names under which the person's rows would come in again, see ``sources.erased``."""
        ids = [*self.customer_ids, *(f"{source}:{key}" for source, key in self.records)]
        records = [f"record:{source}:{key}" for source, key in self.records]
        keys = [f"key:{key}" for _, key in self.records]  # so that the person is known by it when asked again
        return sorted({*(f"customer:{one}" for one in ids), *records, *keys})

    @property
    def texts(self) -> frozenset[str]:
        """Ids that a text can be searched for: not those that are plain numbers."""
        return frozenset(name for name in self._names if not name.isdecimal())

    @property
    def numbers(self) -> frozenset[str]:
        """Ids that are plain numbers, which mean the person only where a text lists ids."""
        return frozenset(name for name in self._names if name.isdecimal())

    @property
    def _names(self) -> set[str]:
        return {*self.customer_ids, *(key for _, key in self.records)}


def runs_of(dataset: str) -> list[RunFolder]:
    """Every run of a data set of which anything is there."""
    places = sorted((home() / "data" / "processed" / dataset).glob("*/*"))
    return [RunFolder(dataset, place.parent.name, place.name, "00") for place in places if place.is_dir()]


def find_person(dataset: str, name: str) -> Person:
    """The person known as ``name`` in any run of a data set.

    Args:
        dataset: name of the data set.
        name: a customer id, the key of a record, or ``source:key`` where several sources use one key.

    Raises:
        InputError: if nobody, or more than one person, is known by that name.
    """
    runs = runs_of(dataset)
    if not runs:
        raise InputError(f"data set '{dataset}' has no run here, so nobody can be looked up. Run it first.")
    people = {person for run in runs if (person := _in_run(run, name)) is not None}
    if people:
        ids, records = (frozenset().union(*parts) for parts in zip(*map(_parts, people), strict=True))
        return Person(dataset, ids, records)
    marks = read_marks(dataset)
    if marks is not None and any(marks.holds(f"{kind}:{name}") for kind in ("customer", "key")):
        return Person(dataset, frozenset({name}))
    raise InputError(
        f"no customer '{name}' in data set '{dataset}' ({len(runs)} run(s) searched); nothing was erased. "
        'Look one up: dangol sql "select customer_id from customers" --dataset ' + dataset
    )


def _parts(person: Person) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    return person.customer_ids, person.records


def _in_run(run: RunFolder, name: str) -> Person | None:
    found = set(_resolved_ids(run, name))
    if len(found) > 1:
        raise InputError(
            f"'{name}' is a record of several sources, and they are different people; nothing was erased. "
            "Name one as source:key, or give the customer id."
        )
    if not found:
        return None
    (customer_id,) = found
    merged, records = {customer_id}, frozenset[tuple[str, str]]()
    if tables.CUSTOMER_IDENTITY.exists(run):
        known = tables.CUSTOMER_IDENTITY.read(run)
        own = known[known["customer_id"].astype("str") == customer_id]
        records = frozenset(zip(own["source"], own["source_key"], strict=True))
    if tables.IDENTITY_LOG.exists(run):
        log = tables.IDENTITY_LOG.read(run).dropna(subset=["previous_customer_id"])
        own = log[(log["event"] == "merged") & (log["customer_id"].astype("str") == customer_id)]
        merged |= set(own["previous_customer_id"].astype("str"))
    return Person(run.dataset, frozenset(merged), records)


def _resolved_ids(run: RunFolder, name: str) -> Iterator[str]:
    if tables.CUSTOMERS.exists(run):
        ids = tables.CUSTOMERS.read(run, columns=["customer_id"])["customer_id"].astype("str")
        if (ids == name).any():
            yield name
            return
    if tables.CUSTOMER_IDENTITY.exists(run):
        known = tables.CUSTOMER_IDENTITY.read(run)
        whole = known["source"] + ":" + known["source_key"]
        yield from known.loc[(known["source_key"] == name) | (whole == name), "customer_id"].astype("str")
