"""Which pairs are looked at: those that share a key, tight keys first, loose ones while affordable."""

from collections.abc import Mapping

import pandas as pd

LARGEST_BLOCK = 400  # records; a value shared by more (a switchboard's number) tells nobody apart
PAIRS_PER_RECORD = 25
FEWEST_PAIRS = 600_000  # small data may look at everything that shares a name or a city

# name, and the columns whose values together make the key; tight first
_KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("identifier", ("identifier",)),
    ("email", ("mailbox",)),
    ("phone", ("phone",)),
    ("name and birth year", ("surname_sound", "birth_year")),
    ("given name and birth year", ("given_sound", "birth_year")),
    ("birth date", ("birth_digits",)),
    ("full name", ("name_sorted",)),
    ("street and number", ("street", "street_number")),
    ("name and postcode", ("surname_sound", "postcode")),
    ("given name and postcode", ("given_sound", "postcode")),
    ("given name and city", ("given_sound", "city")),
    ("surname and city", ("surname_sound", "city")),
    ("e-mail name", ("email_name",)),
    ("end of the phone", ("phone_end",)),
    ("surname", ("surname_sound",)),
    ("given name", ("given_sound",)),
    ("postcode", ("postcode",)),
    ("street", ("street",)),
    ("city", ("city",)),
)


def block_keys(people: pd.DataFrame, largest_block: int = LARGEST_BLOCK) -> pd.DataFrame:
    """Keys that two records must share, at least one of, to be compared.

    Args:
        people: as ``standardise`` returns it.
        largest_block: a key shared by more records is no key.

    Returns:
        One row per record in the same order, one text column per key that is used; missing where
        the record lacks a part of it. Loose keys are left out once the pairs exceed
        ``max(FEWEST_PAIRS, PAIRS_PER_RECORD × records)``.
    """
    parts = people.assign(**_parts(people))
    budget = max(FEWEST_PAIRS, PAIRS_PER_RECORD * len(people))
    keys: dict[str, pd.Series] = {}
    for name, columns in _KEYS:
        key = _joined(parts, columns)
        sizes = key.value_counts()
        key = key.mask(key.map(sizes).gt(largest_block).fillna(False).astype(bool))
        sizes = sizes[(sizes > 1) & (sizes <= largest_block)].astype("int64")
        n_pairs = int((sizes * (sizes - 1) // 2).sum())
        if n_pairs and n_pairs <= budget:
            keys[name] = key
            budget -= n_pairs
    return pd.DataFrame(keys, index=people.index)


def _parts(people: pd.DataFrame) -> Mapping[str, pd.Series]:
    given, surname = people["given_sound"], people["surname_sound"]
    first = given.where(given <= surname, surname)
    last = surname.where(given <= surname, given)
    return {
        "birth_year": people["birth_digits"].str[:4],
        "name_sorted": first + " " + last,
        "email_name": people["mailbox"].str.replace("@.*", "", regex=True),
        "phone_end": people["phone"].str[-8:],
    }


def _joined(parts: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    key = parts[columns[0]]
    for column in columns[1:]:
        key = key + "|" + parts[column]
    return key
