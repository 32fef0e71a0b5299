"""What an examination found, in words: files, columns, row numbers, and how to mend them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dangol.errors import InputError
from dangol.sources import raw
from dangol.sources.own.examining import Examination, examine
from dangol.sources.own.findings import Finding
from dangol.sources.own.offer import offered


@dataclass(frozen=True)
class Verdict:
    """What a check came to.

    Attributes:
        lines: to be shown.
        blocks: nothing can run until it is mended.
    """

    lines: tuple[str, ...]
    blocks: bool


def check(path: Path) -> Verdict:
    """Look for every fault of a spec and its files; nothing is kept.

    Raises:
        InputError: if the spec itself has faults; it lists them all.
    """
    with offered(path) as offer:
        examination = examine(offer.spec, offer.files, raw.read_manifest(offer.spec.dataset))
    blocking = [*offer.faults, *(sentence(finding) for finding in examination.blocking)]
    others = [sentence(finding) for finding in examination.findings if not finding.blocks]
    lines = summary(examination)
    if blocking:
        lines += [f"{len(blocking)} fault(s) to mend first:", *(f"  - {fault}" for fault in blocking)]
    if others:
        lines += [
            "counted, and set aside or mended while the data are taken in:",
            *(f"  - {one}" for one in others),
        ]
    lines.append(
        "nothing can run yet: mend these, then check again"
        if blocking
        else f"ready: dangol run --dataset {path}"
    )
    return Verdict(tuple(lines), bool(blocking))


def refuse_blocking(name: str, examination: Examination) -> None:
    """Stop if anything blocks.

    Raises:
        InputError: listing every blocking finding.
    """
    if examination.blocking:
        raise InputError(render_faults(name, [sentence(finding) for finding in examination.blocking]))


def render_faults(name: str, faults: Sequence[str]) -> str:
    """One message for all faults of a data set; ``name`` is that of its spec."""
    lines = "\n".join(f"  - {fault}" for fault in faults)
    advice = "Nothing was copied. See all with: dangol check"
    return f"{name} cannot be used: {len(faults)} fault(s)\n{lines}\n{advice}"


def sentence(finding: Finding) -> str:
    """One finding: table, file, what, how many rows, which ones, an example, what to do."""
    problem = finding.problem
    place = f"{finding.table}, {finding.file}" if finding.file else finding.table
    if problem is None:
        return f"{place}: {finding.text}{f'. Mend: {finding.mend}' if finding.mend else ''}"
    example = f", for example {problem.example!r}" if problem.example else ""
    return (
        f"{place}: {problem.n_rows:,} row(s): {finding.text}{example} "
        f"(rows {_listed(problem.rows, problem.n_rows)}). Mend: {finding.mend}"
    )


def _listed(rows: Sequence[int], n_rows: int) -> str:
    """The first row numbers, and whether there are more."""
    listed = ", ".join(map(str, rows))
    return listed if n_rows <= len(rows) else f"{listed}, …"


def summary(examination: Examination) -> list[str]:
    """Per table and file, how many rows came and how many can be used."""
    return [
        f"{table}, {file}: {n_rows:,} rows, {examination.n_usable[table, file]:,} usable"
        for (table, file), n_rows in examination.n_rows.items()
    ]
