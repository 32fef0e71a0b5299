"""Looking at all files of a spec before anything is kept: every fault at once, and what will be set aside."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from dangol.errors import InputError
from dangol.sources.own.findings import (
    MAX_QUARANTINE_SHARE,
    Finding,
    of_phones,
    of_snapshot,
    of_table,
    of_unusable,
)
from dangol.sources.own.inputs import Found
from dangol.sources.own.plan import Plan, plans_of
from dangol.sources.own.spec import Campaign, Spec
from dangol.sources.own.staging import CALLED_OFF, FUTURE, Problem, Staged, engine_in, is_set_aside, stage
from dangol.sources.raw import Manifest

_TIMES = {"transactions": "order_ts", "contacts": "contact_ts", "responses": "response_ts"}


@dataclass
class Examination:
    """What was found.

    Attributes:
        findings: in the order of the spec.
        n_rows: rows per table and file.
        n_usable: rows per table and file that are not set aside.
        first_ts: date of the first usable order, contact or response, ``YYYY-MM-DD``; empty if unknown.
        last_ts: date of the last one; with a campaign file not before the end of its window.
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


def examine(spec: Spec, files: Mapping[str, list[Found]], known: Manifest | None = None) -> Examination:
    """Read every file of a spec once, streamed, and keep nothing.

    Args:
        spec: the mapping.
        files: per table, as found.
        known: what earlier deliveries have brought; ``None`` if there are none.
    """
    result = Examination()
    with tempfile.TemporaryDirectory(prefix="dangol-check-") as temporary:
        engine = engine_in(Path(temporary))
        for table, plan in plans_of(spec, date.today()).items():
            staged = []
            for number, one in enumerate(files.get(table, [])):
                target = Path(temporary) / f"{table}-{number}.parquet"
                try:
                    staged.append(stage(plan, one.path, one.name, target, engine))
                except InputError as error:
                    result.findings += [_of_file(table, one.name, line) for line in str(error).splitlines()]
            for one_staged in staged:
                _look_at(one_staged, result)
            result.findings += of_table(plan, staged)
            _keep_times(plan, staged, result)
        engine.disconnect()
    if spec.campaign_file:
        _keep_window(spec.campaign_file.campaign, result)
    result.findings += of_phones(spec)
    result.findings += of_snapshot(spec.default_as_of, *_snapshots(result, known))
    return result


def _keep_window(campaign: Campaign, result: Examination) -> None:
    """Outcomes of a campaign file are known to the end of its window, whatever the orders reach to."""
    result.first_ts = min(filter(None, (result.first_ts, f"{campaign.start_date}")))
    result.last_ts = max(result.last_ts, f"{campaign.end_date}")


def _snapshots(result: Examination, known: Manifest | None) -> tuple[str, str]:
    """The day before the first and the last snapshot date that the data allow, all deliveries together."""
    first, last = result.first_ts, result.last_ts
    if known is not None and first:
        first, last = min(first, known.first_ts), max(last, known.last_ts)
    return first, last and f"{date.fromisoformat(last) + timedelta(days=1)}"


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
    if unusable := of_unusable(staged):
        result.findings.append(unusable)
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
    if problem.reason.endswith(FUTURE):
        return "correct the cells; where there are many, their form is read wrongly: see date_format"
    if not problem.example:
        return f"fill {column.source!r} in the file, or accept that these rows are set aside"
    if column.kind == "date":
        return _mend_of_date(
            plan, place, problem.examples if blocks else (*_known_dates(plan), *problem.examples)
        )
    if column.kind == "number":
        other = "," if plan.form.decimal == "." else "."
        doubt = f"; if '{other}' is the decimal mark, state {place}.format.decimal"
        return f"correct the cells{doubt if other in problem.example else ''}"
    if plan.table == "campaign_file":
        return "write 0 and 1, or yes and no, in the file"
    return f"map these values in {place}.values.{column.name} to true or false" + (" now" if blocks else "")


def _known_dates(plan: Plan) -> Iterator[str]:
    """An example of each form that most dates of the file are written in."""
    day = datetime(2024, 12, 31, 23, 59, 58)
    yield from (day.strftime(form) for form in plan.form.date_format or ["%Y-%m-%d"] if "%" in form)


def _mend_of_date(plan: Plan, place: str, examples: tuple[str, ...]) -> str:
    """Forms to add; where all dates are in known forms only that there is no such day."""
    from dangol.sources.own.dates import ISO, forms_of

    guessed = forms_of(examples)
    if not guessed:
        return f"correct the cells, or state the form of the dates in {place}.format.date_format"
    if new := [form for form in guessed if form not in (ISO, *plan.form.date_format)]:
        return f"add {', '.join(map(repr, new))} to {place}.format.date_format"
    return "there is no such day between 1900 and 2199; correct the cells"


def _keep_times(plan: Plan, staged: list[Staged], result: Examination) -> None:
    name = _TIMES.get(plan.table)
    for one in staged:
        if name is None or name not in one.plan.names or (result.first_ts and plan.table != "transactions"):
            continue
        rows = one.table.filter(~is_set_aside(plan, one.table))
        times: Any = rows.aggregate(first=rows[name].min(), last=rows[name].max()).execute()
        first, last = times["first"].iloc[0], times["last"].iloc[0]
        if first == first and first is not None:  # not missing
            result.first_ts = min(filter(None, (result.first_ts, f"{first:%Y-%m-%d}")))
            result.last_ts = max(result.last_ts, f"{last:%Y-%m-%d}")
