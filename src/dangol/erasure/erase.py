"""``dangol erase``: mark, remove, and search everything again for proof."""

import contextlib
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dangol.erasure.person import Person, find_person, runs_of
from dangol.erasure.traces import DROPPED, REMOVED, REPLACED, how_removed, n_hits, n_rows_lost, remove
from dangol.runner.lock import locked_run
from dangol.sources.erased import mark_erased, marks_file
from dangol.workspace import home, raw_folder

_DATABASE = "mlruns/mlflow.db"
_OWN_FILES = (".lock",)
_WOULD = {REPLACED: "be replaced by a note", REMOVED: "be removed"}


@dataclass(frozen=True)
class Erasure:
    """What was done and what is left.

    Attributes:
        person: who.
        marks: the file that keeps the person out of later loads.
        treated: what was done with files, and with how many of which kind: ``(rows dropped, .parquet)``.
        n_searched: files searched afterwards, by ending.
        n_database: texts of the tracking database searched afterwards; None if it is on a server.
        left: files that still name the person, below the home folder, and the database if it does.
    """

    person: Person
    marks: Path
    treated: Counter[tuple[str, str]]
    n_searched: Counter[str]
    n_database: int | None
    left: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The report of the erasure, without the ids that were just erased."""
        yield f"marked in {_below_home(self.marks)}: later loads leave the person out"
        for (how, ending), count in sorted(self.treated.items()):
            yield f"{count} {ending} file(s): {how}"
        if not self.treated:
            yield "nothing here named the person"
        searched = ", ".join(f"{count} {ending}" for ending, count in sorted(self.n_searched.items()))
        rest = f"hits remain in {len(self.left)} place(s)" if self.left else "0 hits remain"
        yield f"searched again: {searched or 'no files'}; {rest}"
        if self.n_database is None:
            yield "not searched: the tracking server named by MLFLOW_TRACKING_URI"
        else:
            yield f"searched in the tracking database: {self.n_database} parameters and tags"
        yield from (f"still names the person: {place}" for place in self.left)
        again = f"dangol run --dataset {self.person.dataset}"
        yield f"raw files are as they came; tables and pages are made anew by: {again}"


def preview(dataset: str, name: str) -> Iterator[str]:
    """What erasing a person would do, in words; nothing is changed.

    Raises:
        InputError: as ``erase`` does.
    """
    person = find_person(dataset, name)
    yield f"'{name}' is {person.described()}"
    yield f"would mark the person in {_below_home(marks_file(dataset))}: later loads leave them out"
    n_rows, n_files = 0, Counter[str]()
    for path in _files(dataset):
        if n_mentions := n_hits(path, person):
            n_lost = n_rows_lost(path, person)
            yield f"{_below_home(path)}: {_would(how_removed(path), n_lost, n_mentions)}"
            n_rows += n_lost
            n_files[how_removed(path)] += 1
    yield (
        f"in all {n_rows} row(s) of {n_files[DROPPED]} table(s) and list(s), {n_files[REPLACED]} page(s), "
        f"{n_files[REMOVED]} other file(s)"
    )
    yield _tracked_before(dataset, person)
    raw = raw_folder(dataset)
    n_raw = sum(path.is_file() for path in raw.rglob("*"))
    yield f"0 of {n_raw} raw file(s) in {_below_home(raw)} would go: they stay as they came, yours to clear"


def _would(how: str, n_lost: int, n_mentions: int) -> str:
    if how != DROPPED:
        return f"would {_WOULD[how]}: {n_mentions} mention(s)"
    return f"would lose {n_lost} row(s)" if n_lost else "would keep its rows: a household gets another name"


def _tracked_before(dataset: str, person: Person) -> str:
    texts = _database_texts(dataset)
    if texts is None:
        return "would not be searched: the tracking server named by MLFLOW_TRACKING_URI"
    return f"would lose the name: {_n_naming(texts, person)} parameter(s) and tag(s) of tracked runs"


def _n_naming(texts: list[str], person: Person) -> int:
    return sum(any(name in text for name in person.texts) for text in texts)


def erase(dataset: str, name: str) -> Erasure:
    """Erase one person from everything that was made of a data set.

    The mark is written first: if the rest is interrupted, erasing again completes it.

    Args:
        dataset: name of the data set.
        name: customer id, key of a record, or ``source:key``.

    Raises:
        InputError: if nobody is known by that name, or a batch is at work on the data set.
    """
    person = find_person(dataset, name)
    with contextlib.ExitStack() as locks:
        for run in runs_of(dataset):
            locks.enter_context(locked_run(run))
        marks = mark_erased(dataset, person.marks)
        treated: Counter[tuple[str, str]] = Counter()
        for path in _files(dataset):
            if n_hits(path, person):
                treated[remove(path, person), path.suffix] += 1
        _clean_database(dataset, person)
        searched, left = Counter[str](), []
        for path in _files(dataset):
            searched[path.suffix or path.name] += 1
            if n_hits(path, person):
                left.append(_below_home(path))
        texts = _database_texts(dataset)
    if texts is not None and _n_naming(texts, person):
        left.append(_DATABASE)
    return Erasure(person, marks, treated, searched, None if texts is None else len(texts), tuple(left))


def _files(dataset: str) -> Iterator[Path]:
    """Everything made of a data set: tables, records, pages, lists, tracked files."""
    folders = [home() / "data" / "processed" / dataset, home() / "reports" / dataset]
    folders += [home() / place for place in _artifact_folders(dataset)]
    for folder in folders:
        yield from sorted(
            path for path in folder.rglob("*") if path.is_file() and path.name not in _OWN_FILES
        )


def _below_home(path: Path) -> str:
    return path.relative_to(home()).as_posix()


@contextlib.contextmanager
def _database() -> Iterator[sqlite3.Connection | None]:
    path = home() / _DATABASE
    if not path.is_file():
        yield None
        return
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as connection, connection:
        yield connection


def _artifact_folders(dataset: str) -> list[str]:
    with _database() as connection:
        if connection is None:
            return []
        query = "select artifact_location from experiments where name = ?"
        return [place for (place,) in connection.execute(query, [dataset])]


_RUNS = (
    "run_uuid in (select r.run_uuid from runs r join experiments e using (experiment_id) where e.name = ?)"
)


def _clean_database(dataset: str, person: Person) -> None:
    """Parameters and tags that name the person lose the name."""
    with _database() as connection:
        if connection is None:
            return
        for name in sorted(person.texts):
            for table in ("params", "tags"):
                update = f"update {table} set value = replace(value, ?, '[erased]') where {_RUNS}"
                connection.execute(update, [name, dataset])


def _database_texts(dataset: str) -> list[str] | None:
    """Values of all parameters and tags of a data set's runs; None if they are on a server."""
    if os.environ.get("MLFLOW_TRACKING_URI"):
        return None
    with _database() as connection:
        if connection is None:
            return []
        query = f"select value from params where {_RUNS} union all select value from tags where {_RUNS}"
        return [str(value) for (value,) in connection.execute(query, [dataset, dataset])]
