"""The customer grade and who moved between grades."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol import tables
from dangol.customer_rules import Ladder, parse_lists, parse_pairs
from dangol.errors import InputError
from dangol.segments import (
    customer_grade,
    grade_benefits,
    grade_changes,
    grade_migration,
    replay_grades,
)
from dangol.segments.grades import NO_LONGER, NOT_YET

LADDER = Ladder({"Platinum": 0.05, "Gold": 0.20, "Silver": 0.50}, "Bronze")
GRADES = LADDER.names
AMOUNTS = st.lists(st.integers(-3, 60).map(float), min_size=1, max_size=60)


def slow_grades(amounts: list[float]) -> list[str]:
    """Thresholds found by walking through the sorted buyers."""
    buyers = sorted(amount for amount in amounts if amount > 0)
    if not buyers:
        return ["Bronze"] * len(amounts)
    thresholds = []
    for share in (0.05, 0.20, 0.50):
        n_inside = max(1, math.ceil(round(share * len(buyers), 9)))
        thresholds.append(buyers[-n_inside])
    grades = []
    for amount in amounts:
        better = [
            grade for grade, low in zip(GRADES, thresholds, strict=False) if amount > 0 and amount >= low
        ]
        grades.append(better[0] if better else "Bronze")
    return grades


@given(AMOUNTS)
def test_grades_equal_a_plain_loop(amounts):
    assert customer_grade(pd.Series(amounts), LADDER).tolist() == slow_grades(amounts)


@given(AMOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_customers_is_irrelevant(amounts, random):
    series = pd.Series(amounts)
    places = list(series.index)
    random.shuffle(places)
    pd.testing.assert_series_equal(
        customer_grade(series, LADDER).loc[places], customer_grade(series.loc[places], LADDER)
    )


@given(AMOUNTS)
def test_who_spends_more_is_never_in_a_worse_grade(amounts):
    series = pd.Series(amounts).sort_values()
    rank = customer_grade(series, LADDER).map({grade: place for place, grade in enumerate(GRADES)})
    assert rank.is_monotonic_decreasing


def test_a_thousand_different_buyers_split_as_stated():
    amount = pd.Series(np.arange(1.0, 1_001.0))
    counts = customer_grade(amount, LADDER).value_counts()
    assert counts.to_dict() == {"Platinum": 50, "Gold": 150, "Silver": 300, "Bronze": 500}


def test_who_spent_nothing_or_got_money_back_is_bronze():
    assert customer_grade(pd.Series([0.0, -5.0, 10.0]), LADDER).tolist() == ["Bronze", "Bronze", "Platinum"]
    assert customer_grade(pd.Series([0.0, -5.0]), LADDER).tolist() == ["Bronze", "Bronze"]
    assert customer_grade(pd.Series([np.nan, 10.0]), LADDER).tolist() == ["Bronze", "Platinum"]


def test_customers_at_a_threshold_get_the_better_grade():
    assert set(customer_grade(pd.Series([5.0] * 40), LADDER)) == {"Platinum"}


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
    moves = grade_migration(before, now, LADDER)
    sums = moves.groupby("grade_before")["n_customers"].sum()
    for grade, n in before["customer_grade"].value_counts().items():
        assert sums[grade] == n
    assert sums["(not yet a customer)"] == 100
    by_now = moves.groupby("grade_now")["n_customers"].sum()
    assert by_now.to_dict() == now["customer_grade"].value_counts().to_dict() | {NO_LONGER: 0}


def test_every_move_equals_a_plain_loop(grades):
    before, now = grades
    earlier = dict(zip(before["customer_id"], before["customer_grade"], strict=True))
    for move in grade_migration(before, now, LADDER).itertuples():
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
    moves = grade_migration(before.head(1), now.assign(customer_grade="Gold"), LADDER)
    tables.SEGMENT_MIGRATION.check(moves)
    assert len(moves) == 5 * 5 - 1
    assert moves["grade_now"].head(5).tolist() == [*GRADES, NO_LONGER]
    assert moves["n_customers"].sum() == 300


def test_customers_who_vanished_have_a_column_so_that_rows_still_sum(grades):
    before, now = grades
    moves = grade_migration(before, now.head(150), LADDER)
    sums = moves.groupby("grade_before")["n_customers"].sum()
    assert sums.drop(NOT_YET).to_dict() == before["customer_grade"].value_counts().to_dict()
    assert moves.loc[moves["grade_now"] == NO_LONGER, "n_customers"].sum() == 50


@given(AMOUNTS, st.integers(1, 60), st.integers(1, 60))
def test_moving_a_threshold_moves_exactly_the_customers_between_the_two(amounts, one, other):
    score = pd.Series(amounts)
    before = customer_grade(score, Ladder({"Gold": one}, "Bronze", "threshold"))
    after = customer_grade(score, Ladder({"Gold": other}, "Bronze", "threshold"))
    between = score.between(min(one, other), max(one, other), inclusive="left")
    assert ((before != after) == between).all()


def history_of(*scores: list[float]) -> pd.DataFrame:
    """One list of scores per evaluation, customers numbered; None: no row."""
    rows = [
        (f"2017-{month:02}-01", customer, score)
        for month, row in enumerate(scores, 1)
        for customer, score in enumerate(row)
        if score is not None
    ]
    return pd.DataFrame(rows, columns=["as_of", "customer_id", "score"])


STEPS = Ladder({"Gold": 100.0, "Silver": 50.0}, "Bronze", "threshold", band_share=0.1, n_grace=2)


def path_of(*scores: float | None) -> list[str]:
    replay = replay_grades(history_of(*[[score] for score in scores]), STEPS)
    return replay["customer_grade"].tolist()


@pytest.mark.parametrize(
    ("scores", "path"),
    [
        ([100, 91, 90, 109, 100], ["Gold"] * 5),  # inside the band nothing moves
        ([99, 109, 110], ["Silver", "Silver", "Gold"]),  # up at the upper edge, at once
        ([100, 89, 89, 89], ["Gold", "Gold", "Gold", "Silver"]),  # the third time below falls
        ([100, 89, 89, 95, 89, 89], ["Gold"] * 6),  # a return into the band starts the count anew
        ([100, 0, 0, 0], ["Gold", "Gold", "Gold", "Bronze"]),  # a real fall goes all the way
        ([40, 200], ["Bronze", "Gold"]),
    ],
)
def test_band_and_grace(scores, path):
    assert path_of(*scores) == path


def test_a_customer_without_a_row_counts_with_nothing_and_starts_where_first_seen():
    replay = replay_grades(history_of([120, None], [None, 60], [None, 60], [None, 60]), STEPS)
    first, second = (replay[replay["customer_id"] == number] for number in (0, 1))
    assert first["customer_grade"].tolist() == ["Gold", "Gold", "Gold", "Bronze"]
    assert first["n_below"].tolist() == [0, 1, 2, 0]
    assert second["customer_grade"].tolist() == ["Silver"] * 3


def test_what_is_missing_to_keep_and_to_rise_is_told():
    replay = replay_grades(history_of([100.0, 60.0], [80.0, 60.0]), STEPS)
    now = replay[replay["as_of"] == "2017-02-01"].set_index("customer_id")
    assert now.loc[0, "amount_to_keep"] == 20
    assert math.isnan(now.loc[0, "amount_to_next"])
    assert now.loc[1, "amount_to_keep"] == 0
    assert now.loc[1, "amount_to_next"] == pytest.approx(50)


@settings(max_examples=30)
@given(st.lists(st.lists(st.floats(-10, 200), min_size=4, max_size=4), min_size=1, max_size=8))
def test_the_replay_equals_a_plain_loop(scores):
    replay = replay_grades(history_of(*scores), STEPS)
    for customer in range(4):
        held, below, path = None, 0, []
        for row in scores:
            score = row[customer]
            plain = [sum(score < round(cut * edge, 6) for cut in (100, 50)) for edge in (1.0, 1.1, 0.9)]
            if held is None:
                held, below = plain[0], 0
            elif plain[1] < held:
                held, below = plain[1], 0
            elif plain[2] > held:
                below += 1
                if below > 2:
                    held, below = plain[2], 0
            else:
                below = 0
            path.append(STEPS.names[held])
        assert replay.loc[replay["customer_id"] == customer, "customer_grade"].tolist() == path


def noisy(n_customers: int, ladder: Ladder) -> tuple[float, pd.DataFrame]:
    """The share of evaluations that change a grade although only one per cent of noise moves."""
    rng = np.random.default_rng(5)
    level = rng.lognormal(6, 1.2, n_customers)
    scores = [level * (1 + rng.uniform(-0.01, 0.01, n_customers)) for _ in range(13)]
    wide = pd.DataFrame(scores, index=[f"2017-{m:02}" for m in range(1, 14)]).rename_axis("as_of")
    long = wide.reset_index().melt("as_of", var_name="customer_id", value_name="score")
    replay = replay_grades(long.astype({"customer_id": "int64"}), ladder).sort_values(
        ["customer_id", "as_of"]
    )
    flips = replay["customer_grade"].ne(replay.groupby("customer_id")["customer_grade"].shift())
    return float(flips[replay["as_of"] > "2017-01"].mean()), replay


def test_one_per_cent_of_noise_flips_no_grade_with_a_band_and_many_without():
    banded = Ladder(LADDER.cuts, "Bronze", band_share=0.05, n_grace=2)
    assert noisy(2_000, banded)[0] == 0
    assert noisy(2_000, LADDER)[0] > 0.002


def test_changes_are_the_set_difference_with_the_money_at_stake():
    before = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4],
            "customer_grade": ["Gold", "Silver", "Gold", "Silver"],
            "amount": [200.0, 60, 120, 70],
        }
    )
    now = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4, 5], "customer_grade": ["Silver", "Gold", "Gold", "Silver", "Gold"],
            "amount": [60.0, 150, 85, 70, 500], "n_below": [0, 0, 1, 0, 0],
            "amount_to_keep": [0.0, 0, 15, 0, 0],
        }
    )  # fmt: skip
    changes = grade_changes(before, now, STEPS)
    tables.GRADE_CHANGE.check(changes.assign(as_of="2017-12-03"))
    assert changes["customer_id"].tolist() == [1, 2, 3]
    assert changes["change"].tolist() == ["down", "up", "in grace"]
    assert changes["amount_at_stake"].tolist() == [140, 90, 85]


def test_benefits_cost_a_share_of_sales_or_a_fixed_sum_each():
    segments = pd.DataFrame({"customer_grade": ["Gold", "Gold", "Bronze"], "amount": [100.0, -20.0, 50.0]})
    share = grade_benefits(segments, STEPS, {"Gold": 0.1}, "share")
    tables.GRADE_BENEFIT.check(share)
    assert share["benefit_cost"].tolist() == [10, 0, 0]
    assert grade_benefits(segments, STEPS, {"Gold": 5, "Bronze": 1}, "fixed")["benefit_cost"].tolist() == [
        10,
        0,
        1,
    ]
    with pytest.raises(InputError, match=r"a benefit for 'Iron', which is no grade; kind 'free'"):
        grade_benefits(segments, STEPS, {"Iron": 1}, "free")


@pytest.mark.parametrize(
    ("cuts", "kind", "fault"),
    [
        ({"A": 0.5, "B": 0.2}, "share", "rising cumulative shares"),
        ({"A": 1.5}, "share", "rising cumulative shares"),
        ({"A": 5, "B": 9}, "threshold", "thresholds falling"),
        ({}, "share", "at least two grades"),
        ({"Z": 0.5}, "share", "different names"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(cuts, kind, fault):
    with pytest.raises(ValueError, match=fault):
        Ladder(cuts, "Z", kind)


def test_unreadable_texts_of_parameters_are_named():
    with pytest.raises(ValueError, match="received Gold; Gold twice"):
        parse_pairs("Gold, Gold: 1, Gold: 2")
    with pytest.raises(ValueError, match="received recency; x: one"):
        parse_lists("recency; x: one")


def test_two_scores_for_one_customer_and_date_are_refused():
    scores = history_of([1.0])
    with pytest.raises(InputError, match="received 1 more"):
        replay_grades(pd.concat([scores, scores]), STEPS)
