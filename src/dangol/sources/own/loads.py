"""The raw folder of own data: each delivery is kept as it came; the same files twice change nothing."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from dangol.errors import InputError
from dangol.files import sha256_of_file
from dangol.sources import raw
from dangol.sources.own.belonging import SPEC, known_spec, place_of, refuse_other_owner
from dangol.sources.own.checking import refuse_blocking, render_faults
from dangol.sources.own.examining import Examination, examine
from dangol.sources.own.inputs import Found, find
from dangol.sources.own.offer import Offer, offered
from dangol.sources.own.spec import Input, Spec
from dangol.sources.raw import Load, Manifest, RawFile
from dangol.workspace import raw_folder

Deliveries = list[tuple[Load, dict[str, list[Found]]]]
_HOLDOUT_DAYS = 28


def take_in(path: Path) -> Manifest:
    """Copy the files of a spec into ``data/raw/<dataset>/``: all of them, or only what is new.

    Args:
        path: of the spec.

    Returns:
        The manifest; unchanged if spec and files are known already.

    Raises:
        InputError: listing every fault that blocks; nothing has been copied then.
    """
    with offered(path) as offer:
        name = offer.spec.dataset
        manifest = raw.read_manifest(name)
        if manifest is not None:
            refuse_other_owner(path, offer.spec, manifest)
            raw.verify(manifest)
        if offer.faults:
            raise InputError(render_faults(path.name, offer.faults))
        new = _new_files(offer, manifest)
        if manifest is not None and not new and _last_spec(manifest) == sha256_of_file(path):
            return manifest
        examination = examine(offer.spec, offer.files, manifest)
        refuse_blocking(path.name, examination)
        if manifest is None:
            return raw.create(name, lambda folder: _first(offer, new, examination, folder))
        return _next(offer, new, examination, manifest)


def spec_and_files(manifest: Manifest) -> tuple[Spec, Deliveries]:
    """The spec that holds now, and per delivery the files it names, by table."""
    folder = raw_folder(manifest.dataset)
    spec = known_spec(manifest)
    deliveries = []
    for load in manifest.loads:
        found = {
            table: _raw_files(folder / load.folder, given, table) for table, given in spec.inputs.items()
        }
        deliveries.append((load, found))
    return spec, deliveries


def _raw_files(folder: Path, given: Input, table: str) -> list[Found]:
    patterns = given.file or (f"{table}.parquet",)
    files, _ = find(folder, patterns)
    return files


def _new_files(offer: Offer, manifest: Manifest | None) -> dict[str, Found]:
    """Files that have not come in before under this name with this content, by SHA-256."""
    seen = {(file.file.partition("/")[2], file.sha256) for file in manifest.files} if manifest else set()
    offered_files = dict.fromkeys(one for found in offer.files.values() for one in found)
    digests = {one: sha256_of_file(one.path) for one in offered_files}
    return {digest: one for one, digest in digests.items() if (one.name, digest) not in seen}


def _last_spec(manifest: Manifest) -> str:
    return [file.sha256 for file in manifest.files if Path(file.file).name == SPEC][-1]


def _first(offer: Offer, new: Mapping[str, Found], examination: Examination, folder: Path) -> Manifest:
    load = Load("load-0001", f"{date.today():%Y-%m-%d}")
    (folder / load.folder).mkdir()
    _copy(offer, new, folder / load.folder)
    first_ts, last_ts, default_as_of = _dates(offer.spec, examination)
    files = tuple(_described(offer, new, examination, load))
    spec = offer.spec
    return Manifest(
        dataset=spec.dataset,
        origin=spec.origin,
        licence=spec.licence,
        first_ts=first_ts,
        last_ts=last_ts,
        default_as_of=default_as_of,
        files=files,
        loads=(load,),
        spec_place=place_of(offer.path),
    )


def _next(offer: Offer, new: Mapping[str, Found], examination: Examination, manifest: Manifest) -> Manifest:
    load = Load(f"load-{len(manifest.loads) + 1:04}", f"{date.today():%Y-%m-%d}")
    first_ts, last_ts, default_as_of = _dates(offer.spec, examination)
    grown = replace(
        manifest,
        origin=offer.spec.origin,
        licence=offer.spec.licence,
        first_ts=min(first_ts, manifest.first_ts),
        last_ts=max(last_ts, manifest.last_ts),
        default_as_of=max(default_as_of, manifest.default_as_of),
        files=(*manifest.files, *_described(offer, new, examination, load)),
        loads=(*manifest.loads, load),
        spec_place=place_of(offer.path),
    )
    return raw.add_load(grown, load, lambda folder: _copy(offer, new, folder))


def _copy(offer: Offer, new: Mapping[str, Found], folder: Path) -> None:
    for digest, one in new.items():
        target = folder / one.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one.path, target)
        if sha256_of_file(target) != digest:
            raise InputError(f"{one.name} changed while it was copied. Run again when it is finished.")
    shutil.copyfile(offer.path, folder / SPEC)


def _described(
    offer: Offer, new: Mapping[str, Found], examination: Examination, load: Load
) -> Iterator[RawFile]:
    rows: dict[str, int] = {}
    for (_, name), n_rows in examination.n_rows.items():
        rows[name] = max(rows.get(name, 0), n_rows)
    files = {one.name: digest for digest, one in new.items()} | {SPEC: sha256_of_file(offer.path)}
    for name, digest in sorted(files.items()):
        yield RawFile(f"{load.folder}/{name}", rows.get(name, 0), digest)


def _dates(spec: Spec, examination: Examination) -> tuple[str, str, str]:
    """First and last day of the data, and the snapshot date that leaves a holdout after it."""
    first, last = examination.first_ts, examination.last_ts
    if not first:
        raise InputError("no row has a readable date. Check the date columns of the spec.")
    holdout = f"{date.fromisoformat(last) - timedelta(days=_HOLDOUT_DAYS)}"
    day_after = f"{date.fromisoformat(last) + timedelta(days=1)}"
    default = holdout if holdout > first else day_after
    if spec.campaign_file:  # before the end of its window nothing of it could be judged
        default = max(holdout, f"{spec.campaign_file.campaign.end_date}")
    return first, last, f"{spec.default_as_of or default}"
