"""Who customers are now: RFM grades, customer grade, life-cycle state, clusters with names, profit."""

from dangol.segments.clusters import Clustering, cluster_customers
from dangol.segments.earlier import earlier_lifetime_values, measured_effects
from dangol.segments.flows import illegal_moves, state_flows, state_history
from dangol.segments.grades import (
    customer_grade,
    grade_benefits,
    grade_changes,
    grade_migration,
    replay_grades,
)
from dangol.segments.history import customer_history, evaluation_dates, grade_scores
from dangol.segments.life_cycle import crm_action, life_cycle_state, possible_moves
from dangol.segments.names import segment_names
from dangol.segments.profit import (
    customer_profit,
    loss_makers,
    orders_with_margin,
    value_at_risk,
    with_profit_status,
)
from dangol.segments.rfm import Rfm, rfm_grades
from dangol.segments.sheet import contact_history, segment_sheet, sheet_texts, top_categories

__all__ = [
    "Clustering",
    "Rfm",
    "cluster_customers",
    "contact_history",
    "crm_action",
    "customer_grade",
    "customer_history",
    "customer_profit",
    "earlier_lifetime_values",
    "evaluation_dates",
    "grade_benefits",
    "grade_changes",
    "grade_migration",
    "grade_scores",
    "illegal_moves",
    "life_cycle_state",
    "loss_makers",
    "measured_effects",
    "orders_with_margin",
    "possible_moves",
    "replay_grades",
    "rfm_grades",
    "segment_names",
    "segment_sheet",
    "sheet_texts",
    "state_flows",
    "state_history",
    "top_categories",
    "value_at_risk",
    "with_profit_status",
]
