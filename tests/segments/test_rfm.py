"""Grades by rank: ties share, order does not matter, one-time buyers do not break it."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangol import tables
from dangol.errors import InputError
from dangol.segments import rfm_grades
from dangol.segments.rfm import quantile_grade

VALUES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40)
MISSING = st.lists(st.one_of(st.integers(-5, 5).map(float), st.just(math.nan)), min_size=1, max_size=40)


def slow_best(values: list[float], n_grades: int) -> float:
    """The least squared distance of cumulative shares from equal steps, over every way to cut."""
    distinct = sorted(set(values))
    share = [sum(other <= value for other in values) / len(values) for value in distinct]
    ways = itertools.combinations(range(len(distinct) - 1), n_grades - 1)
    return min(sum((share[k] - step / n_grades) ** 2 for step, k in enumerate(way, 1)) for way in ways)


@given(VALUES, st.integers(2, 5))
def test_every_grade_is_reached_and_no_way_to_cut_is_more_even(values, n_grades):
    grades = quantile_grade(pd.Series(values), n_grades)
    if len(set(values)) < n_grades:
        assert grades.nunique() == len(set(values))
        return
    assert set(grades) == set(range(1, n_grades + 1))
    below = [(grades <= step).mean() for step in range(1, n_grades)]
    distance = sum((share - step / n_grades) ** 2 for step, share in enumerate(below, 1))
    assert distance == pytest.approx(slow_best(values, n_grades), abs=1e-9)


@given(MISSING)
def test_customers_without_a_value_get_the_lowest_grade_and_change_no_other(values):
    series = pd.Series(values)
    grades = quantile_grade(series)
    assert (grades[series.isna()] == 1).all()
    pd.testing.assert_series_equal(grades[series.notna()], quantile_grade(series.dropna()))


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


def snapshot_of(n_orders: list[float]) -> pd.DataFrame:
    n = len(n_orders)
    return pd.DataFrame(
        {"customer_id": range(n), "recency_days": range(1, n + 1), "n_orders": n_orders, "monetary": 1.0}
    )


def test_three_quarters_of_one_time_buyers_leave_every_grade_reachable():
    result = rfm_grades(snapshot_of([1] * 75 + list(range(2, 27))))
    frequency = result.grades["frequency_grade"]
    assert set(frequency.head(75)) == {1}
    assert set(frequency) == {1, 2, 3, 4, 5}
    assert result.statements["frequency"] == (
        "Frequency: all 5 grades are in use; 75% of customers share the value 1 and its grade."
    )


def test_empty_grades_are_named_with_the_reason():
    result = rfm_grades(snapshot_of([1] * 75 + [2] * 25))
    assert set(result.grades["frequency_grade"]) == {2, 5}
    expected = "only 2 different value(s) for 5 grades, so grade 1, 3, 4 cannot be reached"
    assert expected in result.statements["frequency"]
    coverage = result.coverage[result.coverage["dimension"] == "frequency"].set_index("grade")
    assert coverage["n_customers"].to_dict() == {1: 0, 2: 75, 3: 0, 4: 0, 5: 25}
    assert "all 5 grades" in result.statements["recency"]


def test_fixed_thresholds_grade_by_what_is_reached_and_say_which_grade_is_empty():
    thresholds = {"recency": (90.0, 30.0), "frequency": (2.0, 5.0)}
    snapshot = snapshot_of([1, 2, 4]).assign(recency_days=[91, 90, 30])
    result = rfm_grades(snapshot, n_grades=3, thresholds=thresholds)
    assert result.grades["recency_grade"].tolist() == [1, 2, 3]
    assert result.grades["frequency_grade"].tolist() == [1, 2, 2]
    assert "nobody lies between the thresholds of grade 3" in result.statements["frequency"]


def test_all_faults_of_the_arguments_are_told_at_once():
    with pytest.raises(InputError) as refusal:
        rfm_grades(snapshot_of([1]).drop(columns="monetary"), 11, {"recency": (1.0, 2.0), "age": (3.0,)})
    text = str(refusal.value)
    for part in ("lacks the column monetary", "received 11", "recency thresholds", "received 'age'"):
        assert part in text


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
    grades = rfm_grades(snapshot).grades
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
