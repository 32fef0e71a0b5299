"""Campaigns drawn by lot, against textbook formulas and other libraries."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dangol.evaluation.checks import balance_p_value, presumed_shares, sample_ratio_p_value
from dangol.evaluation.randomized import adjusted_to_treat, intention_to_treat, winsorized, without_covariates


@pytest.fixture
def arms():
    rng = np.random.default_rng(8)
    before = rng.gamma(1, 40, 900)
    is_treated = rng.uniform(size=900) < 0.8
    return before + rng.gamma(1, 10, 900) + 6 * is_treated, before, is_treated


def test_a_frequent_rate_has_welchs_interval():
    rng = np.random.default_rng(1)
    treated = np.repeat([True, False], [6000, 2000])
    y = (rng.uniform(size=8000) < np.where(treated, 0.2, 0.1)).astype(float)
    ours = intention_to_treat(y, treated)
    theirs = stats.ttest_ind(y[treated], y[~treated], equal_var=False)
    interval = theirs.confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))
    assert ours.p_value == pytest.approx(theirs.pvalue)


def test_amounts_whose_variances_clearly_differ_keep_welchs_interval_but_for_a_trace():
    rng = np.random.default_rng(2)
    treated = np.repeat([True, False], [8000, 8000])
    y = rng.normal(np.where(treated, 1, 0), np.where(treated, 5, 1))
    ours = intention_to_treat(y, treated)
    interval = stats.ttest_ind(y[treated], y[~treated], equal_var=False).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high), rel=1e-3)


def test_amounts_whose_variances_may_be_the_same_share_one():
    rng = np.random.default_rng(3)
    treated = np.repeat([True, False], [900, 100])
    y = rng.gamma(0.5, 40, 1000)
    ours = intention_to_treat(y, treated)
    variance = (900 * np.var(y[treated]) + 100 * np.var(y[~treated])) / 998
    assert ours.standard_error == pytest.approx(np.sqrt(variance * (1 / 900 + 1 / 100)))


def test_influence_squares_to_the_error_and_scores_sum_to_the_estimate(arms):
    y, before, treated = arms
    for found in (intention_to_treat(y, treated), adjusted_to_treat(y, before, treated)):
        reach = stats.t.ppf(0.975, 2000) * found.standard_error
        assert found.high - found.estimate == pytest.approx(reach, rel=0.02)
        assert found.score.sum() == pytest.approx(found.estimate)
        assert found.influence.sum() == pytest.approx(0, abs=1e-9)


def test_what_was_bought_before_narrows_the_interval_without_moving_the_truth(arms):
    y, before, treated = arms
    plain, narrowed = intention_to_treat(y, treated), adjusted_to_treat(y, before, treated)
    parts = [np.cov(before[arm], y[arm]) / arm.sum() for arm in (treated, ~treated)]
    slope = sum(p[0, 1] for p in parts) / sum(p[0, 0] for p in parts)
    by_hand = plain.estimate - slope * (before[treated].mean() - before[~treated].mean())
    assert narrowed.estimate == pytest.approx(by_hand, rel=1e-3)
    assert narrowed.unadjusted == pytest.approx(plain.estimate)
    assert narrowed.standard_error < 0.5 * plain.standard_error
    assert narrowed.low < 6 < narrowed.high


def test_the_adjustment_shrinks_the_variance_by_the_explained_share_without_bias():
    rng = np.random.default_rng(11)
    errors, ratios = [], []
    for _ in range(300):
        before = rng.normal(size=400)
        treated = rng.permutation(400) < 200
        y = 0.8 * before + 0.6 * rng.normal(size=400) + 0.5 * treated
        plain, narrowed = intention_to_treat(y, treated), adjusted_to_treat(y, before, treated)
        errors.append(narrowed.estimate - 0.5)
        ratios.append((narrowed.standard_error / plain.standard_error) ** 2)
    assert abs(np.mean(errors)) < 3 * 0.06 / np.sqrt(300)
    assert np.mean(ratios) == pytest.approx(1 - 0.8**2, abs=0.02)


def test_tea_tasting_agrees_on_cuped_with_arms_of_one_size(arms):
    import tea_tasting as tt

    rng = np.random.default_rng(4)
    before = rng.gamma(2, 20, 4000)
    treated = np.repeat([True, False], 2000)
    y = before + rng.gamma(2, 10, 4000) + 3 * treated
    frame = pd.DataFrame({"variant": treated.astype(int), "y": y, "before": before})
    theirs = tt.Experiment(m=tt.Mean("y", covariate="before")).analyze(frame, control=0)["m"]
    ours = adjusted_to_treat(y, before, treated)
    assert ours.estimate == pytest.approx(theirs.effect_size, rel=0.01)
    assert ours.low == pytest.approx(theirs.effect_size_ci_lower, rel=0.01)
    assert ours.high == pytest.approx(theirs.effect_size_ci_upper, rel=0.01)
    assert ours.relative_low == pytest.approx(theirs.rel_effect_size_ci_lower, rel=0.02)
    assert ours.relative_high == pytest.approx(theirs.rel_effect_size_ci_upper, rel=0.02)


def test_statsmodels_agrees_on_an_adjustment_with_interactions(arms):
    import statsmodels.api as sm

    y, before, treated = arms
    x = before - before.mean()
    columns = np.column_stack([treated, x, x * treated])
    theirs = sm.OLS(y, sm.add_constant(columns)).fit(cov_type="HC2")
    ours = adjusted_to_treat(y, before, treated)
    assert ours.estimate == pytest.approx(theirs.params[1], abs=0.1 * ours.standard_error)
    assert ours.standard_error == pytest.approx(theirs.bse[1], rel=0.1)


def test_the_adjustment_of_a_sum_is_the_sum_of_the_adjustments(arms):
    y, before, treated = arms
    parts = np.column_stack([y * 0.3, y * 0.7 - 5])
    adjusted = without_covariates(parts, before, treated)
    np.testing.assert_allclose(adjusted.sum(axis=1), without_covariates(y - 5, before, treated))


def test_too_many_covariates_for_a_small_arm_are_left_alone(arms):
    y, _, treated = arms
    many = np.random.default_rng(0).normal(size=(900, 60))
    assert adjusted_to_treat(y, many, treated).low == intention_to_treat(y, treated).low


def test_a_constant_past_changes_nothing(arms):
    y, _, treated = arms
    constant = adjusted_to_treat(y, np.ones(len(y)), treated)
    assert constant.estimate == pytest.approx(intention_to_treat(y, treated).estimate)


def test_refunds_may_make_spend_negative(arms):
    y, _, treated = arms
    turned = intention_to_treat(-y, treated)
    assert turned.estimate == pytest.approx(-intention_to_treat(y, treated).estimate)
    assert np.isnan(turned.relative)


def test_winsorizing_cuts_both_tails_at_the_hundredth_part_of_what_is_not_zero():
    y = np.concatenate([np.zeros(1000), np.arange(1.0, 101.0), -np.arange(1.0, 101.0)])
    cut = winsorized(y)
    assert cut.max() == pytest.approx(99.01)
    assert cut.min() == pytest.approx(-99.01)
    assert (cut[:1000] == 0).all()


def test_an_uneven_lot_is_noticed():
    equal = {"a": 1, "b": 1}
    assert sample_ratio_p_value({"a": 5200, "b": 4800}, equal) < 0.001
    assert sample_ratio_p_value({"a": 5020, "b": 4980}, equal) > 0.5
    assert sample_ratio_p_value({"a": 5200, "b": 4800}, equal) == pytest.approx(
        stats.binomtest(5200, 10_000, 0.5).pvalue
    )
    assert sample_ratio_p_value({"a": 3400, "b": 3300, "c": 3000}, dict.fromkeys("abc", 1)) < 0.001
    assert presumed_shares({"a": 8000, "b": 2000}) is None


def test_the_balance_check_is_uniform_under_a_lot_and_small_without_one():
    rng = np.random.default_rng(6)
    x = pd.DataFrame(rng.gamma(1, 5, (500, 4))).assign(constant=1.0)
    x["twice"] = 2 * x[0]
    p_values = [balance_p_value(x, rng.permutation(500) < 150) for _ in range(200)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert balance_p_value(x, x[0] > 5) < 1e-6
    assert balance_p_value(x[["constant"]], x[0] > 5) == 1


def test_an_arm_without_customers_is_refused():
    with pytest.raises(ValueError, match="the control arm has 0 customers"):
        intention_to_treat([1.0, 2.0], [True, True])
