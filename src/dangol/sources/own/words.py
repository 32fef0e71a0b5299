"""What columns are called in exports: the vocabulary, and names made comparable."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any


@cache
def vocabulary() -> Mapping[str, Any]:
    """The vocabulary, by part and canonical name."""
    import yaml

    return yaml.safe_load(resources.files(__package__).joinpath("vocabulary.yaml").read_text("utf-8"))


def plain(name: str) -> str:
    """A name without case, blanks, punctuation, and what stands in brackets, such as a unit.

    >>> plain("Customer ID"), plain("Betrag (€)"), plain("amount_eur")
    ('customerid', 'betrag', 'amount')
    """
    bare = re.sub(r"[\W_]", "", re.sub(r"[(\[][^%]*?[)\]]", "", name) or name).casefold()
    bare += "percent" if "%" in name else ""
    return re.sub(r"(?<=\w{3})(?:in)?(?:eur|euro|usd|gbp|krw)$", "", bare)


def looks_like_outcome(name: str) -> bool:
    """Whether a name says that a column tells what came of a contact.

    >>> looks_like_outcome("Donation Amount"), looks_like_outcome("last_gift")
    (True, False)
    """
    known = {plain(word) for words in vocabulary()["outcomes"].values() for word in words}
    return plain(name) in known


def attribute_name(name: str, taken: Sequence[str] = ()) -> str:
    """A column name for an attribute: lower case, words joined by underscores; known Korean ones translated.

    >>> attribute_name("Postal Code"), attribute_name("2nd visit"), attribute_name("지역")
    ('postal_code', 'x2nd_visit', 'region')
    """
    known = {plain(old): new for old, new in vocabulary()["attributes"]["names"].items()}
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    made = known.get(plain(name)) or re.sub(r"\W+", "_", split).strip("_").lower() or "column"
    made = f"x{made}" if made[0].isdigit() else made
    number, base = 1, made
    while made in taken:
        number += 1
        made = f"{base}_{number}"
    return made
