"""One batch in MLflow: parent run, nested children, and what each child holds."""

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dangol.records import metrics_of
from dangol.tracking import store
from dangol.tracking.git import git_tags
from dangol.tracking.histories import read_histories
from dangol.tracking.models import log_models
from dangol.tracking.parents import PARENT_RUN
from dangol.workspace import RunFolder

_BATCH = 500
_TAG_LENGTH = 5000
_DIGEST_LENGTH = 32


@dataclass(frozen=True)
class ChildRun:
    """A notebook's run while it is being written."""

    run_id: str
    url: str
    ended: int = 0  # milliseconds since 1970, when the notebook ended


@dataclass(frozen=True)
class StageRecord:
    """What the runner knows of one executed notebook.

    Attributes:
        name: file name without ending.
        title: first heading.
        folder: the run as seen by the notebook; its records lie there.
        parameters: effective values.
        inputs: table name to SHA-256 of what it read.
        seconds: wall time.
        status: ``done``, ``failed`` or ``skipped``.
        message: why it failed or was skipped.
        files: artifact folder to files: the executed notebook, the page.
    """

    name: str
    title: str
    folder: RunFolder
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    seconds: float
    status: str
    message: str
    files: Mapping[str, list[Path]] = field(default_factory=dict)


class Tracker:
    """Writes one batch to MLflow; opened by the first notebook that ends.

    Args:
        run: the run folder; its data set names the experiment.
        name: of the parent run.
        parameters: of the batch.
        tags: of the batch.
    """

    def __init__(
        self, run: RunFolder, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        self._run, self._name = run, name
        self._parameters, self._tags = dict(parameters), dict(tags)
        self._started = _now()
        self._client: Any = None
        self._experiment = ""
        self.parent_id: str | None = None

    def open(self) -> None:
        """Connect, make the parent run, and close what a killed batch of the same run left open."""
        if self._client is not None:
            return
        with store.at_home():
            client = store.open_client()
            self._experiment = store.experiment_of(client, self._run.dataset)
            place = f"{self._run.dataset}/{self._run.as_of}/{self._run.variant}"
            self._close_left_over(client, place)
            tags = {"mlflow.source.name": "dangol run", "dangol.run": place, **git_tags(), **self._tags}
            if os.environ.get(PARENT_RUN):
                tags["mlflow.parentRunId"] = os.environ[PARENT_RUN]
            parent = client.create_run(self._experiment, self._started, tags, self._name)
            self.parent_id = parent.info.run_id
            _log_texts(client, self.parent_id, self._parameters, {})
        self._client = client

    def begin(self, stage: StageRecord) -> ChildRun:
        """Make the nested run of a notebook that has just ended."""
        self.open()
        with store.at_home():
            tags = {
                "mlflow.parentRunId": str(self.parent_id),
                "mlflow.source.name": f"{stage.name}.ipynb",
                "mlflow.note.content": stage.title,
                "dangol.notebook": stage.name,
                "dangol.status": stage.status,
                **({"dangol.message": stage.message[:_TAG_LENGTH]} if stage.message else {}),
            }
            ended = _now()
            start = ended - int(stage.seconds * 1000)
            run = self._client.create_run(self._experiment, start, {**git_tags(), **tags}, stage.name)
        return ChildRun(run.info.run_id, store.run_url(self._experiment, run.info.run_id), ended)

    def log(self, child: ChildRun, stage: StageRecord) -> None:
        """Write everything a notebook left behind and close its run."""
        with store.at_home():
            metrics = metrics_of(stage.folder) if stage.status == "done" else {}
            texts = {name: value for name, value in metrics.items() if isinstance(value, str)}
            _log_texts(self._client, child.run_id, stage.parameters, texts)
            _log_numbers(self._client, child.run_id, stage, metrics)
            _log_inputs(self._client, child.run_id, stage)
            _log_files(self._client, child.run_id, stage)
            log_models(self._client, child.run_id, stage.folder, stage.parameters)
            status = "FAILED" if stage.status == "failed" else "FINISHED"
            self._client.set_terminated(child.run_id, status, child.ended)

    def abandon(self, child: ChildRun) -> None:
        """Close a child that could not be written whole."""
        with store.at_home():
            self._client.set_terminated(child.run_id, "KILLED")

    def close(self, status: str, reused: Mapping[str, str], seconds: float) -> None:
        """End the parent run.

        Args:
            status: ``FINISHED``, ``FAILED`` or ``KILLED``.
            reused: notebook name to the run that holds its unchanged result.
            seconds: wall time of the batch.
        """
        if self._client is None:
            return
        with store.at_home():
            tags = {f"reused.{name}": run_id for name, run_id in reused.items()}
            _log_texts(self._client, str(self.parent_id), {}, tags)
            self._client.log_metric(self.parent_id, "seconds", seconds)
            self._client.set_terminated(self.parent_id, status)

    def _close_left_over(self, client: Any, place: str) -> None:
        """The caller holds the lock of this run folder: whatever still runs there is dead."""
        wanted = f"attributes.status = 'RUNNING' and tags.`dangol.run` = '{place}'"
        for parent in client.search_runs([self._experiment], wanted):
            children = f"attributes.status = 'RUNNING' and tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
            for run in [*client.search_runs([self._experiment], children), parent]:
                client.set_terminated(run.info.run_id, "KILLED")


def _now() -> int:
    return int(time.time() * 1000)


def _log_texts(client: Any, run_id: str, parameters: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    from mlflow.entities import Param, RunTag

    client.log_batch(
        run_id,
        params=[Param(name, str(value)) for name, value in parameters.items()],
        tags=[RunTag(name, value[:_TAG_LENGTH]) for name, value in tags.items()],
    )


def _log_numbers(client: Any, run_id: str, stage: StageRecord, metrics: Mapping[str, Any]) -> None:
    """Final figures at step 0, losses at their epoch, all in few requests."""
    from mlflow.entities import Metric

    now = _now()
    numbers = [
        Metric(name, float(value), now, 0) for name, value in metrics.items() if not isinstance(value, str)
    ]
    numbers.append(Metric("seconds", stage.seconds, now, 0))
    numbers += [
        Metric(point.name, point.value, now, point.epoch)
        for point in read_histories(stage.folder.records / "history")
        if math.isfinite(point.value)
    ]
    for first in range(0, len(numbers), _BATCH):
        client.log_batch(run_id, metrics=numbers[first : first + _BATCH])


def _log_inputs(client: Any, run_id: str, stage: StageRecord) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    place = f"data/processed/{stage.folder.dataset}/{stage.folder.as_of}/{stage.folder.variant}"
    inputs = [
        DatasetInput(
            Dataset(table, digest[:_DIGEST_LENGTH], "local", f'{{"uri": "{place}/{table}.parquet"}}'),
            [InputTag("mlflow.data.context", "input"), InputTag("sha256", digest)],
        )
        for table, digest in stage.inputs.items()
    ]
    if inputs:
        client.log_inputs(run_id, inputs)


def _log_files(client: Any, run_id: str, stage: StageRecord) -> None:
    for place, files in stage.files.items():
        for file in files:
            if file.is_file():
                client.log_artifact(run_id, str(file), place)
    figures = stage.folder.records / "figures"
    if figures.is_dir():
        client.log_artifacts(run_id, str(figures), "figures")
    for card in sorted((stage.folder.records / "models").glob("*/card.md")):
        client.log_artifact(run_id, str(card), f"cards/{card.parent.name}")
