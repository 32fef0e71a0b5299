"""How often intervals hold the planted effect, kind by kind."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from dangol.evaluation.adjusted import AdjustedComparison
from dangol.evaluation.campaign_result import CampaignResult
from dangol.evaluation.effect import Effect
from dangol.evaluation.matching import matched_effect
from dangol.evaluation.money import total_money
from dangol.evaluation.policy import policy_value
from dangol.evaluation.randomized import adjusted_to_treat, intention_to_treat
from dangol.evaluation.ranking import uplift_scores
from dangol.evaluation.segment_effects import segment_effects
from dangol.evaluation.self_test.campaigns import Campaign, amount_campaign, rate_campaign

Held = dict[str, list[bool]]

_MARGIN_RATE = 0.3
_N_SEGMENTS = 8


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


def _of(effect: Effect, campaign: Campaign) -> Held:
    relative = campaign.effect / campaign.base
    return {
        "difference": [effect.low <= campaign.effect <= effect.high],
        "relative": [effect.relative_low <= relative <= effect.relative_high],
    }


def _rates(rng: np.random.Generator) -> Held:
    campaign = rate_campaign(rng, 2000, base=0.1, effect=0.02, share=0.5)
    return _of(intention_to_treat(campaign.outcome, campaign.is_treated), campaign)


def _rare(rng: np.random.Generator) -> Held:
    campaign = rate_campaign(rng, 5000, base=0.004, effect=0.004, share=0.8)
    return _of(intention_to_treat(campaign.outcome, campaign.is_treated), campaign)


def _amounts(rng: np.random.Generator) -> Held:
    campaign = amount_campaign(rng, 2000, buyers=0.2, lift=0.05, share=0.5)
    return _of(intention_to_treat(campaign.outcome, campaign.is_treated), campaign)


def _unequal(rng: np.random.Generator) -> Held:
    campaign = amount_campaign(rng, 3000, buyers=0.2, lift=0.05, share=0.85)
    return _of(intention_to_treat(campaign.outcome, campaign.is_treated), campaign)


def _narrowed(rng: np.random.Generator) -> Held:
    campaign = amount_campaign(rng, 2000, buyers=0.2, lift=0.05, share=0.7)
    return _of(adjusted_to_treat(campaign.outcome, campaign.known, campaign.is_treated), campaign)


def _observed(rng: np.random.Generator) -> Held:
    campaign = amount_campaign(rng, 3000, buyers=0.2, lift=0.05, share=0.4, is_lot=False)
    comparison = AdjustedComparison(campaign.known, campaign.is_treated, seed=1)
    found = _of(comparison.effect(campaign.outcome), campaign)
    matched = matched_effect(
        campaign.outcome,
        campaign.is_treated,
        comparison.overlap.is_compared,
        comparison.propensity,
        comparison.expected(campaign.outcome),
    )
    return {
        "doubly robust": found["difference"],
        "relative": found["relative"],
        "matched": [matched.low <= campaign.effect <= matched.high],
    }


def _together(rng: np.random.Generator) -> Held:
    """Four campaigns to overlapping customers, whose habits stay the same."""
    n, effect = 1500, 3.0
    habit = rng.gamma(2, 10, n)
    results, money, truth = [], [], 0.0
    for k in range(4):
        treated = rng.uniform(size=n) < 0.7
        y = habit * rng.gamma(1, 1, n) + effect * treated
        customers = pd.RangeIndex(n)
        found = intention_to_treat(y, treated)
        results.append(
            CampaignResult(
                k,
                "randomized",
                "unclear",
                effects={"spend": found},
                customers=customers,
                judged=customers[treated],
            )
        )
        scale = _MARGIN_RATE * treated.sum()
        money.append((found.estimate * scale, float(treated.sum()), 0.0))
        truth += effect * scale
    names = ["incremental_margin", "judged_cost", "judged_attributed_amount"]
    totals = total_money(pd.DataFrame(money, columns=names), results, _MARGIN_RATE)
    return {"total margin": [totals["incremental_margin_low"] <= truth <= totals["incremental_margin_high"]]}


def _segments(rng: np.random.Generator) -> Held:
    n = 4000
    segment = rng.integers(0, _N_SEGMENTS, n)
    effects = rng.normal(2, 1.5, _N_SEGMENTS)
    treated = rng.uniform(size=n) < 0.5
    y = rng.gamma(0.5, 20, n) + effects[segment] * treated
    table = segment_effects(y, treated, pd.Series(segment))
    return {
        "segment": [*(table["low"].le(effects) & table["high"].ge(effects))],
        "segment, shrunken": [*(table["shrunken_low"].le(effects) & table["shrunken_high"].ge(effects))],
    }


def _ranking(rng: np.random.Generator) -> Held:
    """A ranking by chance: its gain over chance is nothing."""
    campaign = amount_campaign(rng, 2000, buyers=0.2, lift=0.05, share=0.5)
    scores = uplift_scores(campaign.outcome, campaign.is_treated, rng.uniform(size=2000), 0.5, n_boot=200)
    truth = {"autoc": 0.0, "qini": 0.0, "auuc": campaign.effect / 2}
    truth |= {"uplift_top": campaign.effect, "uplift_all": campaign.effect}
    return _held(scores.set_index("metric"), truth)


def _policy(rng: np.random.Generator) -> Held:
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


CASES: dict[str, Callable[[np.random.Generator], Held]] = {
    "response rate": _rates,
    "rare response, unequal arms": _rare,
    "skewed amount": _amounts,
    "skewed amount, unequal arms": _unequal,
    "amount narrowed by covariates": _narrowed,
    "contacts not by lot": _observed,
    "several campaigns together": _together,
    "effects by segment": _segments,
    "ranking by chance": _ranking,
    "another policy": _policy,
}
