"""Results about customers: description, segments, value, behaviour; notebooks 02 to 05."""

from dangol.contracts import Table

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
