"""The one place that resamples: draws of whole groups, percentile intervals, paired differences."""

import numpy as np
import pytest

from dangol.bootstrap import (
    Interval,
    drawn_weights,
    paired_interval,
    percentile_interval,
    score_intervals,
    score_table,
)

VALUES = np.random.default_rng(0).normal(10, 2, 400)


def mean_of(values):
    return lambda weights: weights @ values / weights.sum(axis=1)


def test_rows_of_a_group_are_drawn_together_and_as_many_groups_as_there_are():
    groups = np.array(["b", "a", "b", "c", "a"])
    weights = np.concatenate(list(drawn_weights(groups, 200, seed=1)))
    assert weights.shape == (200, 5)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 1] == weights[:, 4]).all()
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert weights.mean() == pytest.approx(1, abs=0.1)


def test_the_interval_of_a_mean_is_the_textbook_one():
    found = score_intervals({"mean": mean_of(VALUES)}, np.arange(400), 2000, seed=1)["mean"]
    half = 1.96 * VALUES.std() / 20
    assert found.estimate == pytest.approx(VALUES.mean())
    assert (found.low, found.high) == pytest.approx((VALUES.mean() - half, VALUES.mean() + half), abs=0.03)


def test_copies_of_rows_within_groups_do_not_narrow_the_interval():
    alone = score_intervals({"m": mean_of(VALUES)}, np.arange(400), 300, seed=2)["m"]
    copied = score_intervals({"m": mean_of(np.tile(VALUES, 3))}, np.tile(np.arange(400), 3), 300, seed=2)["m"]
    assert copied == pytest.approx(alone)


def test_a_difference_of_scores_that_move_together_is_known_exactly():
    gap = paired_interval(mean_of(VALUES + 1), mean_of(VALUES), np.arange(400), 50, seed=3)
    assert gap == pytest.approx((1, 1, 1))


def test_the_table_has_a_row_per_score_in_the_order_given():
    board = score_table({("b", "m"): mean_of(VALUES), ("a", "m"): mean_of(-VALUES)}, np.arange(400), 20, 0)
    assert board.columns.tolist() == ["model", "metric", "estimate", "low", "high"]
    assert board["model"].tolist() == ["b", "a"]
    assert (board["low"] < board["estimate"]).all()


def test_draws_without_a_score_are_left_out():
    replicates = np.array([1.0, np.nan, 3.0])
    assert percentile_interval(2.0, replicates, 0.9999) == pytest.approx((2, 1, 3), abs=1e-3)
    nothing = percentile_interval(2.0, np.array([np.nan]))
    assert np.isnan([nothing.low, nothing.high]).all()
    assert isinstance(nothing, Interval)


def test_no_rows_no_draws_and_levels_in_percent_are_refused():
    with pytest.raises(ValueError, match="received 0 customers"):
        next(drawn_weights([], 10, 0))
    with pytest.raises(ValueError, match="n_boot=0"):
        next(drawn_weights([1], 0, 0))
    with pytest.raises(ValueError, match="received 95"):
        percentile_interval(0.0, VALUES, 95)
