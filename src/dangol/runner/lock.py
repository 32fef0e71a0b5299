"""One batch at a time in one run folder; the next one finds no half-written files."""

import contextlib
import fcntl
import time
from collections.abc import Iterator

from dangol.errors import InputError
from dangol.files import clear_abandoned
from dangol.workspace import RunFolder, raw_folder, reports_folder

_TICK_SECONDS = 0.2


@contextlib.contextmanager
def locked_run(folder: RunFolder) -> Iterator[None]:
    """Hold a run folder alone, and clear away what a killed batch could not finish.

    The lock dies with the process that holds it.

    Raises:
        InputError: if another batch is at work there.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    with (folder.path / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"another dangol run is at work on '{folder.dataset}' as of {folder.as_of} "
                f"({folder.variant}). Wait until it has ended, or run another date, data set or variant."
            ) from None
        for place in (folder.path, reports_folder(folder.dataset, folder.as_of, folder.variant)):
            for part in place.rglob(".*.part"):
                part.unlink(missing_ok=True)
        raw = raw_folder(folder.dataset)
        if raw.parent.is_dir():
            clear_abandoned(raw)
        yield


def wait_until_free(folder: RunFolder, patience_seconds: float) -> None:
    """Wait for a batch that is just ending in a run folder, ``patience_seconds`` at most."""
    deadline = time.monotonic() + patience_seconds
    folder.path.mkdir(parents=True, exist_ok=True)
    with (folder.path / ".lock").open("w") as stream:
        while time.monotonic() < deadline:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_TICK_SECONDS)
            else:
                return
