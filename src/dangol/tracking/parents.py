"""The MLflow run under which the runs of a sweep are nested, one for each data set."""

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from dangol.tracking import store
from dangol.tracking.git import git_tags

PARENT_RUN = "DANGOL_PARENT_RUN"  # environment variable that hands the parent's id to `dangol run`


class SweepParents:
    """The parents of one sweep, kept over its resumes.

    Args:
        name: of the sweep.
        known: data set to run id, from an earlier session of the same sweep.
    """

    def __init__(self, name: str, known: Mapping[str, str]) -> None:
        self._name = name
        self.run_ids = dict(known)
        self._client: Any = None

    def open(self, n_runs: Mapping[str, int]) -> None:
        """Make the parents that are missing; close whatever a killed session left open below the others.

        Args:
            n_runs: data set to the number of its runs.
        """
        with store.at_home():
            self._client = store.open_client()
            for dataset, count in n_runs.items():
                experiment = store.experiment_of(self._client, dataset)
                parent = self.run_ids.get(dataset)
                if parent is not None and self._is_there(parent):
                    self._close_below(experiment, parent)
                    self._client.update_run(parent, status="RUNNING")
                    continue
                tags = {"mlflow.source.name": "dangol sweep", "dangol.kind": "sweep", **git_tags()}
                made = self._client.create_run(
                    experiment, int(time.time() * 1000), {**tags, "dangol.sweep": self._name}, self._name
                )
                self.run_ids[dataset] = made.info.run_id
                self._client.log_param(made.info.run_id, "n_runs", count)

    def close(self, n_failed: Mapping[str, int], status: str | None = None) -> None:
        """End the parents: ``FINISHED``, ``FAILED`` where a run failed, or what ``status`` says."""
        if self._client is None:
            return
        with store.at_home():
            for dataset, run_id in self.run_ids.items():
                failed = n_failed.get(dataset, 0)
                self._client.log_metric(run_id, "n_failed", failed)
                self._client.set_terminated(run_id, status or ("FAILED" if failed else "FINISHED"))

    def _is_there(self, run_id: str) -> bool:
        with contextlib.suppress(Exception):  # deleted by hand, or another store is named now
            return bool(self._client.get_run(run_id).info.lifecycle_stage == "active")
        return False

    def _close_below(self, experiment: str, run_id: str) -> None:
        """The caller holds the lock of the sweep and of its runs: whatever still runs there is dead."""
        open_below = f"attributes.status = 'RUNNING' and tags.`mlflow.parentRunId` = '{run_id}'"
        for run in self._client.search_runs([experiment], open_below):
            self._close_below(experiment, run.info.run_id)
            self._client.set_terminated(run.info.run_id, "KILLED")
