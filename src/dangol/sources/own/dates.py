"""In which form dates are written, from examples."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

_TIMES = (
    (r"T?\s?\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"\s\d{1,2}:\d{2}", "%H:%M"),
    (r"\s\d{1,2}:\d{2}:\d{2}\s?[AaPp][Mm]", "%I:%M:%S %p"),
    (r"\s\d{1,2}:\d{2}\s?[AaPp][Mm]", "%I:%M %p"),
    (r"\s(?:오전|오후)\s?\d{1,2}:\d{2}:\d{2}", "%p %I:%M:%S"),
    (r"\s(?:오전|오후)\s?\d{1,2}:\d{2}", "%p %I:%M"),
    (r"", ""),
)
_ISO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?")
_SEPARATED = re.compile(r"(\d{1,4})(\.\s?|/|-|\s)(\d{1,2}|[A-Za-z]{3,9})\2(\d{1,4})(\.?)")
_TWO_DIGITS = re.compile(r"(\d{2})(?:\.\s?|/|-)\d{1,2}(?:\.\s?|/|-)(\d{2})(?!\d)")
_KOREAN = re.compile(r"(\d{4}|\d{2})년(\s?)(\d{1,2})월(\s?)(\d{1,2})일")
_COMPACT = re.compile(r"(19|20|21)\d{6}(\d{6})?")
ISO, UNIX = "iso", "unix"
_UNIX = re.compile(r"[1-3]\d{9}(\d{3}|\.\d+)?")


def forms_of(examples: Sequence[str]) -> list[str]:
    """The fewest forms that read the examples, most frequent first.

    Where day and month cannot be told apart by any example, the day is taken first; ask
    ``is_ambiguous``.

    Returns:
        ``iso`` or forms such as ``%d.%m.%Y %H:%M``; examples that are no dates add nothing.
    """
    votes = Counter(_candidates_of_all(examples))
    certain = {candidates[0] for candidates in votes if len(candidates) == 1}
    counts: dict[str, int] = {}
    for candidates, count in votes.items():
        form = next((one for one in candidates if one in certain), candidates[0])
        counts[form] = counts.get(form, 0) + count
    return sorted(counts, key=lambda form: (-counts[form], form))


def is_ambiguous(examples: Sequence[str]) -> bool:
    """Whether some examples read as two different dates and none of the others decides."""
    found = _candidates_of_all(examples)
    certain = {candidates[0] for candidates in found if len(candidates) == 1}
    return any(len(candidates) > 1 and not certain & set(candidates) for candidates in found)


def looks_like_dates(examples: Sequence[str]) -> bool:
    """Whether nine of ten examples are dates; plain numbers of eight digits need a plausible month."""
    return bool(examples) and sum(any(_candidates(text.strip())) for text in examples) >= 0.9 * len(examples)


def _candidates_of_all(examples: Sequence[str]) -> list[tuple[str, ...]]:
    """Per example that is a date its possible forms, without those the other examples rule out."""
    found = [tuple(_candidates(example.strip())) for example in examples]
    is_year_first = _year_stands_first(examples)
    if is_year_first is None and any(forms[0].startswith((ISO, "%Y")) for forms in found if forms):
        is_year_first = True  # beside dates such as 2024-01-06, 24/01/06 has its year in the same place
    if is_year_first is not None:
        found = [tuple(f for f in forms if f.startswith("%y") == is_year_first) or forms for forms in found]
    return [forms for forms in found if forms]


def _year_stands_first(examples: Sequence[str]) -> bool | None:
    """Of dates such as 24.01.05: only one side holds a few years in a row.

    Returns:
        None where they do not show it: bills of the first of each month have one day and six years, and so
        one year and six days.
    """
    parts = [match.groups()[:2] for example in examples if (match := _TWO_DIGITS.match(example.strip()))]
    first, last = (sorted({int(part[side]) for part in parts}) for side in (0, 1))
    return None if _may_be_years(first) == _may_be_years(last) else _may_be_years(first)


def _may_be_years(numbers: Sequence[int]) -> bool:
    """Whether numbers follow each other with hardly a gap, and are not all the days of a month."""
    return len(numbers) < 28 and all(after - before <= 2 for before, after in pairwise(numbers))


def _candidates(text: str) -> Iterator[str]:
    if _ISO.fullmatch(text):
        yield ISO
        return
    if _UNIX.fullmatch(text):
        yield UNIX
        return
    for pattern, time in _TIMES:
        found = re.fullmatch(rf"(.+?)({pattern})", text)
        if found and (days := list(_day_forms(found[1].strip()))):
            joined = "T" if found[2].startswith("T") else " "
            yield from (f"{day}{joined}{time}" if time else day for day in days)
            return


def _day_forms(day: str) -> Iterator[str]:
    if korean := _KOREAN.fullmatch(day):
        year = "%Y" if len(korean[1]) == 4 else "%y"
        yield f"{year}년{korean[2]}%m월{korean[4]}%d일"
        return
    if _COMPACT.fullmatch(day):
        if 1 <= int(day[4:6]) <= 12 and 1 <= int(day[6:8]) <= 31:
            yield "%Y%m%d%H%M%S" if len(day) == 14 else "%Y%m%d"
        return
    if parts := _SEPARATED.fullmatch(day):
        yield from _separated(parts)


def _separated(parts: re.Match) -> Iterator[str]:
    first, mark, middle, last, end = parts.groups()
    if not middle.isdigit():
        month = "%b" if len(middle) == 3 else "%B"
        yield f"%d{mark}{month}{mark}{'%Y' if len(last) == 4 else '%y'}{end}"
        return
    if len(first) == 4:
        if int(middle) <= 12 and int(last) <= 31:
            yield f"%Y{mark}%m{mark}%d{end}"
        return
    year = "%Y" if len(last) == 4 else "%y"
    if int(first) <= 31 and int(middle) <= 12:
        yield f"%d{mark}%m{mark}{year}{end}"
    if int(first) <= 12 and int(middle) <= 31 and mark in "/-":
        yield f"%m{mark}%d{mark}{year}{end}"
    if len(last) <= 2 and len(first) == 2 and int(middle) <= 12 and int(last) <= 31:
        yield f"%y{mark}%m{mark}%d{end}"
