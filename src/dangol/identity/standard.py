"""Records of people in one form: what is compared, and what a golden record may show."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from dangol.identity.contact_data import mailbox, plain_address, plain_email, plain_phone
from dangol.identity.dates import BirthDate, parse_birth_dates, swapped
from dangol.identity.fields import Columns, field_texts
from dangol.identity.names import given_sound, plain_name, romanised, split_name, surname_sound

SHOWN = ("source", "source_key", "name", "birth_date", "phone", "email", "address")
_NOTHING = frozenset({"", "-", ".", "none", "null", "nan", "n/a", "na", "unknown", "미상", "없음"})


def standardise(
    people: pd.DataFrame,
    columns: Columns | None = None,
    region: str = "KR",
    day_first: bool | None = None,
    latest: date | None = None,
) -> pd.DataFrame:
    """Bring records of people to one form. Garbage becomes missing; nothing is invented.

    Args:
        people: one row per record of a source; any columns, any types.
        columns: field to column(s), as in ``fields.field_texts``; None if they have the fields' names.
        region: ISO country code of phone numbers without one.
        day_first: how to read 03/02/1990; None lets each source's other dates decide.
        latest: birth dates after it are impossible; None for today.

    Returns:
        One row per record by ``source``, ``source_key``, whatever the order they came in. To show:
        ``name``, ``birth_date`` (datetime), ``phone`` (E.164), ``email``, ``address``,
        ``recorded_date`` (datetime). To compare, all text: ``given_name``, ``surname``, the two
        ``_roman`` (Latin letters) and ``_sound``, ``birth_digits`` (YYYYMMDD), ``birth_swapped``
        (day and month exchanged), ``mailbox``, ``street``, ``street_number``, ``city``,
        ``postcode``, ``identifier``. Missing where nothing is known.

    Raises:
        InputError: listing every fault of the mapping and the keys.
    """
    texts = {field: _without_nothing(field, values) for field, values in field_texts(people, columns).items()}
    frame = pd.DataFrame({"source": texts["source"], "source_key": texts["source_key"]}, dtype="str")
    blank = [""] * len(people)
    frame = frame.assign(
        **_names(texts, blank),
        **_births(frame["source"], texts.get("birth_date", blank), latest or date.today(), day_first),
        phone=_each(texts.get("phone", blank), lambda text: plain_phone(text, region)),
        email=_each(texts.get("email", blank), plain_email),
        **_addresses(texts, blank),
        city=_each(texts.get("city", blank), plain_name),
        identifier=_each(texts.get("identifier", blank), _plain_code),
        recorded_date=pd.to_datetime(
            pd.Series(texts.get("recorded_date", blank), dtype="str"), errors="coerce", format="mixed"
        ),
    )
    frame["mailbox"] = _each(frame["email"].tolist(), mailbox)
    if columns is None and "customer_id" in people:
        frame["customer_id"] = people["customer_id"].to_numpy(dtype="object")
    elif columns and "customer_id" in columns:
        frame["customer_id"] = people[columns["customer_id"]].to_numpy(dtype="object")
    text = [name for name in frame.columns if name not in ("birth_date", "recorded_date", "customer_id")]
    frame[text] = frame[text].astype("str").mask(frame[text] == "")
    return frame.sort_values(["source", "source_key"], ignore_index=True)


def _names(texts: dict[str, list[str]], blank: list[str]) -> dict[str, list[str]]:
    whole = texts.get("name", blank)
    parts = dict(zip(whole, map(split_name, whole), strict=True))
    given = [
        plain or parts[name].given
        for plain, name in zip(_each(texts.get("given_name", blank), plain_name), whole, strict=True)
    ]
    surname = [
        plain or parts[name].surname
        for plain, name in zip(_each(texts.get("surname", blank), plain_name), whole, strict=True)
    ]
    apart = zip(texts.get("given_name", blank), texts.get("surname", blank), strict=True)
    return {
        "name": [name or " ".join(filter(None, pair)) for name, pair in zip(whole, apart, strict=True)],
        "given_name": given,
        "surname": surname,
        "given_roman": [romanised(name) for name in given],
        "surname_roman": [romanised(name) for name in surname],
        "given_sound": [given_sound(name) for name in given],
        "surname_sound": [surname_sound(name) for name in surname],
    }


def _births(sources: pd.Series, texts: list[str], latest: date, day_first: bool | None) -> dict[str, Any]:
    births: list[BirthDate | None] = [None] * len(texts)
    for places in sources.groupby(sources).indices.values():
        parsed = parse_birth_dates([texts[place] for place in places], latest, day_first)
        for place, birth in zip(places, parsed, strict=True):
            births[place] = birth
    other = [(birth.other or swapped(birth.first)) if birth else None for birth in births]
    return {
        "birth_date": pd.to_datetime(pd.Series([birth.first if birth else None for birth in births])),
        "birth_digits": [f"{birth.first:%Y%m%d}" if birth else "" for birth in births],
        "birth_swapped": [f"{day:%Y%m%d}" if day else "" for day in other],
    }


def _addresses(texts: dict[str, list[str]], blank: list[str]) -> dict[str, list[str]]:
    parts = [texts.get(name, blank) for name in ("street_number", "address", "city", "postcode")]
    parsed = [plain_address(text) for text in parts[1]]
    return {
        "address": [" ".join(filter(None, row)) for row in zip(*parts, strict=True)],
        "street": [address.text for address in parsed],
        "street_number": [
            _plain_code(number) or address.street_number
            for number, address in zip(parts[0], parsed, strict=True)
        ],
        "postcode": [
            _plain_code(code) or address.postcode for code, address in zip(parts[3], parsed, strict=True)
        ],
    }


def _plain_code(text: str) -> str:
    """Letters and digits only, in lower case."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _each(texts: list[str], change: Callable[[str], str]) -> list[str]:
    changed = {text: change(text) if text else "" for text in dict.fromkeys(texts)}
    return [changed[text] for text in texts]


def _without_nothing(field: str, values: list[str]) -> list[str]:
    """Words that say "nothing" are nothing, except as a key."""
    return values if field.startswith("source") else ["" if v.casefold() in _NOTHING else v for v in values]
