"""The canonical tables as a spec may fill them: columns, their kinds, which are needed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Kind = Literal["id", "text", "number", "date", "flag", "binary", "auto"]


@dataclass(frozen=True)
class Field:
    """One canonical column.

    Attributes:
        kind: how its values are read; ``auto`` lets the content decide.
        needed: a row without a value is set aside.
    """

    kind: Kind
    needed: bool = False


_ID, _TEXT, _NUMBER, _DATE, _FLAG = (
    Field("id"),
    Field("text"),
    Field("number"),
    Field("date"),
    Field("flag"),
)
_NEEDED_ID, _NEEDED_DATE = Field("id", needed=True), Field("date", needed=True)

FIELDS: Mapping[str, Mapping[str, Field]] = {
    "transactions": {
        "customer_id": _NEEDED_ID,
        "order_ts": _NEEDED_DATE,
        "order_id": _ID,
        "product_id": _ID,
        "store_id": _ID,
        "quantity": _NUMBER,
        "unit_price": _NUMBER,
        "amount": Field("number", needed=True),
        "discount_amount": _NUMBER,
        "coupon_amount": _NUMBER,
        "margin": _NUMBER,
        "is_refund": _FLAG,  # these two say how a line counts, and end with the reading
        "is_cancelled": _FLAG,
    },
    "customers": {
        "customer_id": _NEEDED_ID,
        "signup_date": _DATE,
        **dict.fromkeys(("has_consent", "has_contact_consent", "has_marketing_consent"), _FLAG),
        **dict.fromkeys(("do_not_contact", "is_opted_out"), _FLAG),
    },
    "products": {
        "product_id": _NEEDED_ID,
        "department": _TEXT,
        "category": _TEXT,
        "brand": _TEXT,
        "list_price": _NUMBER,
        "unit_cost": _NUMBER,
    },
    "stores": {"store_id": _NEEDED_ID, "channel": _TEXT},
    "campaigns": {
        "campaign_id": _NEEDED_ID,
        "campaign_type": _TEXT,
        "channel": _TEXT,
        "start_date": _NEEDED_DATE,
        "end_date": _DATE,
        "contact_cost": _NUMBER,
    },
    "contacts": {
        "customer_id": _NEEDED_ID,
        "campaign_id": _ID,
        "contact_ts": _DATE,
        "arm": _TEXT,
        "is_randomized": _FLAG,
        "contact_cost": _NUMBER,
    },
    "responses": {
        "customer_id": _NEEDED_ID,
        "campaign_id": _ID,
        "response_ts": _NEEDED_DATE,
        "response_kind": _TEXT,
        "value": _NUMBER,
    },
    "campaign_products": {"campaign_id": _NEEDED_ID, "product_id": _NEEDED_ID, "coupon_id": _ID},
    "events": {
        "customer_id": _NEEDED_ID,
        "event_kind": Field("text", needed=True),
        "event_date": _NEEDED_DATE,
        "text": _TEXT,
    },
    "promotions": {
        "product_id": _NEEDED_ID,
        "store_id": _NEEDED_ID,
        "week_date": _NEEDED_DATE,
        "is_displayed": _FLAG,
        "is_mailed": _FLAG,
    },
    "people": {
        "source_key": Field("text", needed=True),
        "source": _TEXT,
        "given_name": _TEXT,
        "surname": _TEXT,
        "name": _TEXT,
        "birth_date": _TEXT,  # as written: bringing it to one form is part of finding who is who
        "phone": _TEXT,
        "email": _TEXT,
        "address": _TEXT,
        "city": _TEXT,
        "postcode": _TEXT,
        "customer_id": _ID,
    },
}

LINE_FLAGS = ("is_refund", "is_cancelled")
"""What kind of line an order line is: money given back, or a sale that was called off."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "customers": ("customer_id",),
    "products": ("product_id",),
    "stores": ("store_id",),
    "campaigns": ("campaign_id",),
    "contacts": ("customer_id", "campaign_id"),
    "people": ("source", "source_key"),
}
"""Columns that name a row; of a row that comes again with the same key the later one holds."""


WITH_ATTRIBUTES = ("customers", "products", "stores", "campaigns", "contacts")
"""Tables whose further columns are kept as attributes; elsewhere a further column is rare."""


def near_names(table: str, given: Iterable[str]) -> dict[str, str]:
    """Columns that are none of a table's, but look like one of those it lacks: misspelt, most likely.

    >>> near_names("transactions", ["customer_id", "quantitty", "colour"])
    {'quantitty': 'quantity'}
    """
    names = list(given)
    lacking = [name for name in FIELDS[table] if name not in names]
    found = {}
    for name in names:
        if name not in FIELDS[table] and (close := get_close_matches(name, lacking, n=1, cutoff=0.85)):
            found[name] = close[0]
    return found


def kind_of(table: str, name: str) -> Kind:
    """How the values of a canonical column are read; attributes by their content."""
    field = FIELDS.get(table, {}).get(name)
    return field.kind if field else "auto"
