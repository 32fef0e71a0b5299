import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from dangol import sources
from dangol.runner.run import Options, Result, run
from dangol.runner.settings import Request

sys.path.insert(0, str(Path(__file__).parent))
import runner_toys as toys

Runner = Callable[..., Result]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home folder with four toy notebooks in ``nb`` and a toy data set."""
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    toys.write_raw(tmp_path)
    toys.write_toys(tmp_path / "nb")
    return tmp_path


@pytest.fixture
def run_toys(home) -> Runner:
    """Runs the toys with real kernels and real MLflow."""

    def runner(*changes: str, preset: str = "full", dataset: str | None = None, **options: object) -> Result:
        request = Request(dataset, preset, changes)
        chosen = Options(**{"notebooks": home / "nb", **options})
        return run(request, chosen, Console(file=io.StringIO()), sources.fetch)

    return runner


@pytest.fixture
def run_here(run_toys, monkeypatch) -> Runner:
    """Runs the toys in this process, without kernels and MLflow."""
    monkeypatch.setattr("dangol.runner.stage.execute", toys.execute_here)
    monkeypatch.setattr("dangol.runner.run.Tracker", toys.FakeTracker)
    monkeypatch.setattr("dangol.runner.clerk.draw_page", lambda plan, *_: plan.page.write_text("page"))
    monkeypatch.setattr("dangol.reports.write_report", _write_report)
    toys.EXECUTED.clear()
    return run_toys


def _write_report(run, stages):
    from dangol.workspace import reports_folder

    page = reports_folder(run.dataset, run.as_of, run.variant) / "index.html"
    page.write_text(" ".join(stage.status for stage in stages))
    return page
