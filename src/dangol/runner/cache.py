"""Whether an earlier result of a notebook still holds: same code, parameters and inputs, same outputs."""

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dangol.contracts import Table
from dangol.currency import currency_of
from dangol.files import sha256_of_file, sha256_of_text, write_json
from dangol.params import Params
from dangol.runner.modules import digest_of_modules
from dangol.runner.notebook import Notebook
from dangol.sources.erased import digest_of_marks
from dangol.stages import Status
from dangol.workspace import RunFolder, home, project_root

_STATE = "state.json"
ABSENT = "absent"
RAW_FILES, ERASED = "raw files", "list of erased people"


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
            return ABSENT
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
        dependencies: name to digest of everything the result depends on, see `dependencies_of`.
        status: ``done`` or ``skipped``.
        message: why it was skipped.
        seconds: wall time of the execution.
        run_id: MLflow run that holds the result.
        run_url: where a browser finds it.
        page_key: of what the page shows beyond the results.
        outputs: path below the home folder to SHA-256.
        parameters: of the notebook, by name.
        raw_sha256: one name for the content of all raw files, whether it opened them itself or not.
        commit: state of the code, see ``tracking.code_version``.
    """

    dependencies: dict[str, str]
    status: Status
    message: str
    seconds: float
    run_id: str | None
    run_url: str | None
    page_key: str
    outputs: dict[str, str]
    parameters: dict[str, Any]
    raw_sha256: str
    commit: str


def dependencies_of(
    notebook: Notebook, params: Params, folder: RunFolder, raw_digest: str, digests: FileDigests
) -> dict[str, str]:
    """Everything the result of a notebook depends on: what it is, in words, to its digest.

    The variant's name does not count: it follows from the parameters of all notebooks.
    """
    inputs = digests.of_tables(notebook.inputs, folder)
    return {
        "code of the notebook": sha256_of_text(notebook.code),
        "parameters": sha256_of_text(params.model_dump_json(exclude={"variant"})),
        "modules it imports": digest_of_modules(notebook.modules),
        "locked packages": digests.of(project_root() / "requirements.lock"),
        **(_raw(folder.dataset, raw_digest) if notebook.reads_raw else {}),
        **({"currency": sha256_of_text(currency_of(folder).code)} if notebook.names_currency else {}),
        **{f"table {name}": digest for name, digest in inputs.items()},
        **{f"{name} of {as_of}": digests.of(path) for name, as_of, path in _memory(notebook, folder)},
    }


def _raw(dataset: str, raw_digest: str) -> dict[str, str]:
    """What came in, and who of it was erased."""
    erased = digest_of_marks(dataset)
    return {RAW_FILES: raw_digest, **({ERASED: erased} if erased else {})}


def _memory(notebook: Notebook, folder: RunFolder) -> Iterator[tuple[str, str, Path]]:
    """Table, date and file of what runs of earlier dates have left for it."""
    for table in notebook.remembers:
        for as_of, run in table.earlier_runs(folder).items():
            yield table.name, as_of, table.path(run)


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
