"""Who customers are now: RFM grades, customer grade, life-cycle state, clusters with names."""

from dangol.segments.clusters import Clustering, cluster_customers
from dangol.segments.grades import GRADES, customer_grade, grade_migration
from dangol.segments.life_cycle import STATES, life_cycle_state
from dangol.segments.names import segment_names
from dangol.segments.rfm import rfm_grades

__all__ = [
    "GRADES",
    "STATES",
    "Clustering",
    "cluster_customers",
    "customer_grade",
    "grade_migration",
    "life_cycle_state",
    "rfm_grades",
    "segment_names",
]
