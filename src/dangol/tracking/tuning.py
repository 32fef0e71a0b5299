"""A search for settings in MLflow: one parent run, and a nested run per trial that holds all to repeat it."""

import math
import time
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dangol.tracking import store
from dangol.tracking.git import git_tags

_KIND, _STUDY, _NUMBER = "dangol.kind", "dangol.study", "dangol.trial"


class TuningRuns:
    """The runs of one search.

    Args:
        dataset: names the experiment.
        study: what must be equal for two sessions to be one search: rows, seed, bounds.
        name: of the parent run.
        parameters: of the search; every trial keeps them too.
    """

    def __init__(self, dataset: str, study: str, name: str, parameters: Mapping[str, Any]) -> None:
        self._dataset, self._study, self._name = dataset, study, name
        self._parameters = {key: str(value) for key, value in parameters.items()}
        self._client: Any = None
        self._experiment = ""
        self.parent_id = ""

    def open(self, resume: bool) -> list[tuple[dict[str, str], float, str]]:
        """Make the parent run, or go on with the latest one of the same search.

        Args:
            resume: whether to go on; without an earlier search a new one begins.

        Returns:
            Parameters, log loss and run id of the trials that are there, in order.
        """
        with store.at_home():
            self._client = store.open_client()
            self._experiment = store.experiment_of(self._client, self._dataset)
            wanted = f"tags.`{_KIND}` = 'tuning' and tags.`{_STUDY}` = '{self._study}'"
            found = self._client.search_runs([self._experiment], wanted) if resume else []
            if found:
                self.parent_id = found[0].info.run_id
                self._client.update_run(self.parent_id, status="RUNNING")
                return self._trials()
            tags = {"mlflow.source.name": "dangol tune", _KIND: "tuning", _STUDY: self._study, **git_tags()}
            made = self._client.create_run(self._experiment, _now(), tags, self._name)
            self.parent_id = made.info.run_id
            self._log(self.parent_id, self._parameters, {}, None)
        return []

    def keep(
        self, number: int, settings: Mapping[str, Any], scores: Mapping[str, float], history: pd.DataFrame
    ) -> str:
        """Write one trial as a nested run, whole or marked as killed; its run id.

        Args:
            number: of the trial.
            settings: what was tried.
            scores: on the judging rows, with ``log_loss``.
            history: ``epoch``, ``train_loss``, ``val_loss``: the training curve.
        """
        tags = {
            "mlflow.parentRunId": self.parent_id,
            "mlflow.source.name": "dangol tune",
            _NUMBER: f"{number}",
        }
        with store.at_home():
            name = f"trial {number}" if number else "trial 0: defaults"
            run_id = self._client.create_run(self._experiment, _now(), tags, name).info.run_id
            texts = {
                key: repr(value) if isinstance(value, float) else str(value)
                for key, value in settings.items()
            }
            self._log(run_id, self._parameters | texts, scores, history)
            self._client.set_terminated(run_id, "FINISHED")
        return str(run_id)

    def settings_of(self, run_id: str) -> dict[str, str]:
        """The logged parameters of a trial."""
        with store.at_home():
            return dict(self._client.get_run(run_id).data.params)

    def close(self, figures: Mapping[str, float], tags: Mapping[str, str], status: str = "FINISHED") -> None:
        """End the parent run with what the search came to."""
        with store.at_home():
            self._log(self.parent_id, {}, figures, None)
            for name, value in tags.items():
                self._client.set_tag(self.parent_id, name, value)
            self._client.set_terminated(self.parent_id, status)

    def _trials(self) -> list[tuple[dict[str, str], float, str]]:
        """Finished trials; what a killed session left open is closed."""
        below = f"tags.`mlflow.parentRunId` = '{self.parent_id}'"
        found = self._client.search_runs([self._experiment], below, max_results=1_000)
        for run in found:
            if run.info.status == "RUNNING":
                self._client.set_terminated(run.info.run_id, "KILLED")
        done = [run for run in found if run.info.status == "FINISHED"]
        done.sort(key=lambda run: int(run.data.tags[_NUMBER]))
        return [(dict(run.data.params), float(run.data.metrics["log_loss"]), run.info.run_id) for run in done]

    def _log(
        self,
        run_id: str,
        parameters: Mapping[str, str],
        figures: Mapping[str, float],
        history: pd.DataFrame | None,
    ) -> None:
        from mlflow.entities import Metric, Param

        now = _now()
        metrics = [Metric(name, float(value), now, 0) for name, value in figures.items()]
        if history is not None:
            metrics += [
                Metric(name, float(row[name]), now, int(row["epoch"]))
                for row in history.to_dict("records")
                for name in ("train_loss", "val_loss")
                if math.isfinite(row[name])
            ]
        params = [Param(name, value) for name, value in parameters.items()]
        self._client.log_batch(run_id, metrics=metrics, params=params)


def _now() -> int:
    return int(time.time() * 1000)
