"""``dangol sweep``: many runs side by side, resumable after any kind of death, compared at the end."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from dangol.files import sha256_of_text
from dangol.runner.cache import FileDigests, holds, read_state
from dangol.runner.flow import select
from dangol.runner.lock import wait_until_free
from dangol.runner.modules import digest_of_modules
from dangol.runner.notebook import Notebook, discover
from dangol.runner.run import relative
from dangol.runner.settings import Manifest
from dangol.runner.troubles import trouble
from dangol.sweeps.journal import Ending, Journal
from dangol.sweeps.members import Member, members_of
from dangol.sweeps.processes import Running, start, stop
from dangol.sweeps.progress import SweepProgress
from dangol.sweeps.spec import SweepSpec
from dangol.tracking import SweepParents
from dangol.workspace import project_root

_TICK_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0
_MESSAGE_LENGTH = 500


@dataclass(frozen=True)
class SweepOptions:
    """How to run a sweep.

    Attributes:
        workers: how many runs at once.
        resume: run only what an earlier session did not finish.
        force: execute even what has not changed.
        notebooks: folder of the sources; ``None`` for the project's.
    """

    workers: int = 2
    resume: bool = False
    force: bool = False
    notebooks: Path | None = None

    def of_run(self, only: str) -> list[str]:
        """The same wishes as arguments of ``dangol run``."""
        arguments = ["--only", only] if only else []
        arguments += ["--force"] if self.force else []
        return arguments + (["--notebooks", str(self.notebooks)] if self.notebooks else [])


@dataclass(frozen=True)
class SweepResult:
    """What a sweep came to.

    Attributes:
        endings: one per run, in order.
        page: the comparison, if it could be written.
        troubles: what went wrong outside the runs.
        seconds: wall time of this session.
    """

    endings: tuple[tuple[Member, Ending], ...]
    page: Path | None
    troubles: tuple[str, ...]
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 if all runs ended well, else 1."""
        return int(bool(self.troubles) or any(ending.exit_code for _, ending in self.endings))


def sweep(
    spec: SweepSpec, options: SweepOptions, console: Console, fetch: Callable[[str], Manifest]
) -> SweepResult:
    """Run a sweep.

    Args:
        spec: what to run.
        options: how to run it.
        console: where progress is shown.
        fetch: brings the raw files of a data set and describes them.

    Raises:
        InputError: if anything asked for is unusable; nothing has been executed then.
    """
    started = time.monotonic()
    notebooks = discover((options.notebooks or project_root() / "notebooks").resolve())
    selected = select(notebooks, tuple(number for number in spec.only.split(",") if number.strip()))
    members = members_of(spec, notebooks, fetch)
    journal = Journal(spec.name)
    with journal.locked():
        if options.resume:
            journal.resume(members)
        else:
            journal.begin(members)
        console.print(f"{len(members)} runs, {options.workers} at a time", highlight=False)
        session = _Session(spec, options, journal, selected, members)
        try:
            session.run(console)
        except KeyboardInterrupt:
            _compare_what_ended(session, len(members), journal, console)
            raise
        pairs = session.ended()
        page = _compare(pairs, journal, session.troubles)
    return SweepResult(pairs, page, tuple(session.troubles), time.monotonic() - started)


class _Session:
    """One session of a sweep; all of it lives in the main thread."""

    def __init__(
        self,
        spec: SweepSpec,
        options: SweepOptions,
        journal: Journal,
        selected: Sequence[Notebook],
        members: Sequence[Member],
    ) -> None:
        self._spec, self._options, self._journal = spec, options, journal
        self._selected, self._members = selected, members
        self._code = _digest_of_code(selected)
        self._digests = FileDigests()
        self._running: list[Running] = []
        self._endings: dict[int, Ending] = {}
        self.troubles: list[str] = []

    def run(self, console: Console) -> None:
        """Run what is asked for; stop everything if interrupted."""
        parents = SweepParents(self._journal.name, self._journal.parents)
        self._track(lambda: parents.open(Counter(member.settings.dataset for member in self._members)))
        self._journal.remember_parents(parents.run_ids)
        status: str | None = "KILLED"
        try:
            with SweepProgress(len(self._members), self._options.workers, console) as progress:
                self._work(progress, parents)
            status = None
        except KeyboardInterrupt:
            console.print("stopped; the same command with --resume goes on", highlight=False)
            raise
        finally:
            stop(self._running)
            self._track(lambda: parents.close(self._n_failed(), status))

    def ended(self) -> tuple[tuple[Member, Ending], ...]:
        """The runs that have ended, in their order."""
        return tuple(
            (member, self._endings[member.number])
            for member in self._members
            if member.number in self._endings
        )

    def _work(self, progress: SweepProgress, parents: SweepParents) -> None:
        waiting = []
        for member in self._members:
            ending = self._journal.ending(member) if self._options.resume else None
            if ending is not None and self._holds(member, ending):
                self._end(member, ending, progress, is_kept=True)
            else:
                self._journal.forget(member)
                waiting.append(member)
        while waiting or self._running:
            while waiting and len(self._running) < self._options.workers:
                self._start(waiting.pop(0), parents)
            for run in [run for run in self._running if run.process.poll() is not None]:
                self._running.remove(run)
                ending = self._ending_of(run)
                self._journal.end(run.member, ending)
                self._end(run.member, ending, progress, is_kept=False)
            progress.tick(self._running)
            time.sleep(_TICK_SECONDS)

    def _start(self, member: Member, parents: SweepParents) -> None:
        wait_until_free(member.folder, _PATIENCE_SECONDS)  # a killed session's run may still be ending
        parent = parents.run_ids.get(member.settings.dataset)
        log = self._journal.log_of(member)
        self._running.append(start(member, self._options.of_run(self._spec.only), parent, log))

    def _end(self, member: Member, ending: Ending, progress: SweepProgress, *, is_kept: bool) -> None:
        self._endings[member.number] = ending
        progress.ended(member, ending, is_kept)

    def _ending_of(self, run: Running) -> Ending:
        code = run.process.returncode
        message = "" if code == 0 else _last_words(self._journal.log_of(run.member))
        return Ending(self._key(run.member), code, run.seconds, message)

    def _holds(self, member: Member, ending: Ending) -> bool:
        """Whether a run ended well, with this code and data, and everything it wrote is still there."""
        if ending.exit_code != 0 or ending.key != self._key(member):
            return False
        states = [read_state(member.folder.of(notebook.number)) for notebook in self._selected]
        return all(state is not None and holds(state, self._digests) for state in states)

    def _key(self, member: Member) -> str:
        settings = member.settings
        injected = json.dumps(settings.injected, sort_keys=True, default=str)
        return sha256_of_text(self._code, settings.raw_digest, member.place, injected)

    def _n_failed(self) -> Counter[str]:
        return Counter(
            member.settings.dataset
            for member in self._members
            if member.number in self._endings and self._endings[member.number].exit_code
        )

    def _track(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # an unreachable server must not cost the results
            self.troubles.append(trouble("MLflow could not be written", error))


def _digest_of_code(notebooks: Sequence[Notebook]) -> str:
    parts = [part for nb in notebooks for part in (nb.code, digest_of_modules(nb.modules))]
    return sha256_of_text(*parts, FileDigests().of(project_root() / "requirements.lock"))


def _last_words(log: Path) -> str:
    """The block that says what failed, without the progress lines before it."""
    lines = [line.strip() for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    told = [number for number, line in enumerate(lines) if " failed" in line or line.startswith("error")]
    return " ".join(lines[told[0] :] if told else lines[-1:])[:_MESSAGE_LENGTH]


def _compare_what_ended(session: _Session, n_runs: int, journal: Journal, console: Console) -> None:
    """An interrupted sweep has its comparison too."""
    pairs = session.ended()
    page = _compare(pairs, journal, session.troubles) if pairs else None
    where = f"; comparison: {relative(page)}" if page else ""
    console.print(f"{len(pairs)} of {n_runs} runs ended{where}. --resume runs the others", soft_wrap=True)


def _compare(pairs: Sequence[tuple[Member, Ending]], journal: Journal, troubles: list[str]) -> Path | None:
    try:
        from dangol.reports.comparison import Compared, write_comparison

        compared = [
            Compared(member.folder, member.differs, ending.exit_code == 0, ending.message)
            for member, ending in pairs
        ]
        return write_comparison(journal.name, compared, journal.folder)
    except Exception as error:
        troubles.append(trouble("no comparison page", error))
        return None
