"""Grades by rank: ties share, order does not matter, one-time buyers do not break it."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangol import tables
from dangol.segments import rfm_grades
from dangol.segments.rfm import quantile_grade

VALUES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40)


def slow_grade(values: list[float], n_grades: int) -> list[int]:
    """By counting: how many are below, how many are equal."""
    grades = []
    for value in values:
        below = sum(other < value for other in values)
        equal = sum(other == value for other in values)
        middle = (below + equal / 2) / len(values)
        grades.append(min(max(math.ceil(round(middle * n_grades, 9)), 1), n_grades))
    return grades


@given(VALUES, st.integers(2, 10))
def test_grades_equal_a_count_of_those_below_and_equal(values, n_grades):
    assert quantile_grade(pd.Series(values), n_grades).tolist() == slow_grade(values, n_grades)


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_customers_is_irrelevant(values, random):
    series = pd.Series(values)
    places = list(series.index)
    random.shuffle(places)
    pd.testing.assert_series_equal(quantile_grade(series).loc[places], quantile_grade(series.loc[places]))


@given(VALUES)
def test_equal_values_share_a_grade_and_larger_ones_are_never_worse(values):
    series = pd.Series(values)
    by_value = quantile_grade(series).groupby(series).agg(["min", "max"])
    assert (by_value["min"] == by_value["max"]).all()
    assert by_value["min"].is_monotonic_increasing


def test_different_values_fill_the_grades_evenly():
    grades = quantile_grade(pd.Series(np.random.default_rng(1).permutation(1_000)))
    assert grades.value_counts().to_dict() == dict.fromkeys(range(1, 6), 200)


def test_three_quarters_of_one_time_buyers_share_one_grade_and_the_top_grade_stays():
    n_orders = pd.Series([1] * 75 + list(range(2, 27)))
    grades = quantile_grade(n_orders)
    assert set(grades[n_orders == 1]) == {2}
    assert set(grades[n_orders > 1]) == {4, 5}


def test_everybody_equal_is_in_the_middle():
    assert quantile_grade(pd.Series([7.0] * 11)).tolist() == [3] * 11


def test_fresh_frequent_and_large_are_the_best_grades():
    snapshot = pd.DataFrame(
        {
            "customer_id": [11, 12, 13, 14, 15],
            "recency_days": [1, 10, 20, 30, 40],
            "n_orders": [1, 2, 3, 4, 5],
            "monetary": [5.0, 4.0, 3.0, 2.0, -1.0],
        }
    )
    grades = rfm_grades(snapshot)
    assert grades["customer_id"].tolist() == [11, 12, 13, 14, 15]
    assert grades["recency_grade"].tolist() == [5, 4, 3, 2, 1]
    assert grades["frequency_grade"].tolist() == [1, 2, 3, 4, 5]
    assert grades["monetary_grade"].tolist() == [5, 4, 3, 2, 1]
    for name in ("recency_grade", "frequency_grade", "monetary_grade"):
        low, high = tables.CUSTOMER_SEGMENT.ranges[name]
        assert grades[name].between(low, high).all()


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_fewer_customers_than_grades_are_graded_too(n):
    assert quantile_grade(pd.Series(range(n))).between(1, 5).all()
