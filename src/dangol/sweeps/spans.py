"""Spans such as ``2017-06-01..2017-12-01/1M`` and lists such as ``4|5|6`` as their single values."""

import re
from datetime import date
from typing import Any

_SPAN = re.compile(r"(?P<first>[^.|/\s]+)\.\.(?P<last>[^.|/\s]+)(?:/(?P<step>\S+))?")
_DATE_STEP = re.compile(r"([1-9]\d*)([DWMY])")
_UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
_MOST = 1000


def expand(text: str) -> list[str]:
    """The values a text stands for; a plain text stands for itself.

    Args:
        text: a value; ``a|b|c``; or a span ``first..last/step`` with both ends included. Dates step by
            ``nD``, ``nW``, ``nM`` or ``nY`` (``1M`` if left out), whole numbers by a number (1).

    Raises:
        ValueError: if a span cannot be read, runs backwards or has more than 1,000 values.

    >>> expand("2017-10-31..2018-01-31/1M")
    ['2017-10-31', '2017-11-30', '2017-12-31', '2018-01-31']
    >>> expand("2..8/3")
    ['2', '5', '8']
    >>> expand("4|5")
    ['4', '5']
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return [part.strip() for part in text.split("|")] if "|" in text else [text]
    first, last, step = found["first"], found["last"], found["step"]
    values_of = _whole_numbers if first.lstrip("-").isdigit() else _dates
    try:
        values = values_of(first, last, step)
    except ValueError:
        raise ValueError(
            f"expected a span like 2017-06-01..2017-12-01/1M or 2..8/2, received {text!r}"
        ) from None
    if not values:
        raise ValueError(f"the span {text!r} holds no value; its end lies before its beginning")
    if len(values) > _MOST:
        raise ValueError(f"the span {text!r} holds more than {_MOST:,} values")
    return values


def _whole_numbers(first: str, last: str, step: str | None) -> list[str]:
    width = int(step or 1)
    if width < 1:
        raise ValueError(step)
    return [str(number) for number in range(int(first), int(last) + 1, width)[: _MOST + 1]]


def _dates(first: str, last: str, step: str | None) -> list[str]:
    """Counted from the first date, so that the 31st returns after a short month."""
    from dateutil.relativedelta import relativedelta

    found = _DATE_STEP.fullmatch(step or "1M")
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if found is None:
        raise ValueError(step)
    values: list[str] = []
    while len(values) <= _MOST:
        steps: dict[str, Any] = {_UNITS[found[2]]: int(found[1]) * len(values)}
        try:
            day = start + relativedelta(**steps)
        except (OverflowError, ValueError):  # after the year 9999, and so after the end
            break
        if day > end:
            break
        values.append(day.isoformat())
    return values
