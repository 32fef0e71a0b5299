"""The model registry: every recorded model a version, `champion` and `challenger` given by the gate."""

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dangol.tracking.promotion import NETWORK, judge

MODEL_FILE = "model.dangol"
CHAMPION, CHALLENGER = "champion", "challenger"
_HOLDOUT = "holdout"
_PLACE = "champion_files"


def register(client: Any, run_id: str, model_id: str, source: Path, name: str) -> None:
    """Make a version of a model that was judged on a holdout, and let the gate name it.

    Args:
        client: of the store.
        run_id: run that logged the model.
        model_id: of the logged model.
        source: folder written by ``record_model`` and ``record_holdout``; without a holdout the
            model gets no version, since nothing could be said for it.
        name: of the registered model.
    """
    if not (source / f"{_HOLDOUT}.json").is_file():
        return
    files = (MODEL_FILE, f"{_HOLDOUT}.parquet", f"{_HOLDOUT}.json")
    for file in files:  # what a later gate needs, should this model be champion by then
        client.log_artifact(run_id, str(source / file), f"{_PLACE}/{source.name}")
    held = pd.read_parquet(source / f"{_HOLDOUT}.parquet")
    champion, trouble = _champion_losses(client, name, source, held["truth"].to_numpy())
    decision = judge(held.drop(columns="truth"), champion, trouble)
    _ensure_name(client, name)
    tags = {"reason": decision.reason, "place": f"{_PLACE}/{source.name}"}
    version = client.create_model_version(
        name, f"models:/{model_id}", run_id, tags, description=decision.reason, model_id=model_id
    ).version
    client.set_registered_model_alias(name, CHAMPION if decision.is_champion else CHALLENGER, version)


def load_estimator(path: Path) -> Any:
    """The estimator of a ``model.dangol`` file, of the class that saved it."""
    from dangol import networks

    with zipfile.ZipFile(path) as archive:
        kind = json.loads(archive.read("about.json"))["estimator"]
    return getattr(networks, kind).load(path)


def _ensure_name(client: Any, name: str) -> None:
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)


def _champion_losses(
    client: Any, name: str, source: Path, truth: np.ndarray
) -> tuple[np.ndarray | None, str]:
    """The champion's losses on the new holdout, or why there are none (empty: no champion)."""
    found = client.search_model_versions(f"name = '{name}'")
    if not any(CHAMPION in client.get_model_version(name, v.version).aliases for v in found):
        return None, ""
    version = client.get_model_version_by_alias(name, CHAMPION)
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = Path(client.download_artifacts(version.run_id, version.tags["place"], folder))
        except Exception as error:  # an artifact store may fail in its own ways
            return None, f"the champion's files cannot be read ({type(error).__name__})"
        theirs = pd.read_parquet(path / f"{_HOLDOUT}.parquet")
        about, mine = (json.loads((at / f"{_HOLDOUT}.json").read_text()) for at in (path, source))
        if about["holdout_date"] == mine["holdout_date"] and np.array_equal(theirs["truth"], truth):
            return theirs[NETWORK].to_numpy(), ""
        if about["known_until"] > mine["holdout_date"]:
            return None, f"the champion already knows what happened after {mine['holdout_date']}"
        return _scored(path / MODEL_FILE, source, truth, about["task"])


def _scored(model: Path, source: Path, truth: np.ndarray, task: str) -> tuple[np.ndarray | None, str]:
    """Log losses of a saved model on the holdout of a new one."""
    inputs = pd.read_parquet(source / f"{_HOLDOUT}_inputs.parquet")
    try:
        estimator = load_estimator(model)
        prob = estimator.predict(inputs)[task] if task else estimator.predict_proba(inputs)[:, 1]
    except ValueError as error:
        return None, f"the champion cannot read today's columns ({error})"
    prob = np.clip(prob, 1e-15, 1 - 1e-15)
    return -np.where(truth == 1, np.log(prob), np.log1p(-prob)), ""
