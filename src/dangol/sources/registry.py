"""Which data sets there are: those that come along, by name, and own ones, by their spec."""

import difflib
import re
from collections.abc import Collection
from pathlib import Path
from types import ModuleType

from dangol.errors import InputError
from dangol.sources import complete_journey, raw, simulated
from dangol.sources.about_data import About
from dangol.sources.erased import without_erased
from dangol.sources.raw import Manifest
from dangol.warehouse.intake import Warehouse
from dangol.warehouse.integrate import integrate

NAME_FORM = r"[a-z0-9][a-z0-9_-]{0,79}"
_SOURCES: tuple[ModuleType, ...] = (complete_journey, simulated)


def dataset_names() -> list[str]:
    """The data sets that can be named; the simulator's takes a size and a seed as well."""
    return [source.NAME for source in _SOURCES]


def fetch(dataset: str) -> Manifest:
    """Make sure the raw files are there and unchanged.

    Args:
        dataset: ``complete_journey``, ``simulator[-CUSTOMERS[-SEED]]``, the path of a spec (``.yaml``), or
            the name of own data that were taken in before.

    Raises:
        InputError: if there is no such data set, or its files are missing, damaged or changed.
    """
    if dataset.endswith((".yaml", ".yml")):
        return _taken_in(Path(dataset))
    manifest = raw.read_manifest(dataset) if re.fullmatch(NAME_FORM, dataset) else None
    if manifest is None:
        source = _source_of(dataset)
        return raw.create(dataset, lambda folder: source.fill(dataset, folder))
    raw.verify(manifest)
    return manifest


def refuse_taken_name(path: Path) -> None:
    """Stop if a spec gives its data the name of a data set that comes along, or of other own data.

    Raises:
        InputError: if it does, or if the spec has faults; it lists them all.
    """
    from dangol.sources.own.belonging import refuse_other_owner
    from dangol.sources.own.reading import read_spec

    spec = read_spec(path)
    name = spec.dataset
    if any(re.fullmatch(source.PATTERN, name) for source in _SOURCES):
        raise InputError(f"{path.name}: '{name}' is the name of a data set that comes along; choose another")
    refuse_other_owner(path, spec, raw.read_manifest(name))


def _taken_in(path: Path) -> Manifest:
    from dangol.sources.own.loads import take_in

    refuse_taken_name(path)
    return take_in(path)


def about(dataset: str) -> About:
    """What a data set says of itself beside its tables; its raw files have been fetched."""
    manifest = raw.read_manifest(dataset)
    if manifest is None or not manifest.loads:
        return _source_of(dataset).ABOUT
    from dangol.sources.own.belonging import known_spec

    return known_spec(manifest).about


def to_canonical(dataset: str, contact_cost: float, set_aside: Collection[str] = ()) -> Warehouse:
    """Canonical tables from the raw files of a data set.

    Args:
        dataset: its raw files have been fetched.
        contact_cost: cost of one contact, in the currency of the data, where the source is silent.
        set_aside: names of rules whose rows are quarantined though they could be kept.

    Raises:
        InputError: if the source's tables do not have the canonical form.
    """
    manifest = raw.read_manifest(dataset)
    if manifest is not None and manifest.loads:
        from dangol.sources.own.tidy import take_in as own_take_in

        delivery = own_take_in(manifest, contact_cost)
    else:
        delivery = _source_of(dataset).take_in(dataset, contact_cost)
    return integrate(without_erased(delivery, dataset), contact_cost, set_aside)


def _source_of(dataset: str) -> ModuleType:
    for source in _SOURCES:
        if re.fullmatch(source.PATTERN, dataset):
            return source
    known = [*dataset_names(), *raw.own_names()]
    close = difflib.get_close_matches(dataset, known, n=1, cutoff=0.5)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise InputError(
        f"there is no data set '{dataset}'; known are {', '.join(known)} "
        f"(also simulator-CUSTOMERS-SEED, and the path of a spec of your own data).{hint}"
    )
