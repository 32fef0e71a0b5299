"""Who is who: records of people resolved to customers; written by notebook 01.

Direct identifiers stand in ``people`` and here in ``golden_record`` and in no other table.
"""

from dangol.contracts import Table

CUSTOMER_IDENTITY = Table(
    "customer_identity",
    "01",
    "one record of a source, and the customer it belongs to",
    ("source", "source_key"),
    {"source": "str", "source_key": "str", "customer_id": "id", "match_prob": "float?"},
)
GOLDEN_RECORD = Table(
    "golden_record",
    "01",
    "one customer, with the surviving value of each field",
    ("customer_id",),
    {
        "customer_id": "id",
        "household_id": "id",
        "name": "str?",
        "birth_date": "datetime?",
        "phone": "str?",
        "email": "str?",
        "address": "str?",
        "n_records": "int",
    },
    {"n_records": (1, None)},
)
GOLDEN_REASON = Table(
    "golden_reason",
    "01",
    "one field of one golden record: the record it comes from and the rule that chose it",
    ("customer_id", "field"),
    {
        "customer_id": "id",
        "field": "str",
        "source": "str",
        "source_key": "str",
        "rule": "str",
        "n_values": "int",
        "reason": "str",
    },
    {"n_values": (1, None)},
)
IDENTITY_LOG = Table(
    "identity_log",
    "01",
    "one change of who is who: a customer new, joined by records, merged or split",
    (),
    {"event": "str", "customer_id": "id", "n_records": "int", "reason": "str"},
    {"n_records": (1, None)},
)
IDENTITY_KPI = Table(
    "identity_kpi",
    "01",
    "one threshold of identity resolution, and the figures had it been used",
    ("threshold",),
    {
        "threshold": "float",
        "n_people": "int",
        "n_customers": "int",
        "amount": "float",
        "amount_per_customer": "float",
    },
    {"threshold": (0, 1)},
)
