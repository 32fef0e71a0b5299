"""The title of champion: taken by a win on rows nobody trained on, never by a worse model."""

import json

import numpy as np
import pandas as pd
import pytest

from dangol.tracking import store
from dangol.tracking.promotion import judge
from dangol.tracking.registry import CHALLENGER, CHAMPION, register

N_ROWS = 400
ROWS = np.random.default_rng(0)
TRUTH = (ROWS.random(N_ROWS) < 0.4).astype("float64")


def log_losses(skill: float, seed: int, truth: np.ndarray = TRUTH) -> np.ndarray:
    """Of forecasts that know so much of the truth, plus some noise."""
    noise = np.random.default_rng(seed).normal(0, 0.02, len(truth))
    prob = np.clip(0.4 + skill * (truth - 0.4) + noise, 0.02, 0.98)
    return -np.where(truth == 1, np.log(prob), np.log1p(-prob))


def losses(skill: float, seed: int) -> pd.DataFrame:
    return pd.DataFrame({"network": log_losses(skill, seed), "logistic regression": log_losses(0.3, 99)})


def test_a_clear_win_over_simpler_models_takes_a_free_title():
    decision = judge(losses(0.6, 1), None)
    assert decision.is_champion
    assert "better than the best simpler model (logistic regression)" in decision.reason


def test_a_tie_with_a_simpler_model_takes_no_title_and_says_so():
    decision = judge(losses(0.3, 1), None)
    assert not decision.is_champion
    assert "as good as the best simpler model" in decision.reason


def test_a_worse_model_cannot_take_the_title_and_neither_can_an_equal_one():
    champion = log_losses(0.6, 1)
    assert "worse than the champion" in judge(losses(0.5, 2), champion).reason
    assert not judge(losses(0.5, 2), champion).is_champion
    assert not judge(losses(0.6, 1), champion).is_champion
    assert judge(losses(0.8, 3), champion).is_champion


def test_the_interval_of_a_lead_covers_the_truth_as_often_as_it_says():
    won = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        both = pd.DataFrame({"network": rng.normal(1, 1, 150), "rule": rng.normal(1, 1, 150)})
        won += judge(both, None).is_champion
    assert won <= 6  # 2.5 % of 60 by chance


def test_a_champion_that_cannot_be_scored_keeps_its_title():
    decision = judge(losses(0.9, 1), None, "the champion cannot read today's columns")
    assert not decision.is_champion
    assert decision.reason.startswith("the champion cannot read")


class Gate:
    """A registry on a database of its own, and models given by their losses."""

    def __init__(self, folder):
        self.folder = folder
        self.client = store.open_client()
        self.run = self.client.create_run(store.experiment_of(self.client, "shop")).info.run_id

    def enter(self, skill, seed, *, holdout_date="2017-12-03", known_until="2017-12-03", truth=TRUTH):
        source = self.folder / f"entry{seed}"
        source.mkdir(parents=True)
        (source / "model.dangol").write_bytes(b"weights")
        frame = pd.DataFrame(
            {"network": log_losses(skill, seed, truth), "rule": log_losses(0.2, 99, truth), "truth": truth}
        )
        frame.to_parquet(source / "holdout.parquet")
        about = {"holdout_date": holdout_date, "known_until": known_until, "task": ""}
        (source / "holdout.json").write_text(json.dumps(about))
        logged = self.client.create_logged_model("1", "network", source_run_id=self.run)
        register(self.client, self.run, logged.model_id, source, "shop.network")

    def holder(self, alias):
        return self.client.get_model_version_by_alias("shop.network", alias)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of libraries MLflow imports
def test_the_alias_moves_on_a_win_and_stays_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path / "home"))
    gate = Gate(tmp_path)
    with store.at_home():
        gate.enter(0.5, 1)
        assert gate.holder(CHAMPION).version == 1
        gate.enter(0.3, 2)  # worse
        assert (gate.holder(CHAMPION).version, gate.holder(CHALLENGER).version) == (1, 2)
        assert "worse than the champion" in gate.holder(CHALLENGER).tags["reason"]
        assert gate.holder(CHALLENGER).description == gate.holder(CHALLENGER).tags["reason"]
        gate.enter(0.8, 3)  # better
        assert gate.holder(CHAMPION).version == 3
        # an earlier holdout: the champion has seen what came after it
        gate.enter(0.9, 4, holdout_date="2017-11-05", truth=TRUTH[::-1].copy())
        assert (gate.holder(CHAMPION).version, gate.holder(CHALLENGER).version) == (3, 4)
        assert "already knows what happened after 2017-11-05" in gate.holder(CHALLENGER).tags["reason"]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_on_a_later_holdout_the_champion_is_scored_again(tmp_path, monkeypatch):
    from dangol.networks import NetworkClassifier

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path / "home"))
    frame = pd.DataFrame({"x": ROWS.normal(size=N_ROWS)})
    target = (frame["x"] + ROWS.normal(size=N_ROWS) > 0).astype(int)
    model = NetworkClassifier(effort="fast", hidden=(4,), max_epochs=3).fit(frame, target)
    gate = Gate(tmp_path)
    monkeypatch.setattr("dangol.tracking.registry.load_estimator", lambda path: model)
    with store.at_home():
        gate.enter(0.5, 1)
        for seed, column, says in ((2, "y", "cannot read today's columns"), (3, "x", "than the champion")):
            source = tmp_path / f"entry{seed}"
            later = {"holdout_date": "2018-03-04", "known_until": "2018-03-04", "task": ""}
            source.mkdir()
            (source / "model.dangol").write_bytes(b"weights")
            (source / "holdout.json").write_text(json.dumps(later))
            truth = TRUTH[::-1].copy()
            held = pd.DataFrame(
                {"network": log_losses(0.3, seed, truth), "rule": log_losses(0.2, 9, truth), "truth": truth}
            )
            held.to_parquet(source / "holdout.parquet")
            frame.rename(columns={"x": column}).to_parquet(source / "holdout_inputs.parquet")
            logged = gate.client.create_logged_model("1", "network", source_run_id=gate.run)
            register(gate.client, gate.run, logged.model_id, source, "shop.network")
            versions = gate.client.search_model_versions("name = 'shop.network'")
            assert says in max(versions, key=lambda version: int(version.version)).tags["reason"]
