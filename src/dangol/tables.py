"""All tables of the project: canonical ones, written by notebook 01, and each notebook's results."""

from dangol.contracts import Table

_ATTRIBUTES = "plus any attributes the source has"

# ---------------------------------------------------------------- 01 integrate: the warehouse
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
    "one raw file: rows and amount in, kept and quarantined",
    ("source_file",),
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
    "one kind of dirt found, and what was done about it",
    ("table", "fault"),
    {"table": "str", "fault": "str", "n_rows": "int", "amount": "float", "treatment": "str"},
    {"n_rows": (0, None)},
)

# ---------------------------------------------------------------- 02 understand
SALES_KPI = Table(
    "sales_kpi",
    "02",
    "one month × department × store × customer group",
    ("month_date", "department", "store_id", "customer_group"),
    {
        "month_date": "datetime",
        "department": "str",
        "store_id": "id",
        "customer_group": "str",
        "n_lines": "int",
        "n_orders": "int",
        "n_customers": "int",
        "quantity": "float",
        "amount": "float",
        "discount_amount": "float",
        "coupon_amount": "float",
    },
)
CAMPAIGN_KPI = Table(
    "campaign_kpi",
    "02",
    "one campaign × month of response",
    ("campaign_id", "month_date"),
    {
        "campaign_id": "id",
        "campaign_type": "str",
        "month_date": "datetime",
        "n_contacts": "int",
        "n_responses": "int",
    },
)
COHORT_RETENTION = Table(
    "cohort_retention",
    "02",
    "one cohort (month of the first order) × months since",
    ("cohort_date", "months_since"),
    {
        "cohort_date": "datetime",
        "months_since": "int",
        "n_cohort": "int",
        "n_active": "int",
        "retention_rate": "float",
    },
)

# ---------------------------------------------------------------- 03 segment
CUSTOMER_SNAPSHOT = Table(
    "customer_snapshot",
    "03",
    "one customer as of the snapshot date: the features every model shares",
    ("customer_id",),
    {
        "customer_id": "id",
        "recency_days": "int",
        "tenure_days": "int",
        "n_orders": "int",
        "monetary": "float",
    },
    {"recency_days": (0, None), "tenure_days": (0, None), "n_orders": (1, None)},
)
CUSTOMER_SEGMENT = Table(
    "customer_segment",
    "03",
    "one customer as of the snapshot date",
    ("customer_id",),
    {
        "customer_id": "id",
        "recency_grade": "int",
        "frequency_grade": "int",
        "monetary_grade": "int",
        "customer_grade": "str",
        "life_cycle_state": "str",
        "cluster": "int",
        "segment": "str",
    },
    {"recency_grade": (1, 5), "frequency_grade": (1, 5), "monetary_grade": (1, 5)},
)
SEGMENT_MIGRATION = Table(
    "segment_migration",
    "03",
    "one grade then × grade now",
    ("grade_before", "grade_now"),
    {"grade_before": "str", "grade_now": "str", "n_customers": "int", "monetary": "float"},
)

# ---------------------------------------------------------------- 04 value
CUSTOMER_VALUE = Table(
    "customer_value",
    "04",
    "one customer: what the next horizon is worth",
    ("customer_id",),
    {
        "customer_id": "id",
        "expected_orders": "float",
        "alive_prob": "float",
        "expected_value": "float",
        "value_low": "float",
        "value_high": "float",
        "model": "str",
    },
    {"expected_orders": (0, None), "value_low": (0, None)},
)
VALUE_LEADERBOARD = Table(
    "value_leaderboard",
    "04",
    "one model × metric on the holdout period",
    ("model", "metric"),
    {"model": "str", "metric": "str", "estimate": "float", "low": "float", "high": "float"},
)

# ---------------------------------------------------------------- 05 predict
CUSTOMER_BEHAVIOR = Table(
    "customer_behavior",
    "05",
    "one customer: predicted behaviour over the horizon from the snapshot date",
    ("customer_id",),
    {
        "customer_id": "id",
        "lapse_prob": "float",
        "expected_spend": "float",
        "typical_spend": "float",
        "spend_low": "float",
        "spend_high": "float",
        "model": "str",
    },
    {"expected_spend": (0, None)},
)
BEHAVIOR_LEADERBOARD = Table(
    "behavior_leaderboard",
    "05",
    "one label × model × metric on the holdout snapshot",
    ("label", "model", "metric"),
    {"label": "str", "model": "str", "metric": "str", "estimate": "float", "low": "float", "high": "float"},
)

# ---------------------------------------------------------------- 06 crosssell
PRODUCT_RULE = Table(
    "product_rule",
    "06",
    "one rule: customers or baskets with the antecedent category tend to hold the consequent",
    ("antecedent", "consequent"),
    {
        "antecedent": "str",
        "consequent": "str",
        "n_baskets": "int",
        "support_share": "float",
        "confidence_rate": "float",
        "lift": "float",
        "p_value": "float",
        "q_value": "float",
        "is_replicated": "bool",
    },
    {"lift": (0, None), "p_value": (0, 1), "q_value": (0, 1)},
)
CUSTOMER_OFFER = Table(
    "customer_offer",
    "06",
    "one customer × offered category, best first",
    ("customer_id", "offer_rank"),
    {
        "customer_id": "id",
        "offer_rank": "int",
        "category": "str",
        "purchase_prob": "float",
        "expected_amount": "float",
        "reason": "str",
    },
    {"offer_rank": (1, None), "expected_amount": (0, None)},
)
OFFER_LEADERBOARD = Table(
    "offer_leaderboard",
    "06",
    "one way of choosing offers × metric on the 28 days after the test date",
    ("model", "metric"),
    {"model": "str", "metric": "str", "estimate": "float", "low": "float", "high": "float"},
)

# ---------------------------------------------------------------- 07 respond
CAMPAIGN_RESPONSE = Table(
    "campaign_response",
    "07",
    "one customer × campaign type that could be sent next",
    ("customer_id", "campaign_type"),
    {"customer_id": "id", "campaign_type": "str", "response_prob": "float", "model": "str"},
)
RESPONSE_LEADERBOARD = Table(
    "response_leaderboard",
    "07",
    "one model × metric on later campaigns",
    ("model", "metric"),
    {"model": "str", "metric": "str", "estimate": "float", "low": "float", "high": "float"},
)

# ---------------------------------------------------------------- 08 plan
CAMPAIGN_PLAN = Table(
    "campaign_plan",
    "08",
    "one customer: what is sent, or why nothing is",
    ("customer_id",),
    {
        "customer_id": "id",
        "customer_grade": "str",
        "arm": "str",
        "campaign_type": "str?",
        "channel": "str?",
        "planned_date": "str?",
        "reason_code": "str",
        "reason": "str",
        "response_prob": "float?",
        "expected_profit": "float",
        "contact_cost": "float",
    },
    {"contact_cost": (0, None)},
)
PLAN_RULE_COST = Table(
    "plan_rule_cost",
    "08",
    "one planning rule and the expected profit it costs (difference of two solutions)",
    ("rule",),
    {"rule": "str", "n_customers": "int", "expected_profit": "float", "profit_cost": "float"},
)

# ---------------------------------------------------------------- 09 evaluate
CAMPAIGN_EFFECT = Table(
    "campaign_effect",
    "09",
    "one campaign × outcome: the estimated effect per contact",
    ("campaign_id", "outcome"),
    {
        "campaign_id": "id",
        "campaign_type": "str",
        "outcome": "str",
        "design": "str",
        "n_treated": "int",
        "n_control": "int",
        "estimate": "float?",
        "low": "float?",
        "high": "float?",
        "p_value": "float?",
        "unadjusted": "float?",
        "overlap_share": "float?",
        "placebo_p_value": "float?",
        "verdict": "str",
        "note": "str",
    },
    {"p_value": (0, 1), "placebo_p_value": (0, 1)},
)
CAMPAIGN_ROI = Table(
    "campaign_roi",
    "09",
    "one campaign: cost, attributed and incremental return",
    ("campaign_id",),
    {
        "campaign_id": "id",
        "campaign_type": "str",
        "n_contacts": "int",
        "n_responders": "int",
        "response_rate": "float",
        "cost": "float",
        "attributed_amount": "float",
        "n_judged": "int",
        "judged_cost": "float",
        "judged_attributed_amount": "float",
        "incremental_margin": "float?",
        "incremental_margin_low": "float?",
        "incremental_margin_high": "float?",
        "roi": "float?",
    },
    {"cost": (0, None)},
)

ALL: tuple[Table, ...] = tuple(item for item in dict(globals()).values() if isinstance(item, Table))
