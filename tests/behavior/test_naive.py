"""Rules of thumb by a plain loop, and the range of a total."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangol.behavior.naive import recency_rule, recent_spend_rule
from dangol.behavior.value_forecasts import naive_value, total_with_error

EDGES = [0, 2, 4, 7, 11, 15, 22, 29, 43, 57, 85, 113, 169, 10_000]
ROWS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 1)), min_size=1, max_size=60)


@given(ROWS, st.lists(st.integers(0, 300), max_size=20))
def test_the_recency_rule_equals_a_plain_loop(rows, scored):
    recency, lapsed = (pd.Series(column) for column in zip(*rows, strict=True))
    found = recency_rule(recency, lapsed, pd.Series(scored, dtype="int64"))
    base = sum(y for _, y in rows) / len(rows)
    for days, probability in zip(scored, found, strict=True):
        low = max(edge for edge in EDGES if edge <= days)
        high = min(edge for edge in EDGES if edge > days)
        band = [y for recency_days, y in rows if low <= recency_days < high]
        assert probability == pytest.approx((sum(band) + base) / (len(band) + 1))


def test_a_band_nobody_was_in_gets_the_base_rate():
    found = recency_rule(pd.Series([1, 1, 1, 1]), pd.Series([1, 0, 0, 0]), pd.Series([200]))
    assert found.tolist() == [0.25]


def test_rates_are_never_0_or_1_unless_everybody_is_alike():
    recency, lapsed = pd.Series([1] * 50 + [200] * 50), pd.Series([0] * 50 + [1] * 50)
    found = recency_rule(recency, lapsed, pd.Series([1, 200]))
    assert 0 < found[0] < 0.02
    assert 0.98 < found[1] < 1


def test_the_index_of_the_training_rows_is_irrelevant():
    recency, lapsed = pd.Series([1, 1, 50]), pd.Series([0, 1, 1])
    plain = recency_rule(recency, lapsed, pd.Series([1, 50]))
    odd = recency_rule(
        recency.set_axis([5, 9, 7]), lapsed.set_axis([5, 9, 7]), pd.Series([1, 50], index=[3, 3])
    )
    np.testing.assert_array_equal(plain, odd)


@given(st.lists(st.floats(-1e6, 1e6), max_size=30), st.integers(1, 365))
def test_the_recent_spend_goes_on_and_is_never_negative(amounts, horizon_days):
    found = recent_spend_rule(pd.Series(amounts, dtype="float64"), horizon_days)
    assert found.tolist() == pytest.approx([max(amount, 0) / 84 * horizon_days for amount in amounts])


def test_the_last_period_happens_again():
    orders = pd.DataFrame(
        {
            "customer_id": [2, 1, 1, 1, 3],
            "order_ts": pd.to_datetime(
                ["2017-05-31", "2017-05-04", "2017-05-03", "2017-06-01", "2017-01-01"]
            ),
            "amount": [10.0, 5.0, 100.0, 1_000.0, 7.0],
        }
    )
    forecast = naive_value(orders, "2017-06-01", 28)
    assert forecast["customer_id"].tolist() == [1, 2, 3]
    assert forecast["expected_value"].tolist() == [5.0, 10.0, 0.0]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.8, 1.25, (75.0, 125.0)),
        (1.1, 1.25, (80.0, 120.0)),
        (0.5, 0.8, (0.0, 200.0)),
        (1.0, 1.0, (100.0, 100.0)),
        (0.0, 0.8, (75.0, 125.0)),
        (0.0, 0.0, (100.0, 100.0)),
        (np.nan, np.nan, (100.0, 100.0)),
    ],
)
def test_a_total_is_corrected_by_what_the_backtest_was_off(low, high, expected):
    assert total_with_error(100.0, low, high) == pytest.approx(expected)


@given(st.floats(0.01, 1e6), st.floats(0.1, 10), st.floats(0.1, 10))
def test_the_range_holds_the_forecast(total, one, other):
    low, high = total_with_error(total, min(one, other), max(one, other))
    assert low <= total <= high
