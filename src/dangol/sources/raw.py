"""Raw folders: immutable copies of what came in, with a manifest that says what they are."""

import errno
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet as pq

from dangol.errors import InputError
from dangol.files import (
    explaining_write_errors,
    sha256_of_file,
    sha256_of_text,
    temporary_folder,
    write_json,
)
from dangol.workspace import home, raw_folder

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class RawFile:
    """One file as it came in."""

    file: str
    n_rows: int
    sha256: str


@dataclass(frozen=True)
class Load:
    """One delivery of a company's own files.

    Attributes:
        folder: below the raw folder, such as ``load-0002``; deliveries are numbered from 1.
        date: day it came in, ``YYYY-MM-DD``.
    """

    folder: str
    date: str


@dataclass(frozen=True)
class Manifest:
    """What lies in a raw folder.

    Attributes:
        dataset: name of the data set.
        origin: who provides the data, and how it came here.
        licence: terms of the origin, in its own words where possible.
        first_ts: date of the first transaction, ``YYYY-MM-DD``.
        last_ts: date of the last transaction, ``YYYY-MM-DD``.
        default_as_of: snapshot date that leaves a holdout after it, ``YYYY-MM-DD``.
        files: the files, by name.
        loads: deliveries of own files, oldest first; empty for the data sets that come along.
        spec_place: digest of where the spec of own data lies; empty for the data sets that come along.
    """

    dataset: str
    origin: str
    licence: str
    first_ts: str
    last_ts: str
    default_as_of: str
    files: tuple[RawFile, ...]
    loads: tuple[Load, ...] = ()
    spec_place: str = ""

    @property
    def digest(self) -> str:
        """One name for the content of all raw files."""
        return sha256_of_text(*(f"{file.file}:{file.sha256}" for file in self.files))

    def overview(self) -> pd.DataFrame:
        """One row per raw file: name, rows, first twelve digits of its SHA-256."""
        rows = [{"file": file.file, "n_rows": file.n_rows, "sha256": file.sha256[:12]} for file in self.files]
        return pd.DataFrame(rows)


def describe_files(folder: Path) -> tuple[RawFile, ...]:
    """Rows and SHA-256 of every Parquet file directly in a folder, by name."""
    paths = sorted(folder.glob("*.parquet"))
    return tuple(RawFile(p.name, pq.read_metadata(p).num_rows, sha256_of_file(p)) for p in paths)


def create(dataset: str, fill: Callable[[Path], Manifest]) -> Manifest:
    """Make a raw folder, whole or not at all.

    Args:
        dataset: name of the data set.
        fill: writes the files into the folder it is given and returns the manifest.

    Returns:
        The manifest; that of another process if it made the same folder in the meantime.

    Raises:
        InputError: if a folder of that name is there without a manifest.
        DangolError: if the disk is full or the folder may not be written.
    """
    target = raw_folder(dataset)
    _refuse_unknown_folder(dataset)
    with explaining_write_errors(target), temporary_folder(target) as temporary:
        manifest = fill(temporary)
        write_json(asdict(manifest), temporary / _MANIFEST)
        temporary.chmod(0o755)
        return _take_name(temporary, manifest)


def _take_name(temporary: Path, manifest: Manifest) -> Manifest:
    """Rename the finished folder, unless another process finished first."""
    try:
        temporary.rename(raw_folder(manifest.dataset))
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        _refuse_unknown_folder(manifest.dataset)
        return read_manifest(manifest.dataset) or manifest
    return manifest


def add_load(manifest: Manifest, load: Load, fill: Callable[[Path], None]) -> Manifest:
    """Add a delivery to a raw folder, whole or not at all: the manifest is replaced last.

    Args:
        manifest: as it will be, the new files and the load included.
        load: the new one.
        fill: writes the files into the folder it is given.

    Raises:
        DangolError: if the disk is full or the folder may not be written.
    """
    folder = raw_folder(manifest.dataset)
    target = folder / load.folder
    with explaining_write_errors(target), temporary_folder(target) as temporary:
        fill(temporary)
        temporary.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)  # left by a process that died before the manifest
        temporary.rename(target)
    write_json(asdict(manifest), folder / _MANIFEST)
    return manifest


def read_manifest(dataset: str) -> Manifest | None:
    """The manifest of a raw folder; None if there is no such folder yet."""
    path = raw_folder(dataset) / _MANIFEST
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text())
        files = tuple(RawFile(**item) for item in content.pop("files"))
        loads = tuple(Load(**item) for item in content.pop("loads", ()))
        return Manifest(**content, files=files, loads=loads)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(f"{_place(dataset)}/{_MANIFEST} is damaged. {_remedy(dataset)}") from None


def own_names() -> list[str]:
    """The names of own data that were taken in, in alphabetical order; damaged ones are left out."""
    names = sorted(path.parent.name for path in (home() / "data" / "raw").glob(f"[!.]*/{_MANIFEST}"))
    return [name for name in names if _is_own(name)]


def _is_own(name: str) -> bool:
    try:
        manifest = read_manifest(name)
    except InputError:
        return False
    return manifest is not None and bool(manifest.loads)


def verify(manifest: Manifest) -> None:
    """Compare the raw files with their manifest.

    Raises:
        InputError: naming every file that is missing, damaged or changed.
    """
    if found := faults(manifest):
        lines = "\n".join(f"  - {fault}" for fault in found)
        raise InputError(
            f"{_place(manifest.dataset)} differs from its manifest in {len(found)} place(s):\n{lines}\n"
            f"{_remedy(manifest.dataset)}"
        )


def faults(manifest: Manifest) -> list[str]:
    """Every raw file that is missing, damaged or changed, and how."""
    return [fault for file in manifest.files if (fault := _fault(manifest.dataset, file))]


def _fault(dataset: str, file: RawFile) -> str | None:
    path = raw_folder(dataset) / file.file
    if not path.is_file():
        return f"{file.file}: missing"
    if sha256_of_file(path) == file.sha256:
        return None
    if path.suffix != ".parquet":
        return f"{file.file}: changed since it came in"
    try:
        n_rows = pq.read_metadata(path).num_rows
    except (OSError, pyarrow.ArrowInvalid):
        return f"{file.file}: damaged, not a readable Parquet file"
    return f"{file.file}: changed since it came in ({n_rows:,} rows, expected {file.n_rows:,})"


def _refuse_unknown_folder(dataset: str) -> None:
    folder = raw_folder(dataset)
    if folder.exists() and not (folder / _MANIFEST).exists():
        raise InputError(f"{_place(dataset)} exists but has no {_MANIFEST}. {_remedy(dataset)}")


def _place(dataset: str) -> str:
    return f"data/raw/{dataset}"


def _remedy(dataset: str) -> str:
    return (
        f"Raw data is never edited: put the file back, or delete the folder {_place(dataset)} "
        "and run again to fetch it afresh."
    )
