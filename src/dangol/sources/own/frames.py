"""Staged files to frames: one kind of identifier per entity, attributes typed by their content."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pandas as pd

from dangol.sources.own.plan import AMOUNT, Plan
from dangol.sources.own.rows import ROW
from dangol.sources.own.staging import Staged, problem_tests
from dangol.sources.own.versions import Kept
from dangol.warehouse.intake import Intake

REASON, NOTE = "_reason", "_note_"
_WHOLE = r"^(0|-?[1-9]\d{0,17})$"
_FLOATED = r"^(0|-?[1-9]\d{0,14})\.0$"
_FORMS = (
    ("int64", _WHOLE),
    ("float64", r"^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$"),
    ("timestamp(6)", r"^(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"),
)


def whole_ids(tables: Mapping[str, Sequence[Kept]]) -> dict[str, str]:
    """Which identifiers become integers, over all tables that use them.

    Returns:
        Per identifier ``int64`` if every value is a whole number (``17850.0`` counts as one where
        all values of the file are written so), else ``string``.
    """
    verdicts: dict[str, str] = {}
    for kept in (one for files in tables.values() for one in files):
        names = [c.name for c in kept.staged.plan.columns if c.kind == "id"]
        if not names:
            continue
        tests = {name: (kept.table[name].re_search(_WHOLE)).all() for name in names}
        found = kept.table.aggregate(**tests, **_float_tests(kept.table, names)).execute().iloc[0]
        for name in names:
            if not _is_known(found[name]):
                continue
            is_whole = bool(found[name]) or bool(found[f"floated_{name}"])
            verdicts[name] = "int64" if is_whole and verdicts.get(name) != "string" else "string"
    return verdicts


def _float_tests(table: Any, names: Sequence[str]) -> dict[str, Any]:
    return {f"floated_{name}": table[name].re_search(_FLOATED).all() for name in names}


def read_intakes(table: str, kept: Sequence[Kept], ids: Mapping[str, str]) -> list[Intake]:
    """One intake per file: rows with a problem set aside, taken-as-missing cells noted.

    Args:
        table: canonical table the rows become.
        kept: the files, oldest delivery first.
        ids: per identifier ``int64`` or ``string``.
    """
    kinds = _attribute_kinds(kept)
    several = len({one.load for one in kept}) > 1
    intakes = []
    for one in kept:
        name = f"load-{one.load + 1:04}/{one.staged.name}" if several else one.staged.name
        intakes.append(_intake(table, name, one, ids, kinds))
    return intakes


def _intake(table: str, name: str, kept: Kept, ids: Mapping[str, str], kinds: Mapping[str, str]) -> Intake:
    plan, rows = kept.staged.plan, kept.table
    columns = {c: _typed(rows[c], c, plan, ids, kinds) for c in plan.names}
    reasons, notes = _problems(kept.staged, rows)
    marks = {
        REASON: _reason(reasons),
        ROW: rows[ROW],
        **{f"{NOTE}{i}": test for i, (_, test) in enumerate(notes)},
    }
    frame = rows.select(**columns, **marks).execute()
    if plan.money:
        frame[plan.money] = frame[plan.money].fillna(0.0)
    numbers = pd.Index(frame.pop(ROW).astype("int64"))
    intake = Intake(table, name, frame, plan.money)
    intake.frame = intake.frame.set_axis(numbers)  # row numbers of the raw file, whatever was left out
    for i, (text, _) in enumerate(notes):
        intake.note(intake.frame[f"{NOTE}{i}"].fillna(False).astype("bool"), text, "kept: taken as missing")
    for number, (text, _) in enumerate(reasons):
        intake.set_aside(intake.frame[REASON] == number, text)
    intake.frame = intake.frame[list(plan.names)]
    return intake


def _problems(staged: Staged, rows: Any) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """Reasons to set rows aside and cells taken as missing, only kinds that occur."""
    found = {(problem.column, problem.reason) for problem in staged.problems}
    tests = [test for test in problem_tests(staged.plan, rows) if test[:2] in found]
    reasons = [(reason, test) for _, reason, is_quarantined, test in tests if is_quarantined]
    notes = [(reason, test) for _, reason, is_quarantined, test in tests if not is_quarantined]
    return reasons, notes


def _reason(reasons: Sequence[tuple[str, Any]]) -> Any:
    if not reasons:
        return ibis.literal(-1, "int8")
    branches = [(test, ibis.literal(i, "int8")) for i, (_, test) in enumerate(reasons)]
    return ibis.cases(*branches, else_=ibis.literal(-1, "int8"))


def _typed(cell: Any, name: str, plan: Plan, ids: Mapping[str, str], kinds: Mapping[str, str]) -> Any:
    if name == AMOUNT and plan.factors:
        return cell
    column = plan.column(name)
    if column.kind == "id" and ids.get(name) == "int64":
        # rows without a needed identifier are set aside; a missing one would turn all others to floats
        return cell.re_replace(r"\.0$", "").cast("int64").fill_null(0)
    if column.kind == "auto":
        kind = kinds[name]
        return cell.try_cast(kind) if cell.type().is_string() and kind != "string" else cell.cast(kind)
    return cell.cast("timestamp(6)") if cell.type().is_timestamp() else cell


def _attribute_kinds(kept: Sequence[Kept]) -> dict[str, str]:
    """Per attribute, the type that all its values have in all files."""
    found: dict[str, set[str]] = {}
    for one in kept:
        names = [c.name for c in one.staged.plan.columns if c.kind == "auto"]
        texts = [name for name in names if one.table[name].type().is_string()]
        for name in names:
            found.setdefault(name, set())
            if name not in texts:
                found[name].add(str(one.table[name].type()))
        tests = {
            f"{name} {kind}": one.table[name].re_search(form).all() for name in texts for kind, form in _FORMS
        }
        if not tests:
            continue
        verdicts = one.table.aggregate(**tests).execute().iloc[0]
        for name in texts:
            if _is_known(verdicts[f"{name} {_FORMS[0][0]}"]):
                fitting = [kind for kind, _ in _FORMS if verdicts[f"{name} {kind}"]]
                found[name].add(fitting[0] if fitting else "string")
    return {name: _common(kinds) for name, kinds in found.items()}


def _common(kinds: set[str]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    return "float64" if kinds and kinds <= {"int64", "int32", "int16", "int8", "float64"} else "string"


def _is_known(verdict: object) -> bool:
    """Whether there was any value to judge."""
    return verdict is not None and verdict == verdict
