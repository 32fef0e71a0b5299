"""Cells to values, as Ibis expressions: numbers, dates and flags as people write them.

Three steps, to be computed one after the other because each is used twice by the next: ``written``
(blanks and words for "missing" away), the reader of a kind, ``plausible``. What cannot be read becomes
missing; the caller sees that something was written and there is no value.
"""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import ibis

from dangol.sources.own.spec import Format

ISO, UNIX = "iso", "unix"
FIRST_YEAR, LAST_YEAR = 1900, 2200  # the second exclusive
YES = ("true", "t", "yes", "y", "1", "예", "네", "참", "ja", "oui")
NO = ("false", "f", "no", "n", "0", "아니오", "아니요", "거짓", "nein", "non")
_FULL = "\u3000" + "".join(map(chr, range(0xFF01, 0xFF5F)))
_PLAIN = " " + "".join(map(chr, range(0x21, 0x7F)))
_PLAIN_NUMBER = r"^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$"
_WHOLE_NUMBER = r"^[-+]?\d+$"
_CODES = "krw|usd|eur|gbp|jpy"
_CURRENCY = rf"(?i)^[\s\x{{00A0}}]*(?:[₩￦$€£¥]|{_CODES})?|(?:[₩￦$€£¥원円]|{_CODES})?[\s\x{{00A0}}]*$"
_GROUPED = {
    ".": r"^[-+]?(\d+|\d{1,3}([, '’\x{00A0}\x{202F}]\d{3})+)?(\.\d*)?$",
    ",": r"^[-+]?(\d+|\d{1,3}([. '’\x{00A0}\x{202F}]\d{3})+)?(,\d*)?$",
}
_GROUP_MARKS = {".": r"[, '’\x{00A0}\x{202F}]", ",": r"[. '’\x{00A0}\x{202F}]"}


@ibis.udf.scalar.builtin
def try_strptime(text: str, formats: list[str]) -> datetime.datetime:
    """DuckDB's reader of dates in several forms; missing where none fits."""
    raise NotImplementedError


def written(cell: Any, form: Format) -> Any:
    """Text without blanks around it, the words for "missing" made missing; typed cells stay typed.

    Full-width letters, digits and marks, as Korean and Japanese input writes them, become plain ones.
    """
    kind = cell.type()
    if kind.is_floating():
        return ibis.ifelse(cell.isnan() | cell.isinf(), ibis.null("float64"), cell.cast("float64"))
    if not kind.is_string():
        return cell
    trimmed = ibis.ifelse(cell.re_search(f"[{_FULL}]"), cell.translate(_FULL, _PLAIN), cell).strip()
    return ibis.ifelse(trimmed.isin([plain(word) for word in form.missing]), ibis.null("string"), trimmed)


def text(cell: Any, _: Format) -> Any:
    """A cell as text; whole numbers without a decimal point."""
    if cell.type().is_floating():
        whole = (cell == cell.floor()) & (cell.abs() < 1e15)
        return ibis.ifelse(whole, cell.try_cast("int64").cast("string"), cell.cast("string"))
    return cell.cast("string")


def number(cell: Any, form: Format) -> Any:
    """A cell as float64: currency signs, grouped thousands, accountants' minus are understood."""
    if not cell.type().is_string():
        return cell.try_cast("float64")
    pattern = _PLAIN_NUMBER if form.decimal == "." else _WHOLE_NUMBER
    plain = ibis.ifelse(cell.re_search(pattern), cell, ibis.null("string"))
    return ibis.coalesce(plain.try_cast("float64"), _decorated_number(cell, form.decimal))


def _decorated_number(cell: Any, decimal: str) -> Any:
    bare = cell.re_replace(_CURRENCY, "")
    bare = bare.re_replace(r"^([-+])\s*(?:[₩￦$€£¥])", r"\1").re_replace(r"^\((.+)\)$", r"-\1")
    bare = bare.re_replace(r"^(.+)-$", r"-\1").re_replace(_CURRENCY, "")
    is_number = bare.re_search(_GROUPED[decimal]) & bare.re_search(r"\d")
    digits = bare.re_replace(_GROUP_MARKS[decimal], "")
    digits = digits.replace(",", ".") if decimal == "," else digits
    return ibis.ifelse(is_number, digits, ibis.null("string")).try_cast("float64")


def date(cell: Any, form: Format) -> Any:
    """A cell as timestamp: ISO form always, and the forms the spec names; offsets are dropped."""
    kind = cell.type()
    if kind.is_timestamp() or kind.is_date():
        return cell.cast("timestamp(6)")
    cell = cell.cast("string")
    formats = [one for one in form.date_format if one not in (ISO, UNIX)]
    iso = ibis.ifelse(cell.re_search(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}"), cell, ibis.null("string"))
    values = [iso.try_cast("timestamp")]
    if UNIX in form.date_format:
        values.append(_since_1970(cell))
    if any("%p" in one for one in formats):
        cell = cell.replace("오전", "AM").replace("오후", "PM")
    if formats:
        values.append(try_strptime(cell, ibis.array(formats)))
    return ibis.coalesce(*values)


def _since_1970(cell: Any) -> Any:
    """Seconds since 1970, or milliseconds where there are that many digits, as timestamp."""
    number = ibis.ifelse(cell.re_search(r"^\d{9,13}(\.\d+)?$"), cell, ibis.null("string")).try_cast("float64")
    seconds = ibis.ifelse(number >= 1e11, number / 1000, number)
    return seconds.floor().cast("int64").as_timestamp("s").cast("timestamp(6)")


def plausible(value: Any) -> Any:
    """A value, unless it is a date of another age, such as 0001-01-01 or 9999-12-31."""
    if not value.type().is_timestamp():
        return value
    first, last = ibis.timestamp(f"{FIRST_YEAR}-01-01"), ibis.timestamp(f"{LAST_YEAR}-01-01")
    return ibis.ifelse((value >= first) & (value < last), value, ibis.null("timestamp(6)"))


def flag(cell: Any, form: Format) -> Any:
    """A cell as boolean: true/false, yes/no, 1/0, 예/아니오."""
    if cell.type().is_boolean():
        return cell
    word = text(cell, form).lower()
    return ibis.cases((word.isin(list(YES)), True), (word.isin(list(NO)), False), else_=ibis.null("boolean"))


def auto(cell: Any, form: Format) -> Any:
    """An attribute: typed columns stay as they are, text is looked at once all of it has come in."""
    kind = cell.type()
    if kind.is_integer() or kind.is_boolean():
        return cell
    if kind.is_numeric():
        return number(cell, form)
    return date(cell, form) if kind.is_timestamp() or kind.is_date() else text(cell, form)


def binary(cell: Any, form: Format) -> Any:
    """A cell as 0 or 1, also where it is a word such as yes or no; other numbers stay."""
    return ibis.coalesce(number(cell, form), flag(cell, form).cast("float64"))


READERS: Mapping[str, Callable[[Any, Format], Any]] = {
    "id": text,
    "text": text,
    "number": number,
    "date": date,
    "flag": flag,
    "binary": binary,
    "auto": auto,
}


def replaced(cell: Any, values: Mapping[str, str]) -> Any:
    """Text with some values replaced."""
    return ibis.cases(*((cell == plain(old), new) for old, new in values.items()), else_=cell)


def plain(text: str) -> str:
    """A text of a spec with full-width characters as ``written`` makes them of cells.

    >>> plain("Ａ１")
    'A1'
    """
    return text.translate(str.maketrans(_FULL, _PLAIN))
