"""What a person sees of a batch: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dangol.runner.notebook import Notebook
from dangol.runner.stage import Outcome, told

_STYLES = {
    "waiting": "dim",
    "running": "bold cyan",
    "done": "green",
    "unchanged": "green dim",
    "skipped": "yellow",
    "failed": "bold red",
    "blocked": "red",
}


class LiveDisplay:
    """A part of the terminal that is drawn anew; elsewhere nothing. Use as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()


class Progress(LiveDisplay):
    """Watches a batch; use as a context manager.

    Args:
        notebooks: those of the batch.
        console: where to show.
    """

    def __init__(self, notebooks: Sequence[Notebook], console: Console) -> None:
        super().__init__(console)
        self._notebooks = notebooks
        self._since: dict[str, float] = {}
        self._ended: dict[str, Outcome] = {}

    def started(self, notebook: Notebook) -> None:
        """Show it as running."""
        self._since[notebook.number] = time.monotonic()
        self.tick()

    def ended(self, notebook: Notebook, outcome: Outcome) -> None:
        """Show what became of it."""
        self._ended[notebook.number] = outcome
        if self._live is None:
            message = told(outcome.status, outcome.message, notebook)
            first_line = message.splitlines()[0] if message else ""
            line = f"{notebook.name:<16} {outcome.status:<9} {_seconds(outcome):>8}  {first_line}".rstrip()
            self._console.print(Text(line), soft_wrap=True)
        self.tick()

    def tick(self) -> None:
        """Let the clocks run on."""
        if self._live:
            self._live.update(self._table(), refresh=True)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for notebook in self._notebooks:
            status, seconds = self._now(notebook.number)
            table.add_row(
                Text(notebook.name), Text(status, style=_STYLES[status]), Text(seconds, justify="right")
            )
        return table

    def _now(self, number: str) -> tuple[str, str]:
        if number in self._ended:
            return self._ended[number].status, _seconds(self._ended[number])
        if number in self._since:
            return "running", f"{time.monotonic() - self._since[number]:.0f} s"
        return "waiting", ""


def _seconds(outcome: Outcome) -> str:
    return f"{outcome.seconds:.1f} s" if outcome.is_new else ""
