import time

import numpy as np
import pytest

from dangol.value import (
    bootstrap_interval,
    leaderboard,
    normalized_gini,
    paired_bootstrap,
    root_mean_square_error,
    total_bias,
    winner,
)


@pytest.fixture
def models() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(0)
    actual = rng.gamma(0.5, 40, 800)
    noise = rng.standard_normal((3, 800))
    guesses = {name: actual + scale * row for name, scale, row in zip("abc", (5, 60, 61), noise, strict=True)}
    return actual, guesses


def test_interval_of_a_mean_is_the_textbook_one():
    values = np.random.default_rng(0).normal(10, 2, 500)
    interval = bootstrap_interval(lambda a, p: np.mean(p), values, values, n_boot=2000, seed=1)
    assert interval.estimate == pytest.approx(values.mean())
    half = 1.96 * values.std() / np.sqrt(500)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.03)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.03)


def test_weighted_replicates_equal_resampled_rows(models):
    actual, guesses = models

    def plain(a, p):
        return normalized_gini(a, p)

    fast = bootstrap_interval(normalized_gini, actual, guesses["b"], n_boot=50, seed=4)
    np.testing.assert_allclose(fast, bootstrap_interval(plain, actual, guesses["b"], n_boot=50, seed=4))


def test_the_paired_interval_is_narrower_than_two_separate_ones(models):
    actual, guesses = models
    near = guesses["b"] + 0.1
    paired = paired_bootstrap(root_mean_square_error, actual, guesses["b"], near, n_boot=300)
    alone = bootstrap_interval(root_mean_square_error, actual, guesses["b"], n_boot=300)
    assert paired.high - paired.low < 0.1 * (alone.high - alone.low)


def test_the_leaderboard_has_a_row_per_model_and_metric(models):
    actual, guesses = models
    bounds = {("a", 0.9): (guesses["a"] - 10, guesses["a"] + 10)}
    board = leaderboard(actual, guesses, (normalized_gini, total_bias), bounds, n_boot=100)
    assert list(board.columns) == ["model", "metric", "estimate", "low", "high"]
    assert len(board) == 7
    assert ((board["low"] <= board["estimate"]) & (board["estimate"] <= board["high"])).all()
    assert board.iloc[-1]["metric"] == "interval_coverage_90"


@pytest.mark.parametrize("metric", [normalized_gini, root_mean_square_error])
def test_a_clear_winner_is_named(metric, models):
    assert winner(*models, metric=metric, n_boot=200) == "a"


@pytest.mark.parametrize("metric", [normalized_gini, root_mean_square_error])
def test_nobody_wins_by_luck(metric, models):
    actual, guesses = models
    assert winner(actual, {name: guesses[name] for name in "bc"}, metric=metric, n_boot=200) is None


def test_a_metric_without_direction_names_no_winner(models):
    with pytest.raises(ValueError, match="cannot name a winner of 3 models by 'total_bias'"):
        winner(*models, metric=total_bias)


def test_no_replicates_are_refused(models):
    with pytest.raises(ValueError, match=r"n_boot >= 1; received 800 customers and n_boot=0"):
        bootstrap_interval(total_bias, models[0], models[0], n_boot=0)


def test_a_level_in_percent_is_refused(models):
    with pytest.raises(ValueError, match="level must lie between 0 and 1; received 95"):
        bootstrap_interval(total_bias, models[0], models[0], level=95)


def test_a_thousand_replicates_of_2500_customers_take_two_seconds():
    rng = np.random.default_rng(0)
    actual, predicted = rng.gamma(0.5, 40, (2, 2500))
    began = time.process_time()
    bootstrap_interval(normalized_gini, actual, predicted, n_boot=1000)
    assert time.process_time() - began < 2
