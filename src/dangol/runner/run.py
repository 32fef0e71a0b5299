"""``dangol run``: from what the caller asked for to tables, pages, report and MLflow."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from dangol.errors import InputError
from dangol.files import why_not_writable
from dangol.runner.batch import run_batch
from dangol.runner.cache import FileDigests, read_state
from dangol.runner.clerk import Clerk
from dangol.runner.flow import check_inputs_exist, select
from dangol.runner.lock import locked_run
from dangol.runner.modules import digest_of_modules
from dangol.runner.notebook import Notebook, discover
from dangol.runner.progress import Progress
from dangol.runner.report import write_report_if_new
from dangol.runner.settings import Manifest, Request, Settings, resolve
from dangol.runner.stage import Plan, told
from dangol.runner.status import stale_inputs
from dangol.runner.troubles import trouble
from dangol.stages import StageResult, Status
from dangol.tracking import Tracker
from dangol.workspace import RunFolder, home, project_root, reports_folder

_NO_NOTEBOOK = "00"


@dataclass(frozen=True)
class Options:
    """How to run, as opposed to what.

    Attributes:
        only: numbers of the notebooks to run; empty for all.
        workers: how many at once.
        force: execute even what has not changed.
        notebooks: folder of the sources; ``None`` for the project's.
    """

    only: tuple[str, ...] = ()
    workers: int = 2
    force: bool = False
    notebooks: Path | None = None


@dataclass(frozen=True)
class Result:
    """What a batch came to.

    Attributes:
        settings: the checked parameters.
        stages: one per selected notebook, in order.
        report: the stakeholders' page, if it could be written.
        parent_id: MLflow run of the batch; ``None`` if nothing was executed.
        troubles: what went wrong outside the notebooks.
        seconds: wall time.
    """

    settings: Settings
    stages: tuple[StageResult, ...]
    report: Path | None
    parent_id: str | None
    troubles: tuple[str, ...]
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 if everything ended well, else 1."""
        return int(bool(self.troubles) or any(stage.status in ("failed", "blocked") for stage in self.stages))


def run(request: Request, options: Options, console: Console, fetch: Callable[[str], Manifest]) -> Result:
    """Run notebooks.

    Args:
        request: data set, preset and changed parameters.
        options: how to run.
        console: where progress is shown.
        fetch: brings the raw files of a data set and describes them.

    Raises:
        InputError: if an argument or the raw data is unusable; nothing has been executed then.
    """
    started = time.monotonic()
    notebooks = discover((options.notebooks or project_root() / "notebooks").resolve())
    selected = select(notebooks, options.only)
    settings = resolve(request, notebooks, fetch)
    folder = RunFolder(settings.dataset, settings.as_of, settings.variant, _NO_NOTEBOOK)
    _refuse_read_only(folder)
    # papermill sets the current folder back from its threads; MLflow's artifacts are relative to home
    with locked_run(folder), contextlib.chdir(home()):
        check_inputs_exist(selected, folder, _as_options(request))
        if stale := stale_inputs(selected, notebooks, folder, settings.raw_digest):
            console.print(f"[yellow]note[/]: {escape(stale)}", highlight=False, soft_wrap=True)
        plans = {
            nb.number: Plan(nb, settings.params[nb.number], settings.injected[nb.number], settings.raw_digest)
            for nb in selected
        }
        tracker = _tracker(settings, request, options, folder)
        for notebook in selected:  # here, because Python 3.11 breaks if two threads parse source at once
            digest_of_modules(notebook.modules)
        digests = FileDigests()
        clerk = Clerk(plans, digests, [nb.name for nb in notebooks], tracker)
        try:
            with Progress(selected, console) as progress:
                run_batch(plans, options.workers, options.force, digests, [progress, clerk])
            clerk.finish()
        except BaseException:
            clerk.stop()
            with contextlib.suppress(Exception):  # the reason to stop matters more
                tracker.close("KILLED", {}, time.monotonic() - started)
            raise
        report = write_report_if_new(folder, _with_others(clerk.results, notebooks, folder), clerk.troubles)
        stages = tuple(clerk.results[nb.number] for nb in selected)
        _close(tracker, stages, clerk, time.monotonic() - started)
    return Result(
        settings, stages, report, tracker.parent_id, tuple(clerk.troubles), time.monotonic() - started
    )


def _refuse_read_only(folder: RunFolder) -> None:
    """Stop before anything runs if tables, pages or MLflow's runs could not be written."""
    places = [folder.path, reports_folder(folder.dataset, folder.as_of, folder.variant), home() / "mlruns"]
    reasons = {f"{place.relative_to(home()).parts[0]}/": why_not_writable(place) for place in places}
    if faults := [f"{name} ({reason})" for name, reason in reasons.items() if reason]:
        raise InputError(
            f"nothing was run: no file can be written in {', '.join(faults)}. Give permission there, "
            "or let the environment variable DANGOL_HOME name a folder that may be written."
        )


def _as_options(request: Request) -> str:
    """The caller's own options, for the advice in a message."""
    preset = f" --preset {request.preset}" if request.preset != "full" else ""
    dataset = f" --dataset {request.dataset}" if request.dataset else ""
    return preset + dataset + "".join(f" --set {change}" for change in request.changes)


def _tracker(settings: Settings, request: Request, options: Options, folder: RunFolder) -> Tracker:
    parameters = {
        "dataset": settings.dataset,
        "as_of": settings.as_of,
        "variant": settings.variant,
        "preset": settings.preset,
        "set": " ".join(request.changes),
        "only": ",".join(options.only),
    }
    name = f"{settings.as_of} {settings.variant}"
    tags = {"dangol.raw_sha256": settings.raw_digest, "dangol.kind": "run"}
    return Tracker(folder, name, {key: value for key, value in parameters.items() if value}, tags)


def _with_others(
    results: dict[str, StageResult], notebooks: Sequence[Notebook], folder: RunFolder
) -> list[StageResult]:
    """The batch's results, and for notebooks outside it what an earlier batch left."""
    stages = []
    for notebook in notebooks:
        state = read_state(folder.of(notebook.number))
        if notebook.number in results:
            stages.append(results[notebook.number])
        elif state is not None:
            status: Status = "skipped" if state.status == "skipped" else "unchanged"
            stages.append(
                StageResult(
                    notebook.number,
                    notebook.verb,
                    notebook.title,
                    status,
                    state.seconds,
                    told(status, state.message, notebook),
                    state.run_id,
                )
            )
    return stages


def _close(tracker: Tracker, stages: Sequence[StageResult], clerk: Clerk, seconds: float) -> None:
    reused = {stage.name: stage.run_id for stage in stages if stage.status == "unchanged" and stage.run_id}
    is_failed = any(stage.status in ("failed", "blocked") for stage in stages)
    try:
        tracker.close("FAILED" if is_failed else "FINISHED", reused, seconds)
    except Exception as error:  # an unreachable server must not cost the results
        clerk.troubles.append(trouble("MLflow could not be written", error))


def relative(path: Path) -> str:
    """A path as shown to a person: below the home folder where possible."""
    return path.relative_to(home()).as_posix() if path.is_relative_to(home()) else path.name
