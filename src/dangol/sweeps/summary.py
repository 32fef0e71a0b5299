"""The last lines of a sweep: what failed and why, where the comparison is."""

from rich.console import Console
from rich.markup import escape

from dangol.runner.run import relative
from dangol.sweeps.sweep import SweepResult


def show_sweep(result: SweepResult, out: Console, err: Console) -> None:
    """Print one block per failed run on ``err``, the place of the comparison on ``out``."""
    failed = [(member, ending) for member, ending in result.endings if ending.exit_code]
    for member, ending in failed:
        text = f"[bold red]{escape(member.label)} failed[/]\n  {escape(ending.message)}"
        err.print(text, soft_wrap=True, highlight=False)
    for trouble in result.troubles:
        err.print(f"[bold red]trouble[/]: {escape(trouble)}", soft_wrap=True, highlight=False)
    n_done = len(result.endings) - len(failed)
    out.print(f"{n_done} done, {len(failed)} failed in {result.seconds:.0f} s", highlight=False)
    if result.page:
        out.print(f"comparison: {relative(result.page)}", soft_wrap=True, highlight=False)
