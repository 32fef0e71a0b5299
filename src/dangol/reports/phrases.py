"""What notebooks recorded in English (names of models, labels and titles of figures), in another language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from dangol.currency import SIGNS
from dangol.reports.formats import Formats

_AMOUNT = re.compile("(\N{MINUS SIGN}?)([0-9][0-9,.]*) (k|M|bn)")  # as `dangol.plots.axes.amount_text` writes
_UNITS = {"k": 1e3, "M": 1e6, "bn": 1e9}
_KNOWN = "known_"
_NUMBER = "[-+<\N{MINUS SIGN}]?[0-9][0-9.,]*[%+]?"
# as `dangol.currency.Currency.amount` writes
_MONEY = f"[-+\N{MINUS SIGN}]?[{''.join(SIGNS.values())}]?[0-9][0-9.,]*(?:\N{NO-BREAK SPACE}\\S+)?"
_FIELDS = {"number": _NUMBER, "money": _MONEY}


@dataclass(frozen=True)
class Phrases:
    """Pairs of an English text and its translation, from the part ``recorded`` of two catalogues.

    Attributes:
        words: English text, lower case, to its translation.
        patterns: of texts with fields, in the order of the catalogue; the first that fits is taken.
            Groups whose name begins with ``known_`` must have a translation themselves.
        formats: of the language, for short amounts such as ``340 k``.
    """

    words: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]
    formats: Formats

    @classmethod
    def between(cls, english: Mapping[str, Any], other: Mapping[str, Any]) -> "Phrases":
        """From English to the language of another catalogue; nothing changes if it is English too."""
        if english is other:
            return cls({}, (), Formats(other["formats"]))
        pairs = [(text, other["recorded"][key]) for key, text in english["recorded"].items()]
        words = {text.lower(): translation for text, translation in pairs if "{" not in text}
        patterns = tuple((_pattern(text), translation) for text, translation in pairs if "{" in text)
        return cls(words, patterns, Formats(other["formats"]))

    def say(self, text: str) -> str:
        """The translation of a recorded text; what the catalogue does not know stays as it is.

        Fields are translated in turn, so ``network (baseline)`` needs no entry of its own.
        """
        known = self.words.get(text.lower())
        if known is not None:
            return known
        amount = _AMOUNT.fullmatch(text)
        if amount is not None and self.patterns:
            value = float(amount[2].replace(",", "")) * _UNITS[amount[3]]
            return self.formats.apply("money_tick", -value if amount[1] else value)
        for pattern, translation in self.patterns:
            parts = self._parts(pattern, text)
            if parts is not None:
                return translation.format(**parts)
        return text

    def _parts(self, pattern: re.Pattern[str], text: str) -> dict[str, str] | None:
        """The fields of a text, translated; None if the pattern does not fit."""
        found = pattern.fullmatch(text)
        parts: dict[str, str] = {}
        for name, part in (found.groupdict() if found else {}).items():
            parts[name.removeprefix(_KNOWN)] = said = self.say(part)
            if name.startswith(_KNOWN) and said == part:
                return None
        return parts if found else None


def _pattern(text: str) -> re.Pattern[str]:
    """English text as a pattern; see the head of ``messages/en.yaml`` for what fields stand for."""
    pattern = ""
    for literal, name, kind, _ in Formatter().parse(text):
        pattern += re.escape(literal)
        if name is not None:
            mark = _KNOWN if kind == "known" else ""
            pattern += f"(?P<{mark}{name}>{_FIELDS.get(kind or '', '.+?')})"
    return re.compile(pattern, re.DOTALL)
