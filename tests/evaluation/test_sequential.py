"""Looking while a test runs: no more false wins than promised, and real effects found early."""

import numpy as np
import pandas as pd
import pytest

from dangol.evaluation.sequential import always_valid, sequential_looks


def running_test(rng, n=4000, n_segments=20, effect=0.0):
    """Customers come in one after another, each in a segment, and buy rarely."""
    treated = rng.uniform(size=n) < 0.7
    y = np.where(rng.uniform(size=n) < 0.2, rng.gamma(1, 30, n), 0.0) + effect * treated
    return y, treated, np.arange(n), pd.Series(rng.integers(0, n_segments, n))


def test_twenty_segments_at_ten_looks_give_at_most_five_per_cent_false_wins():
    rng = np.random.default_rng(3)
    false_wins = 0
    for _ in range(60):
        y, treated, known_at, segment = running_test(rng)
        found = sequential_looks(y, treated, known_at, np.linspace(400, 4000, 10), segment)
        false_wins += bool(found["is_decided"].any())
    # more than 7 of 60 have a probability under 2 % if the true share were 5 %
    assert false_wins <= 7


def test_the_intervals_hold_at_all_looks_together_where_plain_ones_do_not():
    rng = np.random.default_rng(4)
    held, plain_held = 0, 0
    for _ in range(200):
        y = rng.normal(size=2000)
        n = np.arange(100, 2001, 100)
        mean = np.cumsum(y)[n - 1] / n
        low, high, p_value = always_valid(mean, 1 / np.sqrt(n), 1 / np.sqrt(2000))
        held += bool(((low <= 0) & (high >= 0)).all())
        plain_held += bool((np.abs(mean) <= 1.96 / np.sqrt(n)).all())
        assert ((p_value < 0.05) == ((low > 0) | (high < 0))).all()
    assert held >= 0.93 * 200
    assert plain_held < 0.85 * 200


def test_a_strong_effect_is_decided_before_the_end_and_stays_decided():
    y, treated, known_at, _ = running_test(np.random.default_rng(5), effect=8.0)
    found = sequential_looks(y, treated, known_at, np.linspace(400, 4000, 10))
    assert found["is_decided"].iloc[-1]
    assert found["is_decided"].is_monotonic_increasing
    assert found["look"].iloc[int(found["is_decided"].argmax())] < 4000
    assert (found["high"] - found["low"]).iloc[-1] < (found["high"] - found["low"]).iloc[0]


def test_a_look_before_anything_is_known_decides_nothing():
    y, treated, known_at, _ = running_test(np.random.default_rng(6))
    first = sequential_looks(y, treated, known_at, [-1, 4000]).iloc[0]
    assert (first["n_treated"], first["p_value"]) == (0, 1.0)
    assert not first["is_decided"]


def test_the_price_of_looking_at_the_planned_end_is_a_little_over_half_an_interval():
    low, high, _ = always_valid(0.0, 1.0, 1.0)
    assert 1.96 < float(high) < 1.6 * 1.96
    assert float(low) == pytest.approx(-float(high))
