import numpy as np
import pytest
from scipy.stats import spearmanr

from dangol.value import (
    decile_calibration,
    decile_calibration_error,
    interval_coverage,
    mean_absolute_error,
    normalized_gini,
    root_mean_square_error,
    spearman,
    total_bias,
    total_bias_error,
)

ALL = (
    normalized_gini, spearman, total_bias, total_bias_error, mean_absolute_error, root_mean_square_error,
    decile_calibration_error,
)  # fmt: skip


@pytest.fixture
def spend() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    predicted = np.round(rng.gamma(0.5, 40, 300))
    return np.where(rng.random(300) < 0.5, 0.0, rng.gamma(0.5, predicted / 0.5 + 1)), predicted


def slow_gini(actual, predicted):
    """Area under the gain curve, by adding customers one by one, over random orders of ties."""
    areas = []
    rng = np.random.default_rng(1)
    for _ in range(400):
        order = np.lexsort((rng.random(len(actual)), -predicted))
        reached, area = 0.0, 0.0
        for value in actual[order]:
            area += (reached + value / 2) / actual.sum() / len(actual)
            reached += value
        areas.append(area - 0.5)
    return np.mean(areas)


def test_normalized_gini_is_the_area_between_gain_curve_and_diagonal(spend):
    actual, predicted = spend
    expected = slow_gini(actual, predicted) / slow_gini(actual, actual)
    assert normalized_gini(actual, predicted) == pytest.approx(expected, abs=0.003)


def test_normalized_gini_of_hand_values():
    assert normalized_gini([0, 0, 10], [1, 2, 3]) == pytest.approx(1.0)
    assert normalized_gini([0, 0, 10], [3, 2, 1]) == pytest.approx(-1.0)
    assert normalized_gini([0, 0, 10], [1, 1, 1]) == pytest.approx(0.0)
    assert np.isnan(normalized_gini([5.1, 5.1, 5.1], [1, 2, 3]))


def test_spearman_matches_scipy(spend):
    assert spearman(*spend) == pytest.approx(spearmanr(*spend).statistic)
    assert np.isnan(spearman([1, 2, 3], [4, 4, 4]))


def test_sizes_of_error_match_plain_sums(spend):
    actual, predicted = spend
    gaps = [p - a for a, p in zip(actual, predicted, strict=True)]
    assert mean_absolute_error(*spend) == pytest.approx(sum(abs(g) for g in gaps) / len(gaps))
    assert root_mean_square_error(*spend) == pytest.approx((sum(g * g for g in gaps) / len(gaps)) ** 0.5)
    assert total_bias(*spend) == pytest.approx(sum(predicted) / sum(actual))
    assert total_bias_error([10, 0], [4, 4]) == pytest.approx(0.2)


@pytest.mark.parametrize("metric", ALL)
def test_row_order_does_not_matter(metric, spend):
    shuffled = np.random.default_rng(2).permutation(300)
    assert metric(*spend) == pytest.approx(float(metric(*(values[shuffled] for values in spend))))


@pytest.mark.parametrize("metric", [m for m in ALL if m is not decile_calibration_error])
def test_weights_count_customers_as_repeated_rows_do(metric, spend):
    rng = np.random.default_rng(3)
    weights = rng.integers(0, 4, (5, 300))
    repeated = [metric(*(np.repeat(values, row) for values in spend)) for row in weights]
    np.testing.assert_allclose(metric(*spend, weights=weights), repeated)


def test_decile_calibration_of_hand_values():
    predicted = np.arange(1.0, 21.0)
    table = decile_calibration(2 * predicted, predicted)
    assert table["decile"].tolist() == list(range(1, 11))
    assert table["n"].tolist() == [2] * 10
    assert table["predicted"].tolist() == [1.5 + 2 * k for k in range(10)]
    np.testing.assert_allclose(table["total_bias"], 0.5)
    assert decile_calibration_error(2 * predicted, predicted) == pytest.approx(0.5)


def test_equal_predictions_stay_in_one_group():
    table = decile_calibration(np.arange(10.0), np.ones(10))
    assert table["n"].tolist() == [10]


def test_interval_coverage_includes_both_bounds():
    assert interval_coverage([0, 1, 2, 3], [0, 0, 0, 0], [0, 1, 1, 5]) == pytest.approx(0.75)


def test_predictions_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"received shapes \(2,\), \(3,\).*Align predictions"):
        normalized_gini([1, 2], [1, 2, 3])


def test_missing_predictions_are_counted():
    with pytest.raises(ValueError, match="1 of 2 values are missing or infinite"):
        total_bias([1, 2], [1, np.nan])
