"""What a data set says of itself beside its tables: the currency of amounts, the country of phones."""

from dataclasses import dataclass

from dangol.currency import SIGNS

UNKNOWN_REGION = "ZZ"  # as libphonenumber writes it: only numbers with a country code can be read
_CODES = {sign: code for code, sign in SIGNS.items()} | {"￦": "KRW", "원": "KRW", "円": "JPY"}


@dataclass(frozen=True)
class About:
    """What holds for all tables of a data set.

    Attributes:
        currency: ISO code of all amounts, such as ``EUR``; empty where nobody says.
        phone_region: ISO code of the country that phone numbers without a country code belong to.
    """

    currency: str = ""
    phone_region: str = UNKNOWN_REGION


def currency_code(written: str) -> str:
    """The ISO code of a currency; one that is not known stays as it is written.

    >>> currency_code(" € "), currency_code("krw"), currency_code("points")
    ('EUR', 'KRW', 'points')
    """
    text = written.strip()
    code = _CODES.get(text, text)
    return code.upper() if len(code) == 3 and code.isalpha() else code
