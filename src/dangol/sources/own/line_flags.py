"""A column of few values that says what kind of line an order line is: a sale, a refund, one called off."""

from dangol.sources.own.sampling import ColumnSample, Source
from dangol.sources.own.words import plain, vocabulary

_MAX_LEVELS = 20


def find_line_flag(source: Source, used: set[str]) -> tuple[str, ColumnSample, dict[str, str]] | None:
    """The flag, its column and what each of its values means; None where no column looks like one.

    The state of an order says that a sale was called off; any other word for a refund marks a line of its own
    that gives money back.
    """
    words = vocabulary()["line_flags"]
    states = {plain(word) for word in words["status"]}
    for column in source.columns:
        levels = sorted(set(column.values))
        if column.name in used or not 2 <= len(levels) <= _MAX_LEVELS:
            continue
        flag = "is_cancelled" if plain(column.name) in states else "is_refund"
        known = {plain(word) for word in words[flag]}
        meant = {level: "true" if plain(level) in known else "false" for level in levels}
        if len({*meant.values()}) == 2:
            return flag, column, meant
    return None
