"""The files a spec means: found below its own folder, never outside, never an archive."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dangol.files import sha256_of_file
from dangol.sources.own.spec import Input, Spec

TEXT_FILES = (".csv", ".tsv", ".txt")
SHEET_FILES = (".xlsx", ".xlsm", ".xls")
SQLITE_FILES = (".sqlite", ".sqlite3", ".db")
DATABASE_FILES = (".duckdb", *SQLITE_FILES)
READABLE = (*TEXT_FILES, ".parquet", *SHEET_FILES, *DATABASE_FILES)


@dataclass(frozen=True)
class Found:
    """One file of a spec.

    Attributes:
        name: path below the spec's folder, with slashes.
        path: where it lies.
    """

    name: str
    path: Path


def find(folder: Path, patterns: tuple[str, ...]) -> tuple[list[Found], list[str]]:
    """Files for the patterns of one table, by name, and what is wrong with the patterns."""
    found: dict[str, Found] = {}
    faults: list[str] = []
    root = folder.resolve()
    for pattern in patterns:
        if fault := _pattern_fault(pattern):
            faults.append(fault)
            continue
        paths = sorted(path for path in folder.glob(pattern) if path.is_file())
        if not paths:
            faults.append(_not_found(folder, pattern))
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if fault := _file_fault(path, name, root):
                faults.append(fault)
            else:
                found[name] = Found(name, path)
    return [found[name] for name in sorted(found)], faults


def find_all(folder: Path, spec: Spec) -> tuple[dict[str, list[Found]], list[str]]:
    """Files per table of a spec, and every fault of places, checksums and copies."""
    files: dict[str, list[Found]] = {}
    faults: list[str] = []
    digests: dict[Path, str] = {}
    for table, given in spec.inputs.items():
        files[table], own = find(folder, given.file)
        faults += [f"{table}: {fault}" for fault in own]
        digests |= {one.path: sha256_of_file(one.path) for one in files[table] if one.path not in digests}
        faults += [f"{table}: {fault}" for fault in _checksum_faults(given, files[table], digests)]
        faults += [f"{table}: {fault}" for fault in _copies(files[table], digests)]
    return files, list(dict.fromkeys(faults))


def _pattern_fault(pattern: str) -> str | None:
    parts = PurePosixPath(pattern.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
        return (
            f"{pattern}: lies outside the spec's folder; put the file beside the spec and name it relatively"
        )
    return None


def _file_fault(path: Path, name: str, root: Path) -> str | None:
    if not path.resolve().is_relative_to(root):
        return f"{name}: is a link that leads outside the spec's folder; copy the file there"
    if path.suffix.lower() not in READABLE:
        return (
            f"{name}: cannot be read as a table; expected one of {', '.join(READABLE)}. Unpack archives first"
        )
    if path.stat().st_size == 0:
        return f"{name}: the file is empty"
    return None


def _not_found(folder: Path, pattern: str) -> str:
    there = sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    close = difflib.get_close_matches(pattern, there, n=1, cutoff=0.6)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return f"{pattern}: there is no such file beside the spec.{hint}"


def _checksum_faults(given: Input, files: list[Found], digests: Mapping[Path, str]) -> list[str]:
    if given.sha256 is None:
        return []
    expected = {one.name: given.sha256 for one in files} if isinstance(given.sha256, str) else given.sha256
    faults = [
        f"sha256: {name} is not among the files" for name in expected if name not in {f.name for f in files}
    ]
    faults += [
        f"{one.name}: SHA-256 is {digests[one.path][:12]}…, the spec says {expected[one.name][:12]}…; "
        "this is another version of the file, or it was changed"
        for one in files
        if one.name in expected and expected[one.name] != digests[one.path]
    ]
    return faults


def _copies(files: list[Found], digests: Mapping[Path, str]) -> list[str]:
    first: dict[str, str] = {}
    faults = []
    for one in files:
        digest = digests[one.path]
        if digest in first:
            faults.append(
                f"{one.name}: has the same content as {first[digest]}; its rows would count twice. "
                "Remove one of them"
            )
        first.setdefault(digest, one.name)
    return faults
