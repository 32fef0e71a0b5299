"""Identity: people in several sources become customers, with golden records and stable ids."""

from dangol.identity.explain import accuracy_by_threshold, explain_pair, kpi_by_threshold, pair_scores
from dangol.identity.resolution import DEFAULT_THRESHOLD, Resolution, people_table, resolve
from dangol.identity.standard import standardise
from dangol.identity.survivorship import golden_records
from dangol.identity.warehouse_ids import with_resolved_ids

__all__ = [
    "DEFAULT_THRESHOLD",
    "Resolution",
    "accuracy_by_threshold",
    "explain_pair",
    "golden_records",
    "kpi_by_threshold",
    "pair_scores",
    "people_table",
    "resolve",
    "standardise",
    "with_resolved_ids",
]
