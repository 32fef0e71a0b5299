"""Canonical tables: the integrated customer warehouse, written by notebook 01."""

from dangol.contracts import Table

_ATTRIBUTES = "plus any attributes the source has"

CUSTOMERS = Table(
    "customers",
    "01",
    f"one customer, {_ATTRIBUTES}",
    ("customer_id",),
    {"customer_id": "id", "first_seen_date": "datetime?"},
)
PRODUCTS = Table(
    "products",
    "01",
    f"one product, {_ATTRIBUTES}",
    ("product_id",),
    {"product_id": "id", "department": "str", "category": "str", "brand": "str"},
)
STORES = Table("stores", "01", "one store or channel", ("store_id",), {"store_id": "id", "channel": "str"})
TRANSACTIONS = Table(
    "transactions",
    "01",
    "one order line",
    (),
    {
        "order_id": "id",
        "customer_id": "id",
        "product_id": "id",
        "store_id": "id",
        "order_ts": "datetime",
        "quantity": "float?",
        "amount": "float",
        "discount_amount": "float",
        "coupon_amount": "float",
    },
)
CAMPAIGNS = Table(
    "campaigns",
    "01",
    "one campaign",
    ("campaign_id",),
    {
        "campaign_id": "id",
        "campaign_type": "str",
        "channel": "str",
        "start_date": "datetime",
        "end_date": "datetime",
        "contact_cost": "float",
    },
    {"contact_cost": (0, None)},
)
CONTACTS = Table(
    "contacts",
    "01",
    "one customer in one campaign",
    ("customer_id", "campaign_id"),
    {
        "customer_id": "id",
        "campaign_id": "id",
        "contact_ts": "datetime",
        "arm": "str",
        "is_randomized": "bool",
        "contact_cost": "float",
    },
    {"contact_cost": (0, None)},
)
RESPONSES = Table(
    "responses",
    "01",
    "one response to a campaign",
    (),
    {
        "customer_id": "id",
        "campaign_id": "id",
        "response_ts": "datetime",
        "response_kind": "str",
        "value": "float?",
    },
)
CAMPAIGN_PRODUCTS = Table(
    "campaign_products",
    "01",
    "one product on one coupon of a campaign",
    (),
    {"campaign_id": "id", "product_id": "id", "coupon_id": "id"},
)
EVENTS = Table(
    "events",
    "01",
    "one dated fact about a customer: a birthday, a contract's end, a complaint",
    (),
    {"customer_id": "id", "event_kind": "str", "event_date": "datetime", "text": "str?"},
)
PROMOTIONS = Table(
    "promotions",
    "01",
    "one product promoted in one store in one week",
    (),
    {
        "product_id": "id",
        "store_id": "id",
        "week_date": "datetime",
        "is_displayed": "bool",
        "is_mailed": "bool",
    },
)
PEOPLE = Table(
    "people",
    "01",
    "one record of a source with identity fields, brought to one form",
    ("source", "source_key"),
    {
        "source": "str",
        "source_key": "str",
        "name": "str?",
        "birth_date": "datetime?",
        "phone": "str?",
        "email": "str?",
        "address": "str?",
    },
)
CUSTOMER_HISTORY = Table(
    "customer_history",
    "01",
    "one value that a changed attribute of a customer had, with the days it held (to is exclusive)",
    (),
    {
        "customer_id": "id",
        "attribute": "str",
        "attribute_value": "str",
        "valid_from": "datetime?",
        "valid_to": "datetime?",
    },
)
QUARANTINE = Table(
    "quarantine",
    "01",
    "one raw row set aside, with its reason",
    (),
    {"table": "str", "source_file": "str", "source_row": "int", "reason": "str", "amount": "float"},
)
RECONCILIATION = Table(
    "reconciliation",
    "01",
    "one raw file and table: rows and amount in, kept and quarantined",
    ("source_file", "table"),
    {
        "source_file": "str",
        "table": "str",
        "n_rows_in": "int",
        "n_rows_out": "int",
        "n_rows_quarantined": "int",
        "amount_in": "float",
        "amount_out": "float",
        "amount_quarantined": "float",
    },
)
DATA_FAULTS = Table(
    "data_faults",
    "01",
    "one kind of dirt looked for, and what was done about the rows found",
    ("table", "fault"),
    {
        "table": "str",
        "rule": "str",
        "fault": "str",
        "n_rows": "int",
        "amount": "float",
        "treatment": "str",
    },
    {"n_rows": (0, None)},
)
