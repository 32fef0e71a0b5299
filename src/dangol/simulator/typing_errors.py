"""Slips of hand and ear in names, dates and numbers."""

from collections.abc import Callable

import numpy as np

_FIRST_SYLLABLE = ord("가")
_N_FINALS = 28
_N_VOWELS = 21
# vowels that sound alike: ㅐ ㅔ, ㅒ ㅖ, ㅙ ㅞ
_ALIKE = {1: 5, 5: 1, 3: 7, 7: 3, 10: 15, 15: 10}


def misspelt(rng: np.random.Generator, text: str) -> str:
    """One slip: two letters swapped, one lost, doubled or wrong; in Hangul a vowel that sounds alike.

    Texts shorter than two characters stay as they are.
    """
    if len(text) < 2:
        return text
    slip: Callable[[np.random.Generator, str, int], str] = _SLIPS[int(rng.integers(len(_SLIPS)))]
    return slip(rng, text, int(rng.integers(len(text) - 1)))


def _swap(rng: np.random.Generator, text: str, at: int) -> str:
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _lose(rng: np.random.Generator, text: str, at: int) -> str:
    return text[: at + 1] + text[at + 2 :]


def _double(rng: np.random.Generator, text: str, at: int) -> str:
    return text[: at + 1] + text[at:]


def _replace(rng: np.random.Generator, text: str, at: int) -> str:
    return text[:at] + _wrong(rng, text[at]) + text[at + 1 :]


_SLIPS = (_swap, _lose, _double, _replace)


def _wrong(rng: np.random.Generator, letter: str) -> str:
    if "가" <= letter <= "힣":
        return _wrong_syllable(letter)
    if letter.isdigit():
        return str((int(letter) + int(rng.integers(1, 10))) % 10)
    if letter.isalpha():
        wrong = chr(ord("a") + int(rng.integers(26)))
        return wrong.upper() if letter.isupper() else wrong
    return letter


def _wrong_syllable(letter: str) -> str:
    """A syllable that sounds alike, else one that ends otherwise."""
    number = ord(letter) - _FIRST_SYLLABLE
    vowel, final = number // _N_FINALS % _N_VOWELS, number % _N_FINALS
    if vowel in _ALIKE:
        return chr(ord(letter) + (_ALIKE[vowel] - vowel) * _N_FINALS)
    # ㄴ and ㅇ at the end are mistaken for each other; otherwise the end is lost, or an ㄴ is heard
    other = {4: 21, 21: 4, 0: 4}.get(final, 0)
    return chr(ord(letter) + other - final)


def misdialled(rng: np.random.Generator, digits: str) -> str:
    """One digit of the last eight wrong."""
    at = len(digits) - 1 - int(rng.integers(min(8, len(digits))))
    return digits[:at] + str((int(digits[at]) + int(rng.integers(1, 10))) % 10) + digits[at + 1 :]


def misdated(rng: np.random.Generator, date: tuple[int, int, int]) -> tuple[int, int, int]:
    """Year, month, day with one slip: day and month swapped, or one of the numbers off by a little.

    The result may be no date, such as 31 April or month 13.
    """
    year, month, day = date
    slip = int(rng.integers(3))
    if slip == 0:
        return year, day, month
    if slip == 1:
        return year + int(rng.choice([-10, -1, 1, 10])), month, day
    return year, month, max(day + int(rng.choice([-10, -1, 1, 10])), 1)
