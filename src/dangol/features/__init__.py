"""Features and labels as of a date: one API for every model."""

from dangol.features.events import EventLog
from dangol.features.labels import behavior_labels
from dangol.features.snapshot import customer_features
from dangol.features.snapshot_dates import SnapshotDates, plan_snapshots

__all__ = ["EventLog", "SnapshotDates", "behavior_labels", "customer_features", "plan_snapshots"]
