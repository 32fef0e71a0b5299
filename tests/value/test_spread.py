"""Intervals from few drawn expectations, against draws of each customer's own."""

import numpy as np
import pandas as pd

from dangol.value import GammaGamma
from dangol.value.lifetime_value import predictive_interval
from dangol.value.spread import N_POINTS, Spread


def test_interpolated_bounds_are_those_of_each_customers_own_draws(published):
    spread = Spread(dispersion=0.9, level_sd=0.1, spend_ratio=1.05)
    spend = GammaGamma().with_params(**published["GammaGamma"])
    n = 30 * N_POINTS
    rng = np.random.default_rng(0)
    expected = np.exp(rng.uniform(-6, 2, n))
    frame = pd.DataFrame({"n_repeats": rng.integers(1, 4, n), "mean_spend": rng.gamma(4, 9, n)})
    found = spread.intervals(expected, spend, frame, (0.8, 0.9), 20_000, seed=1)
    some = rng.permutation(n)[:60]
    draws = spread.draws(expected[some], spend, frame.iloc[some], 20_000, rng)
    for level, (low, high) in zip((0.8, 0.9), found, strict=True):
        # the share of a customer's own futures that the interpolated interval holds
        held = ((draws >= low[some, None]) & (draws <= high[some, None])).mean(axis=1)
        wanted = np.maximum(level, (draws == 0).mean(axis=1))
        np.testing.assert_allclose(held, wanted, atol=0.02)
        truth = predictive_interval(draws, level)
        assert np.corrcoef(high[some], truth[1])[0, 1] > 0.995


def test_few_customers_are_drawn_for_one_by_one(published):
    spend = GammaGamma().with_params(**published["GammaGamma"])
    frame = pd.DataFrame({"n_repeats": [1, 1, 5], "mean_spend": [10.0, 20.0, 10.0]})
    low, high = Spread(1.0, 0.0, 1.0).intervals(np.array([2.0, 2.0, 9.0]), spend, frame, [0.9], 5_000, 0)[0]
    # equal but for their amounts: the interval of the second is that of the first, in proportion
    factor = spend.expected_spend(frame.iloc[[1]])[0] / spend.expected_spend(frame.iloc[[0]])[0]
    assert np.isclose(high[1] / high[0], factor)
    assert high[2] > high[0]
    assert (low <= high).all()
