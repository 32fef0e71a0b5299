"""Files to typed columns on disk, streamed through DuckDB, with every problem of every row marked."""

import functools
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis

from dangol.errors import InputError
from dangol.progress import byte_bar
from dangol.sources.own import values
from dangol.sources.own.opening import open_rows
from dangol.sources.own.plan import AMOUNT, Column, Plan
from dangol.sources.own.rows import RAGGED, ROW, Rows

UNREAD = "_unread_"  # prefix: the text of a cell that could not be read
READ = "_read_"  # prefix: a value that may be implausible
MEMORY_LIMIT = "2GB"
CALLED_OFF = "is_cancelled"
FUTURE = "lies after the day the file came in"
N_EXAMPLES = 3
_N_LOOKED_AT = 200
_PAST = {"transactions": "order_ts", "responses": "response_ts"}  # what has happened has a day that was


@dataclass(frozen=True)
class Problem:
    """One kind of problem some rows of a file have.

    Attributes:
        column: canonical name; empty for a problem of the whole row.
        reason: in words.
        is_quarantined: such rows are set aside; otherwise the cell becomes missing.
        n_rows: how many.
        rows: numbers of the first ones, as a spreadsheet shows them: titles, header and blank lines count.
        examples: different texts among the first rows that could not be read; none if something is missing.
    """

    column: str
    reason: str
    is_quarantined: bool
    n_rows: int
    rows: tuple[int, ...]
    examples: tuple[str, ...]

    @property
    def example(self) -> str:
        """The first text that could not be read; empty if something is missing."""
        return self.examples[0] if self.examples else ""


@dataclass(frozen=True)
class Staged:
    """One file, read.

    Attributes:
        plan: what was read.
        name: of the file.
        path: Parquet with the columns of the plan, ``_row``, ``_ragged`` and the unread texts.
        engine: connection that reads it.
        repeated: names that stand in its header more than once.
    """

    plan: Plan
    name: str
    path: Path
    engine: Any
    repeated: tuple[str, ...] = ()

    @cached_property
    def table(self) -> Any:
        """Its rows as a lazy expression."""
        return self.engine.read_parquet(self.path)

    @cached_property
    def _counts(self) -> Any:
        """Everything that is counted, in one pass."""
        tests = {f"n{i}": test.sum() for i, (*_, test) in enumerate(problem_tests(self.plan, self.table))}
        aside = is_set_aside(self.plan, self.table).sum()
        counted = self.table.aggregate(n_rows=self.table.count(), n_aside=aside, **tests).execute()
        return counted.fillna(0).iloc[0]

    @property
    def n_rows(self) -> int:
        """How many rows came in, those of a wrong form included."""
        return int(self._counts["n_rows"])

    @property
    def n_usable(self) -> int:
        """How many rows have no problem that sets them aside."""
        return self.n_rows - int(self._counts["n_aside"])

    @cached_property
    def problems(self) -> list[Problem]:
        """What is wrong with its rows; kinds without rows are left out."""
        return [
            self._problem(*test, n_rows=int(self._counts[f"n{i}"]))
            for i, test in enumerate(problem_tests(self.plan, self.table))
            if self._counts[f"n{i}"] > 0
        ]

    def _problem(self, column: str, reason: str, is_quarantined: bool, test: Any, *, n_rows: int) -> Problem:
        unread = f"{UNREAD}{column}"
        shown = [ROW] + ([unread] if unread in self.table.columns else [RAGGED])
        first = self.table.filter(test).select(*shown).order_by(ROW).limit(_N_LOOKED_AT).execute()
        return Problem(
            column,
            reason,
            is_quarantined,
            n_rows,
            tuple(int(row) + self.plan.form.header_row + 1 for row in first[ROW].head(N_EXAMPLES)),
            tuple(map(str, first[shown[1]].dropna().unique())),
        )


def engine_in(folder: Path) -> Any:
    """A DuckDB in memory that spills into a folder and reads nothing it is not handed."""
    engine = ibis.duckdb.connect(memory_limit=MEMORY_LIMIT, temp_directory=str(folder / "spill"))
    engine.raw_sql("set preserve_insertion_order = true")
    return engine


def stage(plan: Plan, path: Path, name: str, target: Path, engine: Any) -> Staged:
    """Read one file into typed Parquet.

    Raises:
        InputError: if the file cannot be read, or lacks a column.
    """
    rows = open_rows(path, plan.given)
    every = target.with_suffix(".every.parquet") if plan.distinct else target
    if missing := missing_columns(plan, rows):
        raise InputError("\n".join(f"{name}: {fault}" for fault in missing))
    sources = list(dict.fromkeys(column.source for column in plan.columns if column.source))
    with byte_bar(name, path.stat().st_size) as advance:
        engine.con.register("incoming", rows.stream(sources, advance))
        try:
            _staged(plan, engine.table("incoming"), sources, engine).to_parquet(every)
        except Exception:
            if rows.failure:
                raise rows.failure from None
            raise
        finally:
            engine.con.unregister("incoming")
    if plan.distinct:
        _one_per_key(plan, engine.read_parquet(every)).to_parquet(target)
        every.unlink()
    return Staged(plan, name, target, engine, rows.repeated)


def _one_per_key(plan: Plan, rows: Any) -> Any:
    """The last value per key that is not missing; rows without a key describe nothing."""
    rows = rows.filter(*(rows[name].notnull() for name in plan.key))
    others = [name for name in rows.columns if name not in (*plan.key, ROW)]
    last = {name: rows[name].argmax(rows[ROW], where=rows[name].notnull()) for name in others}
    return rows.group_by(*plan.key).aggregate(**last, **{ROW: rows[ROW].max()}).order_by(ROW)


def missing_columns(plan: Plan, rows: Rows) -> list[str]:
    """Mapped columns the file lacks, each with the name that was probably meant."""
    import difflib

    faults = []
    for column in plan.columns:
        if column.source is None or column.source in rows.names:
            continue
        close = difflib.get_close_matches(column.source, rows.names, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(map(repr, rows.names[:30]))}"
        faults.append(f"there is no column {column.source!r} (for {column.name}); {hint}")
    return faults


def _staged(plan: Plan, incoming: Any, sources: list[str], engine: Any) -> Any:
    """The staged table: values, unread texts, row number and form.

    Each step is a view of its own, so that the engine computes it once.
    """
    form, marks = plan.form, {ROW: incoming[ROW], RAGGED: incoming[RAGGED]}
    cells = {f"c{i}": values.written(incoming[f"c{i}"], form) for i in range(len(sources))}
    cells = engine.create_view("cells", incoming.select(**cells, **marks), overwrite=True)
    read = {c.name: _read(c, cells, sources, plan) for c in plan.columns}
    kept = {name: cells[name] for name in cells.columns}
    read = engine.create_view("read", cells.select(**_prefixed(read), **kept), overwrite=True)
    made = {c.name: values.plausible(read[f"{READ}{c.name}"]) for c in plan.columns}
    unread = {
        f"{UNREAD}{c.name}": ibis.ifelse(
            made[c.name].isnull(), values.text(read[f"c{sources.index(c.source)}"], form), ibis.null("string")
        )
        for c in plan.columns
        if c.source and c.kind in ("number", "date", "flag", "binary")
    }
    if plan.factors:
        made[AMOUNT] = _product(plan, made)
    if plan.takes_back:
        made |= _negated(plan, made)
    return read.select(**made, **unread, **{ROW: read[ROW], RAGGED: read[RAGGED]})


def _negated(plan: Plan, made: dict[str, Any]) -> dict[str, Any]:
    """Refunds and cancelling orders take money back, whatever sign the source gives them."""
    tests = [made[name] for name in ("is_refund",) if name in made]
    if plan.cancellation_prefix:
        tests.append(made["order_id"].startswith(values.plain(plan.cancellation_prefix)))
    takes_back = functools.reduce(operator.or_, (test.fill_null(False) for test in tests))
    names = [name for name in ("quantity", AMOUNT) if name in made]
    return {name: ibis.ifelse(takes_back & (made[name] > 0), -made[name], made[name]) for name in names}


def _prefixed(read: dict[str, Any]) -> dict[str, Any]:
    return {f"{READ}{name}": value for name, value in read.items()}


def _read(column: Column, cells: Any, sources: list[str], plan: Plan) -> Any:
    if column.source is None:
        return _constant(column)
    cell = cells[f"c{sources.index(column.source)}"]
    if column.values:
        cell = values.replaced(values.text(cell, plan.form), column.values)
    return values.READERS[column.kind](cell, plan.form)


def _constant(column: Column) -> Any:
    value = column.constant
    if column.kind in ("id", "text"):
        return ibis.literal(str(value))
    if column.kind == "number":
        return ibis.literal(float(value), "float64")  # type: ignore[arg-type]
    if column.kind == "date":
        return ibis.literal(str(value)).try_cast("timestamp")
    return ibis.literal(value)


def _product(plan: Plan, made: dict[str, Any]) -> Any:
    result = ibis.literal(1.0)
    for factor in plan.factors:
        result = result * (made[factor] if isinstance(factor, str) else factor)
    return result


def is_set_aside(plan: Plan, table: Any) -> Any:
    """Whether a row has any problem that sets it aside, as an expression."""
    tests = [test for *_, is_quarantined, test in problem_tests(plan, table) if is_quarantined]
    return functools.reduce(operator.or_, tests)


def problem_tests(plan: Plan, table: Any) -> Iterator[tuple[str, str, bool, Any]]:
    """Per kind of problem: column, reason, whether rows are set aside, and its boolean expression.

    In the order in which a row with several problems is set aside.
    """
    has_form = table[RAGGED].isnull()
    yield "", "row with too few or too many fields", True, ~has_form
    for column in plan.columns:
        if column.source is None:
            continue
        missing = table[column.name].isnull() & has_form
        if f"{UNREAD}{column.name}" in table.columns:
            is_unread = table[f"{UNREAD}{column.name}"].notnull()
            treatment = "" if column.needed else ": taken as missing"
            yield column.name, f"{column.name} cannot be read{treatment}", column.needed, is_unread
            missing &= ~is_unread
        if column.needed:
            yield column.name, f"no {column.name}", True, missing
        if plan.came_in and column.name == _PAST.get(plan.table):
            last = ibis.literal(plan.came_in + timedelta(days=1))  # it may be tomorrow elsewhere
            is_late = table[column.name].date() > last
            yield column.name, f"{column.name} {FUTURE}", True, is_late.fill_null(False)
        if column.name == CALLED_OFF:
            yield column.name, "sale called off", True, table[CALLED_OFF].fill_null(False) & has_form
