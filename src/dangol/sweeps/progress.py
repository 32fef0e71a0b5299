"""What a person sees of a sweep: counts and the time left in a terminal, plain lines elsewhere."""

from collections.abc import Sequence

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from dangol.runner.progress import LiveDisplay
from dangol.sweeps.journal import Ending
from dangol.sweeps.members import Member
from dangol.sweeps.processes import Running

_SHOWN = 8


class SweepProgress(LiveDisplay):
    """Watches a sweep; use as a context manager.

    Args:
        n_runs: of the sweep.
        workers: how many run at once.
        console: where to show.
    """

    def __init__(self, n_runs: int, workers: int, console: Console) -> None:
        super().__init__(console)
        self._n_runs, self._workers = n_runs, workers
        self._endings: list[tuple[Member, Ending, bool]] = []

    def ended(self, member: Member, ending: Ending, is_kept: bool) -> None:
        """Show what became of a run.

        Args:
            member: the run.
            ending: how it ended.
            is_kept: whether an earlier session had done it.
        """
        self._endings.append((member, ending, is_kept))
        if self._live is None:
            state = "kept" if is_kept else "done" if ending.exit_code == 0 else "failed"
            took = "" if is_kept else f"{ending.seconds:.0f} s"
            line = (
                f"{len(self._endings)}/{self._n_runs}  {state:<6} {took:>6}  {member.label}  {ending.message}"
            )
            self._console.print(Text(line.rstrip()), soft_wrap=True)

    def tick(self, running: Sequence[Running]) -> None:
        """Let the clocks run on."""
        if self._live:
            self._live.update(Group(self._counts(len(running)), self._table(running)), refresh=True)

    def _counts(self, n_running: int) -> Text:
        n_failed = sum(ending.exit_code != 0 for _, ending, _ in self._endings)
        n_done = len(self._endings) - n_failed
        text = f"{self._n_runs} runs: {n_done} done, {n_running} running, {n_failed} failed"
        left = self.seconds_left()
        return Text(text + (f", about {max(1, round(left / 60))} min left" if left else ""), style="bold")

    def seconds_left(self) -> float | None:
        """Runs still to come at the mean time of those that ended here; ``None`` before the first."""
        times = [ending.seconds for _, ending, is_kept in self._endings if not is_kept]
        n_left = self._n_runs - len(self._endings)
        return n_left * sum(times) / len(times) / self._workers if times and n_left else None

    def _table(self, running: Sequence[Running]) -> Table:
        table = Table.grid(padding=(0, 2))
        for member, ending, is_kept in self._endings[-_SHOWN:]:
            state = ("green dim", "kept") if is_kept else ("green", "done")
            style, word = state if ending.exit_code == 0 else ("bold red", "failed")
            took = "" if is_kept else f"{ending.seconds:.0f} s"
            table.add_row(Text(word, style=style), Text(took, justify="right"), Text(member.label))
        for run in running:
            seconds = Text(f"{run.seconds:.0f} s", justify="right")
            table.add_row(Text("running", style="bold cyan"), seconds, Text(run.member.label))
        return table
