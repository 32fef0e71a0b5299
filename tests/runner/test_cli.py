"""The command, as a process."""

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
import runner_toys as toys

from dangol import cli

DANGOL = Path(sys.executable).parent / "dangol"
RUN = f"data/processed/{toys.DATASET}/{toys.AS_OF}/full"


@pytest.fixture
def dangol(home, monkeypatch, capsys):
    """The command in this process: exit code, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dangol", *arguments])
        monkeypatch.setenv("COLUMNS", "100")
        before = signal.getsignal(signal.SIGTERM)
        try:
            with pytest.raises(SystemExit) as end:
                cli.main()
        finally:
            signal.signal(signal.SIGTERM, before)
        return (end.value.code, *capsys.readouterr())

    return call


def test_help_comes_without_heavy_imports():
    heavy = "{'pandas', 'mlflow', 'papermill', 'pydantic'}"
    code = f"import sys, dangol.cli; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_help_lists_the_commands_that_work(dangol):
    code, out, _ = dangol("--help")
    assert code == 0 and "run" in out
    code, out, _ = dangol("run", "--help")
    assert code == 0
    for option in ("--dataset", "--preset", "--set", "--only", "--workers", "--force"):
        assert option in out


def test_the_version_is_shown(dangol):
    assert dangol("--version") == (0, f"{version('dangol')}\n", "")


def test_faults_are_one_readable_block_and_exit_2(dangol, home):
    changes = ("--set", "n_ofers=2", "--set", "repurchase_days=x")
    code, out, err = dangol("run", "--notebooks", str(home / "nb"), *changes)
    assert (code, out) == (2, "")
    assert "did you mean n_offers (notebook 06)?" in err
    assert "repurchase_days: expected a whole number" in err
    assert not (home / RUN).exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "complet_journey"], "Did you mean 'complete_journey'?"),
        (["--set", "as_of=2016-01-01"], "lies outside the data"),
        (["--workers", "0"], "--workers"),
        (["--wrokers", "2"], "--wrokers"),
        (["--only", "05"], "there is no notebook 05"),
        (["--only", "02"], "02 needs stores, which 01 writes"),
    ],
)
def test_unusable_arguments_exit_2(dangol, home, arguments, message):
    code, _, err = dangol("run", "--notebooks", str(home / "nb"), *arguments)
    assert code == 2 and message in err


@pytest.mark.parametrize(("harm", "message"), [("delete", "missing"), ("damage", "damaged")])
def test_a_missing_or_damaged_raw_file_exits_2(dangol, home, harm, message):
    raw = home / "data" / "raw" / toys.DATASET / "toy.parquet"
    raw.unlink() if harm == "delete" else raw.write_bytes(b"PAR1")
    code, _, err = dangol("run", "--notebooks", str(home / "nb"))
    assert code == 2 and f"toy.parquet: {message}" in err


def test_a_failed_notebook_exits_1_and_is_named(dangol, home, run_here):
    toys.write_toys(home / "nb", understand=["1 / 0"])
    code, out, err = dangol("run", "--notebooks", str(home / "nb"))
    assert code == 1 and "2 done, 1 failed, 1 blocked" in out
    assert "02 understand failed" in err and "ZeroDivisionError: division by zero" in err


def test_a_good_run_exits_0_and_says_where_the_report_is(dangol, home, run_here):
    code, out, err = dangol("run", "--notebooks", str(home / "nb"))
    assert (code, err) == (0, "") and f"report: reports/{toys.DATASET}/{toys.AS_OF}/index.html" in out


def test_the_unexpected_is_one_sentence_and_a_hint(dangol, home, monkeypatch):
    monkeypatch.setattr("dangol.runner.run.discover", lambda folder: {}["nothing"])
    code, _, err = dangol("run")
    assert (
        code == 1 and err == "unexpected KeyError: 'nothing'\nSet DANGOL_DEBUG=1 to see where it happened.\n"
    )
    monkeypatch.setenv("DANGOL_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["dangol", "run"])
    with pytest.raises(KeyError):
        cli.main()


@pytest.mark.slow
@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_leaves_nothing_that_counts_as_whole_and_a_rerun_recovers(
    home, run_toys, monkeypatch, blow
):
    slow = [
        "import os, time\nfrom pathlib import Path\nPath('pid').write_text(str(os.getpid()))",
        "time.sleep(60)",
    ]
    toys.write_toys(home / "nb", integrate=slow)
    process = subprocess.Popen(
        [str(DANGOL), "run", "--notebooks", str(home / "nb"), "--only", "01"],
        env={**os.environ, "DANGOL_HOME": str(home)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    kernel = int(_awaited(home / "pid"))
    process.send_signal(blow)
    _, err = process.communicate(timeout=30)
    if blow != signal.SIGKILL:
        assert process.returncode == 130
        assert err.startswith("interrupted: running notebooks were stopped") and len(err.splitlines()) == 1
        assert not list((home / "reports").rglob("*.ipynb"))
    assert _is_gone(kernel)
    assert not (home / f"{RUN}/records/01/state.json").exists()
    toys.write_toys(home / "nb")
    monkeypatch.setattr("dangol.runner.run.Tracker", toys.FakeTracker)
    assert [stage.status for stage in run_toys(only=("01",)).stages] == ["done"]
    assert (home / f"{RUN}/stores.parquet").is_file()


def _awaited(path: Path) -> str:
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path.name} never came"
        time.sleep(0.05)
    return path.read_text()


def _is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.1)
    return False


def test_tables_can_be_asked_in_sql(dangol, home, run_here):
    run_here()
    code, out, _ = dangol("sql", "select channel, count(*) as n_stores from stores group by 1 order by 1")
    assert code == 0 and [line.split() for line in out.splitlines() if "web" in line] == [["web", "1"]]
    assert "campaign_kpi" in dangol("sql")[1]
    assert dangol("sql", "select nothing")[0] == 2
