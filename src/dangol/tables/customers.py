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
    "one customer who has bought, as of the snapshot date",
    ("customer_id",),
    {
        "customer_id": "id",
        "recency_grade": "int",
        "frequency_grade": "int",
        "monetary_grade": "int",
        "customer_grade": "str",
        "plain_grade": "str",
        "grade_score": "float",
        "n_below": "int",
        "amount_to_keep": "float",
        "amount_to_next": "float?",
        "life_cycle_state": "str",
        "action": "str",
        "cluster": "int",
        "segment": "str",
    },
    {
        "recency_grade": (1, 10),
        "frequency_grade": (1, 10),
        "monetary_grade": (1, 10),
        "n_below": (0, None),
        "amount_to_keep": (0, None),
    },
)
SEGMENT_MIGRATION = Table(
    "segment_migration",
    "03",
    "one grade then × grade now",
    ("grade_before", "grade_now"),
    {"grade_before": "str", "grade_now": "str", "n_customers": "int", "monetary": "float"},
)
CUSTOMER_GRADE = Table(
    "customer_grade",
    "03",
    "one customer at one evaluation date: the grade held then",
    ("as_of", "customer_id"),
    {
        "as_of": "str",
        "customer_id": "id",
        "score": "float",
        "customer_grade": "str",
        "plain_grade": "str",
        "n_below": "int",
        "amount_to_keep": "float",
        "amount_to_next": "float?",
    },
    {"n_below": (0, None), "amount_to_keep": (0, None)},
)
GRADE_CHANGE = Table(
    "grade_change",
    "03",
    "one customer whose grade rose or fell since the earlier date, or who is in grace",
    ("as_of", "customer_id"),
    {
        "as_of": "str",
        "customer_id": "id",
        "change": "str",
        "grade_before": "str",
        "grade_now": "str",
        "amount_before": "float",
        "amount_now": "float",
        "amount_at_stake": "float",
        "amount_to_keep": "float",
    },
    {"amount_at_stake": (0, None), "amount_to_keep": (0, None)},
)
GRADE_BENEFIT = Table(
    "grade_benefit",
    "03",
    "one grade: what it brings, what its benefits cost a window",
    ("customer_grade",),
    {
        "customer_grade": "str",
        "n_customers": "int",
        "amount": "float",
        "benefit_cost": "float",
        "benefit_cost_share": "float",
    },
    {"benefit_cost": (0, None)},
)
CUSTOMER_STATE = Table(
    "customer_state",
    "03",
    "one customer known, prospects included, at one evaluation date",
    ("as_of", "customer_id"),
    {"as_of": "str", "customer_id": "id", "life_cycle_state": "str", "amount": "float"},
)
STATE_FLOW = Table(
    "state_flow",
    "03",
    "one evaluation date × state before × state now",
    ("as_of", "state_before", "state_now"),
    {
        "as_of": "str",
        "as_of_before": "str",
        "state_before": "str",
        "state_now": "str",
        "n_customers": "int",
        "amount": "float",
    },
    {"n_customers": (1, None)},
)
SEGMENT_SHEET = Table(
    "segment_sheet",
    "03",
    "one segment: size, value, trend, what it buys, what worked on it",
    ("segment",),
    {
        "segment": "str",
        "n_customers": "int",
        "customer_share": "float",
        "amount": "float",
        "amount_share": "float",
        "amount_per_customer": "float",
        "amount_change_share": "float?",
        "main_grade": "str",
        "main_state": "str",
        "next_action": "str",
        "top_categories": "str",
        "contacts_per_customer": "float",
        "response_rate": "float?",
        "what_worked": "str",
    },
    {"amount_change_share": (None, None)},  # below -1 where refunds exceed the recent sales
)
CUSTOMER_PROFIT = Table(
    "customer_profit",
    "03",
    "one customer who bought, returned or was contacted in the window: a ledger that sums to the profit",
    ("customer_id",),
    {
        "customer_id": "id",
        "list_amount": "float",
        "discount_amount": "float",
        "coupon_amount": "float",
        "refund_amount": "float",
        "product_cost": "float",
        "contact_cost": "float",
        "profit": "float",
        "n_orders": "int",
        "n_contacts": "int",
        "is_cost_known": "bool",
        "recent_profit": "float",
        "profit_status": "str",
    },
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
        "next_order_date": "datetime?",
        "value_low_80": "float",
        "value_high_80": "float",
        "value_low_90": "float",
        "value_high_90": "float",
        "model": "str",
    },
    {"expected_orders": (0, None), "value_low_80": (0, None), "value_low_90": (0, None)},
)
VALUE_LEADERBOARD = Table(
    "value_leaderboard",
    "04",
    "one model × metric on the holdout period; missing where a metric has no value, as with no sales at all",
    ("model", "metric"),
    {"model": "str", "metric": "str", "estimate": "float?", "low": "float?", "high": "float?"},
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
        "repurchase_prob": "float",
        "expected_orders": "float",
        "expected_spend": "float",
        "typical_spend": "float",
        "spend_low": "float",
        "spend_high": "float",
        "median_days_to_order": "float?",
        "expected_order_date": "datetime?",
        "next_categories": "str",
        "upsell_prob": "float?",
        "lapse_reasons": "str",
        "model": "str",
    },
    {"expected_orders": (0, None), "expected_spend": (0, None), "median_days_to_order": (0, None)},
)
BEHAVIOR_LEADERBOARD = Table(
    "behavior_leaderboard",
    "05",
    "one label × model × metric on the holdout snapshot",
    ("label", "model", "metric"),
    {"label": "str", "model": "str", "metric": "str", "estimate": "float", "low": "float", "high": "float"},
)
BEHAVIOR_CONTEST = Table(
    "behavior_contest",
    "05",
    "one label × other model: the network's score minus the other's on the same resampled customers",
    ("label", "rival"),
    {
        "label": "str",
        "rival": "str",
        "metric": "str",
        "difference": "float",
        "low": "float",
        "high": "float",
        "verdict": "str",
    },
)
