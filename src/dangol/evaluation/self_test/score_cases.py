"""Scores of models and policies: does what is said of them hold?"""

from functools import cache

import numpy as np
import pandas as pd

from dangol.evaluation.classification import bootstrap_scores, classification_scores
from dangol.evaluation.intervals import Array
from dangol.evaluation.policy import policy_value
from dangol.evaluation.ranking import uplift_scores
from dangol.evaluation.self_test.campaigns import Held, amount_campaign


def ranking(rng: np.random.Generator) -> Held:
    """A ranking by chance: its gain over chance is nothing."""
    campaign = amount_campaign(rng, 2000, buyers=0.2, lift=0.05, share=0.5)
    scores = uplift_scores(campaign.outcome, campaign.is_treated, rng.uniform(size=2000), 0.5, n_boot=200)
    truth = {"autoc": 0.0, "qini": 0.0, "auuc": campaign.effect / 2}
    truth |= {"uplift_top": campaign.effect, "uplift_all": campaign.effect}
    return _held(scores.set_index("metric"), truth)


def model(rng: np.random.Generator) -> Held:
    """Predictions that are right on average: their scores on few customers against those on very many."""
    y, prob = _predictions(rng, 1000)
    table = bootstrap_scores(y, {"model": prob}, np.arange(len(y)), n_boot=500, seed=1)
    return _held(table.set_index("metric"), _true_scores())


def _predictions(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    y = (rng.uniform(size=n) < 0.2).astype("float64")
    evidence = rng.normal(y, 1)
    return y, 1 / (1 + 4 * np.exp(0.5 - evidence))


@cache
def _true_scores() -> dict[str, float]:
    return classification_scores(*_predictions(np.random.default_rng(0), 2_000_000))


def policy(rng: np.random.Generator) -> Held:
    """Three actions drawn with known unequal chances; the new policy contacts half of the customers."""
    n = 2000
    habit = rng.normal(size=n)
    chance = np.column_stack([np.full(n, 0.3), 0.2 + 0.3 / (1 + np.exp(-habit)), np.zeros(n)])
    chance[:, 2] = 1 - chance.sum(axis=1)
    action = (rng.uniform(size=n)[:, None] > chance.cumsum(axis=1)).sum(axis=1)
    worth = np.column_stack([np.full(n, 10.0), 10 + 2 * habit, np.full(n, 12.0)])
    y = worth[np.arange(n), action] * rng.gamma(1, 1, n)
    propensity = pd.DataFrame(chance)
    policy = np.where(habit > 0, 1, 2)
    table = policy_value(action, y, propensity, policy, pd.DataFrame(worth * 0.8)).set_index("method")
    truth = 0.5 * (10 + 2 * np.sqrt(2 / np.pi)) + 0.5 * 12
    return _held(table, dict.fromkeys(("ips", "snips", "dr"), truth))


def _held(intervals: pd.DataFrame, truth: dict[str, float]) -> Held:
    low, high = intervals["low"].astype("float64"), intervals["high"].astype("float64")
    return {name: [bool(low[name] <= value <= high[name])] for name, value in truth.items()}
