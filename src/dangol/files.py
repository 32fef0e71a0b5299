"""Writing files whole or not at all, and naming their content."""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from dangol.errors import DangolError

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EACCES: "no permission",
    errno.EROFS: "read-only",
    errno.ENOTDIR: "a file is in the place of a folder",
}

_FOLDER_SUFFIX = ".part"


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary path beside ``target`` that takes its name only if the block succeeds.

    Whatever goes wrong inside (an exception, Ctrl-C, a full disk) leaves the old file as it was
    and removes the temporary one.

    Raises:
        DangolError: if the disk is full or the folder may not be written.
    """
    with explaining_write_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o644)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def temporary_folder(target: Path) -> Iterator[Path]:
    """An empty folder beside ``target``, to be renamed to it when it is whole; otherwise it is removed.

    What killed processes left of earlier ones is removed first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    clear_abandoned(target)
    with ExitStack() as held:
        with _held(target.parent):
            temporary = Path(
                tempfile.mkdtemp(prefix=f".{target.name}.", suffix=_FOLDER_SUFFIX, dir=target.parent)
            )
            held.enter_context(_held(temporary))
        try:
            yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def clear_abandoned(target: Path) -> None:
    """Remove temporary folders for ``target`` whose process is no more; those at work are left alone."""
    with _held(target.parent):  # so that none is met between its making and its lock
        for left in target.parent.glob(f".{target.name}.*{_FOLDER_SUFFIX}"):
            with suppress(BlockingIOError, FileNotFoundError), _held(left, wait=False):
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _held(folder: Path, wait: bool = True) -> Iterator[None]:
    """A folder's lock, which dies with the process."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


@contextmanager
def explaining_write_errors(target: Path) -> Iterator[None]:
    """Say in one sentence why ``target``, which the block writes whole or not at all, could not be written.

    Raises:
        DangolError: if the disk is full or the folder may not be written.
    """
    try:
        yield
    except OSError as error:
        raise _write_error(target, error) from error


def why_not_writable(folder: Path) -> str | None:
    """Why no file can be made in ``folder``, which need not be there yet; None if it can. Leaves nothing."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return None
    except OSError as error:
        return _REASONS.get(error.errno or 0, error.strerror or str(error))


def _write_error(target: Path, error: OSError) -> Exception:
    # libraries that write through C++ lose errno and keep only the text
    number = errno.ENOSPC if "No space left" in str(error) else error.errno
    if number not in _REASONS:
        return error
    return DangolError(
        f"could not write {target.name}: {_REASONS[number]}. Nothing half-written is left; "
        "make room (or give permission) and run again."
    )


def write_json(content: Any, target: Path) -> None:
    """Write ``content`` as sorted, indented JSON, whole or not at all."""
    with replacing(target) as temporary:
        temporary.write_text(json.dumps(content, indent=1, sort_keys=True, default=str) + "\n")


def sha256_of_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_text(*parts: str) -> str:
    """Hexadecimal SHA-256 of several texts; the boundaries between them count."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(f"{len(raw)}:".encode() + raw)
    return digest.hexdigest()
