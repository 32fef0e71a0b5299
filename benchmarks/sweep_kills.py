"""A sweep killed again and again with SIGKILL, held against an undisturbed one.

    python benchmarks/sweep_kills.py [--runs 12] [--workers 2] [--kills 10] [--customers 100] [--folder kept]

Sweeps notebooks over seeds of a small simulated company: once in peace with two workers, then once more
in another home folder, where the whole command is killed at random moments and resumed. Afterwards every
table and every recorded figure must have the same bytes, no run of MLflow may be left open or stand outside
the sweep, and the database must be sound. `--kills 0 --workers 4` compares numbers of workers. With a kept
folder the command goes on where it was stopped. Ends with exit code 1 if anything differs.
"""

import argparse
import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DANGOL = [sys.executable, "-c", "from dangol.cli import main; main()"]
PEACEFUL_WORKERS = 2
OUTSIDE_THE_SWEEP = """
    select count(*) from runs r where not exists (
        select 1 from tags t
        where t.run_uuid = r.run_uuid and t.key in ('mlflow.parentRunId', 'dangol.sweep'))"""


def swept(home: Path, options: list[str], kill_after: float | None = None) -> tuple[int, float]:
    """Exit code and seconds of one session of the sweep."""
    surroundings = {**os.environ, "DANGOL_HOME": str(home), "TERM": "dumb"}
    surroundings.pop("MLFLOW_TRACKING_URI", None)
    home.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with (home / "sweep.txt").open("ab") as log:
        process = subprocess.Popen([*DANGOL, "sweep", *options], env=surroundings, stdout=log, stderr=log)
        if kill_after is not None:
            try:
                process.wait(kill_after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        return process.wait(), time.monotonic() - started


def results(home: Path) -> dict[str, str]:
    """Digest of every table and of every file of figures."""
    root = home / "data" / "processed"
    files = [*root.rglob("*.parquet"), *root.rglob("metrics.json")]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def survivors(home: Path) -> list[str]:
    """Processes that still work for a home folder."""
    wanted, found = f"DANGOL_HOME={home}".encode(), []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
        except OSError:  # ended meanwhile, or another user's
            continue
    return found


def faults_of(home: Path, peaceful: dict[str, str]) -> list[str]:
    """How the home of a killed sweep differs from that of the peaceful one, and what is unsound in it."""
    mine = results(home)
    names = sorted(set(peaceful) ^ set(mine)) + [n for n in mine if peaceful.get(n, mine[n]) != mine[n]]
    faults = [f"differs: {name}" for name in names]
    with sqlite3.connect(home / "mlruns" / "mlflow.db") as database:
        states = dict(database.execute("select status, count(*) from runs group by 1").fetchall())
        (sound,) = database.execute("pragma integrity_check").fetchone()
        (n_outside,) = database.execute(OUTSIDE_THE_SWEEP).fetchone()
    print(f"MLflow runs: {states}; integrity: {sound}; outside the sweep: {n_outside}")
    faults += [f"{states['RUNNING']} MLflow runs left open"] if "RUNNING" in states else []
    faults += [f"database: {sound}"] if sound != "ok" else []
    faults += [f"{n_outside} MLflow runs outside the sweep"] if n_outside else []
    faults += [f"half-written: {path.name}" for path in home.rglob(".*.part")]
    return faults


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(arguments.folder or temporary).resolve()
        kind = "toys" if arguments.toys else f"{arguments.customers}-{arguments.only}"
        peaceful = root / f"peaceful-{arguments.runs}-{kind}"
        options = _prepared(peaceful, arguments)
        code, seconds = swept(peaceful, [*options, "--workers", str(PEACEFUL_WORKERS), *_resumed(peaceful)])
        print(f"peaceful sweep: {arguments.runs} runs in {seconds:.0f} s, exit code {code}", flush=True)
        disturbed = root / f"killed-{arguments.runs}-{kind}-{arguments.workers}"
        faults = [] if code == 0 else ["the peaceful sweep failed"]
        options = [*_prepared(disturbed, arguments), "--workers", str(arguments.workers)]
        faults += _kill_and_resume(disturbed, options, arguments)
        expected = results(peaceful)
        faults += faults_of(disturbed, expected)
    print(f"{len(expected)} tables and files of figures compared; {len(faults)} fault(s)")
    print("\n".join(faults[:20]))
    return int(bool(faults))


def _prepared(home: Path, arguments: argparse.Namespace) -> list[str]:
    """What is swept, as options; toys are written into the home folder first."""
    seeds = ["--set", f"seed=1..{arguments.runs}"]
    if arguments.toys:
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "runner"))
        import runner_toys

        runner_toys.write_raw(home)
        runner_toys.write_toys(home / "nb")
        return [*seeds, "--notebooks", str(home / "nb"), "--only", "01,02,06"]
    company = ["--dataset", f"simulator-{arguments.customers}", "--preset", "smoke", "--only", arguments.only]
    return [*seeds, *company, "--set", "03.n_segments=3", "--set", "03.n_evaluations=1"]


def _resumed(home: Path) -> list[str]:
    """The option that goes on, where there is something to go on with."""
    return ["--resume"] if any((home / "reports" / "sweeps").glob("*/sweep.json")) else []


def _kill_and_resume(home: Path, options: list[str], arguments: argparse.Namespace) -> list[str]:
    draw, note, began = random.Random(), home / "kills.txt", time.monotonic()
    n_killed = len(note.read_text().splitlines()) if note.exists() else 0
    while n_killed < arguments.kills:
        code, seconds = swept(home, [*options, *_resumed(home)], draw.uniform(*arguments.after))
        if code >= 0:
            print(f"ended before kill {n_killed + 1} (exit code {code}); shorten --after", flush=True)
            break
        n_killed += 1
        with note.open("a") as kills:
            kills.write(f"{seconds:.1f}\n")
        print(f"kill {n_killed} after {seconds:.1f} s", flush=True)
    code, _ = swept(home, [*options, *_resumed(home)])
    print(f"{n_killed} kills, then to the end: exit code {code}, {time.monotonic() - began:.0f} s in all")
    time.sleep(2)
    left = survivors(home)
    return ([f"exit code {code}"] if code else []) + ([f"processes left: {left}"] if left else [])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--customers", type=int, default=100)
    parser.add_argument("--only", default="01,02,03", help="notebooks")
    parser.add_argument(
        "--toys", action="store_true", help="sweep the toy notebooks of the tests: a quick look"
    )
    parser.add_argument(
        "--after", type=float, nargs=2, default=(3.0, 40.0), help="seconds until a kill, from and to"
    )
    parser.add_argument("--folder", help="keep the home folders here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
