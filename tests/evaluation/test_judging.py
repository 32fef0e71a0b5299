"""Shrinkage, decay, sensitivity and matching, against hand values and planted truth."""

import numpy as np
import pandas as pd
import pytest

from dangol.evaluation.adjusted import AdjustedComparison
from dangol.evaluation.decay import effects_over_time, fit_decay
from dangol.evaluation.effect import Effect
from dangol.evaluation.matching import matched_effect
from dangol.evaluation.randomized import intention_to_treat
from dangol.evaluation.segment_effects import heterogeneity_p_value, segment_effects
from dangol.evaluation.sensitivity import e_value, robustness_value
from dangol.evaluation.shrinkage import holm, q_values, shrink


def effect(estimate, error, n=1002):
    influence = np.full(4, error / 2)
    return Effect(estimate, 0.0, 0.0, 0.5, n // 2, n // 2, 0.0, influence, influence)


# ------------------------------------------------------------------------------ shrinkage
def test_chosen_winners_are_overrated_and_shrinking_mends_it():
    rng = np.random.default_rng(1)
    raw_error, shrunken_error, covered = [], [], []
    for _ in range(200):
        truth = rng.normal(2, 1, 20)
        error = rng.uniform(1, 3, 20)
        seen = truth + error * rng.normal(size=20)
        found = shrink(seen, error)
        best = np.argsort(-seen)[:5]
        raw_error.append(seen[best].sum() - truth[best].sum())
        shrunken_error.append(found.estimate[best].sum() - truth[best].sum())
        covered.append(np.mean((found.low <= truth) & (truth <= found.high)))
    assert np.mean(raw_error) > 5
    assert abs(np.mean(shrunken_error)) < 0.3 * np.mean(raw_error)
    assert np.mean(np.abs(shrunken_error)) < np.mean(np.abs(raw_error))
    assert 0.93 <= np.mean(covered) <= 0.97


def test_effects_that_chance_explains_become_their_weighted_mean():
    found = shrink([1.0, 1.1, 0.9, np.nan], [1.0, 1.0, 2.0, 1.0])
    mean = (1.0 + 1.1 + 0.9 / 4) / (1 + 1 + 1 / 4)
    assert found.spread == 0
    assert found.mean == pytest.approx(mean)
    assert np.isnan(found.estimate[3])


def test_the_spread_solves_paule_and_mandels_equation():
    y, error = np.array([1.0, 5.0, 9.0, 3.0]), np.array([1.0, 1.5, 1.0, 2.0])
    found = shrink(y, error)
    weight = 1 / (error**2 + found.spread**2)
    assert (weight * (y - found.mean) ** 2).sum() == pytest.approx(3)


def test_nothing_to_shrink_gives_nothing():
    assert np.isnan(shrink([np.nan], [1.0]).mean)


def test_corrections_match_hand_values():
    p = [0.01, 0.02, 0.03, np.nan]
    np.testing.assert_allclose(holm(p), [0.03, 0.04, 0.04, np.nan])
    np.testing.assert_allclose(q_values(p), [0.03, 0.03, 0.03, np.nan])


def test_segments_without_an_effect_are_rarely_proven():
    rng = np.random.default_rng(9)
    false_wins = 0
    for _ in range(100):
        y, treated = rng.gamma(1, 30, 3000), rng.uniform(size=3000) < 0.5
        found = segment_effects(y, treated, pd.Series(rng.integers(0, 20, 3000)))
        false_wins += bool(found["is_proven"].any())
    assert false_wins <= 11


def test_segment_effects_are_the_differences_in_each_and_small_ones_stay_open():
    y = np.array([5.0, 7, 1, 3, 2, 4, 9])
    treated = np.array([1, 1, 0, 0, 1, 0, 1], dtype=bool)
    found = segment_effects(y, treated, pd.Series(["a"] * 4 + ["b"] * 3)).set_index("segment")
    assert found.loc["a", "estimate"] == 4
    assert np.isnan(found.loc["b", "estimate"])
    assert found.loc["b", ["n_treated", "n_control"]].tolist() == [2, 1]


def test_heterogeneity_is_seen_when_it_is_there():
    assert heterogeneity_p_value([1.0, 1.0, 1.0], [0.5, 0.5, 0.5]) == pytest.approx(1)
    assert heterogeneity_p_value([0.0, 10.0], [1.0, 1.0]) < 1e-10
    assert heterogeneity_p_value([1.0, np.nan], [1.0, 1.0]) == 1


# ------------------------------------------------------------------------------ decay
def fading_campaign(seed, half_life=2.0, first=6.0, n=4000, n_periods=8):
    rng = np.random.default_rng(seed)
    treated = rng.uniform(size=n) < 0.5
    taste = rng.gamma(4, 2, n)
    lift = first * 0.5 ** (np.arange(n_periods) / half_life)
    y = taste[:, None] * rng.gamma(4, 0.25, (n, n_periods)) + treated[:, None] * lift
    return pd.DataFrame(y, columns=[f"week {k + 1}" for k in range(n_periods)]), treated


def week_by_week(outcomes, treated):
    effects = [intention_to_treat(outcomes[name], treated) for name in outcomes]
    return effects_over_time([e.estimate for e in effects], [e.influence for e in effects])


def test_a_planted_half_life_is_recovered():
    held = []
    for seed in range(40):
        table, covariance = week_by_week(*fading_campaign(seed))
        found = fit_decay(table["estimate"], covariance)
        held.append(found.half_life_low <= 2.0 <= found.half_life_high)
        assert found.half_life == pytest.approx(2.0, rel=0.25)
        assert found.first == pytest.approx(6.0, rel=0.15)
    assert sum(held) >= 34
    assert table["total"].iloc[-1] == pytest.approx(table["estimate"].sum())


def test_an_effect_that_stays_has_no_half_life_and_two_periods_have_no_fit():
    outcomes, treated = fading_campaign(1, half_life=1e9)
    table, covariance = week_by_week(outcomes, treated)
    assert fit_decay(table["estimate"], covariance).half_life_high == np.inf
    assert fit_decay(table["estimate"][:2], covariance[:2, :2]) is None


# ------------------------------------------------------------------------------ sensitivity
def test_the_robustness_value_is_the_published_one():
    # Cinelli & Hazlett (2020), Darfur example: t = 4.18, 783 degrees of freedom, RV = 13.9 %
    assert robustness_value(effect(4.18, 1.0, n=785)) == pytest.approx(0.139, abs=0.0005)
    assert robustness_value(effect(0.0, 1.0)) == 0


def test_the_e_value_follows_the_published_formula():
    # VanderWeele & Ding (2017): a risk ratio of 3.9 has the E-value 7.26
    d = np.log(3.9) / 0.91
    assert e_value(effect(d, 0.1), 1.0) == pytest.approx(7.26, abs=0.005)
    assert e_value(effect(0.0, 0.1), 1.0) == 1


# ------------------------------------------------------------------------------ matching
def test_matching_agrees_with_the_truth_where_the_plain_difference_does_not():
    held, plain = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        taste = rng.normal(size=1200)
        treated = rng.uniform(size=1200) < 1 / (1 + np.exp(1.2 - taste))
        y = 10 * taste + rng.normal(0, 5, 1200) + 4 * treated
        comparison = AdjustedComparison(pd.DataFrame({"taste": taste}), treated, seed)
        compared, expected = comparison.overlap.is_compared, comparison.expected(y)
        found = matched_effect(y, treated, compared, comparison.propensity, expected)
        held.append(found.low <= 4 <= found.high)
        plain.append(found.unadjusted)
        assert found.score.sum() == pytest.approx(found.estimate, abs=1e-6)
    assert sum(held) >= 26
    assert min(plain) > 6


def test_matching_refuses_an_empty_arm():
    with pytest.raises(ValueError, match="contacted arm has 0"):
        matched_effect(np.ones(5), np.zeros(5, bool), np.ones(5, bool), np.full(5, 0.5), np.ones(5))
