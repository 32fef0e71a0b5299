"""The fields of a person, and where each stands in a frame of records."""

from collections.abc import Mapping, Sequence

import pandas as pd

from dangol.errors import InputError

# what may be mapped; those in GOLDEN become the golden record
KEYS = ("source", "source_key")
GOLDEN = ("name", "birth_date", "phone", "email", "address")
FIELDS = (
    *KEYS,
    "name",
    "given_name",
    "surname",
    "birth_date",
    "phone",
    "email",
    "address",
    "street_number",
    "city",
    "postcode",
    "identifier",
    "recorded_date",
    "customer_id",
)
_IDENTIFYING = frozenset(FIELDS) - {*KEYS, "recorded_date", "customer_id"}
DEFAULT_SOURCE = "people"

Columns = Mapping[str, str | Sequence[str]]


def field_texts(people: pd.DataFrame, columns: Columns | None) -> dict[str, list[str]]:
    """Each field as text, one entry per record; empty where nothing is known.

    Args:
        people: one row per record, in any columns.
        columns: field to the column it stands in, or to several that are joined with a space;
            None if the columns already carry the fields' names.

    Raises:
        InputError: listing every fault: unknown fields, columns that are not there, no
            ``source_key``, nothing that identifies a person, keys missing or used twice.
    """
    chosen = _chosen(people, columns)
    faults = _mapping_faults(people, chosen)
    if not faults:
        texts = {field: _joined(people, names) for field, names in chosen.items()}
        texts.setdefault("source", [DEFAULT_SOURCE] * len(people))
        faults = _key_faults(texts)
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise InputError(f"the people cannot be told apart, {len(faults)} fault(s):\n{lines}")
    return texts


def _chosen(people: pd.DataFrame, columns: Columns | None) -> dict[str, list[str]]:
    if columns is None:
        return {field: [field] for field in FIELDS if field in people.columns}
    return {field: [names] if isinstance(names, str) else list(names) for field, names in columns.items()}


def _mapping_faults(people: pd.DataFrame, chosen: Mapping[str, list[str]]) -> list[str]:
    unknown = [field for field in chosen if field not in FIELDS]
    missing = [name for names in chosen.values() for name in names if name not in people.columns]
    faults = []
    if unknown:
        faults.append(f"unknown field(s) {', '.join(unknown)}: expected some of {', '.join(FIELDS)}")
    if missing:
        faults.append(
            f"column(s) {', '.join(missing)} not found: there are {', '.join(map(str, people.columns))}"
        )
    if "source_key" not in chosen:
        faults.append("no source_key: name the column that numbers the records of a source")
    if not _IDENTIFYING & set(chosen):
        faults.append(
            f"nothing that identifies a person: map at least one of {', '.join(sorted(_IDENTIFYING))}"
        )
    return faults


def _key_faults(texts: Mapping[str, list[str]]) -> list[str]:
    keys = pd.DataFrame({name: texts[name] for name in KEYS})
    n_missing = int((keys["source_key"] == "").sum())
    repeated = keys[keys.duplicated()].drop_duplicates()
    faults = [f"source_key: {n_missing} record(s) without one"] if n_missing else []
    if len(repeated):
        example = " ".join(repeated.iloc[0])
        faults.append(f"key (source, source_key): {len(repeated)} used more than once, for example {example}")
    return faults


def _joined(people: pd.DataFrame, names: list[str]) -> list[str]:
    parts = [_texts(people[name]) for name in names]
    return parts[0] if len(parts) == 1 else [" ".join(filter(None, row)) for row in zip(*parts, strict=True)]


def _texts(column: pd.Series) -> list[str]:
    """Any column as text: numbers without a trailing ``.0``, dates as ISO, missing as empty."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.dt.strftime("%Y-%m-%d").fillna("").tolist()
    return [_text(value) for value in column.tolist()]


def _text(value: object) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
