"""The command ``dangol tune``; what it needs is imported when it is called."""

from typing import Annotated

import typer


def tune(
    dataset: Annotated[
        str, typer.Option(help="Data set; notebook 01 must have run on it.")
    ] = "complete_journey",
    as_of: Annotated[str | None, typer.Option(help="Snapshot date; the latest run if left out.")] = None,
    variant: Annotated[str, typer.Option(help="Which run's tables: full, smoke, full-1a2b3c4d.")] = "full",
    trials: Annotated[int, typer.Option(min=1, max=1000, help="Trials at most, over all sessions.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, help="Begin no trial that would end later.")] = 600,
    test_days: Annotated[int, typer.Option(min=1, help="As in notebook 07: its holdout takes no part.")] = 63,
    max_epochs: Annotated[int, typer.Option(min=1, help="Bound for every training.")] = 80,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Of networks and of the search.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the same search.")] = False,
) -> None:
    """Search settings of the response network within a budget, every trial a nested MLflow run.

    Trials learn from earlier campaigns and are judged on later ones, all before notebook 07's holdout. The
    defaults come first; whether anything beats them beyond chance is said plainly.
    Exit codes: 0 done, 1 the best trial could not be repeated from what was logged, 2 unusable arguments.
    """
    from dangol.runner.query import find_run
    from dangol.tuning.search import Budget
    from dangol.tuning.tune import tune as search
    from dangol.workspace import RunFolder

    folder = RunFolder(dataset, as_of, variant, "00") if as_of else find_run(dataset, None, variant)
    budget = Budget(trials, seconds, max_epochs, seed)
    result = search(folder, test_days, budget, resume, typer.echo)
    for line in (*result.lines, f"kept in MLflow under run {result.parent_id}; make ui shows it"):
        typer.echo(line)
    raise typer.Exit(int(not result.is_repeated))
