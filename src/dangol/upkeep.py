"""Commands that look after what runs have left: ``dangol status`` and ``dangol erase``."""

import sys
from typing import Annotated

import typer

from dangol.errors import InputError


def status(
    dataset: Annotated[str | None, typer.Option(help="Only this data set.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Only this snapshot date.")] = None,
    variant: Annotated[str | None, typer.Option(help="Only these parameters: full, smoke, …")] = None,
    tables: Annotated[bool, typer.Option("--tables", help="List every table with its origin.")] = False,
) -> None:
    """Tell which results are fresh and which are stale, and why; with --tables, where each table comes from.

    Stale is what the next run makes anew: raw files, code, packages or tables it read have changed.
    """
    from dangol.runner.cache import FileDigests
    from dangol.runner.notebook import discover
    from dangol.runner.status import find_runs, standings, status_lines
    from dangol.workspace import project_root

    notebooks, digests = discover(project_root() / "notebooks"), FileDigests()
    for run in find_runs(dataset, as_of, variant):
        for line in status_lines(standings(run, notebooks, digests), tables):
            typer.echo(line)


def erase(
    customer: Annotated[str, typer.Argument(help="Customer id, or the key of a record: KEY or SOURCE:KEY.")],
    dataset: Annotated[str, typer.Option(help="Data set the person is to be erased from.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go, change nothing, even with --yes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. Needed where nobody can answer.")] = False,
) -> None:
    """Erase a person from tables, lists, pages and tracked files, keep them out of later loads, and prove it.

    Shows what would go and asks first. Raw files are never edited. Pages that named the person make room for
    a note; the next run makes them anew.
    Exit codes: 0 nothing names the person any more, 1 something still does, 2 nobody is known by that name,
    or nobody could be asked.
    """
    from dangol.erasure.erase import erase as erase_person
    from dangol.erasure.erase import preview

    if dry_run or not yes:
        for line in preview(dataset, customer):
            typer.echo(line)
    if dry_run:
        return
    if not yes:
        if not _can_be_asked():
            raise InputError("erasing cannot be undone and nobody can be asked here. Confirm with --yes.")
        if not typer.confirm("Erase the person? This cannot be undone"):
            typer.echo("nothing was erased")
            return
    erasure = erase_person(dataset, customer)
    for line in erasure.lines():
        typer.echo(line)
    raise typer.Exit(int(bool(erasure.left)))


def _can_be_asked() -> bool:
    return sys.stdin.isatty()
