"""What is known of a sweep on disk: its plan, and how each of its runs ended."""

import contextlib
import fcntl
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dangol.errors import InputError
from dangol.files import write_json
from dangol.sweeps.members import Member
from dangol.workspace import home

_PLAN = "sweep.json"


@dataclass(frozen=True)
class Ending:
    """How a run of a sweep ended.

    Attributes:
        key: of everything the run depends on: code, parameters, raw data.
        exit_code: of ``dangol run``.
        seconds: wall time.
        message: its last words, if it failed.
    """

    key: str
    exit_code: int
    seconds: float
    message: str = ""


class Journal:
    """The folder ``reports/sweeps/<name>``.

    Args:
        name: of the sweep.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = home() / "reports" / "sweeps" / name

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the sweep alone; the lock dies with the process.

        Raises:
            InputError: if the same sweep is running.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(f"the sweep '{self.name}' is already running; wait until it ends") from None
            for part in self.folder.rglob(".*.part"):
                part.unlink(missing_ok=True)
            yield

    def begin(self, members: Sequence[Member]) -> None:
        """Write a fresh plan; what was known of earlier runs is forgotten."""
        for path in (self.folder / "runs").glob("*.json"):
            path.unlink()
        write_json({"places": [member.place for member in members], "parents": {}}, self.folder / _PLAN)

    def resume(self, members: Sequence[Member]) -> None:
        """Check that the plan on disk is this one.

        Raises:
            InputError: if there is none, or it has other runs.
        """
        plan = self._plan()
        if plan is None:
            raise InputError(f"there is no sweep '{self.name}' to resume; start it without --resume")
        if plan["places"] != [member.place for member in members]:
            raise InputError(
                f"the sweep '{self.name}' has other runs than when it was started; start it without "
                "--resume (results that still hold are used again)"
            )

    @property
    def parents(self) -> dict[str, str]:
        """Data set to the MLflow run under which its runs are nested."""
        plan = self._plan()
        return dict(plan["parents"]) if plan else {}

    def remember_parents(self, parents: dict[str, str]) -> None:
        """Keep them for a resume."""
        write_json({**(self._plan() or {}), "parents": parents}, self.folder / _PLAN)

    def ending(self, member: Member) -> Ending | None:
        """How a run ended; ``None`` if it has not, or its note is damaged."""
        try:
            return Ending(**json.loads(self._note(member).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def end(self, member: Member, ending: Ending) -> None:
        """Remember how a run ended; called when all its files are there."""
        write_json(asdict(ending), self._note(member))

    def forget(self, member: Member) -> None:
        """From here on the run counts as not done."""
        self._note(member).unlink(missing_ok=True)

    def log_of(self, member: Member) -> Path:
        """What ``dangol run`` said."""
        return self.folder / "logs" / f"{member.number:03}.txt"

    def _note(self, member: Member) -> Path:
        return self.folder / "runs" / f"{member.number:03}.json"

    def _plan(self) -> dict[str, Any] | None:
        try:
            plan = json.loads((self.folder / _PLAN).read_text())
        except (OSError, ValueError):
            return None
        return plan if {"places", "parents"} <= plan.keys() else None
