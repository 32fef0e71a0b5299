"""Results about offers and campaigns: rules, response, plan, effects; notebooks 06 to 09."""

from dangol.contracts import Table

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
    "one customer × campaign type (and arm, where a type has several) that could be sent next",
    ("customer_id", "campaign_type"),
    {
        "customer_id": "id",
        "campaign_type": "str",
        "response_prob": "float",
        "response_uplift": "float?",
        "model": "str",
    },
    {"response_uplift": (-1, 1)},
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
        "planned_date": "datetime?",
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
