"""Numbers as a reader of one language expects them; separators and units come from the catalogue."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dangol.currency import Currency
from dangol.small_cells import FEW, is_small

MINUS = "\N{MINUS SIGN}"
_SMALLEST_SHARE = 0.001
_NO_DECIMALS_FROM = 1.0
_WORD = re.compile(r"[A-Z]+")


@dataclass(frozen=True)
class Formats:
    """The ``formats`` part of a message catalogue.

    Attributes:
        content: separators, units and patterns, see ``messages/en.yaml``.
        currency: ISO code of all amounts; empty where the data do not say.
    """

    content: Mapping[str, Any]
    currency: str = ""

    def apply(self, kind: str, value: Any, like: float | None = None) -> str:
        """``value`` as text.

        Args:
            kind: ``count``, ``people``, ``money``, ``money_short``, ``money_tick``, ``percent``,
                ``change``, ``score``, ``number``, ``days``, ``times``, ``date``, ``text`` or ``name``.
            value: what to show.
            like: the largest number shown beside it, which then decides decimals and unit.

        Raises:
            ValueError: if ``kind`` is none of the above.

        >>> Formats({"thousands": ",", "decimal": "."}).apply("count", 2469)
        '2,469'
        """
        makers: dict[str, Callable[[Any, float | None], str]] = {
            "count": lambda v, _: self._fixed(round(v), 0),
            "people": lambda v, _: self.people(v),
            "money": self._money,
            "money_short": self._money_short,
            "money_tick": lambda v, like: self._without_zeros(self._money_short(v, like)),
            "percent": self._percent,
            "change": lambda v, like: self._percent(abs(v), like),
            "score": lambda v, _: self._fixed(v, 3),
            "number": self._number,
            "days": lambda v, _: self._fixed(round(v), 0),
            "times": lambda v, _: self._fixed(v, 1 if abs(v) >= 1.95 else 2),
            "date": lambda v, _: self._date(v),
            "text": lambda v, _: str(v),
            "name": lambda v, _: tidy_name(str(v)),
        }
        if kind not in makers:
            raise ValueError(f"unknown format {kind!r}; expected one of {', '.join(sorted(makers))}")
        return makers[kind](value, like)

    def people(self, value: float) -> str:
        """A number of people; fewer than ten are not told apart.

        >>> Formats({"thousands": ","}).people(3)
        '<10'
        """
        return FEW if is_small(value) else self._fixed(round(value), 0)

    def _fixed(self, value: float, decimals: int) -> str:
        text = f"{abs(value):,.{decimals}f}"
        is_zero = not any(digit in text for digit in "123456789")
        text = text.replace(",", "\0").replace(".", self.content.get("decimal", "."))
        text = text.replace("\0", self.content.get("thousands", ","))
        return text if is_zero or value >= 0 else MINUS + text

    def _money(self, value: float, like: float | None) -> str:
        size = abs(value if like is None else like)
        return self._signed_money(value, self._fixed(abs(value), 0 if size >= 100 else 2))

    def _money_short(self, value: float, like: float | None) -> str:
        size = abs(value if like is None else like)
        for limit, divisor, unit in self.content.get("units", ()):
            if size >= limit:
                decimals = 2 if size < 10 * divisor else 1 if size < 100 * divisor else 0
                return self._signed_money(value, self._fixed(abs(value) / divisor, decimals) + unit)
        return self._money(value, like)

    def _without_zeros(self, text: str) -> str:
        """Without the zeros that end the decimals."""
        whole, point, decimals = text.partition(self.content.get("decimal", "."))
        unit = decimals.lstrip("0123456789")
        kept = decimals.removesuffix(unit).rstrip("0")
        return whole + (point + kept if kept else "") + unit

    def _signed_money(self, value: float, text: str) -> str:
        is_zero = not any(digit in text for digit in "123456789")
        shown = self._money_pattern.format(number=text)
        return shown if value >= 0 or is_zero else MINUS + shown

    @property
    def _money_pattern(self) -> str:
        return self.content.get("currencies", {}).get(self.currency, Currency(self.currency).pattern)

    def _percent(self, value: float, like: float | None) -> str:
        pattern = self.content.get("percent", "{number}%")
        if like is None and 0 < abs(value) < _SMALLEST_SHARE / 2:
            return "<" + pattern.format(number=self._fixed(_SMALLEST_SHARE * 100, 1))
        is_whole = abs(value * 100 - round(value * 100)) < _SMALLEST_SHARE / 2
        is_large = abs(value if like is None else like) >= _NO_DECIMALS_FROM
        decimals = 0 if is_large or (like is None and is_whole) else 1
        return pattern.format(number=self._fixed(value * 100, decimals))

    def _number(self, value: Any, like: float | None) -> str:
        if isinstance(value, bool):
            return self.content.get("yes" if value else "no", str(value))
        if isinstance(value, int):
            return self._fixed(value, 0)
        if not isinstance(value, float):
            return str(value)
        size = abs(value if like is None else like)
        decimals = 0 if size >= 1000 else 2 if size >= 10 else 3 if size >= 0.1 or size == 0 else 5
        return self._fixed(value, decimals)

    def _date(self, value: Any) -> str:
        try:
            day = value if isinstance(value, date) else datetime.fromisoformat(str(value)).date()
        except ValueError:
            return str(value)
        months = self.content.get("months", ())
        pattern = self.content.get("date", "{year}-{month:02}-{day:02}")
        name = months[day.month - 1] if months else str(day.month)
        return pattern.format(year=day.year, month=day.month, month_name=name, day=day.day)


def tidy_name(name: str) -> str:
    """A name from the data that shouts, in sentence case; abbreviations and all other names stay.

    >>> tidy_name("ICE CREAM/MILK"), tidy_name("DRUG GM"), tidy_name("Baby food")
    ('Ice cream/milk', 'Drug GM', 'Baby food')
    """
    if name != name.upper():
        return name
    text = _WORD.sub(lambda word: word[0].lower() if set(word[0]) & set("AEIOUY") else word[0], name)
    return text[:1].upper() + text[1:]
