"""A model comes back from the registry with what belongs to it; what is not there is named."""

import numpy as np
import pandas as pd
import pytest

from dangol.errors import InputError
from dangol.records import record_holdout, record_model
from dangol.tracking import store
from dangol.tracking.fetching import fetch_model
from dangol.tracking.models import log_models
from dangol.workspace import RunFolder

# of libraries MLflow imports
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

N_ROWS = 300


class Toy:
    """Saves itself and predicts as the networks do."""

    def save(self, path):
        path.write_bytes(b"weights")

    def predict_frame(self, rows):
        return pd.DataFrame({"0_prob": np.full(len(rows), 0.4), "1_prob": np.full(len(rows), 0.6)})


def register(client, folder: RunFolder, network_loss: float) -> str:
    """Log and register a toy as the runner does; the run's id."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {"recency_days": rng.integers(1, 90, N_ROWS), "region": rng.choice(["서울", "b"], N_ROWS)}
    )
    record_model("toy", Toy(), rows, folder, constants={"pace_floor": 2.0})
    losses = pd.DataFrame({"network": network_loss, "rule": 0.5 + rng.normal(0, 0.01, N_ROWS)})
    record_holdout("toy", losses, rng.integers(0, 2, N_ROWS), rows, folder, holdout_date="2017-12-03")
    run_id = client.create_run(store.experiment_of(client, folder.dataset)).info.run_id
    log_models(client, run_id, folder, {"horizon_days": 28, "as_of": folder.as_of})
    return run_id


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Version 1 lost to the rule, version 2 won; another data set's model has won nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setenv("DANGOL_HOME", str(tmp_path_factory.mktemp("registry")))
        with store.at_home():
            client = store.open_client()
            shop, mart = (RunFolder(name, "2017-12-03", "full", "05") for name in ("shop", "mart"))
            runs = [register(client, shop, 0.9), register(client, shop, 0.1), register(client, mart, 0.9)]
        yield runs


def test_the_champion_comes_where_only_the_name_is_given(registry, tmp_path):
    model = fetch_model("toy", "shop", tmp_path)
    assert (model.label, model.run_id) == ("shop.toy/2", registry[1])
    assert model.inputs == ("recency_days", "region")
    assert model.parameters["horizon_days"] == 28
    assert model.reference["constants"] == {"pace_floor": 2.0}
    assert set(model.reference["columns"]) == {"recency_days", "region"}
    assert model.path.read_bytes() == b"weights"


@pytest.mark.parametrize("wanted", ["shop.toy@challenger", "toy@challenger", "toy/1"])
def test_an_alias_or_a_version_may_be_named(registry, tmp_path, wanted):
    assert fetch_model(wanted, "shop", tmp_path).version == 1


def test_a_model_of_another_data_set_is_named_in_full(registry, tmp_path):
    assert fetch_model("mart.toy/1", "shop", tmp_path).run_id == registry[2]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("churn", r"no registered model 'churn'; known are mart.toy, shop.toy"),
        (
            "mart.toy",
            r"'mart.toy' has no champion \(no version has won the title yet\); its versions are 1 "
            r"\(challenger\)\. Choose one: --model mart.toy/1",
        ),
        ("toy@best", r"'shop.toy' has no best; its versions are 1 \(challenger\), 2 \(champion\)"),
        ("toy/9", r"'shop.toy' has no version 9; there are \[1, 2\]"),
        ("toy@a/2", r"expected NAME, NAME@alias or NAME/version, received 'toy@a/2'"),
        ("toy' or 1=1", "expected NAME, NAME@alias or NAME/version"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(registry, tmp_path, wanted, told):
    with pytest.raises(InputError, match=told):
        fetch_model(wanted, "shop", tmp_path)


def test_an_empty_registry_says_how_to_fill_it(home, monkeypatch, tmp_path_factory):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(InputError, match="the registry is empty"):
        fetch_model("toy", "shop", tmp_path_factory.mktemp("files"))


def test_a_server_that_does_not_answer_is_one_message(registry, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:planted-word@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(InputError) as stop:
        fetch_model("toy", "shop", tmp_path)
    assert "MLFLOW_TRACKING_URI names it: http://127.0.0.1:9" in str(stop.value)
    assert "planted-word" not in str(stop.value)


def test_a_model_whose_files_are_lost_is_one_message(registry, tmp_path, monkeypatch):
    import mlflow

    def lost(*_, **__):
        raise mlflow.MlflowException("No such artifact")

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", lost)
    with pytest.raises(InputError, match=r"the files of shop.toy/2 cannot be used \(MlflowException\)"):
        fetch_model("toy", "shop", tmp_path)
