"""Which tables are fresh and which are stale, and why: the same comparison that decides what runs again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from dangol.errors import InputError
from dangol.runner.cache import ABSENT, ERASED, RAW_FILES, FileDigests, State, dependencies_of, read_state
from dangol.runner.notebook import Notebook
from dangol.sources import raw
from dangol.workspace import DEFAULT_VARIANT, RunFolder, home

_NO_NOTEBOOK = "00"
_SHOWN_DIGITS = 12
_N_LISTED = 10
LINEAGE_COLUMNS = ("table", "notebook", "state", "why", "sha256", "raw_sha256", "run_id", "commit")


@dataclass(frozen=True)
class Standing:
    """One notebook's result in one run.

    Attributes:
        notebook: the source as it is now.
        folder: the run, as the notebook sees it.
        state: what was remembered of the result; None if there is none.
        reasons: why it would run again; empty if the result is fresh.
    """

    notebook: Notebook
    folder: RunFolder
    state: State | None
    reasons: tuple[str, ...]

    @property
    def word(self) -> str:
        """``fresh``, ``stale``, ``skipped`` (and still to be skipped) or ``missing``."""
        if self.state is None:
            return "missing"
        return "stale" if self.reasons else "skipped" if self.state.status == "skipped" else "fresh"

    @property
    def why(self) -> str:
        """The reasons in one line; of a skipped notebook what was said then."""
        if not self.reasons and self.state is not None:
            return self.state.message
        return "; ".join(self.reasons)

    @property
    def tables(self) -> list[str]:
        """Names of the tables that its result holds."""
        return [table.name for table in self.notebook.writes if table.exists(self.folder)]


def find_runs(dataset: str | None, as_of: str | None, variant: str | None) -> list[RunFolder]:
    """All runs of which anything is there, oldest date first.

    Args:
        dataset: only this one.
        as_of: only this date.
        variant: only these parameters.

    Raises:
        InputError: if there is none.
    """
    places = (home() / "data" / "processed").glob("*/*/*/records")
    found = sorted(path.parent.parts[-3:] for path in places)
    asked = (dataset, as_of, variant)
    runs = [
        RunFolder(name, date, kind, _NO_NOTEBOOK)
        for name, date, kind in found
        if dataset in (None, name) and as_of in (None, date) and variant in (None, kind)
    ]
    if not runs:
        raise InputError(_nothing_there(asked, found))
    return runs


def _nothing_there(asked: Sequence[str | None], found: Sequence[tuple[str, ...]]) -> str:
    """What was asked for, and the runs there are instead."""
    wanted = " ".join(part for part in asked if part) or "anything"
    if not found:
        return f"no run of {wanted} is there. Make one: dangol run"
    close = get_close_matches(asked[0] or "", sorted({name for name, *_ in found}), n=1)
    hint = f" Did you mean --dataset {close[0]}?" if close and close[0] != asked[0] else ""
    listed = "".join(
        f"\n  - --dataset {name} --as-of {date} --variant {kind}" for name, date, kind in found[-_N_LISTED:]
    )
    return f"no run of {wanted} is there.{hint} The latest of {len(found)}:{listed}"


def standings(run: RunFolder, notebooks: Sequence[Notebook], digests: FileDigests) -> list[Standing]:
    """Every notebook of the flow in one run, in order: fresh, or stale with every reason.

    Args:
        run: the run.
        notebooks: all of the flow, as they are now.
        digests: of the files met so far.
    """
    raw_digest, faults = _raw_files(run.dataset)
    return _standings(run, notebooks, digests, raw_digest, faults)


def stale_inputs(
    selected: Sequence[Notebook], notebooks: Sequence[Notebook], run: RunFolder, raw_digest: str
) -> str:
    """One sentence on stale tables that a part of the flow is about to read; empty if all are fresh.

    Args:
        selected: the notebooks to run.
        notebooks: all of the flow.
        run: the run.
        raw_digest: one name for the content of the raw files.
    """
    chosen = {notebook.number for notebook in selected}
    read = {table.owner for notebook in selected for table in notebook.inputs} - chosen
    if not read:
        return ""
    every = _standings(run, notebooks, FileDigests(), raw_digest, ())
    stale = [one for one in every if one.notebook.number in read and one.word == "stale"]
    if not stale:
        return ""
    listed = ", ".join(f"{one.notebook.number} ({one.why})" for one in stale)
    return f"stale inputs are used as they are: tables of {listed}. Without --only they are made anew first."


def _standings(
    run: RunFolder,
    notebooks: Sequence[Notebook],
    digests: FileDigests,
    raw_digest: str,
    faults: tuple[str, ...],
) -> list[Standing]:
    found: dict[str, Standing] = {}
    for notebook in notebooks:
        folder = run.of(notebook.number)
        state = read_state(folder)
        if state is None:
            reasons: tuple[str, ...] = ("has not run here, or did not end well",)
        else:
            own = _own_reasons(notebook, folder, state, raw_digest, digests)
            reasons = (*(faults if notebook.reads_raw else ()), *own, *_upstream(notebook, found))
        found[notebook.number] = Standing(notebook, folder, state, reasons)
    return list(found.values())


def _raw_files(dataset: str) -> tuple[str, tuple[str, ...]]:
    """Digest of the raw files by their manifest, and in what they differ from it."""
    manifest = raw.read_manifest(dataset)
    if manifest is None:
        return "", (f"{RAW_FILES}: data/raw/{dataset} is not there",)
    return manifest.digest, tuple(f"raw file {fault}" for fault in raw.faults(manifest))


def _own_reasons(
    notebook: Notebook, folder: RunFolder, state: State, raw_digest: str, digests: FileDigests
) -> Iterator[str]:
    assert notebook.params_class is not None  # a notebook without one cannot have ended well
    try:
        params = notebook.params_class(**state.parameters)
    except ValidationError:
        yield "the notebook has other parameters now"
        return
    now = dependencies_of(notebook, params, folder, raw_digest, digests)
    for name in [*now, *(set(state.dependencies) - set(now))]:
        if now.get(name) != state.dependencies.get(name):
            yield "a person was erased" if name == ERASED else f"{name} changed"
    for path, digest in state.outputs.items():
        if (found := digests.of(home() / path)) != digest:
            harm = "is gone" if found == ABSENT else "was altered after it was written"
            yield f"{Path(path).name} {harm}"


def _upstream(notebook: Notebook, found: Mapping[str, Standing]) -> Iterator[str]:
    for owner in sorted({table.owner for table in notebook.inputs}):
        if owner in found and found[owner].word in ("stale", "missing"):
            yield f"notebook {owner} is {found[owner].word}"


def lineage(standing: Standing) -> pd.DataFrame:
    """Where the tables of one notebook come from.

    Returns:
        One row per table; columns as in ``LINEAGE_COLUMNS``: digest of its bytes as they were
        written, digest of all raw files of the data set, MLflow run, commit of the code; empty where unknown.
    """
    state = standing.state
    rows = []
    for table in standing.notebook.writes:
        path = table.path(standing.folder)
        if state is None or not table.exists(standing.folder):
            continue
        digest = state.outputs.get(path.relative_to(home()).as_posix(), "")
        origin = (digest, state.raw_sha256, state.run_id or "", state.commit)
        rows.append((table.name, standing.notebook.number, standing.word, standing.why, *origin))
    return pd.DataFrame(rows, columns=list(LINEAGE_COLUMNS))


def status_lines(found: Sequence[Standing], with_tables: bool) -> Iterator[str]:
    """What a person reads about one run: a heading, a line per notebook, and per table on demand."""
    run = found[0].folder
    variant = "" if run.variant == DEFAULT_VARIANT else f" ({run.variant})"
    words = [one.word for one in found]
    counts = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    yield f"{run.dataset} as of {run.as_of}{variant}: {counts}"
    for one in found:
        n_tables = f"{len(one.tables)} table{'' if len(one.tables) == 1 else 's'}"
        yield f"  {one.notebook.name:<14} {one.word:<8} {one.why or n_tables}"
        if with_tables:
            for row in lineage(one).to_dict("records"):
                digests = f"sha256 {row['sha256'][:_SHOWN_DIGITS]}, raw {row['raw_sha256'][:_SHOWN_DIGITS]}"
                origin = f"run {row['run_id'] or '-'}, code {row['commit'] or '-'}"
                yield f"     {row['table']:<22} {digests}, {origin}"
