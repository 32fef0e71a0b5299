"""What is wrong between tables: rows that point nowhere, or that other tables contradict."""

from functools import partial

import pandas as pd

from dangol.warehouse.frames import Frames
from dangol.warehouse.rules import UNKNOWN, Rule

_PAIR = ["customer_id", "campaign_id"]


def orphans(child: pd.Series, parent: pd.Series) -> pd.Series:
    """Rows of ``child`` whose key does not stand in ``parent``; boolean, aligned with ``child``."""
    return ~child.isin(parent)


def is_orphan(frames: Frames, table: str, key: str, parent: str) -> pd.Series:
    """Rows whose key the parent table lacks."""
    return orphans(frames[table][key], frames[parent][key])


def is_before_signup(frames: Frames) -> pd.Series:
    """Sales on a day before the customer signed up."""
    lines, customers = frames["transactions"], frames["customers"]
    signup = customers.drop_duplicates("customer_id").set_index("customer_id")["signup_date"]
    return lines["order_ts"].dt.normalize() < lines["customer_id"].map(signup.dt.normalize())


def has_negative_margin(frames: Frames) -> pd.Series:
    """Sales, not refunds, below cost: by the line's own margin, else by the product's unit cost."""
    lines = frames["transactions"]
    if "margin" in lines:
        margin = lines["margin"]
    elif frames.has("products.unit_cost"):
        products = frames["products"].drop_duplicates("product_id").set_index("product_id")
        margin = lines["amount"] - lines["quantity"] * lines["product_id"].map(products["unit_cost"])
    else:
        return pd.Series(False, index=lines.index)
    # a cent is no loss: amounts and costs are rounded
    return (margin < -0.005) & (lines["amount"] >= 0) & ~(lines["quantity"] < 0)


def is_response_without_contact(frames: Frames) -> pd.Series:
    """Responses of customers who are in no arm of the campaign."""
    responses, contacts = frames["responses"], frames["contacts"]
    contacted = pd.MultiIndex.from_frame(contacts[_PAIR])
    is_known = pd.MultiIndex.from_frame(responses[_PAIR]).isin(contacted)
    return pd.Series(~is_known, index=responses.index)


def is_response_before_contact(frames: Frames) -> pd.Series:
    """Responses on a day before the customer was contacted."""
    responses, contacts = frames["responses"], frames["contacts"]
    first = contacts.groupby(_PAIR)["contact_ts"].min().dt.normalize().rename("contact_date")
    contact_date = responses.join(first, on=_PAIR)["contact_date"].set_axis(responses.index)
    return responses["response_ts"].dt.normalize() < contact_date


def _unknown(table: str, thing: str, treatment: str) -> Rule:
    parent, key = f"{thing}s", f"{thing}_id"
    return Rule(
        f"unknown_{thing}",
        table,
        (f"{table}.{key}", f"{parent}.{key}"),
        f"{thing} not in {parent}",
        partial(is_orphan, table=table, key=key, parent=parent),
        treatment,
    )


INFERRED = {
    "product": f"kept: product inferred, department {UNKNOWN}",
    "store": f"kept: store inferred, channel {UNKNOWN}",
    "customer": "kept: customer inferred, without attributes",
}

ORPHAN_RULES = (
    *(_unknown(table, "product", INFERRED["product"]) for table in ("transactions", "campaign_products")),
    _unknown("transactions", "store", INFERRED["store"]),
    *(
        _unknown(table, "customer", INFERRED["customer"])
        for table in ("transactions", "contacts", "responses", "events")
    ),
    *(_unknown(table, "campaign", "quarantined") for table in ("contacts", "responses", "campaign_products")),
)

CONTRADICTION_RULES = (
    Rule(
        "sale_before_signup",
        "transactions",
        ("transactions.order_ts", "customers.signup_date"),
        "sale before the customer signed up",
        is_before_signup,
        "kept: the sale counts, the date of sign-up is in doubt",
    ),
    Rule(
        "negative_margin",
        "transactions",
        ("transactions.amount", "transactions.quantity"),
        "sale below cost",
        has_negative_margin,
        "kept: a loss is a fact",
    ),
    Rule(
        "response_without_contact",
        "responses",
        ("responses.customer_id", "contacts.customer_id"),
        "response of a customer who was not contacted",
        is_response_without_contact,
    ),
    Rule(
        "response_before_contact",
        "responses",
        ("responses.response_ts", "contacts.contact_ts"),
        "response before the contact",
        is_response_before_contact,
    ),
)
