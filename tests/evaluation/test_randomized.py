"""Campaigns drawn by lot, against textbook formulas."""

import numpy as np
import pytest
from scipy import stats

from dangol.evaluation.randomized import cuped, intention_to_treat, sample_ratio_p_value


@pytest.fixture
def arms():
    rng = np.random.default_rng(8)
    before = rng.gamma(1, 40, 900)
    is_treated = rng.uniform(size=900) < 0.8
    return before + rng.gamma(1, 10, 900) + 6 * is_treated, before, is_treated


def test_the_interval_is_welchs(arms):
    y, _, treated = arms
    ours = intention_to_treat(y, treated)
    theirs = stats.ttest_ind(y[treated], y[~treated], equal_var=False)
    interval = theirs.confidence_interval(0.95)
    assert ours.estimate == pytest.approx(y[treated].mean() - y[~treated].mean())
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))
    assert ours.p_value == pytest.approx(theirs.pvalue)


def test_what_was_bought_before_narrows_the_interval_without_moving_the_truth(arms):
    y, before, treated = arms
    plain, narrowed = intention_to_treat(y, treated), cuped(y, before, treated)
    slope = np.polyfit(before, y, 1)[0]
    by_hand = plain.estimate - slope * (before[treated].mean() - before[~treated].mean())
    assert narrowed.estimate == pytest.approx(by_hand)
    assert narrowed.unadjusted == pytest.approx(plain.estimate)
    assert narrowed.standard_error < 0.5 * plain.standard_error
    assert narrowed.low < 6 < narrowed.high


def test_a_constant_past_changes_nothing(arms):
    y, _, treated = arms
    assert cuped(y, np.ones(len(y)), treated).estimate == intention_to_treat(y, treated).estimate


def test_refunds_may_make_spend_negative(arms):
    y, _, treated = arms
    assert intention_to_treat(-y, treated).estimate == pytest.approx(-intention_to_treat(y, treated).estimate)


def test_an_uneven_lot_is_noticed():
    assert sample_ratio_p_value(5200, 4800, 0.5) < 0.001
    assert sample_ratio_p_value(5020, 4980, 0.5) > 0.5


def test_an_arm_without_customers_is_refused():
    with pytest.raises(ValueError, match="the control arm has 0 customers"):
        intention_to_treat([1.0, 2.0], [True, True])
