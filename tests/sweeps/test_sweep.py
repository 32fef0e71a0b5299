"""Many runs: one failure stops no other, a killed sweep goes on where it was, the results are the same."""

import csv
import hashlib
import io
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import runner_toys as toys
from rich.console import Console

from dangol import sources
from dangol.errors import InputError
from dangol.sweeps.journal import Journal
from dangol.sweeps.spec import SweepSpec
from dangol.sweeps.sweep import SweepOptions, sweep

SPEC = SweepSpec(name="toys", grid={"seed": "1..3"})
LOG = "01 done\n02 understand failed\n  cell 3: division by zero\n"
COMMAND = [sys.executable, "-c", "from dangol.cli import main; main()", "sweep"]


class Process:
    """Stands for ``dangol run``: ends at once, with the code the test wants."""

    def __init__(self, code: int) -> None:
        self.returncode = code

    def poll(self) -> int:
        return self.returncode


@pytest.fixture
def here(home, monkeypatch):
    """Sweeps whose runs are not started; returns the function and the seeds of the runs started."""
    from dangol.sweeps.processes import Running

    started: list[int] = []
    failing: set[int] = set()

    def start(member, arguments, parent_run, log):
        seed = member.settings.params["01"].seed
        started.append(seed)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(LOG if seed in failing else "")
        return Running(member, Process(int(seed in failing)), time.monotonic())

    monkeypatch.setattr("dangol.sweeps.sweep.start", start)
    monkeypatch.setattr("dangol.sweeps.sweep.SweepParents", FakeParents)
    monkeypatch.setattr("dangol.sweeps.sweep.read_state", lambda folder: folder)
    monkeypatch.setattr("dangol.sweeps.sweep.holds", lambda state, digests: True)

    def run(spec=SPEC, **options):
        console = Console(file=io.StringIO())
        return sweep(spec, SweepOptions(notebooks=home / "nb", **options), console, sources.fetch)

    return run, started, failing


class FakeParents:
    def __init__(self, *_):
        self.run_ids = {}

    def open(self, n_runs):
        pass

    def close(self, n_failed, status=None):
        pass


def test_one_failure_stops_no_other_run_and_is_told(here):
    run, started, failing = here
    failing.add(2)
    result = run()
    assert sorted(started) == [1, 2, 3]
    assert [ending.exit_code for _, ending in result.endings] == [0, 1, 0]
    assert result.endings[1][1].message == "02 understand failed cell 3: division by zero"
    assert result.exit_code == 1
    assert "1 of 3 runs failed" in result.page.read_text()


def test_resume_runs_only_what_is_missing(here):
    run, started, failing = here
    failing.add(2)
    run()
    failing.clear()
    started.clear()
    result = run(resume=True)
    assert started == [2]
    assert result.exit_code == 0
    started.clear()
    run(resume=True)
    assert started == []


def test_without_resume_everything_is_asked_for_again(here):
    run, started, _ = here
    run()
    run()
    assert sorted(started) == [1, 1, 2, 2, 3, 3]


def test_a_damaged_note_counts_as_not_done(here, home):
    run, started, _ = here
    run()
    started.clear()
    (home / "reports/sweeps/toys/runs/002.json").write_text("{")
    run(resume=True)
    assert started == [2]


def test_changed_code_is_run_again_on_resume(here, home):
    run, started, _ = here
    run()
    started.clear()
    toys.write_toys(home / "nb", understand=["stores = stores + 0"])
    run(resume=True)
    assert sorted(started) == [1, 2, 3]


def test_there_must_be_something_to_resume_and_it_must_be_the_same(here):
    run, _, _ = here
    with pytest.raises(InputError, match="no sweep 'toys' to resume"):
        run(resume=True)
    run()
    with pytest.raises(InputError, match="has other runs"):
        run(SweepSpec(name="toys", grid={"seed": "1..4"}), resume=True)


def test_a_sweep_cannot_run_twice_at_once(here):
    run, _, _ = here
    with Journal("toys").locked(), pytest.raises(InputError, match="already running"):
        run()


def test_the_comparison_has_a_row_for_each_run(here, home):
    run, _, _ = here
    run()
    with (home / "reports/sweeps/toys/comparison.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["seed"] for row in rows] == ["1", "2", "3"]
    assert {row["state"] for row in rows} == {"done"}


def test_an_interrupted_sweep_compares_what_has_ended(here, home, monkeypatch):
    from dangol.sweeps import sweep as module

    run, started, _ = here
    start = module.start

    def interrupted(member, *others):
        if len(started) == 2:
            raise KeyboardInterrupt
        return start(member, *others)

    monkeypatch.setattr(module, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(workers=1)
    with (home / "reports/sweeps/toys/comparison.csv").open() as stream:
        assert [row["seed"] for row in csv.DictReader(stream)] == ["1", "2"]
    assert (home / "reports/sweeps/toys/index.html").is_file()
    monkeypatch.setattr(module, "start", start)
    started.clear()
    assert len(run(resume=True).endings) == 3
    assert started == [3]


# ------------------------------------------------------------------------------ real processes
def results(home: Path) -> dict[str, str]:
    """Digest of every table and figure below a home."""
    root = home / "data" / "processed"
    files = [*root.rglob("*.parquet"), *root.rglob("metrics.json")]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def swept(home: Path, *options: str, kill_after: float | None = None) -> int:
    surroundings = {**os.environ, "DANGOL_HOME": str(home), "TERM": "dumb"}
    surroundings.pop("MLFLOW_TRACKING_URI", None)
    command = [*COMMAND, "--notebooks", str(home / "nb"), "--set", "seed=1..3", "--only", "01,02", *options]
    process = subprocess.Popen(
        command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    return process.wait(300)


@pytest.mark.slow
def test_a_killed_sweep_ends_like_an_undisturbed_one(home, tmp_path_factory):
    calm = tmp_path_factory.mktemp("calm")
    toys.write_raw(calm)
    toys.write_toys(calm / "nb")
    assert swept(calm, "--workers", "1") == 0
    draw = random.Random(5)
    swept(home, "--workers", "2", kill_after=draw.uniform(5, 9))
    while not (home / "reports" / "sweeps").exists():  # killed before it began: nothing to resume yet
        swept(home, "--workers", "2", kill_after=draw.uniform(5, 9))
    swept(home, "--workers", "2", "--resume", kill_after=draw.uniform(4, 9))
    assert swept(home, "--workers", "2", "--resume") == 0
    assert results(home) == results(calm)
    assert len(results(home)) == 3 * (3 + 2)
    with sqlite3.connect(home / "mlruns" / "mlflow.db") as database:
        states = dict(database.execute("select status, count(*) from runs group by 1").fetchall())
        parents = database.execute(
            "select status from runs r where not exists (select 1 from tags t where t.run_uuid = r.run_uuid"
            " and t.key = 'mlflow.parentRunId')"
        ).fetchall()
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    assert "RUNNING" not in states
    assert parents == [("FINISHED",)]  # everything else hangs below the one sweep
