"""Campaigns without any effect: how often does the evaluator claim one?"""

import numpy as np
import pandas as pd

from dangol.evaluation.experiment import evaluate_experiment
from dangol.evaluation.self_test.campaigns import amount_campaign
from dangol.evaluation.sequential import sequential_looks


def null_p_values(n_campaigns: int, seed: int) -> np.ndarray:
    """P-values of campaigns in which both arms were left alone, through the whole evaluation.

    Returns:
        float64, shape (n_campaigns,); uniform on [0, 1] if the evaluation is sound.
    """
    p_values = []
    for run in range(n_campaigns):
        campaign = amount_campaign(np.random.default_rng([seed, run]), 2000, buyers=0.2, lift=0.0, share=0.5)
        frame = campaign.known.assign(
            amount=campaign.outcome, arm=np.where(campaign.is_treated, "mailing", "control")
        )
        habits = [str(name) for name in campaign.known]
        found = evaluate_experiment(frame, outcomes="amount", covariates=habits)
        p_values.append(found.effects["p_value"].iloc[0])
    return np.array(p_values, dtype=np.float64)


def uniformity_p_value(p_values: np.ndarray) -> float:
    """Whether p-values may be uniform on [0, 1] (Kolmogorov and Smirnov's test)."""
    from scipy.stats import kstest

    return float(kstest(p_values, "uniform").pvalue)


def false_win_rate(n_campaigns: int, seed: int, n_segments: int = 20, n_looks: int = 10) -> float:
    """Share of campaigns without effect in which any segment is declared won or lost at any look."""
    n = 4000
    wins = 0
    for run in range(n_campaigns):
        rng = np.random.default_rng([seed, run])
        treated = rng.uniform(size=n) < 0.7
        y = np.where(rng.uniform(size=n) < 0.2, rng.gamma(1, 30, n), 0.0)
        segment = pd.Series(rng.integers(0, n_segments, n))
        looks = np.linspace(n / n_looks, n, n_looks)
        wins += bool(sequential_looks(y, treated, np.arange(n), looks, segment)["is_decided"].any())
    return wins / n_campaigns
