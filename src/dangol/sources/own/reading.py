"""Reading a spec: a safe YAML reader, and every fault in one message with what was probably meant."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from dangol.errors import InputError
from dangol.plain_yaml import PlainYamlError, load_plain
from dangol.sources.own import formula
from dangol.sources.own.fields import FIELDS, KEYS, WITH_ATTRIBUTES, near_names
from dangol.sources.own.spec import Format, Spec, TableSpec
from dangol.sources.own.values import ISO, UNIX

MAX_SPEC_BYTES = 262_144
_NAMED_BY_READERS = ("columns", "constants", "values", "kinds", "arms", "attributes", "outcomes")


def read_spec(path: Path) -> Spec:
    """Read and check a spec; no data file is opened.

    Raises:
        InputError: listing every fault.
    """
    faults: list[str] = []
    try:
        spec = Spec.model_validate(_content(path))
        faults = list(_contradictions(spec))
    except ValidationError as error:
        faults = list(dict.fromkeys(_in_words(detail) for detail in error.errors()))
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise InputError(f"{path.name} has {len(faults)} fault(s):\n{lines}\nMend the spec and run again.")
    return spec


def _content(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_SPEC_BYTES:
            raise InputError(
                f"{path.name} is larger than {MAX_SPEC_BYTES // 1024} KiB; a spec is a short text. "
                "Is this a data file? Draft its spec with: dangol init FILE"
            )
        content = load_plain(path.read_text("utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(
            f"there is no spec file {path.name or path}. Draft one with: dangol init FILE, or check the path."
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text. Save the spec as UTF-8.") from None
    except PlainYamlError as error:
        where = f", line {error.line}" if error.line else ""
        raise InputError(f"{path.name}{where}: not a readable spec: {error.problem}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path.name}: expected names with values, such as 'dataset: my_shop'")
    return content


def _in_words(detail: Any) -> str:
    """One fault of the schema, with the place and what was expected."""
    is_unknown = detail["type"] == "extra_forbidden"
    place = _place(detail["loc"][:-1] if is_unknown else detail["loc"])
    place += detail["loc"][-1:] if is_unknown else ()
    name = ".".join(str(part) for part in place)
    if is_unknown:
        known = _names_at(place[:-1])
        close = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.6)
        hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"
        return f"{name}: unknown key; {hint}"
    if detail["type"] == "missing" or detail["input"] is None:
        return f"{name}: to be filled in"
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    message = message.replace("String should", "should")
    return f"{name}: {message}" + ("" if "received" in message else f", received {_short(detail['input'])}")


def _place(loc: tuple) -> tuple:
    """The place as a reader knows it: Pydantic puts branches of unions and marks of keys into it."""
    named = zip(("", *loc), loc, strict=False)
    return tuple(part for above, part in named if above in _NAMED_BY_READERS or not _is_branch(part))


def _is_branch(part: object) -> bool:
    return part in ("str", "bool", "int", "float", "date") or "[" in str(part)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _names_at(place: tuple) -> list[str]:
    model: Any = Spec
    for part in place:
        if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return sorted(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)


def _contradictions(spec: Spec) -> Iterator[str]:
    """What no single field can know."""
    if not (spec.transactions or spec.campaign_file or (spec.contacts and spec.responses)):
        yield (
            "no usable table: expected transactions, or contacts and responses, or a campaign_file "
            "(one row per customer with arm and outcomes)"
        )
    for name, given in spec.inputs.items():
        if not given.file and not given.database:
            yield f"{name}.file: to be filled in"
        if given.file and given.database:
            yield f"{name}: file or database, not both"
        if given.database and not given.table:
            yield f"{name}.table: to be filled in: which table of the database"
        yield from (f"{name}.format.date_format: {fault}" for fault in _date_faults(given.format.date_format))
    for name, table in spec.tables.items():
        yield from _mapping_faults(name, table)


def _mapping_faults(name: str, table: TableSpec) -> Iterator[str]:
    given = {*table.columns, *table.constants}
    yield from _needed_faults(name, table, given)
    yield from _name_faults(name, table, given)
    for column in sorted(set(table.columns) & set(table.constants)):
        yield f"{name}.{column}: a column or a constant, not both"
    for factor in _factors(table):
        if factor not in given:
            yield f"{name}.amount: '{factor}' is not among the columns of this table"
    if _factors(table) and "amount" in given:
        yield f"{name}.amount: a formula or a column, not both"
    if getattr(table, "cancellation_prefix", None) and "order_id" not in table.columns:
        yield f"{name}.cancellation_prefix: needs the column order_id"
    if table.distinct and not set(table.key or KEYS.get(name, ())) & given:
        yield f"{name}.distinct: needs a key; state {name}.key"
    for part in ("values", "kinds", "key"):
        for column in set(getattr(table, part)) - given:
            yield f"{name}.{part}.{column}: is not among the columns of this table"


def _name_faults(name: str, table: TableSpec, given: set[str]) -> Iterator[str]:
    """Names of columns that are most likely meant as something else."""
    for column in sorted((set(table.columns) & set(Format.model_fields)) - set(FIELDS[name])):
        yield f"{name}.columns.{column}: says how a file is written; it belongs into {name}.format"
    if name not in WITH_ATTRIBUTES:
        for column, meant in near_names(name, sorted(given)).items():
            yield f"{name}.columns.{column}: is no column of this table; did you mean '{meant}'?"


def _needed_faults(name: str, table: TableSpec, given: set[str]) -> Iterator[str]:
    own = sorted(given - set(FIELDS[name]))
    for column, what in FIELDS[name].items():
        if not what.needed or column in given or (column == "amount" and _factors(table)):
            continue
        close = difflib.get_close_matches(column, own, n=1, cutoff=0.7)
        hint = f"; did you mean it by '{close[0]}'?" if close else ""
        yield f"{name}.columns.{column}: to be filled in: which column of the file holds it{hint}"


def _factors(table: TableSpec) -> list[str]:
    text = getattr(table, "amount", None)
    return [factor for factor in formula.parse(text) if isinstance(factor, str)] if text else []


def _date_faults(formats: tuple[str, ...]) -> Iterator[str]:
    seen: Mapping[str, str] = {}
    for text in formats:
        if text not in (ISO, UNIX) and "%" not in text:
            yield f"expected a form like %d.%m.%Y, iso or unix, received {text!r}"
        shape = text.replace("%d", "%m")
        if shape in seen and seen[shape] != text:
            yield f"{seen[shape]} and {text} read the same date in two ways; keep one"
        seen = {**seen, shape: text}
