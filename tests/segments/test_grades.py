"""The customer grade and who moved between grades."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangol import tables
from dangol.segments import GRADES, customer_grade, grade_migration

AMOUNTS = st.lists(st.integers(-3, 60).map(float), min_size=1, max_size=60)


def slow_grades(amounts: list[float]) -> list[str]:
    """Thresholds found by walking through the sorted buyers."""
    buyers = sorted(amount for amount in amounts if amount > 0)
    if not buyers:
        return ["Bronze"] * len(amounts)
    thresholds = []
    for share in (0.05, 0.20, 0.50):
        place = math.ceil(round((1 - share) * (len(buyers) - 1), 9))
        thresholds.append(buyers[place])
    grades = []
    for amount in amounts:
        better = [
            grade for grade, low in zip(GRADES, thresholds, strict=False) if amount > 0 and amount >= low
        ]
        grades.append(better[0] if better else "Bronze")
    return grades


@given(AMOUNTS)
def test_grades_equal_a_plain_loop(amounts):
    assert customer_grade(pd.Series(amounts)).tolist() == slow_grades(amounts)


@given(AMOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_customers_is_irrelevant(amounts, random):
    series = pd.Series(amounts)
    places = list(series.index)
    random.shuffle(places)
    pd.testing.assert_series_equal(customer_grade(series).loc[places], customer_grade(series.loc[places]))


@given(AMOUNTS)
def test_who_spends_more_is_never_in_a_worse_grade(amounts):
    series = pd.Series(amounts).sort_values()
    rank = customer_grade(series).map({grade: place for place, grade in enumerate(GRADES)})
    assert rank.is_monotonic_decreasing


def test_a_thousand_different_buyers_split_as_stated():
    amount = pd.Series(np.arange(1.0, 1_001.0))
    counts = customer_grade(amount).value_counts()
    assert counts.to_dict() == {"Platinum": 50, "Gold": 150, "Silver": 300, "Bronze": 500}


def test_who_spent_nothing_or_got_money_back_is_bronze():
    assert customer_grade(pd.Series([0.0, -5.0, 10.0])).tolist() == ["Bronze", "Bronze", "Platinum"]
    assert customer_grade(pd.Series([0.0, -5.0])).tolist() == ["Bronze", "Bronze"]
    assert customer_grade(pd.Series([np.nan, 10.0])).tolist() == ["Bronze", "Platinum"]


def test_customers_at_a_threshold_get_the_better_grade():
    assert set(customer_grade(pd.Series([5.0] * 40))) == {"Platinum"}


@pytest.fixture
def grades() -> tuple[pd.DataFrame, pd.DataFrame]:
    """300 customers now, 200 of them graded before."""
    rng = np.random.default_rng(4)
    now = pd.DataFrame(
        {
            "customer_id": rng.permutation(300),
            "customer_grade": rng.choice(GRADES, 300),
            "monetary": rng.lognormal(3, 1, 300).round(2),
        }
    )
    before = now[["customer_id"]].head(200).assign(customer_grade=rng.choice(GRADES, 200))
    return before.sample(frac=1, random_state=1), now


def test_rows_of_one_earlier_grade_sum_to_the_earlier_count(grades):
    before, now = grades
    moves = grade_migration(before, now)
    sums = moves.groupby("grade_before")["n_customers"].sum()
    for grade, n in before["customer_grade"].value_counts().items():
        assert sums[grade] == n
    assert sums["(not yet a customer)"] == 100
    by_now = moves.groupby("grade_now")["n_customers"].sum()
    assert by_now.to_dict() == now["customer_grade"].value_counts().to_dict()


def test_every_move_equals_a_plain_loop(grades):
    before, now = grades
    earlier = dict(zip(before["customer_id"], before["customer_grade"], strict=True))
    for move in grade_migration(before, now).itertuples():
        movers = [
            row.monetary
            for row in now.itertuples()
            if earlier.get(row.customer_id, "(not yet a customer)") == move.grade_before
            and row.customer_grade == move.grade_now
        ]
        assert move.n_customers == len(movers)
        assert move.monetary == pytest.approx(sum(movers))


def test_all_combinations_are_there_best_first_even_without_customers(grades):
    before, now = grades
    moves = grade_migration(before.head(1), now.assign(customer_grade="Gold"))
    tables.SEGMENT_MIGRATION.check(moves)
    assert len(moves) == 5 * 4
    assert moves["grade_now"].head(4).tolist() == list(GRADES)
    assert moves["n_customers"].sum() == 300
