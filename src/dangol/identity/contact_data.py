"""Phones, e-mails and addresses in one form, so that the same one reads the same."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_FEWEST_DIGITS, _MOST_DIGITS = 7, 20
_PLAIN_NUMBER = re.compile(r"\+?[\d\s().\-]{4,}[0-9]{4}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_DOTLESS_DOMAINS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
_POSTCODE = re.compile(
    r"(?:^|\s)(\d{5})(?:\s\d{4})?$|^(\d{5})(?=\s)|(?:^|\s)([a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2})(?=\s|$)"
)
_POSTCODE_IN_BRACKETS = re.compile(r"[(\[](?:우)?\s*(\d{5}|\d{3}-\d{3})[)\]]")
_NUMBER = re.compile(r"(?<!\w)\d+[a-z]?(?!\w)")
_ABBREVIATIONS = {
    "street": "st", "road": "rd", "avenue": "ave", "drive": "dr", "lane": "ln", "place": "pl", "court": "ct",
    "crescent": "cres", "circuit": "cct", "boulevard": "blvd", "apartment": "apt", "building": "bldg",
    "north": "n", "south": "s", "east": "e", "west": "w",
    "서울특별시": "서울", "서울시": "서울", "부산광역시": "부산", "대구광역시": "대구", "인천광역시": "인천",
    "광주광역시": "광주", "대전광역시": "대전", "울산광역시": "울산", "세종특별자치시": "세종",
    "경기도": "경기",
    "강원도": "강원", "강원특별자치도": "강원", "충청북도": "충북", "충청남도": "충남", "전라북도": "전북",
    "전북특별자치도": "전북", "전라남도": "전남", "경상북도": "경북", "경상남도": "경남",
    "제주특별자치도": "제주",
    "제주도": "제주",
}  # fmt: skip


class Address(NamedTuple):
    """An address in one form; empty where nothing is known.

    Attributes:
        text: lower case, abbreviated, without punctuation and postcode.
        street_number: the first number in it.
        postcode: five digits or a British one, without spaces.
    """

    text: str
    street_number: str
    postcode: str


def plain_phone(text: str, region: str) -> str:
    """A phone number as E.164 (``+821012345678``); empty if nobody could be reached at it.

    Args:
        text: as it came in; may hold words, brackets, an extension.
        region: ISO country code that numbers without ``+`` belong to, such as ``KR``.

    >>> [plain_phone(text, "KR") for text in ("010-1234-5678", "0082 10 1234 5678", "call me")]
    ['+821012345678', '+821012345678', '']
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = sum(letter.isdigit() for letter in plain)
    if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        return ""
    # numbering plans look at how a number begins and how long it is, so what one number became
    # holds for all that differ in their last four digits; parsing each would take ten times as long
    head, tail = (plain[:-4], plain[-4:]) if _PLAIN_NUMBER.fullmatch(plain) else (plain, "")
    if len(set(re.sub(r"\D", "", plain)[-_FEWEST_DIGITS:])) == 1:
        return ""  # 000-0000 is what people type to get past a form
    return (
        number[:-4] + tail if (number := _e164(head + "2345" if tail else head, region)) and tail else number
    )


@lru_cache(maxsize=1 << 16)
def _e164(plain: str, region: str) -> str:
    import phonenumbers

    for spelling in (plain, f"+{plain[2:]}" if plain.startswith("00") else ""):
        try:
            number = phonenumbers.parse(spelling, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""


def plain_email(text: str) -> str:
    """An address as typed, in lower case; empty if it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().strip("<>;,.").casefold().removeprefix("mailto:")
    return plain if _EMAIL.fullmatch(plain) else ""


def mailbox(email: str) -> str:
    """The mailbox behind an address: plus-tags off, and the dots Gmail ignores.

    >>> mailbox("kim.min.su+shop@googlemail.com")
    'kimminsu@gmail.com'
    """
    local, _, domain = email.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS_DOMAINS:
        local, domain = local.replace(".", "") or local, _DOTLESS_DOMAINS[domain]
    return f"{local}@{domain}" if domain else ""


def plain_address(text: str) -> Address:
    """An address in one form, its postcode and street number apart.

    >>> plain_address("12 Main Street, Springfield 01234")
    Address(text='12 main st springfield', street_number='12', postcode='01234')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    bracketed = _POSTCODE_IN_BRACKETS.search(plain)
    if bracketed:
        plain = plain.replace(bracketed[0], " ")
    words = re.sub(r"[^\w\-]+|_", " ", plain).split()
    flat = " ".join(_ABBREVIATIONS.get(word, word) for word in words)
    found = None if bracketed else _POSTCODE.search(flat)
    postcode = bracketed[1] if bracketed else next(filter(None, found.groups())) if found else ""
    if found and found.group().strip() != flat:
        flat = " ".join((flat[: found.start()] + " " + flat[found.end() :]).split())
    number = _NUMBER.search(flat)
    return Address(flat, number.group() if number else "", postcode.replace(" ", "").replace("-", ""))
