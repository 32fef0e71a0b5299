"""One notebook of a batch: is its result still good? If not, execute it and take stock."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dangol.errors import DangolError
from dangol.params import Params
from dangol.runner.cache import FileDigests, State, dependencies_of, forget_state, holds, read_state
from dangol.runner.execute import execute
from dangol.runner.kernel import Kernels
from dangol.runner.notebook import Notebook
from dangol.runner.scrub import cleaner
from dangol.stages import StageResult, Status
from dangol.workspace import RunFolder, reports_folder

_SKIP = "SkipNotebookError"


@dataclass(frozen=True)
class Plan:
    """What is needed to run one notebook."""

    notebook: Notebook
    params: Params
    injected: Mapping[str, Any]
    raw_digest: str

    @property
    def folder(self) -> RunFolder:
        """The run, as the notebook sees it."""
        return self.params.folder.of(self.notebook.number)

    @property
    def executed(self) -> Path:
        """Where the executed copy lies."""
        return self.reports / "notebooks" / self.notebook.path.name

    @property
    def page(self) -> Path:
        """Where the notebook's page lies."""
        return self.reports / f"{self.notebook.name}.html"

    @property
    def reports(self) -> Path:
        """Folder of the run's reports."""
        return reports_folder(self.folder.dataset, self.folder.as_of, self.folder.variant)


@dataclass(frozen=True)
class Outcome:
    """What became of a notebook, and what tracking needs to know about it."""

    status: Status
    seconds: float = 0.0
    message: str = ""
    dependencies: Mapping[str, str] = field(default_factory=dict)
    run_id: str | None = None
    is_new: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)

    def result(self, notebook: Notebook) -> StageResult:
        """The part reports and callers read."""
        return StageResult(
            notebook.number,
            notebook.verb,
            notebook.title,
            self.status,
            self.seconds,
            told(self.status, self.message, notebook),
            self.run_id,
        )


def told(status: str, message: str, notebook: Notebook) -> str:
    """The message as people read it: a skipped notebook also says which question stays open."""
    if status != "skipped":
        return message
    return f"{message.rstrip('.')}. It would have answered: {notebook.question}"


def remembered(plan: Plan, digests: FileDigests) -> tuple[dict[str, str], Outcome | None]:
    """What a result to come depends on, and the earlier outcome if it still holds."""
    dependencies = dependencies_of(plan.notebook, plan.params, plan.folder, plan.raw_digest, digests)
    state: State | None = read_state(plan.folder)
    if state is None or state.dependencies != dependencies or not holds(state, digests):
        return dependencies, None
    status: Status = "skipped" if state.status == "skipped" else "unchanged"
    return dependencies, Outcome(status, state.seconds, state.message, dependencies, state.run_id)


def run_stage(plan: Plan, kernels: Kernels, digests: FileDigests, force: bool) -> Outcome:
    """Execute a notebook unless its earlier result holds.

    Whatever an earlier execution left is removed first, so that nothing old passes for new.
    """
    try:
        dependencies, earlier = remembered(plan, digests)
        if earlier and not force:
            return earlier
        inputs = digests.of_tables(plan.notebook.inputs, plan.folder)
        _clear(plan)
        execution = execute(plan.notebook, dict(plan.injected), plan.executed, kernels)
    except (DangolError, OSError) as error:
        return Outcome("failed", message=cleaner()(str(error)), is_new=True)
    failure = execution.failure
    status: Status = "done" if failure is None else "skipped" if failure.error == _SKIP else "failed"
    message = "" if failure is None else failure.message if status == "skipped" else failure.text()
    if status == "done" and not (plan.folder.records / "done.json").is_file():
        status, message = "failed", "it ended without record(...): its last cell must record the results"
    if status != "done":
        _drop_tables(plan)  # a table of a notebook that did not end is not taken for whole
    return Outcome(status, execution.seconds, message, dependencies, None, True, inputs)


def _clear(plan: Plan) -> None:
    forget_state(plan.folder)
    shutil.rmtree(plan.folder.records, ignore_errors=True)
    _drop_tables(plan)
    for path in (plan.executed, plan.page):
        path.unlink(missing_ok=True)


def _drop_tables(plan: Plan) -> None:
    for table in plan.notebook.writes:
        table.path(plan.folder).unlink(missing_ok=True)
