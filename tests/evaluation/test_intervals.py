"""Intervals against other libraries, hand values, and the truth of simulated campaigns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from dangol.evaluation.intervals import difference, moments, ratio
from dangol.evaluation.rates import newcombe, wilson

N_WORLDS = 1000


def worlds(rng, n, rate, amounts):
    """Outcomes of one arm in many campaigns, as moments with one cell per campaign."""
    y = np.zeros((N_WORLDS, n))
    buys = rng.uniform(size=y.shape) < rate
    y[buys] = amounts(rng, int(buys.sum()))
    return moments(y.ravel(), np.repeat(np.arange(N_WORLDS), n), N_WORLDS)


def lognormal(rng, size):
    return np.exp(3 + rng.normal(size=size))


def gamma(rng, size):
    return rng.gamma(0.5, 40, size)


def one(rng, size):
    return np.ones(size)


def covered(comparison, truth):
    return np.mean((comparison.low <= truth) & (truth <= comparison.high))


@pytest.mark.parametrize(
    ("n_treated", "n_control", "rate", "lift", "amounts", "mean"),
    [
        (1800, 200, 0.10, 1.0, lognormal, np.exp(3.5)),
        (900, 100, 0.30, 1.2, lognormal, np.exp(3.5)),
        (3600, 900, 0.05, 1.5, gamma, 20.0),
        (1000, 1000, 0.01, 1.0, one, 1.0),
        (1900, 100, 0.05, 1.2, one, 1.0),
    ],
)
def test_the_interval_of_the_difference_covers_what_it_promises(
    n_treated, n_control, rate, lift, amounts, mean
):
    rng = np.random.default_rng(7)
    treated = worlds(rng, n_treated, rate * lift, amounts)
    control = worlds(rng, n_control, rate, amounts)
    # 93 to 97 % is the promise; a share of 1,000 adds a standard error of 0.7 points
    assert 0.925 <= covered(difference(treated, control), mean * rate * (lift - 1)) <= 0.975
    assert 0.92 <= covered(ratio(treated, control), lift - 1) <= 0.98


def test_moments_match_a_plain_loop():
    rng = np.random.default_rng(0)
    y, cell = rng.gamma(1, 5, 50), rng.integers(-1, 3, 50)
    found = moments(y, cell, 4)
    for k in range(3):
        own = y[cell == k]
        assert found.n[k] == len(own)
        assert found.mean[k] == pytest.approx(own.mean())
        assert found.m2[k] == pytest.approx(np.mean((own - own.mean()) ** 2))
        assert found.m4[k] == pytest.approx(np.mean((own - own.mean()) ** 4))
    assert found.n[3] == 0
    assert np.isnan(found.mean[3])


def test_rare_rates_have_newcombes_interval():
    found = newcombe(np.array([0.03]), np.array([300.0]), np.array([0.01]), np.array([100.0]), 0.95)
    theirs = confint_proportions_2indep(9, 300, 1, 100, method="newcomb")
    assert (found[0][0], found[1][0]) == pytest.approx(theirs)
    # 56/70 against 48/80: the published example (Newcombe 1998, table II, row a, method 10)
    example = newcombe(np.array([56 / 70]), np.array([70.0]), np.array([48 / 80]), np.array([80.0]), 0.95)
    assert (example[0][0], example[1][0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_wilsons_interval_is_the_known_one():
    low, high = wilson(np.array([0.1]), np.array([10.0]), 1.959964)
    assert (low[0], high[0]) == pytest.approx((0.0179, 0.4042), abs=1e-4)


def test_fiellers_ends_are_the_ratios_at_which_the_scaled_controls_differ_by_the_quantile():
    rng = np.random.default_rng(2)
    y, cell = rng.normal(10, 2, 400), np.repeat([0, 1], 200)
    ours, theirs = moments(y[:200], cell[:200], 1), moments(y[200:], cell[200:] - 1, 1)
    found, plain = ratio(ours, theirs), difference(ours, theirs)
    for end in (found.low[0], found.high[0]):
        factor = 1 + end
        error = plain.standard_error[0] * np.sqrt((1 + factor**2) / 2)
        assert abs(ours.mean[0] - factor * theirs.mean[0]) / error == pytest.approx(1.966, abs=0.01)


def test_a_control_mean_that_may_be_zero_leaves_the_ratio_open_above():
    rng = np.random.default_rng(2)
    ours, theirs = (moments(rng.normal(0.1, 1, 50), np.zeros(50, dtype=int), 1) for _ in range(2))
    found = ratio(ours, theirs)
    assert found.high[0] == np.inf
    assert np.isfinite([found.low[0], found.estimate[0]]).all()


@settings(max_examples=60, deadline=None)
@given(
    ours=st.lists(st.floats(-1e6, 1e6) | st.just(0.0), min_size=2, max_size=30),
    theirs=st.lists(st.floats(-1e6, 1e6) | st.just(0.0), min_size=2, max_size=30),
)
def test_any_two_arms_give_an_interval_around_the_estimate(ours, theirs):
    arms = [moments(np.array(y), np.zeros(len(y), dtype=int), 1) for y in (ours, theirs)]
    found, turned = difference(*arms), difference(*arms[::-1])
    assert found.low[0] <= found.estimate[0] <= found.high[0]
    assert 0 <= found.p_value[0] <= 1
    assert turned.low[0] == pytest.approx(-found.high[0], abs=1e-6, rel=1e-6)
    outside = found.low[0] > 0 or found.high[0] < 0
    assert outside == (found.p_value[0] < 0.05) or found.p_value[0] == pytest.approx(0.05)
