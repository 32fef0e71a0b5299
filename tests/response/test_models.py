"""The models of campaign response."""

import numpy as np
import pandas as pd
import pytest

from dangol.evaluation.classification import classification_scores
from dangol.response import BASELINES, compare_with_best_baseline, fit_model, predicted_probs


@pytest.fixture
def rows():
    rng = np.random.default_rng(1)
    n = 600
    X = pd.DataFrame(
        {
            "campaign_type": pd.Categorical(rng.choice(["A", "B"], n)),
            "n_contacts": rng.integers(0, 5, n),
            "n_campaigns_answered": 0,
            "spend": rng.exponential(size=n),
            "gap": np.where(np.arange(n) % 3 == 0, np.nan, 1.0),
        }
    )
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(2 - X["spend"]))).astype(int)
    return X, pd.Series(y)


def test_the_naive_rule_draws_the_share_of_answers_towards_the_type():
    X = pd.DataFrame(
        {
            "campaign_type": pd.Categorical(["A", "A", "A", "B"]),
            "n_contacts": [0, 5, 5, np.nan],
            "n_campaigns_answered": [0, 5, 0, np.nan],
        }
    )
    y = pd.Series([1, 1, 0, 0])
    prob = predicted_probs({"naive": fit_model("naive", X, y, seed=0, max_epochs=1)}, X)["naive"]
    rate = 2 / 3
    np.testing.assert_allclose(prob, [rate, (5 + 5 * rate) / 10, 5 * rate / 10, 0.0])


def test_baselines_find_a_plain_signal_and_take_gaps_and_categories(rows):
    X, y = rows
    before = X.copy()
    models = {name: fit_model(name, X, y, seed=0, max_epochs=1) for name in BASELINES}
    probs = predicted_probs(models, X)
    assert classification_scores(y, probs["logistic"])["auc"] > 0.65
    assert classification_scores(y, probs["boosting"])["auc"] > 0.65
    pd.testing.assert_frame_equal(X, before)


def test_the_network_is_held_against_the_best_baseline_in_each_metric(rows):
    X, y = rows
    good = np.clip(0.1 + 0.7 * y + 0.02 * X["spend"].to_numpy(), 0.01, 0.99)
    poor = np.full(len(y), y.mean())
    probs = {"naive": poor, "logistic": good, "boosting": poor, "network": poor}
    table = compare_with_best_baseline(y, probs, pd.Series(range(len(y))), n_boot=60, seed=0)
    assert set(table["baseline"]) == {"logistic"}
    assert set(table["verdict"]) == {"loses"}
    swapped = compare_with_best_baseline(
        y, {**probs, "logistic": poor, "network": good}, pd.Series(range(len(y))), n_boot=60, seed=0
    )
    assert set(swapped["verdict"]) == {"wins"}
