"""Where a table differs from what was promised: pandas frames and lazy Ibis tables, every breach at once."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas.api import types as kinds

Bounds = tuple[float | None, float | None]

_IS_KIND = {
    "id": lambda s: kinds.is_signed_integer_dtype(s.dtype) or kinds.is_string_dtype(s.dtype),
    "int": lambda s: kinds.is_integer_dtype(s.dtype),
    "float": lambda s: kinds.is_float_dtype(s.dtype),
    "bool": lambda s: kinds.is_bool_dtype(s.dtype),
    "str": lambda s: kinds.is_string_dtype(s.dtype),
    "datetime": lambda s: kinds.is_datetime64_any_dtype(s.dtype),
}
_IS_LAZY_KIND = {
    "id": lambda kind: kind.is_signed_integer() or kind.is_string(),
    "int": lambda kind: kind.is_integer(),
    "float": lambda kind: kind.is_floating(),
    "bool": lambda kind: kind.is_boolean(),
    "str": lambda kind: kind.is_string(),
    "datetime": lambda kind: kind.is_timestamp(),
}
_UNIT_INTERVAL = ("_prob", "_share", "_rate")


def bounds_of(name: str, ranges: Mapping[str, Bounds]) -> Bounds:
    """Lowest and highest value of a column, both inclusive; None for open.

    Columns ending in ``_prob``, ``_share`` or ``_rate`` lie in [0, 1] without saying so.
    """
    return ranges.get(name, (0.0, 1.0) if name.endswith(_UNIT_INTERVAL) else (None, None))


def kind_breaches(frame: pd.DataFrame, columns: Mapping[str, str]) -> list[str]:
    """One line per column that is missing or of another kind, in the order of the contract."""
    return [
        f"{name}: column missing"
        if name not in frame
        else f"{name}: {frame[name].dtype}, expected {kind.removesuffix('?')}"
        for name, kind in columns.items()
        if name not in frame or not _IS_KIND[kind.removesuffix("?")](frame[name])
    ]


def schema_of(columns: Mapping[str, str], ranges: Mapping[str, Bounds]) -> Any:
    """The pandera schema a pandas frame is held to; further columns may be present."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {
            name: pa.Column(
                None,
                [
                    pa.Check(
                        _IS_KIND[kind.removesuffix("?")],
                        name="kind",
                        error=f"expected {kind.removesuffix('?')}",
                    ),
                    *_range_checks(pa, name, ranges),
                ],
                nullable=kind.endswith("?"),
            )
            for name, kind in columns.items()
        },
        strict=False,
    )


def frame_breaches(frame: pd.DataFrame, schema: Any) -> list[str]:
    """One line per broken rule of a pandas frame, in the order of the contract."""
    import pandera.errors

    try:
        schema.validate(frame.reset_index(drop=True), lazy=True)
    except pandera.errors.SchemaErrors as error:
        return _lines(error.failure_cases, frame, list(schema.columns))
    return []


def lazy_breaches(table: Any, columns: Mapping[str, str], ranges: Mapping[str, Bounds]) -> list[str]:
    """One line per broken rule of an Ibis table, in the order of the contract; its rows stay where they are.

    Args:
        table: Ibis table.
        columns: column name to kind, as in ``contracts.Table``.
        ranges: as in ``contracts.Table``.
    """
    import pandera.errors
    import pandera.ibis as pa

    kinds_of = table.schema()
    lines = {
        name: f"{kinds_of[name]}, expected {kind.removesuffix('?')}"
        for name, kind in columns.items()
        if name in kinds_of and not _IS_LAZY_KIND[kind.removesuffix("?")](kinds_of[name])
    }
    checked = {name: kind for name, kind in columns.items() if name not in lines}
    schema = pa.DataFrameSchema(
        {
            name: pa.Column(
                None, _range_checks(pa, name, ranges, n_failure_cases=1), nullable=kind.endswith("?")
            )
            for name, kind in checked.items()
        },
        strict=False,
    )
    found = list(lines.items())
    try:
        schema.validate(table, lazy=True)
    except pandera.errors.SchemaErrors as error:
        found += [_lazy_line(broken) for broken in error.schema_errors]
    order = list(columns)
    return [f"{name}: {line}" for name, line in sorted(found, key=lambda line: order.index(line[0]))]


def key_breaches(table: Any, key: tuple[str, ...]) -> list[str]:
    """One line if rows share a key; ``table`` is a pandas frame or an Ibis table."""
    if not key or not set(key) <= set(table.columns):
        return []
    if isinstance(table, pd.DataFrame):
        n_duplicates = int(table.duplicated(list(key)).sum())
    else:
        n_duplicates = int((table.count() - table.select(*key).distinct().count()).execute())
    return [f"key ({', '.join(key)}): {n_duplicates} duplicate rows"] if n_duplicates else []


def _range_checks(
    pa: Any, name: str, ranges: Mapping[str, Bounds], n_failure_cases: int | None = None
) -> list[Any]:
    low, high = bounds_of(name, ranges)
    checks = [] if low is None else [pa.Check.ge(low, n_failure_cases=n_failure_cases)]
    return checks if high is None else [*checks, pa.Check.le(high, n_failure_cases=n_failure_cases)]


def _lazy_line(error: Any) -> tuple[str, str]:
    """Column and breach of one failed check; rows are counted where they lie."""
    rule = error.check if isinstance(error.check, str) else error.check.error
    if rule == "column_in_dataframe":
        return str(error.failure_cases), "column missing"
    if rule == "not_nullable":
        return error.schema.name, f"{int(error.check_output.sum().execute())} missing values"
    kept = error.check_output.check_output
    example = error.failure_cases.iloc[0, -1]
    value = example[error.schema.name] if isinstance(example, dict) else example
    return error.schema.name, f"{int((~kept).sum().execute())} rows break {rule}, for example {value}"


def _lines(cases: pd.DataFrame, frame: pd.DataFrame, order: list[str]) -> list[str]:
    """One line per broken rule: column, what it is, what was expected."""
    lines = []
    of_another_kind = set(cases.loc[cases["check"].astype("str").str.startswith("expected"), "column"])
    for (column, rule), rows in cases.groupby(["column", "check"], dropna=False, sort=False):
        example = rows["failure_case"].iloc[0]
        if rule == "column_in_dataframe":
            lines.append((example, "column missing"))
        elif rule == "not_nullable":
            lines.append((column, f"{len(rows)} missing values"))
        elif str(rule).startswith("expected"):
            lines.append((column, f"{frame[column].dtype}, {rule}"))
        elif column not in of_another_kind:
            lines.append((column, f"{len(rows)} rows break {rule}, for example {example}"))
    return [f"{column}: {breach}" for column, breach in sorted(lines, key=lambda line: order.index(line[0]))]
