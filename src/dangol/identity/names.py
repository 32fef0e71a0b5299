"""Names of people in one form: Latin or Hangul, titles off, given name and surname apart."""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from dangol.identity.name_lists import (
    HANGUL_SURNAMES_OF_TWO,
    HANGUL_TITLES,
    NICKNAMES,
    PARTICLES,
    ROMANISED_SURNAMES,
    SUFFIXES,
    TITLES,
)

_HANGUL = re.compile(r"[가-힣]")
_BRACKETED = re.compile(r"[(\[{（［].*?[)\]}）］]")
_NOT_A_LETTER = re.compile(r"[^\w]+|[\d_]+")
_HANGUL_TITLE = re.compile(f"({'|'.join(HANGUL_TITLES)})$")
# spellings of one sound, by whom romanises: 정 is Jeong, Jung or Chung; 수 is Su or Soo
_SOUNDS = (
    ("weo", "wo"), ("eui", "i"), ("yi", "i"), ("ph", "f"), ("ck", "k"), ("sh", "s"), ("ch", "j"),
    ("oo", "u"), ("ou", "u"), ("eo", "u"), ("eu", "u"), ("ui", "i"), ("wu", "u"), ("ee", "i"),
    ("ae", "e"), ("ie", "i"), ("c", "k"), ("q", "k"), ("g", "k"), ("d", "t"), ("b", "p"), ("l", "r"),
    ("z", "s"), ("v", "f"),
)  # fmt: skip
_SILENT_H = re.compile(r"(?<=[aeiou])h(?![aeiou])")
_DOUBLED = re.compile(r"(.)\1+")


class NameParts(NamedTuple):
    """A name taken apart; empty where nothing is known.

    Attributes:
        given: lower case, no spaces, no diacritics; Hangul stays Hangul.
        surname: likewise.
    """

    given: str
    surname: str


def split_name(text: str) -> NameParts:
    """Take a full name apart, whatever its script and order.

    Hangul: the first syllable is the surname (the first two for 남궁 and its like). Latin:
    ``Surname, Given``; a romanised Korean surname may come first; otherwise the last word, with
    particles (*van*, *de*), is the surname and the first the given name. Titles and suffixes go.

    >>> split_name("Dr. José María García"), split_name("남궁민수 님"), split_name("KIM, Min-su")
    (NameParts(given='jose', surname='garcia'), NameParts(given='민수', surname='남궁'), \
NameParts(given='minsu', surname='kim'))
    """
    plain = _BRACKETED.sub(" ", unicodedata.normalize("NFKC", text))
    if _HANGUL.search(plain):
        return _split_hangul(plain)
    before, comma, after = plain.partition(",")
    if comma and (given := _words(after)):
        surname = "".join(_words(before))
        return NameParts("".join(given) if surname in ROMANISED_SURNAMES else given[0], surname)
    return _split_latin(_words(plain))


def plain_name(text: str) -> str:
    """A given name or surname that stands alone: lower case, letters only, titles off."""
    plain = _BRACKETED.sub(" ", unicodedata.normalize("NFKC", text))
    return "".join(_words(plain))


def _split_hangul(plain: str) -> NameParts:
    letters = "".join(_HANGUL.findall(plain))
    name = _HANGUL_TITLE.sub("", letters) if len(letters) > 3 else letters
    size = 2 if len(name) > 2 and name[:2] in HANGUL_SURNAMES_OF_TWO else 1
    return NameParts(name[size:], name[:size])


def _split_latin(words: list[str]) -> NameParts:
    if len(words) < 2:
        return NameParts("", "".join(words))
    if words[0] in ROMANISED_SURNAMES and words[-1] not in ROMANISED_SURNAMES:
        return NameParts("".join(words[1:]), words[0])
    if words[-1] in ROMANISED_SURNAMES:
        return NameParts("".join(words[:-1]), words[-1])
    start = len(words) - 1
    while start > 1 and words[start - 1] in PARTICLES:
        start -= 1
    return NameParts(words[0], "".join(words[start:]))


def _words(plain: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", plain.casefold().replace("'", "").replace("’", ""))
    base = "".join(letter for letter in folded if not unicodedata.combining(letter))
    # NFKD takes Hangul apart as well; NFC joins it again
    words = _NOT_A_LETTER.sub(" ", unicodedata.normalize("NFC", base)).split()
    kept = [word for word in words if word not in TITLES and word not in SUFFIXES]
    return kept or words


@cache
def romanised(name: str) -> str:
    """Hangul syllables in Latin letters, by the short names Unicode gives them; other letters stay.

    >>> romanised("민수"), romanised("garcia")
    ('minsu', 'garcia')
    """
    return "".join(_syllable(letter) if "가" <= letter <= "힣" else letter for letter in name)


def _syllable(letter: str) -> str:
    return unicodedata.name(letter).rpartition(" ")[2].lower()


@cache
def given_sound(name: str) -> str:
    """What a given name sounds like, whoever spelt it; nicknames become the full name.

    >>> given_sound("민수") == given_sound("minsoo"), given_sound("bob") == given_sound("robert")
    (True, True)
    """
    return _sound(romanised(NICKNAMES.get(name, name)))


@cache
def surname_sound(name: str) -> str:
    """What a surname sounds like; Korean ones by table, because Lee, Yi and Rhee are all 이.

    >>> surname_sound("박") == surname_sound("park") == surname_sound("bak")
    True
    """
    hangul = ROMANISED_SURNAMES.get(name, name)
    return _sound(romanised(hangul))


def _sound(latin: str) -> str:
    for spelling, sound in _SOUNDS:
        latin = latin.replace(spelling, sound)
    return _DOUBLED.sub(r"\1", _SILENT_H.sub("", latin))
