"""The order of the notebooks: it follows from who writes the tables each one reads."""

from collections.abc import Collection, Sequence

from dangol.errors import InputError
from dangol.runner.notebook import Notebook
from dangol.workspace import RunFolder


def select(notebooks: Sequence[Notebook], only: Sequence[str]) -> list[Notebook]:
    """The notebooks to run.

    Args:
        notebooks: all of the flow.
        only: numbers; empty for all.

    Raises:
        InputError: naming numbers that do not exist and notebooks whose form is wrong.
    """
    known = {notebook.number for notebook in notebooks}
    wanted = [number.strip().zfill(2) for number in only if number.strip()]
    faults = [f"--only: there is no notebook {number}" for number in wanted if number not in known]
    selected = [nb for nb in notebooks if not wanted or nb.number in wanted]
    faults += [f"{nb.path.name} {fault}" for nb in selected for fault in nb.faults]
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise InputError(f"nothing was run: {len(faults)} fault(s)\n{lines}")
    return selected


def upstream(notebooks: Sequence[Notebook]) -> dict[str, frozenset[str]]:
    """Per notebook, the numbers of those among ``notebooks`` whose tables it reads."""
    known = {notebook.number for notebook in notebooks}
    return {nb.number: frozenset({table.owner for table in nb.inputs} & known) for nb in notebooks}


def by_urgency(notebooks: Sequence[Notebook]) -> list[Notebook]:
    """Longest chain of dependants first, then by number: what others wait for starts early."""
    needs = upstream(notebooks)
    height: dict[str, int] = {}
    for notebook in sorted(notebooks, key=lambda nb: nb.number, reverse=True):
        readers = [number for number in needs if notebook.number in needs[number]]
        height[notebook.number] = 1 + max((height[number] for number in readers), default=0)
    return sorted(notebooks, key=lambda nb: (-height[nb.number], nb.number))


def check_inputs_exist(selected: Sequence[Notebook], folder: RunFolder, options: str) -> None:
    """What is not going to be written must be there.

    Args:
        selected: the notebooks to run.
        folder: of the run.
        options: of the command line, to be repeated in the advice.

    Raises:
        InputError: naming the notebooks to run first.
    """
    chosen = {notebook.number for notebook in selected}
    missing = [
        (notebook, table)
        for notebook in selected
        for table in notebook.reads
        if table.owner not in chosen and not _has_run(folder, table.owner)
    ]
    if not missing:
        return
    lines = "\n".join(
        f"  - {nb.number} needs {table.name}, which {table.owner} writes" for nb, table in missing
    )
    owners: Collection[str] = {table.owner for _, table in missing}
    first = ",".join(sorted(chosen | set(owners)))
    raise InputError(
        f"nothing was run: {len(missing)} table(s) of '{folder.dataset}' as of {folder.as_of} "
        f"({folder.variant}) are not there yet\n{lines}\nRun: dangol run --only {first}{options}"
    )


def _has_run(folder: RunFolder, number: str) -> bool:
    """Whether it ended whole; a table it did not write is one the data set does not have."""
    return folder.of(number).records.joinpath("done.json").is_file()
