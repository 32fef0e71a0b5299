"""The peer benchmark ranks and splits as its text says."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import networks as benchmark
from customer_tables import Table


@pytest.fixture
def results() -> pd.DataFrame:
    """Two tables, two seeds: the network is best in log loss, second in AUC; the base rate takes no part."""
    rows = [
        (table, seed, model, auc + shift, loss + shift, 1.0)
        for table, shift in (("a", 0.0), ("b", 0.1))
        for seed in (0, 1)
        for model, auc, loss in (("network", 0.80, 0.30), ("CatBoost", 0.81, 0.32), ("base rate", 0.5, 0.1))
    ]
    return pd.DataFrame(rows, columns=["table", "seed", "model", "auc", "log_loss", "seconds"])


def test_rank_one_is_the_highest_auc_and_the_lowest_log_loss(results: pd.DataFrame) -> None:
    ranks = benchmark.mean_ranks(results)
    assert ranks.loc["network"].to_dict() == {"auc_rank": 2.0, "log_loss_rank": 1.0}
    assert ranks.loc["CatBoost"].to_dict() == {"auc_rank": 1.0, "log_loss_rank": 2.0}
    assert "base rate" not in ranks.index


def test_behind_is_positive_where_a_peer_is_worse_than_the_network(results: pd.DataFrame) -> None:
    means = benchmark.summary(results[results["table"] == "a"])
    assert means.loc["CatBoost", "log_loss_behind"] == pytest.approx(0.02)
    assert means.loc["CatBoost", "auc_behind"] == pytest.approx(-0.01)


def test_random_splits_are_stratified_and_splits_by_time_are_kept() -> None:
    target = np.tile([0, 0, 0, 1], 100)
    rows, test_rows = benchmark.split(Table(pd.DataFrame(), target), seed=3)
    assert sorted([*rows, *test_rows]) == list(range(400))
    assert target[test_rows].mean() == 0.25
    later = np.arange(400) >= 300
    rows, test_rows = benchmark.split(Table(pd.DataFrame(), target, later), seed=3)
    assert (rows.max(), test_rows.min()) == (299, 300)


def test_peers_get_dates_as_days_and_gaps_in_text_as_a_level() -> None:
    raw = pd.DataFrame({"day": pd.to_datetime(["1970-01-03", None]), "plan": ["gold", None], "n": [1.5, 2.5]})
    ready = benchmark.peer_ready(raw)
    assert ready["day"].tolist()[0] == 2.0
    assert np.isnan(ready["day"].tolist()[1])
    assert ready["plan"].tolist() == ["gold", "(missing)"]
    assert ready["n"].tolist() == [1.5, 2.5]
