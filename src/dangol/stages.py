"""What became of each notebook of a run: the runner says it, reports and tracking read it."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["done", "unchanged", "failed", "blocked", "skipped"]


@dataclass(frozen=True)
class StageResult:
    """The outcome of one notebook.

    Attributes:
        number: two digits, the place in the flow.
        verb: of the file name, such as ``segment``.
        title: first heading of the notebook.
        status: ``done``; ``unchanged`` (an earlier result still holds); ``failed``; ``blocked`` (a
            notebook it depends on failed); ``skipped`` (the data set lacks what it needs).
        seconds: wall time of the execution that made the result; 0 if nothing was executed.
        message: why it failed, is blocked or skipped; empty otherwise.
        run_id: MLflow run that holds the result, if any.
    """

    number: str
    verb: str
    title: str
    status: Status
    seconds: float
    message: str
    run_id: str | None

    @property
    def name(self) -> str:
        """File name without ending: ``03_segment``."""
        return f"{self.number}_{self.verb}"
