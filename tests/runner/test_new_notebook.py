"""A new notebook has the form of all others, runs and joins the flow; bad names change nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from dangol import tables
from dangol.errors import InputError
from dangol.records import record
from dangol.runner import new_notebook as module
from dangol.runner.new_notebook import new_notebook
from dangol.workspace import RunFolder, project_root


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A copy of what a checkout needs: sources, notebooks and the tests of their form."""
    root = project_root()
    for folder in ("src", "notebooks", "tests/repository"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for file in ("pyproject.toml", "requirements.lock"):
        shutil.copy(root / file, tmp_path / file)
    monkeypatch.setattr(module, "project_root", lambda: tmp_path)
    return tmp_path


def state(project: Path) -> dict[str, bytes]:
    files = [*(project / "notebooks").iterdir(), project / "src/dangol/params.py"]
    return {path.name: path.read_bytes() for path in files}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("rank", r"expected a name like 10_rank .* received 'rank'"),
        ("10_Rank", "expected a name like 10_rank"),
        ("10_rank_all", "expected a name like 10_rank"),
        ("10_순위", "expected a name like 10_rank"),
        ("../10_rank", "expected a name like 10_rank"),
        ("05_rank", r"number 05 cannot be used: 05_predict\.ipynb has it\. The next is 10: 10_rank"),
        ("12_rank", r"number 12 cannot be used: the numbers have no gap\. The next is 10: 10_rank"),
        ("10_predict", r"'predict' is taken by 05_predict\.ipynb"),
        ("10_iso", None),
    ],
)
def test_a_bad_or_taken_name_changes_nothing(project, name, told):
    if told is None:
        path = project / "src/dangol/params.py"
        path.write_text(path.read_text() + "\n\nclass IsoParams(Params):\n    pass\n")
        told = "has a class IsoParams already"
    before = state(project)
    with pytest.raises(InputError, match=told):
        new_notebook(name, "why?")
    assert state(project) == before


def test_a_failing_write_changes_nothing(project, monkeypatch):
    before = state(project)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.json, "dumps", full)
    with pytest.raises(Exception, match="the disk is full"):
        new_notebook("10_rank", "why?")
    assert state(project) == before


@pytest.mark.slow
def test_a_new_notebook_has_the_form_runs_and_joins_the_flow(project, tmp_path):
    path = new_notebook("10_rank.ipynb", "who comes first, 누가 먼저?")
    assert path == project / "notebooks/10_rank.ipynb"
    home = tmp_path / "home"
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(project / "src"),
        "DANGOL_HOME": str(home),
        "TERM": "dumb",
    }
    surroundings.pop("MLFLOW_TRACKING_URI", None)

    def python(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, env=surroundings, cwd=project, capture_output=True, text=True, check=False, timeout=300
        )

    checked = python(
        "-m", "pytest", "-q", "-n", "0", "-k", "10_rank or gap", "tests/repository/test_notebook_form.py"
    )
    assert checked.returncode == 0, checked.stdout
    ruff = Path(sys.executable).parent / "ruff"
    for command in ("check", "format"):
        options = ["--check"] if command == "format" else []
        lint = subprocess.run(
            [ruff, command, *options, path, project / "src/dangol/params.py"],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert lint.returncode == 0, lint.stdout
    _write_customers(home)
    ended = python(
        "-c", "from dangol.cli import main; main()", "run", "--dataset", "simulator-300", "--only", "10"
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "10_rank          done" in ended.stdout
    reports = home / "reports/simulator-300/2017-12-03"
    assert "who comes first, 누가 먼저?" in (reports / "10_rank.html").read_text()
    page = (reports / "index.html").read_text()
    assert "notebook 10 · n_customers_known" in page


def _write_customers(home: Path) -> None:
    """What notebook 01 would have left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANGOL_HOME", str(home))
        folder = RunFolder("simulator-300", "2017-12-03", "full", "01")
        first = pd.to_datetime(["2017-01-05", "2017-06-01", "2017-12-24", None] * 25)
        tables.CUSTOMERS.write(pd.DataFrame({"customer_id": range(100), "first_seen_date": first}), folder)
        record({"n_customers": 100}, folder)
