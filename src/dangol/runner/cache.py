"""Whether an earlier result of a notebook still holds: same code, parameters and inputs, same outputs."""

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from dangol.contracts import Table
from dangol.files import sha256_of_file, sha256_of_text, write_json
from dangol.params import Params
from dangol.runner.modules import digest_of_modules
from dangol.runner.notebook import Notebook
from dangol.stages import Status
from dangol.workspace import RunFolder, home, project_root

_STATE = "state.json"
_ABSENT = "absent"


class FileDigests:
    """SHA-256 of files, computed again only when size or time of change differ."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, int, str]] = {}
        self._lock = threading.Lock()

    def of(self, path: Path) -> str:
        """Digest of a file's bytes; ``absent`` if there is no such file."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return _ABSENT
        with self._lock:
            known = self._known.get(path)
        if known and known[:2] == (status.st_size, status.st_mtime_ns):
            return known[2]
        digest = sha256_of_file(path)
        with self._lock:
            self._known[path] = (status.st_size, status.st_mtime_ns, digest)
        return digest

    def of_tables(self, tables: Iterable[Table], folder: RunFolder) -> dict[str, str]:
        """Digest per table name."""
        return {table.name: self.of(table.path(folder)) for table in tables}


@dataclass(frozen=True)
class State:
    """What is remembered of a notebook that ended well.

    Attributes:
        key: of everything the result depends on.
        status: ``done`` or ``skipped``.
        message: why it was skipped.
        seconds: wall time of the execution.
        run_id: MLflow run that holds the result.
        run_url: where a browser finds it.
        page_key: of what the page shows beyond the results.
        outputs: path below the home folder to SHA-256.
    """

    key: str
    status: Status
    message: str
    seconds: float
    run_id: str | None
    run_url: str | None
    page_key: str
    outputs: dict[str, str]


def stage_key(
    notebook: Notebook, params: Params, folder: RunFolder, raw_digest: str, digests: FileDigests
) -> str:
    """One name for everything the result of a notebook depends on.

    The variant's name does not count: it follows from the parameters of all notebooks.
    """
    inputs = digests.of_tables(notebook.inputs, folder)
    return sha256_of_text(
        notebook.code,
        params.model_dump_json(exclude={"variant"}),
        json.dumps(inputs, sort_keys=True),
        digest_of_modules(notebook.modules),
        digests.of(project_root() / "requirements.lock"),
        raw_digest if notebook.reads_raw else "",
        *_memory(notebook, folder, digests),
    )


def _memory(notebook: Notebook, folder: RunFolder, digests: FileDigests) -> list[str]:
    """Digests of what runs of earlier dates have left for it."""
    return [
        digests.of(table.path(run))
        for table in notebook.remembers
        for run in table.earlier_runs(folder).values()
    ]


def read_state(folder: RunFolder) -> State | None:
    """The remembered state; ``None`` if there is none or its file is damaged."""
    try:
        return State(**json.loads((folder.records / _STATE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def forget_state(folder: RunFolder) -> None:
    """From here on nothing of the earlier result is taken for whole."""
    (folder.records / _STATE).unlink(missing_ok=True)


def write_state(folder: RunFolder, state: State) -> None:
    """Remember a result; called last, when all its files are there."""
    write_json(asdict(state), folder.records / _STATE)


def holds(state: State, digests: FileDigests) -> bool:
    """Whether every output is there with the bytes it was written with."""
    return all(digests.of(home() / path) == digest for path, digest in state.outputs.items())


def digest_outputs(
    notebook: Notebook, folder: RunFolder, executed: Path, digests: FileDigests
) -> dict[str, str]:
    """Path below the home folder to digest: tables (absent ones too), records, the executed copy."""
    records = [path for path in folder.records.rglob("*") if path.is_file() and path.name != _STATE]
    tables = [table.path(folder) for table in notebook.writes]
    paths = sorted({*records, *tables, executed})
    return {path.relative_to(home()).as_posix(): digests.of(path) for path in paths}
