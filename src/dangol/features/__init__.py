"""Features and labels as of a date: one API for every model."""

from dangol.features.events import EventLog
from dangol.features.labels import behavior_labels, category_labels, response_labels, upsell_labels
from dangol.features.snapshot import ALL_PARTS, CORE_PARTS, customer_features
from dangol.features.snapshot_dates import SnapshotDates, plan_snapshots

__all__ = [
    "ALL_PARTS",
    "CORE_PARTS",
    "EventLog",
    "SnapshotDates",
    "behavior_labels",
    "category_labels",
    "customer_features",
    "plan_snapshots",
    "response_labels",
    "upsell_labels",
]
