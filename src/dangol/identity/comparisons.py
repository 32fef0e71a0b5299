"""How two records are compared: per field from "the same" down to "different", in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Level:
    """One degree of likeness of a field.

    Attributes:
        words: what it means, for people.
        condition: DuckDB SQL over ``<column>_l`` and ``<column>_r``.
        frequent_in: column whose common values count less when they agree; empty if none.
    """

    words: str
    condition: str
    frequent_in: str = ""


@dataclass(frozen=True)
class Comparison:
    """One field of a person and its levels, from the same to nearly the same; "different" is implied.

    Attributes:
        field: name for people and in the columns of the pairs.
        needs: columns that must hold values for the field to be compared at all.
        missing: DuckDB SQL, true where the two records cannot be compared.
        levels: from strict to loose.
    """

    field: str
    needs: tuple[str, ...]
    missing: str
    levels: tuple[Level, ...]


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _similar(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _typos(column: str, most: int) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) <= {most}"


def _initial(column: str) -> str:
    is_one = f"least(length({column}_l), length({column}_r)) = 1"
    return f"({is_one} AND left({column}_l, 1) = left({column}_r, 1))"


def _absent(*columns: str) -> str:
    return " OR ".join(f"{column}_{side} IS NULL" for column in columns for side in "lr")


def _name(column: str, other: str) -> Comparison:
    kind = column.removesuffix("_name")
    return Comparison(
        column,
        (column,),
        _absent(column),
        (
            Level("same", _same(column), column),
            Level("given name and surname exchanged", f"{column}_l = {other}_r AND {other}_l = {column}_r"),
            Level(
                "sounds the same, or one typo",
                f"{_same(kind + '_sound')} OR {_similar(kind + '_roman', 0.92)}",
            ),
            Level(
                "similar, or an initial", f"{_similar(kind + '_roman', 0.82)} OR {_initial(kind + '_roman')}"
            ),
        ),
    )


def _two_of_three() -> str:
    parts = ("left({0}, 4)", "substr({0}, 5, 2)", "right({0}, 2)")
    same = [f"{p.format('birth_digits_l')} = {p.format('birth_digits_r')}" for p in parts]
    return " OR ".join(f"({same[a]} AND {same[b]})" for a, b in ((0, 1), (0, 2), (1, 2)))


_EMAIL_NAME = "regexp_extract(mailbox_{0}, '^[^@]+')"
_EMAIL_NAMES = (_EMAIL_NAME.format("l"), _EMAIL_NAME.format("r"))
_EMAIL_NUMBERS = tuple(f"regexp_replace({name}, '[^0-9]+', '', 'g')" for name in _EMAIL_NAMES)
_SIMILAR_EMAIL = f"{_similar('mailbox', 0.9)} OR jaro_winkler_similarity({', '.join(_EMAIL_NAMES)}) >= 0.9"

_GIVEN_NAME = _name("given_name", "surname")
_BIRTH_DATE = Comparison(
    "birth_date",
    ("birth_digits",),
    _absent("birth_digits"),
    (
        Level("same", _same("birth_digits"), "birth_digits"),
        Level(
            "day and month exchanged", "birth_digits_l = birth_swapped_r OR birth_swapped_l = birth_digits_r"
        ),
        Level("one typo", _typos("birth_digits", 1)),
        Level("two of year, month and day agree", _two_of_three()),
    ),
)
_IDENTIFIER = Comparison(
    "identifier",
    ("identifier",),
    _absent("identifier"),
    (
        Level("same", _same("identifier"), "identifier"),
        Level("up to two typos", _typos("identifier", 2)),
    ),
)
COMPARISONS = (
    _GIVEN_NAME,
    _name("surname", "given_name"),
    _BIRTH_DATE,
    Comparison(
        "phone",
        ("phone",),
        _absent("phone"),
        (
            Level("same", _same("phone"), "phone"),
            Level(
                "one typo, or another prefix",
                f"{_typos('phone', 1)} OR right(phone_l, 8) = right(phone_r, 8)",
            ),
        ),
    ),
    Comparison(
        "email",
        ("mailbox",),
        _absent("mailbox"),
        (
            Level("same mailbox", _same("mailbox"), "mailbox"),
            Level("same name at another provider", " = ".join(_EMAIL_NAMES)),
            # another number is another mailbox: two people of one name are kim58@ and kim590@
            Level("similar, with the same number", f"({_SIMILAR_EMAIL}) AND {' = '.join(_EMAIL_NUMBERS)}"),
        ),
    ),
    _IDENTIFIER,
    Comparison(
        "street",
        ("street",),
        _absent("street"),
        (
            Level("same", _same("street"), "street"),
            Level(
                "similar",
                "levenshtein(street_l, street_r) <= 0.25 * greatest(length(street_l), length(street_r))",
            ),
        ),
    ),
    Comparison(
        "street_number", ("street_number",), _absent("street_number"),
        (Level("same", _same("street_number"), "street_number"),),
    ),
    Comparison(
        "postcode", ("postcode",), _absent("postcode"),
        (
            Level("same", _same("postcode"), "postcode"),
            Level("one typo", _typos("postcode", 1)),
        ),
    ),
    Comparison(
        "city", ("city",), _absent("city"),
        (
            Level("same", _same("city"), "city"),
            Level("up to two typos", _typos("city", 2)),
        ),
    ),
)  # fmt: skip


def _any_of(*conditions: str) -> str:
    return f"coalesce({' OR '.join(f'({condition})' for condition in conditions)}, false)"


def _unlike(comparison: Comparison, *, but: tuple[str, ...] = (), n_levels: int | None = None) -> str:
    alike = [level.condition for level in comparison.levels[:n_levels]]
    return f"(NOT ({comparison.missing}) AND NOT {_any_of(*alike, *but)})"


# SQL over two records: what speaks against one person, however much else agrees. A household shares
# surname, address and phone; its members differ in both given name and birth date.
BIRTH_DATES_CONFLICT = f"{_unlike(_BIRTH_DATE)} AND NOT {_any_of(_same('identifier'))}"
PERSONS_CONFLICT = (
    f"{BIRTH_DATES_CONFLICT} AND {_unlike(_GIVEN_NAME, but=(_initial('given_roman'),), n_levels=3)}"
)

PERSONAL_FIELDS = ("birth_date", "phone", "email", "identifier")


def personal_conflict(difference_weight: Mapping[str, float], bits: float) -> str:
    """SQL, true where no personal field agrees and those that differ count ``bits`` against a match or more.

    Two people of one name at one address, father and son, agree in nothing else.
    """
    personal = [c for c in COMPARISONS if c.field in PERSONAL_FIELDS and c.field in difference_weight]
    if not personal:
        return "false"
    alike = _any_of(*(level.condition for c in personal for level in c.levels))
    against = " + ".join(
        f"CASE WHEN {_unlike(c)} THEN {difference_weight[c.field]} ELSE 0 END" for c in personal
    )
    return f"NOT {alike} AND {against} <= {bits}"


def usable(people: pd.DataFrame) -> list[Comparison]:
    """The comparisons at least two records can be put to, with at least two values to tell apart.

    Args:
        people: as ``standardise`` returns it.
    """
    return [
        comparison
        for comparison in COMPARISONS
        if all(len(people[column].dropna().unique()) > 1 for column in comparison.needs)
    ]


def splink_settings(comparison: Comparison) -> Any:
    """The comparison as Splink takes it."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    levels: list[Any] = [cll.CustomLevel(comparison.missing, "missing").configure(is_null_level=True)]
    for level in comparison.levels:
        creator: Any = cll.CustomLevel(level.condition, level.words)
        if level.frequent_in:
            creator = creator.configure(tf_adjustment_column=level.frequent_in)
        levels.append(creator)
    return cl.CustomComparison([*levels, cll.ElseLevel()], output_column_name=comparison.field)


def words(comparison: Comparison) -> Mapping[int, str]:
    """Splink's level number to words: the strictest level has the highest number, -1 is missing."""
    strict_to_loose = [*(level.words for level in comparison.levels), "different"]
    return {-1: "missing"} | dict(enumerate(reversed(strict_to_loose)))
