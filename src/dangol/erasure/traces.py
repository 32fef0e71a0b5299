"""Where a person shows in a file, and how the trace goes: rows are dropped, pages make room for a note."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dangol.erasure.pages import mentions_in_page, mentions_in_text
from dangol.erasure.person import Person
from dangol.files import replacing, sha256_of_file, write_json

DROPPED, REPLACED, REMOVED = "rows dropped", "replaced by a note", "removed"
_CUSTOMER = re.compile(r"customer_?id$")
_HOUSEHOLD = "household_id"  # the smallest customer id of the household: it may be the person's
_NOTE = """<!doctype html><meta charset="utf-8"><title>Erased</title>
<p>This page named a person who was erased. The next run of this data set makes it anew.</p>
<p lang="ko">이 페이지에는 삭제된 사람의 정보가 있었습니다. 이 데이터를 다시 실행하면 새로 만들어집니다.</p>
"""
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def n_hits(path: Path, person: Person) -> int:
    """How often a file names the person.

    In tables and lists the columns that hold customers' ids count, and every text that is one of the
    person's ids. In pages and notebooks ids that are plain numbers count where customers are meant,
    see ``mentions_in_page``.
    """
    return _COUNTERS.get(path.suffix, _in_bytes)(path, person)


def remove(path: Path, person: Person) -> str:
    """Take the person out of a file that names them; says how.

    Tables and lists lose the person's rows. Everything else can be made anew and is removed whole; a
    note takes the place of a page, so that no link leads nowhere.
    """
    how = how_removed(path)
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        table = _with_own_household(table.filter(pc.invert(_rows(table, person))), person)
        with replacing(path) as temporary:
            pq.write_table(table, temporary, compression="zstd")
    elif path.suffix == ".csv":
        _drop_lines(path, person)
    elif how == REPLACED:
        with replacing(path) as temporary:
            temporary.write_text(_NOTE, encoding="utf-8")
    else:
        path.unlink()
    return how


def how_removed(path: Path) -> str:
    """What ``remove`` does with a file of this kind."""
    if path.suffix in (".parquet", ".csv"):
        return DROPPED
    return REPLACED if path.suffix == ".html" else REMOVED


def n_rows_lost(path: Path, person: Person) -> int:
    """Rows a table or list would lose by ``remove``; 0 for files of other kinds."""
    if path.suffix == ".parquet":
        return int(pc.sum(_rows(pq.read_table(path), person)).as_py() or 0)
    return _in_csv(path, person) if path.suffix == ".csv" else 0


def _in_parquet(path: Path, person: Person) -> int:
    names = [field.name for field in pq.read_schema(path) if _looks_at(field)]
    if not names:
        return 0
    table = pq.read_table(path, columns=names)
    hit = _rows(table, person)
    if _HOUSEHOLD in names:
        hit = pc.or_(hit, _is_one_of(table[_HOUSEHOLD], person.customer_ids))
    return int(pc.sum(hit).as_py() or 0)


def _looks_at(field: pa.Field) -> bool:
    is_text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
    return (
        bool(_CUSTOMER.search(field.name))
        or field.name == _HOUSEHOLD
        or is_text
        or pa.types.is_dictionary(field.type)
    )


def _rows(table: pa.Table, person: Person) -> pa.ChunkedArray:
    """Boolean per row: whether it names the person."""
    hit = pa.chunked_array([pa.repeat(pa.scalar(False), table.num_rows)])
    for field in table.schema:
        if not _looks_at(field):
            continue
        if _CUSTOMER.search(field.name):
            hit = pc.or_(hit, _is_one_of(table[field.name], person.customer_ids))
        elif person.texts and field.name != _HOUSEHOLD:
            text = pc.cast(table[field.name], pa.large_string())
            either = "|".join(re.escape(name) for name in sorted(person.texts))
            named = pc.match_substring_regex(text, rf"(^|\W)({either})(\W|$)")
            hit = pc.or_(hit, pc.fill_null(named, False))
    if {"source", "source_key"} <= set(table.column_names):
        for source, key in person.records:
            is_record = pc.and_(pc.equal(table["source"], source), pc.equal(table["source_key"], key))
            hit = pc.or_(hit, pc.fill_null(is_record, False))
    return hit


def _is_one_of(column: pa.ChunkedArray, names: frozenset[str]) -> pa.ChunkedArray:
    text = pc.cast(column, pa.large_string())
    return pc.is_in(text, value_set=pa.array(sorted(names), pa.large_string()))


def _with_own_household(table: pa.Table, person: Person) -> pa.Table:
    """Households named after the person are named after each member until the next run names them anew."""
    if not {_HOUSEHOLD, "customer_id"} <= set(table.column_names):
        return table
    is_named = _is_one_of(table[_HOUSEHOLD], person.customer_ids)
    own = pc.if_else(is_named, table["customer_id"], table[_HOUSEHOLD])
    return table.set_column(table.column_names.index(_HOUSEHOLD), _HOUSEHOLD, own)


def _in_csv(path: Path, person: Person) -> int:
    return sum(_names(row, person) for row in _csv_rows(path))


def _csv_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _names(row: dict[str, Any], person: Person) -> bool:
    return any(
        value in person.texts or (bool(_CUSTOMER.search(str(name))) and value in person.customer_ids)
        for name, value in row.items()
    )


def _drop_lines(path: Path, person: Person) -> None:
    """Rewrite a list; the manifest beside it, if there is one, states the new rows and hash."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns, kept = list(reader.fieldnames or ()), [row for row in reader if not _names(row, person)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    with replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")
    manifest = path.with_suffix(".json")
    if manifest.is_file():
        content = json.loads(manifest.read_text())
        write_json(content | {"n_rows": len(kept), "sha256": sha256_of_file(path)}, manifest)


def _in_page(path: Path, person: Person) -> int:
    return _in_html(path.read_text("utf-8", errors="replace"), person)


def _in_html(html: str, person: Person) -> int:
    shown = _MARKUP.sub(" ", html)
    if person.numbers and _words(person.numbers).search(shown):  # else there is nothing to look at closely
        return _n_texts(shown, person) + mentions_in_page(html, person.numbers)
    return _n_texts(shown, person)


def _in_notebook(path: Path, person: Person) -> int:
    content = json.loads(path.read_text("utf-8"))
    outputs = [output for cell in content.get("cells", ()) for output in cell.get("outputs", ())]
    shown = [text for output in map(_as_shown, outputs) for text in _texts(output)]
    return sum(_in_html(text, person) if "<" in text else _in_text(text, person) for text in shown)


def _as_shown(output: dict[str, Any]) -> dict[str, Any]:
    """An output without pictures, and without the plain text of what it shows as a table."""
    data = output.get("data")
    if not isinstance(data, dict):
        return output
    left_out = ("image/png", *(("text/plain",) if "text/html" in data else ()))
    return {**output, "data": {kind: value for kind, value in data.items() if kind not in left_out}}


def _in_text(text: str, person: Person) -> int:
    n_numbers = mentions_in_text(text, person.numbers) if person.numbers else 0
    return _n_texts(text, person) + n_numbers


def _in_json(path: Path, person: Person) -> int:
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError:
        return _in_bytes(path, person)
    return sum(_n_texts(text, person) for text in _texts(content)) + _n_values(content, person)


def _n_values(content: Any, person: Person) -> int:
    """Values under a key for customers' ids, alone or in a list."""
    if isinstance(content, list):
        return sum(_n_values(value, person) for value in content)
    if not isinstance(content, dict):
        return 0
    hits = 0
    for key, value in content.items():
        values = value if isinstance(value, list) else [value]
        if _CUSTOMER.search(key) or key == _HOUSEHOLD:
            hits += sum(str(one) in person.customer_ids & person.numbers for one in values)
        hits += _n_values(value, person)
    return hits


def _texts(content: Any) -> Iterator[str]:
    """Every text in a JSON value, keys included; lists of lines count as one text."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from _texts(value)
    elif isinstance(content, list):
        if content and all(isinstance(line, str) for line in content):
            yield "".join(content)
        else:
            for value in content:
                yield from _texts(value)


def _n_texts(text: str, person: Person) -> int:
    return len(_words(person.texts).findall(text)) if person.texts else 0


def _words(names: frozenset[str]) -> re.Pattern[str]:
    """The names as whole words: 7 is neither in 17 nor in 7.5 nor in 7 %."""
    either = "|".join(re.escape(name) for name in sorted(names))
    return re.compile(rf"(?<![\w.,])(?:{either})(?!\w|\s?%|[.,]\d)")


def _in_bytes(path: Path, person: Person) -> int:
    content = path.read_bytes()
    return sum(content.count(name.encode()) for name in person.texts)


_COUNTERS: dict[str, Callable[[Path, Person], int]] = {
    ".parquet": _in_parquet,
    ".csv": _in_csv,
    ".html": _in_page,
    ".ipynb": _in_notebook,
    ".json": _in_json,
}
