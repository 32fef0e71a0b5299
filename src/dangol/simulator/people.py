"""What the company's systems know about people: several records of one person, each with its own slips."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.simulator.persons import Person
from dangol.simulator.typing_errors import misdated, misdialled, misspelt

_FIELDS = ("name", "birth_date", "phone", "email", "address")
_SECOND_CARD_PROB = 0.05


@dataclass(frozen=True)
class Source:
    """How one system writes people down.

    Attributes:
        name: value of ``source``.
        prefix: of its keys.
        slip_prob: probability of a slip in each field.
        missing_prob: probability that a field is empty, by field.
        birth_format: of birth dates, with ``{year}``, ``{month}``, ``{day}``.
        phone_format: of phone numbers, of the digits' three groups.
        romanised_prob: probability that a Korean name and address are in Latin letters.
        nickname_prob: probability that a nickname stands for the given name.
        is_formal: family name first, in capitals.
    """

    name: str
    prefix: str
    slip_prob: float
    missing_prob: Mapping[str, float]
    birth_format: str
    phone_format: str
    romanised_prob: float = 0.0
    nickname_prob: float = 0.0
    is_formal: bool = False


SHOP = Source(
    "shop", "S", 0.03, {"email": 0.6, "address": 0.1}, "{year:04}-{month:02}-{day:02}", "{0}-{1}-{2}"
)
WEB = Source(
    "web",
    "W",
    0.02,
    {"birth_date": 0.4, "phone": 0.2},
    "{year:04}{month:02}{day:02}",
    "{0}{1}{2}",
    romanised_prob=0.1,
    nickname_prob=0.2,
)
CALL_CENTRE = Source(
    "call_centre",
    "C",
    0.10,
    {"birth_date": 0.3, "email": 0.5, "address": 0.3},
    "{day:02}.{month:02}.{year:04}",
    "{0} {1} {2}",
    nickname_prob=0.1,
)
OUTSIDE_LIST = Source(
    "outside_list",
    "L",
    0.05,
    {"birth_date": 0.2, "phone": 0.3, "email": 0.4},
    "{day:02}/{month:02}/{year:04}",
    "+82 {0}-{1}-{2}",
    romanised_prob=0.3,
    is_formal=True,
)
SOURCES = (SHOP, WEB, CALL_CENTRE, OUTSIDE_LIST)


@dataclass(frozen=True)
class Registration:
    """One record to be: who is written down, where and when.

    Attributes:
        person: who.
        source: where.
        date: when; a move before it shows.
        is_account: whether this is the record under whose customer number the orders run.
    """

    person: Person
    source: Source
    date: np.datetime64
    is_account: bool


def draw_registrations(
    rng: np.random.Generator,
    persons: list[Person],
    first_date: np.ndarray,
    online_share: np.ndarray,
    world: tuple[np.datetime64, int],
) -> list[Registration]:
    """Which systems each person is in.

    Args:
        rng: the stream of this part.
        persons: customers, then prospects.
        first_date: day of the first order, one per customer.
        online_share: share of orders placed online, one per customer.
        world: first day and number of days.
    """
    n_customers = len(first_date)
    last = world[0] + world[1] - 1
    chance, delay = rng.random((len(persons), 5)), rng.random((len(persons), 5))
    result = []
    for number, person in enumerate(persons):
        if number >= n_customers:
            day = world[0] + int(delay[number, 3] * world[1])
            result.append(Registration(person, OUTSIDE_LIST, day, False))
            continue
        is_web = chance[number, 1] < min(max(2 * online_share[number], 0.1), 0.9)
        is_shop = chance[number, 0] < 0.8 or not is_web
        plans = (
            (SHOP, is_shop, 30, is_shop),
            (WEB, is_web, 400, not is_shop),
            (CALL_CENTRE, chance[number, 2] < 0.12, 600, False),
            (OUTSIDE_LIST, chance[number, 3] < 0.15, 700, False),
            (SHOP, is_shop and chance[number, 4] < _SECOND_CARD_PROB, 600, False),
        )
        for place, (source, is_there, days, is_account) in enumerate(plans):
            if is_there:
                day = first_date[number] + int(delay[number, place] * days)
                result.append(Registration(person, source, min(day, last), is_account))
    return result


def write_down(
    rng: np.random.Generator, registrations: list[Registration], block: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The raw people table, and who is who.

    Returns:
        One row per record by source and key: ``source``, ``source_key``, ``customer_id`` (of the
        one record of each customer under which orders run, else missing), ``name``,
        ``birth_date`` (text as the source writes it), ``phone``, ``email``, ``address``,
        ``recorded_date``; and ``source``, ``source_key``, ``person_id``, ``household_id``,
        ``customer_id``, ``slips`` (names of the fields with a slip, separated by ``;``).
    """
    order = sorted(registrations, key=lambda item: (item.source.name, item.date, item.person.person_id))
    drawn = rng.random((len(order), 3 + 2 * len(_FIELDS)))
    rows, truth, n_written = [], [], dict.fromkeys((source.name for source in SOURCES), 0)
    for item, chance in zip(order, drawn, strict=True):
        source, person = item.source, item.person
        n_written[source.name] += 1
        key = f"{source.prefix}{block:06}-{n_written[source.name]:05}"
        fields, slips = _fields(rng, item, chance)
        rows.append((source.name, key, person.person_id if item.is_account else None, *fields, item.date))
        truth.append((source.name, key, person.person_id, person.household_id, ";".join(slips)))
    people = pd.DataFrame(
        rows, columns=["source", "source_key", "customer_id", *_FIELDS, "recorded_date"]
    ).astype(
        dict.fromkeys(["source", "source_key", *_FIELDS], "str")
        | {"customer_id": "Int64", "recorded_date": "datetime64[us]"}
    )
    identity = pd.DataFrame(
        truth, columns=["source", "source_key", "person_id", "household_id", "slips"]
    ).astype({"source": "str", "source_key": "str", "slips": "str"})
    return people, identity


def _fields(rng: np.random.Generator, item: Registration, chance: np.ndarray) -> tuple[list[Any], list[str]]:
    """The fields of one record, and which of them carry a slip."""
    source = item.source
    values = _true_fields(item, chance[:2])
    fields: list[Any] = []
    slips = []
    for number, name in enumerate(_FIELDS):
        is_slip = chance[3 + number] < source.slip_prob
        is_missing = chance[3 + len(_FIELDS) + number] < source.missing_prob.get(name, 0.0)
        fields.append(None if is_missing else _written(rng, source, name, values[name], is_slip))
        if is_slip and not is_missing and fields[-1] != _written(rng, source, name, values[name], False):
            slips.append(name)
    return fields, slips


def _true_fields(item: Registration, chance: np.ndarray) -> dict[str, Any]:
    source, person = item.source, item.person
    has_moved = int(item.date >= person.move_date)
    is_latin = not person.is_korean or chance[0] < source.romanised_prob
    home = person.homes[has_moved]
    return {
        "name": _name(person, source, is_latin, chance[1] < source.nickname_prob),
        "birth_date": person.birth,
        "phone": person.phones[has_moved],
        "email": person.email,
        "address": home.latin if is_latin else home.hangul,
    }


def _name(person: Person, source: Source, is_latin: bool, is_nickname: bool) -> str:
    if not is_latin:
        return f"{person.family[0]}{' ' if source.is_formal else ''}{person.given[0]}"
    given = person.given[2] if is_nickname and not person.is_korean else person.given[1]
    family = person.family[1]
    return f"{family} {given}".upper() if source.is_formal else f"{given} {family}"


def _written(rng: np.random.Generator, source: Source, name: str, value: Any, is_slip: bool) -> str:
    if name == "birth_date":
        year, month, day = misdated(rng, value) if is_slip else value
        return source.birth_format.format(year=year, month=month, day=day)
    if name == "phone":
        digits = misdialled(rng, value) if is_slip else value
        return source.phone_format.format(digits[:3], digits[3:7], digits[7:])
    return misspelt(rng, value) if is_slip else value
