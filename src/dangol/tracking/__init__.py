"""What a run leaves in MLflow: one parent run per batch, one nested child per executed notebook.

Only the runner's process writes to MLflow; notebooks leave plain files behind (`dangol.records`).
"""

from dangol.tracking.git import code_version
from dangol.tracking.parents import PARENT_RUN, SweepParents
from dangol.tracking.tracker import ChildRun, StageRecord, Tracker

__all__ = ["PARENT_RUN", "ChildRun", "StageRecord", "SweepParents", "Tracker", "code_version"]
