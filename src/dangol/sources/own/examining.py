"""Looking at all files of a spec before anything is kept: every fault at once, and what will be set aside."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dangol.errors import InputError
from dangol.sources.own.defaults import CONTROL
from dangol.sources.own.fields import WITH_ATTRIBUTES, near_names
from dangol.sources.own.inputs import Found
from dangol.sources.own.plan import Plan, plans_of
from dangol.sources.own.spec import Spec
from dangol.sources.own.staging import CALLED_OFF, Problem, Staged, engine_in, stage

MAX_QUARANTINE_SHARE = 0.5
"""If more rows of a file than this cannot be used, the mapping is wrong, not the rows."""

_N_SHOWN = 8
_TIMES = {"transactions": "order_ts", "contacts": "contact_ts", "responses": "response_ts"}


@dataclass(frozen=True)
class Finding:
    """One thing to know about a file.

    Attributes:
        table: canonical table it concerns.
        file: its name; empty for the whole table.
        problem: what is wrong with which rows; ``None`` where the file as a whole is at fault.
        text: in words.
        mend: what to do about it; empty where the text says so.
        blocks: nothing runs until it is mended.
    """

    table: str
    file: str
    text: str
    mend: str
    blocks: bool
    problem: Problem | None = None


@dataclass
class Examination:
    """What was found.

    Attributes:
        findings: in the order of the spec.
        n_rows: rows per table and file.
        n_usable: rows per table and file that are not set aside.
        first_ts: date of the first order, contact or response, ``YYYY-MM-DD``; empty if unknown.
        last_ts: date of the last one.
    """

    findings: list[Finding] = field(default_factory=list)
    n_rows: dict[tuple[str, str], int] = field(default_factory=dict)
    n_usable: dict[tuple[str, str], int] = field(default_factory=dict)
    first_ts: str = ""
    last_ts: str = ""

    @property
    def blocking(self) -> list[Finding]:
        """Findings that stop the run."""
        return [finding for finding in self.findings if finding.blocks]


def examine(spec: Spec, files: Mapping[str, list[Found]]) -> Examination:
    """Read every file of a spec once, streamed, and keep nothing.

    Args:
        spec: the mapping.
        files: per table, as found.
    """
    result = Examination()
    with tempfile.TemporaryDirectory(prefix="dangol-check-") as temporary:
        engine = engine_in(Path(temporary))
        for table, plan in plans_of(spec).items():
            staged = []
            for number, one in enumerate(files.get(table, [])):
                target = Path(temporary) / f"{table}-{number}.parquet"
                try:
                    staged.append(stage(plan, one.path, one.name, target, engine))
                except InputError as error:
                    result.findings += [_of_file(table, one.name, line) for line in str(error).splitlines()]
            for one_staged in staged:
                _look_at(one_staged, result)
            result.findings += [*_misspelt(plan), *_arms(plan, staged)]
            _keep_times(plan, staged, result)
        engine.disconnect()
    return result


def _of_file(table: str, name: str, text: str) -> Finding:
    return Finding(table, name, text.removeprefix(f"{name}: "), "", blocks=True)


def _look_at(staged: Staged, result: Examination) -> None:
    table, name = staged.plan.table, staged.name
    result.n_rows[table, name] = staged.n_rows
    if staged.n_rows == 0:
        text = "holds no rows, only a header"
        result.findings.append(Finding(table, name, text, "export the file again", blocks=True))
        result.n_usable[table, name] = 0
        return
    result.n_usable[table, name] = staged.n_usable
    for problem in staged.problems:
        share = problem.n_rows / staged.n_rows
        blocks = problem.is_quarantined and share > MAX_QUARANTINE_SHARE
        result.findings.append(
            Finding(table, name, problem.reason, _mend(staged.plan, problem, blocks), blocks, problem)
        )


def _mend(plan: Plan, problem: Problem, blocks: bool) -> str:
    """The change of spec or file that would help."""
    if problem.column == CALLED_OFF:
        return f"nothing, if {plan.column(CALLED_OFF).source!r} means that; else leave {CALLED_OFF} out"
    if not problem.column:
        return "look for a delimiter or a line break within a field that is not quoted"
    column = plan.column(problem.column)
    place = "campaign_file" if plan.table == "campaign_file" else plan.table
    if not problem.example:
        return f"fill {column.source!r} in the file, or accept that these rows are set aside"
    if column.kind == "date":
        return _mend_of_date(plan, place, problem.examples)
    if column.kind == "number":
        other = "," if plan.form.decimal == "." else "."
        doubt = f"; if '{other}' is the decimal mark, state {place}.format.decimal"
        return f"correct the cells{doubt if other in problem.example else ''}"
    if plan.table == "campaign_file":
        return "write 0 and 1, or yes and no, in the file"
    return f"map these values in {place}.values.{column.name} to true or false" + (" now" if blocks else "")


def _mend_of_date(plan: Plan, place: str, examples: tuple[str, ...]) -> str:
    """Forms to add; where all dates are in known forms only that there is no such day."""
    from dangol.sources.own.dates import ISO, forms_of

    guessed = forms_of(examples)
    if not guessed:
        return f"correct the cells, or state the form of the dates in {place}.format.date_format"
    if new := [form for form in guessed if form not in (ISO, *plan.form.date_format)]:
        return f"add {', '.join(map(repr, new))} to {place}.format.date_format"
    return "there is no such day between 1900 and 2199; correct the cells"


def _misspelt(plan: Plan) -> Iterator[Finding]:
    """Attributes that look like a column the table has a meaning for."""
    if plan.table in WITH_ATTRIBUTES:
        for name, meant in near_names(plan.table, (column.name for column in plan.columns)).items():
            text = f"{name!r} is kept as an attribute, but looks like the column {meant!r}"
            mend = f"call it {meant} if it is meant, else give the attribute another name"
            yield Finding(plan.table, "", text, mend, blocks=False)


def _arms(plan: Plan, staged: list[Staged]) -> Iterator[Finding]:
    """Contacts of which no row says ``control``, though a word in them may mean it."""
    if plan.table != "contacts" or "arm" not in plan.names or not staged:
        return
    found = (one.table.select("arm").distinct().execute()["arm"].dropna() for one in staged)
    words = sorted({word for arms in found for word in arms})
    if CONTROL not in words:
        shown = ", ".join(map(repr, words[:_N_SHOWN]))
        text = f"no arm is called '{CONTROL}', so everybody counts as contacted; there are {shown}"
        mend = "if one of them was not contacted, state contacts.values.arm, such as {holdout: control}"
        yield Finding(plan.table, "", text, mend, blocks=False)


def _keep_times(plan: Plan, staged: list[Staged], result: Examination) -> None:
    name = _TIMES.get(plan.table)
    for one in staged:
        if name is None or name not in one.plan.names or (result.first_ts and plan.table != "transactions"):
            continue
        times: Any = one.table.aggregate(first=one.table[name].min(), last=one.table[name].max()).execute()
        first, last = times["first"].iloc[0], times["last"].iloc[0]
        if first == first and first is not None:  # not missing
            result.first_ts = min(filter(None, (result.first_ts, f"{first:%Y-%m-%d}")))
            result.last_ts = max(result.last_ts, f"{last:%Y-%m-%d}")
