"""One ``dangol run`` per process: started, watched, stopped, and never outliving the sweep."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from dangol.sweeps.members import Member
from dangol.tracking import PARENT_RUN

_COMMAND = [sys.executable, "-c", "from dangol.cli import main; main()"]
_STOP_SECONDS = 30
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Running:
    """A run at work."""

    member: Member
    process: subprocess.Popen
    since: float

    @property
    def seconds(self) -> float:
        """Wall time so far."""
        return time.monotonic() - self.since


def start(member: Member, arguments: list[str], parent_run: str | None, log: Path) -> Running:
    """Start a run in a process (and session) of its own; what it prints goes to ``log``.

    Call it from the main thread: the kernel stops the run when the thread that started it dies.
    """
    command = [*_COMMAND, "run", "--workers", "1", "--preset", member.request.preset, *arguments]
    command += ["--dataset", member.request.dataset] if member.request.dataset else []
    for change in member.request.changes:
        command += ["--set", change]
    surroundings = {**os.environ, "TERM": "dumb", "COLUMNS": "120"}
    surroundings.update({PARENT_RUN: parent_run} if parent_run else {})
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=surroundings,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    return Running(member, process, time.monotonic())


def stop(running: list[Running]) -> None:
    """Ask all to stop, and kill what does not."""
    for run in running:
        with contextlib.suppress(ProcessLookupError):
            run.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    for run in running:
        try:
            run.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait()


def _die_with_parent() -> None:
    """On Linux a killed sweep takes its runs with it; elsewhere they end by themselves."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
