"""Birth dates out of any spelling: ISO, compact, day or month first, Korean, Excel serial numbers."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

EARLIEST_BIRTH = date(1900, 1, 2)  # 1900-01-01 is what forms fill in for "unknown"
_EXCEL_EPOCH = date(1899, 12, 30)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_TIME_OF_DAY = re.compile(r"[ T]\d{1,2}:\d\d.*$|(?<=\d)\.0$")
_YEAR_FIRST = re.compile(r"'?(\d{4}|\d{2})\s*(?:[-/. ]|년)\s*(\d{1,2})\s*(?:[-/. ]|월)\s*(\d{1,2})\s*일?\.?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+'?(\d{4}|\d{2})")
_WITH_MONTH_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]{3})[a-z]*[-/., ]*(\d{4})")
_MONTH_NAME_FIRST = re.compile(r"([a-z]{3})[a-z]*[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]*(\d{4})")


class BirthDate(NamedTuple):
    """A text as it is read first, and the other way where day and month may stand exchanged."""

    first: date
    other: date | None


def parse_birth_dates(
    texts: Iterable[str], latest: date, day_first: bool | None = None
) -> list[BirthDate | None]:
    """Read birth dates that share a source, hence a habit of writing.

    Args:
        texts: as they came in, one per record.
        latest: dates after this one are impossible.
        day_first: how to read 03/02/1990; None takes the order that more of the texts allow, month
            first only if some text cannot be read the other way.

    Returns:
        Per text the reading, or None where it is empty, garbage or impossible. ``other`` is set only
        where both readings are possible and differ.
    """
    readings = {text: _readings(text) for text in dict.fromkeys(texts)}
    if day_first is None:
        day_first = _writes_day_first([reading for reading in readings.values() if len(reading) == 2])
    parsed = {text: _choose(reading, latest, day_first) for text, reading in readings.items()}
    return [parsed[text] for text in texts]


def swapped(day: date) -> date | None:
    """The date with day and month exchanged; None where that is no other date.

    >>> swapped(date(1990, 2, 3)), swapped(date(1990, 2, 20))
    (datetime.date(1990, 3, 2), None)
    """
    return date(day.year, day.day, day.month) if day.day <= 12 and day.day != day.month else None


def _writes_day_first(pairs: list[list[tuple[int, int, int]]]) -> bool:
    day_only = sum(month_first[1] > 12 for _, month_first in pairs)
    month_only = sum(day_first[1] > 12 for day_first, _ in pairs)
    return day_only >= month_only


def _readings(text: str) -> list[tuple[int, int, int]]:
    """(year, month, day) as written; for a year that comes last, day first and then month first."""
    plain = _TIME_OF_DAY.sub("", unicodedata.normalize("NFKC", text).strip().casefold())
    if plain.isdecimal() and plain.isascii():
        return _compact(plain)
    if match := _YEAR_FIRST.fullmatch(plain):
        year, month, day = match.groups()
        # 03-02-90 is nobody's year 2003: a two-digit year comes first only when marked or impossible as day
        if len(year) == 4 or plain.startswith("'") or int(year) > 31 or "년" in plain:
            return [(_century(year), int(month), int(day))]
    if match := _YEAR_LAST.fullmatch(plain):
        first, second, year = match.groups()
        return [(_century(year), int(second), int(first)), (_century(year), int(first), int(second))]
    if match := _WITH_MONTH_NAME.fullmatch(plain):
        day, month, year = match.groups()
    elif match := _MONTH_NAME_FIRST.fullmatch(plain):
        month, day, year = match.groups()
    else:
        return []
    return [(int(year), _MONTHS.index(month) + 1, int(day))] if month in _MONTHS else []


def _compact(digits: str) -> list[tuple[int, int, int]]:
    if len(digits) == 8:
        return [(int(digits[:4]), int(digits[4:6]), int(digits[6:]))]
    if len(digits) == 6:
        return [(_century(digits[:2]), int(digits[2:4]), int(digits[4:]))]
    if len(digits) in (4, 5):
        serial = _EXCEL_EPOCH + timedelta(days=int(digits))
        return [(serial.year, serial.month, serial.day)]
    return []


def _century(year: str) -> int:
    """Two digits mean the latest year that is not in the future of 2029."""
    return int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 30 else 2000)


def _choose(readings: list[tuple[int, int, int]], latest: date, day_first: bool) -> BirthDate | None:
    ordered = readings if day_first else readings[::-1]
    possible = [day for reading in ordered if (day := _date(*reading)) and EARLIEST_BIRTH <= day <= latest]
    if not possible:
        return None
    other = possible[1] if len(possible) > 1 and possible[1] != possible[0] else None
    return BirthDate(possible[0], other)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
