"""The amount as a product of columns: a grammar of names, numbers and ``*``; nothing is executed."""

import re

_NAME = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

Factor = str | float


def parse(text: str) -> tuple[Factor, ...]:
    """The factors of a product.

    >>> parse("quantity * unit_price * 0.01")
    ('quantity', 'unit_price', 0.01)

    Raises:
        ValueError: if the text is anything else than names and numbers joined by ``*``.
    """
    factors = [part.strip() for part in text.split("*")]
    if not all(_NAME.fullmatch(part) or _NUMBER.fullmatch(part) for part in factors):
        raise ValueError(
            f"expected a product of column names such as 'quantity * unit_price', received {text!r}"
        )
    if not any(_NAME.fullmatch(part) for part in factors):
        raise ValueError(f"expected at least one column name, received {text!r}")
    return tuple(part if _NAME.fullmatch(part) else float(part) for part in factors)
