"""How often intervals hold the planted effect, kind by kind."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from dangol.evaluation.self_test import joint_cases, score_cases, single_cases
from dangol.evaluation.self_test.campaigns import Held

CASES: dict[str, Callable[[np.random.Generator], Held]] = {
    "response rate": single_cases.rates,
    "rare response, unequal arms": single_cases.rare,
    "skewed amount": single_cases.amounts,
    "skewed amount, unequal arms": single_cases.unequal,
    "skewed amount, largest cut": single_cases.cut,
    "amount narrowed by covariates": single_cases.narrowed,
    "looking again and again": single_cases.looks,
    "week by week": single_cases.weeks,
    "contacts not by lot": single_cases.observed,
    "several campaigns together": joint_cases.together,
    "lessons of several campaigns": joint_cases.remembered,
    "effects by segment": joint_cases.by_segment,
    "ranking by chance": score_cases.ranking,
    "scores of a model": score_cases.model,
    "another policy": score_cases.policy,
}


def coverage(case: str, n_campaigns: int, seed: int) -> pd.DataFrame:
    """Share of the intervals that hold the truth, over simulated campaigns of one case.

    Args:
        case: a key of `CASES`.
        n_campaigns: how many campaigns.
        seed: of the simulation.

    Returns:
        One row per kind of interval: ``case``, ``interval``, ``n_campaigns``, ``coverage_rate``,
        ``standard_error`` (over campaigns: the intervals of one campaign belong together).
    """
    held: dict[str, list[float]] = {}
    for run in range(n_campaigns):
        for name, inside in CASES[case](np.random.default_rng([seed, run])).items():
            held.setdefault(name, []).append(float(np.mean(inside)))
    rows = [
        {
            "case": case,
            "interval": name,
            "n_campaigns": n_campaigns,
            "coverage_rate": float(np.mean(shares)),
            "standard_error": float(np.std(shares) / np.sqrt(n_campaigns)),
        }
        for name, shares in held.items()
    ]
    return pd.DataFrame(rows)
