"""Who people really are: names, contact details, households, moves."""

from dataclasses import dataclass

import numpy as np

from dangol.simulator.customers import Profile
from dangol.simulator.names import (
    KOREAN_FAMILY,
    KOREAN_FIRST,
    KOREAN_SECOND,
    LATIN_FAMILY,
    LATIN_GIVEN,
    MAIL_DOMAINS,
    PLACES,
    STREETS,
)

# People known to an outside list who never bought, per customer.
PROSPECTS_PER_CUSTOMER = 0.08
_FIRST_PROSPECT_ID = 1_000_000_000
_HOUSEHOLD_SIZE_PROB = (0.7, 0.22, 0.08)  # one, two, three of the people live together
_SAME_FAMILY_NAME_PROB = 0.85
_MOVE_PROB = 0.08
_NEW_PHONE_PROB = 0.3  # of those who move
_NO_MOVE = np.datetime64("9999-12-31", "D")


@dataclass(frozen=True)
class Home:
    """Where a household lives: one address in two scripts."""

    hangul: str
    latin: str


@dataclass(frozen=True)
class Person:
    """One human being.

    Attributes:
        person_id: the customer's number; prospects count from 1,000,000,001 on.
        household_id: the smallest number of those who live together.
        is_korean: whether the name is written in Hangul.
        given: in the own script, in Latin letters, and as friends say it.
        family: in the own script and in Latin letters.
        birth: year, month, day.
        homes: before and after the move; twice the same without one.
        phones: digits, before and after the move.
        email: address.
        move_date: first day in the new home.
    """

    person_id: int
    household_id: int
    is_korean: bool
    given: tuple[str, str, str]
    family: tuple[str, str]
    birth: tuple[int, int, int]
    homes: tuple[Home, Home]
    phones: tuple[str, str]
    email: str
    move_date: np.datetime64


def draw_persons(
    rng: np.random.Generator, profile: Profile, customer_id: np.ndarray, world: tuple[np.datetime64, int]
) -> list[Person]:
    """The people behind one block of customers, then some prospects.

    Args:
        rng: the stream of this part.
        profile: of the customers.
        customer_id: their numbers.
        world: first day and number of days.
    """
    n_customers = len(customer_id)
    n = n_customers + rng.binomial(n_customers, PROSPECTS_PER_CUSTOMER)
    copied = np.concatenate([np.arange(n_customers), rng.integers(0, n_customers, n - n_customers)])
    prospect = _FIRST_PROSPECT_ID + customer_id[0] + np.arange(n - n_customers)
    person_id = np.concatenate([customer_id, prospect])
    head = _draw_households(rng, n)
    is_korean = profile.is_korean[copied[head]]
    later = np.where(np.arange(n) < n_customers, 0, rng.integers(-900, 900, n))
    births = [(day.year, day.month, day.day) for day in (profile.birth_date[copied] + later).tolist()]
    families = [_draw_family(rng, korean) for korean in is_korean]
    of_head = rng.random(n) < _SAME_FAMILY_NAME_PROB
    addresses = [_draw_addresses(rng, region, world) for region in profile.region[copied]]
    persons = []
    for number in range(n):
        family = families[head[number] if of_head[number] else number]
        given = _draw_given(rng, is_korean[number])
        address = addresses[head[number]]
        persons.append(
            Person(
                person_id=int(person_id[number]),
                household_id=int(person_id[head[number]]),
                is_korean=bool(is_korean[number]),
                given=given,
                family=family,
                birth=births[number],
                homes=address.homes,
                phones=_draw_phones(rng, address.homes[0] is not address.homes[1]),
                email=_draw_email(rng, given, family, births[number]),
                move_date=address.move_date,
            )
        )
    return persons


@dataclass(frozen=True)
class _Addresses:
    """Where a household lives before and after its move, and when that is."""

    homes: tuple[Home, Home]
    move_date: np.datetime64


def _draw_addresses(rng: np.random.Generator, region: str, world: tuple[np.datetime64, int]) -> _Addresses:
    home = _draw_home(rng, region)
    if rng.random() >= _MOVE_PROB:
        return _Addresses((home, home), _NO_MOVE)
    return _Addresses((home, _draw_home(rng, region)), world[0] + int(rng.integers(world[1])))


def _draw_phones(rng: np.random.Generator, moves: bool) -> tuple[str, str]:
    phone = _draw_phone(rng)
    return phone, _draw_phone(rng) if moves and rng.random() < _NEW_PHONE_PROB else phone


def _draw_households(rng: np.random.Generator, n: int) -> np.ndarray:
    """Row number of the head of each person's household, who is its first row."""
    size = 1 + rng.choice(len(_HOUSEHOLD_SIZE_PROB), n, p=_HOUSEHOLD_SIZE_PROB)
    group = np.repeat(np.arange(n), size)[:n]
    member = rng.permutation(n)
    head = np.full(n, n)
    np.minimum.at(head, group, member)
    result = np.empty(n, dtype=np.int64)
    result[member] = head[group]
    return result


def _draw_given(rng: np.random.Generator, is_korean: bool) -> tuple[str, str, str]:
    if not is_korean:
        name, nickname = _LATIN_GIVEN[int(rng.integers(len(_LATIN_GIVEN)))]
        return name, name, nickname
    first = KOREAN_FIRST[int(rng.integers(len(KOREAN_FIRST)))]
    second = KOREAN_SECOND[int(rng.integers(len(KOREAN_SECOND)))]
    name = first[0] + second[0]
    return name, first[1] + second[1], name


def _draw_family(rng: np.random.Generator, is_korean: bool) -> tuple[str, str]:
    if not is_korean:
        name = LATIN_FAMILY[int(rng.integers(len(LATIN_FAMILY)))]
        return name, name
    number = int(np.searchsorted(_KOREAN_SHARE, rng.random(), side="right"))
    return KOREAN_FAMILY[number][:2]


def _draw_home(rng: np.random.Generator, region: str) -> Home:
    places = PLACES[region]
    place, street = places[int(rng.integers(len(places)))], STREETS[int(rng.integers(len(STREETS)))]
    number, flat = int(rng.integers(1, 250)), int(rng.integers(1, 20)) * 100 + int(rng.integers(1, 9))
    return Home(f"{place[0]} {street[0]} {number}, {flat}호", f"{number} {street[1]}, Apt {flat}, {place[1]}")


def _draw_phone(rng: np.random.Generator) -> str:
    return f"010{int(rng.integers(20_000_000, 100_000_000))}"


def _draw_email(
    rng: np.random.Generator,
    given: tuple[str, str, str],
    family: tuple[str, str],
    birth: tuple[int, int, int],
) -> str:
    letters = f"{given[1]}.{family[1]}".lower()
    name = "".join(letter for letter in letters if letter.isascii() and letter not in " '")
    number = (birth[0] % 100, int(rng.integers(1, 1000)))[int(rng.integers(2))]
    return f"{name}{number}@{MAIL_DOMAINS[int(rng.integers(len(MAIL_DOMAINS)))]}"


_LATIN_GIVEN = tuple(LATIN_GIVEN.items())
_KOREAN_SHARE = np.cumsum([weight for _, _, weight in KOREAN_FAMILY])[:-1] / sum(
    weight for _, _, weight in KOREAN_FAMILY
)
