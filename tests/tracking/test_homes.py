"""Each home folder has its own MLflow database, also within one process."""

import os

import pytest

from dangol.tracking import store

# of libraries MLflow imports
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def test_a_second_home_in_the_same_process_gets_a_database_of_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for name in ("one", "other"):
        monkeypatch.setenv("DANGOL_HOME", str(tmp_path / name))
        client = store.open_client()
        store.experiment_of(client, f"of_{name}")
        assert [e.name for e in client.search_experiments() if e.name != "Default"] == [f"of_{name}"]
        assert (tmp_path / name / "mlruns" / "mlflow.db").is_file()
        assert "MLFLOW_TRACKING_URI" not in os.environ


def test_what_a_killed_process_left_of_a_database_is_removed(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    (tmp_path / "mlruns").mkdir()
    (tmp_path / "mlruns" / ".mlflow.db.abc.part").write_bytes(b"half a database")
    store.open_client()
    assert sorted(path.name for path in (tmp_path / "mlruns").iterdir()) == [".lock", "mlflow.db"]


def test_links_to_a_tracking_server_hold_no_password(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://ann:planted-word@mlflow.example:8443/base/")
    assert store.place_to_look() == "https://mlflow.example:8443/base"
    assert store.run_url("1", "abc") == "https://mlflow.example:8443/base/#/experiments/1/runs/abc"


def test_a_named_tracking_server_is_respected(tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path / "home"))
    named = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", named)
    store.open_client()
    assert os.environ["MLFLOW_TRACKING_URI"] == named
    assert not (tmp_path / "home" / "mlruns" / "mlflow.db").exists()
