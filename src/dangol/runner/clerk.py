"""After a notebook has run: its page, its MLflow run, and last the note that its result is whole."""

import contextlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from dangol.runner.cache import FileDigests, State, digest_outputs, read_state, write_state
from dangol.runner.notebook import Notebook
from dangol.runner.pages import Neighbours, draw_page, page_key, renew_prose
from dangol.runner.stage import Outcome, Plan
from dangol.runner.troubles import trouble
from dangol.stages import StageResult
from dangol.tracking import ChildRun, StageRecord, Tracker, code_version


class Clerk:
    """Writes pages, tracking and state in one thread of its own, while other notebooks run.

    The order matters: the state comes last, so that a batch killed at any moment never leaves a
    result that counts as whole but lacks its page or its MLflow run.

    Args:
        plans: by notebook number.
        digests: of the files met so far.
        names: of all notebooks of the flow, for links between pages.
        tracker: ``None`` to leave MLflow out.
    """

    def __init__(
        self, plans: Mapping[str, Plan], digests: FileDigests, names: list[str], tracker: Tracker | None
    ) -> None:
        self._plans, self._names, self._tracker = plans, names, tracker
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="clerk")
        self._jobs: list[Future[None]] = []
        self._digests = digests
        self.results: dict[str, StageResult] = {}
        self.troubles: list[str] = []

    def started(self, notebook: Notebook) -> None:
        """Nothing to write yet."""

    def tick(self) -> None:
        """Nothing to write."""

    def ended(self, notebook: Notebook, outcome: Outcome) -> None:
        """Take note, and write what is new."""
        self.results[notebook.number] = outcome.result(notebook)
        plan = self._plans[notebook.number]
        if outcome.is_new:
            self._jobs.append(self._pool.submit(self._write, plan, outcome))
        elif outcome.dependencies:
            self._jobs.append(self._pool.submit(self._renew, plan))

    def finish(self) -> None:
        """Wait until everything is written."""
        for job in self._jobs:
            job.result()
        self._pool.shutdown()

    def stop(self) -> None:
        """Drop what is not begun, end what is."""
        self._pool.shutdown(cancel_futures=True)

    def _write(self, plan: Plan, outcome: Outcome) -> None:
        """Everything about a notebook that has just been executed."""
        record = _record(plan, outcome)
        child = self._begin(record)
        url = child.url if child else None
        key = self._draw(plan, url)
        run_id = self._log(child, record)
        self.results[plan.notebook.number] = replace(outcome, run_id=run_id).result(plan.notebook)
        if outcome.status == "failed":
            return
        outputs = digest_outputs(plan.notebook, plan.folder, plan.executed, self._digests)
        state = State(
            dependencies=dict(outcome.dependencies),
            status=outcome.status,
            message=outcome.message,
            seconds=outcome.seconds,
            run_id=run_id,
            run_url=url,
            page_key=key,
            outputs=outputs,
            parameters=plan.params.model_dump(),
            raw_sha256=plan.raw_digest,
            commit=code_version(),
        )
        write_state(plan.folder, state)

    def _renew(self, plan: Plan) -> None:
        """Draw the page of an unchanged result anew if prose, links or layout changed, or it is gone."""
        state = read_state(plan.folder)
        if state is None or not plan.executed.is_file():
            return
        if plan.page.is_file() and state.page_key == page_key(plan.notebook, self._neighbours(plan)):
            return
        renew_prose(plan.notebook, plan.executed)
        key = self._draw(plan, state.run_url)
        outputs = digest_outputs(plan.notebook, plan.folder, plan.executed, self._digests)
        write_state(plan.folder, replace(state, page_key=key, outputs=outputs))

    def _draw(self, plan: Plan, url: str | None) -> str:
        """Draw the page; returns its key, or nothing if it could not be drawn."""
        neighbours = self._neighbours(plan)
        try:
            draw_page(plan, neighbours, url)
        except Exception as error:  # a page that cannot be drawn must not cost the result
            self.troubles.append(trouble(f"no page for {plan.notebook.name}", error))
            return ""
        return page_key(plan.notebook, neighbours)

    def _neighbours(self, plan: Plan) -> Neighbours:
        """Pages before and after, among those that exist or are going to."""
        shown = [
            name
            for name in self._names
            if name[:2] in self._plans or (plan.reports / f"{name}.html").is_file()
        ]
        place = shown.index(plan.notebook.name)
        before, after = shown[:place][-1:], shown[place + 1 :][:1]
        return (f"{before[0]}.html" if before else None, f"{after[0]}.html" if after else None)

    def _begin(self, record: StageRecord) -> ChildRun | None:
        if self._tracker is None:
            return None
        try:
            return self._tracker.begin(record)
        except Exception as error:  # an unreachable server must not cost the result
            self._tracker = None
            self.troubles.append(trouble("MLflow could not be written", error))
            return None

    def _log(self, child: ChildRun | None, record: StageRecord) -> str | None:
        if self._tracker is None or child is None:
            return None
        try:
            self._tracker.log(child, record)
        except Exception as error:  # one notebook's run is lost, not the others'
            with contextlib.suppress(Exception):
                self._tracker.abandon(child)
            self.troubles.append(trouble(f"MLflow could not take {record.name}", error))
            return None
        return child.run_id


def _record(plan: Plan, outcome: Outcome) -> StageRecord:
    files: dict[str, list[Path]] = {"notebook": [plan.executed], "page": [plan.page]}
    return StageRecord(
        name=plan.notebook.name,
        title=plan.notebook.title,
        folder=plan.folder,
        parameters=plan.params.model_dump(),
        inputs=outcome.inputs,
        seconds=outcome.seconds,
        status=outcome.status,
        message=outcome.message,
        files=files,
    )
