"""One simulated campaign, and whether each interval about it holds the planted effect."""

from functools import cache

import numpy as np
import pandas as pd

from dangol.evaluation.adjusted import AdjustedComparison
from dangol.evaluation.decay import effects_over_time, fit_decay
from dangol.evaluation.effect import Effect
from dangol.evaluation.experiment import evaluate_experiment
from dangol.evaluation.matching import matched_effect
from dangol.evaluation.randomized import adjusted_to_treat, intention_to_treat, winsorized
from dangol.evaluation.self_test.campaigns import Campaign, Held, amount_campaign, rate_campaign
from dangol.evaluation.sequential import sequential_looks

_HALF_LIFE = 2.0


def rates(rng: np.random.Generator) -> Held:
    """A common answer, arms of equal size."""
    campaign = rate_campaign(rng, 2000, base=0.1, effect=0.02, share=0.5)
    return _of(intention_to_treat(campaign.outcome, campaign.is_treated), campaign)


def rare(rng: np.random.Generator) -> Held:
    """Four answers in a thousand, four of five customers contacted."""
    campaign = rate_campaign(rng, 5000, base=0.004, effect=0.004, share=0.8)
    return _of(intention_to_treat(campaign.outcome, campaign.is_treated), campaign)


def amounts(rng: np.random.Generator) -> Held:
    """Few buy, amounts are skewed."""
    campaign = amount_campaign(rng, 2000, buyers=0.2, lift=0.05, share=0.5)
    return _of(intention_to_treat(campaign.outcome, campaign.is_treated), campaign)


def unequal(rng: np.random.Generator) -> Held:
    """The same with few controls."""
    campaign = amount_campaign(rng, 3000, buyers=0.2, lift=0.05, share=0.85)
    return _of(intention_to_treat(campaign.outcome, campaign.is_treated), campaign)


def narrowed(rng: np.random.Generator) -> Held:
    """The same, narrowed by what was known before."""
    campaign = amount_campaign(rng, 2000, buyers=0.2, lift=0.05, share=0.7)
    return _of(adjusted_to_treat(campaign.outcome, campaign.known, campaign.is_treated), campaign)


def observed(rng: np.random.Generator) -> Held:
    """Better customers were contacted: no lot."""
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


def cut(rng: np.random.Generator) -> Held:
    """The largest amounts cut: an effect of its own, taken from two million customers."""
    campaign = amount_campaign(rng, 2000, buyers=0.2, lift=0.05, share=0.5)
    frame = pd.DataFrame(
        {"amount": campaign.outcome, "arm": np.where(campaign.is_treated, "sent", "control")}
    )
    row = evaluate_experiment(frame, outcomes="amount").effects.iloc[0]
    return {"winsorized": [row["winsorized_low"] <= _cut_effect() <= row["winsorized_high"]]}


@cache
def _cut_effect() -> float:
    rng = np.random.default_rng(0)
    large = amount_campaign(rng, 2_000_000, buyers=0.2, lift=0.05, share=0.5)
    y = winsorized(large.outcome)
    return float(y[large.is_treated].mean() - y[~large.is_treated].mean())


def looks(rng: np.random.Generator) -> Held:
    """Ten looks while the outcomes come in: all ten intervals hold the effect."""
    n = 3000
    campaign = amount_campaign(rng, n, buyers=0.2, lift=0.05, share=0.6)
    table = sequential_looks(campaign.outcome, campaign.is_treated, np.arange(n), np.linspace(n / 10, n, 10))
    inside = table["low"].le(campaign.effect) & table["high"].ge(campaign.effect)
    return {"all of ten looks": [bool(inside.all())]}


def weeks(rng: np.random.Generator) -> Held:
    """An effect that halves every two weeks, on customers with lasting habits."""
    n, n_weeks = 3000, 8
    treated = rng.uniform(size=n) < 0.5
    habit = rng.gamma(2, 5, n)
    planted = 3.0 * 0.5 ** (np.arange(n_weeks) / _HALF_LIFE)
    y = habit[:, None] * rng.gamma(0.5, 2, (n, n_weeks)) + treated[:, None] * planted
    effects = [intention_to_treat(week, treated) for week in y.T]
    table, covariance = effects_over_time([e.estimate for e in effects], [e.influence for e in effects])
    fading, total = fit_decay(table["estimate"], covariance), planted.cumsum()
    held = {
        "week": [*(table["low"].le(planted) & table["high"].ge(planted))],
        "total so far": [*(table["total_low"].le(total) & table["total_high"].ge(total))],
    }
    if fading is not None:
        held["half-life"] = [fading.half_life_low <= _HALF_LIFE <= fading.half_life_high]
    return held


def _of(effect: Effect, campaign: Campaign) -> Held:
    relative = campaign.effect / campaign.base
    return {
        "difference": [effect.low <= campaign.effect <= effect.high],
        "relative": [effect.relative_low <= relative <= effect.relative_high],
    }
