"""Which currency and country a company's files come from, guessed from signs, headers and phone numbers."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from dangol.sources.about_data import currency_code
from dangol.sources.own.guessing import Guess
from dangol.sources.own.sampling import Source

_SIGN = re.compile(r"[$€£₩￦¥円]|원$|(?<![A-Za-z])(?:EUR|USD|GBP|KRW|JPY|CHF)(?![A-Za-z])")
_GERMAN = re.compile(r"[äöüß]|kunde|datum|betrag|menge|stra(ss|ß)e|vorname", re.IGNORECASE)
_HANGUL = re.compile("[가-힣]")
_CURRENCIES = {"KR": "KRW", "DE": "EUR"}
_REGIONS = {"KRW": "KR", "GBP": "GB", "USD": "US", "JPY": "JP", "CHF": "CH"}
_N_LOOKED_AT = 200


def currency_of(sources: Iterable[Source]) -> tuple[str, str]:
    """ISO code and reason; both empty where nothing tells."""
    found: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for source in sources:
        for column in source.columns:
            languages.update(_language(column.name))
            texts = [column.name, *(column.values[:_N_LOOKED_AT] if column.decimal else ())]
            found.update(currency_code(sign[0]) for text in texts if (sign := _SIGN.search(text.upper())))
    if found:
        return found.most_common(1)[0][0], "by the signs beside numbers and names"
    for country, _ in languages.most_common(1):
        return _CURRENCIES[country], "by the language of the headers"
    return "", ""


def phone_region_of(guesses: Sequence[Guess], currency: str) -> tuple[str, str]:
    """ISO code of the country of phone numbers and reason; both empty where nothing tells."""
    sources = [(guess.source, guess.columns["phone"]) for guess in guesses if "phone" in guess.columns]
    numbers = [text for source, name in sources for text in source.column(name).values[:_N_LOOKED_AT]]
    if not numbers:
        return "", ""
    codes = Counter(region for text in numbers if (region := _region_of_code(text)))
    if codes:
        return codes.most_common(1)[0][0], "by the country codes among the numbers"
    if (
        sum(bool(re.match(r"01[016-9][-. ]?\d{3,4}[-. ]?\d{4}$", text)) for text in numbers)
        > len(numbers) / 2
    ):
        return "KR", "by the form of the numbers"
    languages = Counter(
        one for source, _ in sources for column in source.columns for one in _language(column.name)
    )
    for country, _ in languages.most_common(1):
        return country, "by the language of the headers"
    return (_REGIONS[currency], "by the currency") if currency in _REGIONS else ("", "")


def _language(name: str) -> Iterator[str]:
    """The country whose language a header is in, where it shows."""
    if _HANGUL.search(name):
        yield "KR"
    elif _GERMAN.search(name):
        yield "DE"


def _region_of_code(text: str) -> str:
    """The country of a number written with its code; empty without one."""
    import phonenumbers

    if not (number := re.sub(r"^00", "+", text.strip())).startswith("+"):
        return ""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except phonenumbers.NumberParseException:
        return ""
