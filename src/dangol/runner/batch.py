"""Many notebooks, in the order of the data, as many at a time as there are workers."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

from dangol.runner.cache import FileDigests
from dangol.runner.flow import by_urgency, upstream
from dangol.runner.kernel import Kernels
from dangol.runner.notebook import Notebook
from dangol.runner.stage import Outcome, Plan, run_stage

_TICK_SECONDS = 0.2


class Watcher(Protocol):
    """Whoever shows or keeps what happens."""

    def started(self, notebook: Notebook) -> None:
        """A notebook is being looked at or executed."""

    def ended(self, notebook: Notebook, outcome: Outcome) -> None:
        """A notebook has come to its end; called in the main thread."""

    def tick(self) -> None:
        """A moment has passed."""


def run_batch(
    plans: Mapping[str, Plan], workers: int, force: bool, digests: FileDigests, watchers: Sequence[Watcher]
) -> dict[str, Outcome]:
    """Run notebooks; one that fails stops only those that need its tables.

    Args:
        plans: by notebook number.
        workers: how many kernels at once.
        force: execute even what holds.
        digests: of the files met so far.
        watchers: told of every start, end and moment.

    Returns:
        By notebook number, what became of it.
    """
    with Kernels() as kernels, ThreadPoolExecutor(workers, thread_name_prefix="notebook") as pool:
        try:
            return _Batch(plans, pool, lambda plan: run_stage(plan, kernels, digests, force), watchers).run(
                workers
            )
        finally:
            kernels.kill_all()  # else leaving the pool would wait for the notebooks to end


class _Batch:
    """The state of a running batch; all of it lives in the main thread."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        pool: ThreadPoolExecutor,
        work: Callable[[Plan], Outcome],
        watchers: Sequence[Watcher],
    ) -> None:
        self._plans, self._pool, self._work, self._watchers = plans, pool, work, watchers
        notebooks = [plan.notebook for plan in plans.values()]
        self._needs = upstream(notebooks)
        self._waiting = [notebook.number for notebook in by_urgency(notebooks)]
        self._running: dict[Future[Outcome], str] = {}
        self._outcomes: dict[str, Outcome] = {}

    def run(self, workers: int) -> dict[str, Outcome]:
        while self._waiting or self._running:
            self._settle()
            self._start(workers)
            done, _ = wait(self._running, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                self._end(self._running.pop(future), future.result())
            for watcher in self._watchers:
                watcher.tick()
        return self._outcomes

    def _settle(self) -> None:
        """End what cannot run, until nothing more follows from it."""
        for number in sorted(self._waiting):
            stopped = self._stopped_by(number)
            if stopped is not None:
                self._waiting.remove(number)
                self._end(number, stopped)

    def _start(self, workers: int) -> None:
        ready = [number for number in self._waiting if self._needs[number] <= self._outcomes.keys()]
        for number in ready[: max(0, workers - len(self._running))]:
            self._waiting.remove(number)
            plan = self._plans[number]
            for watcher in self._watchers:
                watcher.started(plan.notebook)
            self._running[self._pool.submit(self._work, plan)] = number

    def _end(self, number: str, outcome: Outcome) -> None:
        self._outcomes[number] = outcome
        for watcher in self._watchers:
            watcher.ended(self._plans[number].notebook, outcome)

    def _stopped_by(self, number: str) -> Outcome | None:
        """Why a notebook cannot run: something it needs failed, was blocked or skipped."""
        ended = {need: self._outcomes[need] for need in sorted(self._needs[number]) if need in self._outcomes}
        broken = [need for need, outcome in ended.items() if outcome.status in ("failed", "blocked")]
        if broken:
            return Outcome("blocked", message=f"needs notebook {', '.join(broken)}, which did not end well")
        required = {table.owner for table in self._plans[number].notebook.reads}
        for need, outcome in ended.items():
            if outcome.status == "skipped" and need in required:
                return Outcome(
                    "skipped", message=f"needs notebook {need}, which was skipped: {outcome.message}"
                )
        return None
