"""The drift check: silent where nothing has shifted, and naming just the column that has."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dangol.drift import drift_of, drift_sentence, reference_of


def customers(n: int, seed: int) -> pd.DataFrame:
    """Columns of every kind: ties, gaps, heavy tails, one value, no value, many levels."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "amount": rng.lognormal(3, 1.5, n),
            "recency_days": rng.integers(1, 90, n),
            "answer_share": np.where(rng.random(n) < 0.8, 0.0, rng.random(n)),
            "gap_days": np.where(rng.random(n) < 0.3, np.nan, rng.gamma(2, 9, n)),
            "n_orders": rng.poisson(1.5, n),
            "region": pd.Categorical(rng.choice(["서울", "부산", "제주"], n, p=[0.6, 0.3, 0.1])),
            "city": rng.choice([f"city {k}" for k in range(120)], n),
            "is_new": rng.random(n) < 0.2,
            "since_date": pd.Timestamp("2017-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "currency": 1.0,
            "nothing": np.nan,
        }
    )


def shifted(drift: pd.DataFrame) -> list[str]:
    return sorted(drift.loc[drift["is_shifted"], "column"])


def found(frame: pd.DataFrame, n_training: int = 3_000) -> pd.DataFrame:
    return drift_of(reference_of(customers(n_training, 0)), frame)


@pytest.mark.parametrize(("n_training", "n_scored"), [(30, 30), (60, 2_000), (2_000, 40), (2_000, 2_000)])
def test_rows_of_the_same_make_are_flagged_in_one_frame_of_a_hundred_at_most(n_training, n_scored):
    references = [reference_of(customers(n_training, seed)) for seed in range(40)]
    flagged = [
        name
        for seed, one in enumerate(references)
        for name in shifted(drift_of(one, customers(n_scored, 900 + seed)))
    ]
    assert len(flagged) <= 2  # of 40 frames with 11 columns each


SHIFTS = {
    "amount": lambda column: column * 2,
    "recency_days": lambda column: column // 3,
    "answer_share": lambda column: column.where(column.index % 2 == 0, 0.5),
    "gap_days": lambda column: column.fillna(0.0),
    "n_orders": lambda column: column + 1,
    "region": lambda column: column.astype("object").where(column.index % 10 > 0, "대구"),
    "city": lambda column: column.where(column.index % 5 > 0, "abroad"),
    "is_new": lambda column: ~column,
    "since_date": lambda column: column + pd.Timedelta(days=120),
    "currency": lambda column: column * 0.9,
    "nothing": lambda column: column.fillna(1.0),
}


@pytest.mark.parametrize("name", SHIFTS)
def test_only_the_column_that_has_shifted_is_flagged(name):
    frame = customers(2_000, 1)
    frame[name] = SHIFTS[name](frame[name])
    drift = found(frame)
    assert shifted(drift) == [name]
    assert drift.loc[0, "column"] == name
    assert drift_sentence(drift).startswith(
        f"1 of 11 columns has shifted against the training rows: {name} ("
    )


def test_a_shift_of_a_single_customer_among_few_is_no_drift():
    frame = customers(40, 1)
    frame.loc[0, ["amount", "region"]] = [1e9, np.nan]
    assert shifted(found(frame)) == []


def test_the_index_is_the_sum_over_bins_by_hand():
    before = pd.DataFrame({"kind": ["a"] * 60 + ["b"] * 40})
    now = pd.DataFrame({"kind": ["a"] * 20 + ["b"] * 80})
    old, new = (60.5 / 101, 40.5 / 101), (20.5 / 101, 80.5 / 101)
    expected = sum((n - o) * math.log(n / o) for o, n in zip(old, new, strict=True))
    row = drift_of(reference_of(before), now).iloc[0]
    assert row["psi"] == pytest.approx(expected, abs=1e-12)
    assert row["change"] == "a: 60% of training rows, 20% now"


def test_the_reference_is_plain_and_holds_no_value_of_a_rare_level():
    frame = customers(2_000, 0)
    frame.loc[7, "city"] = "only she lives here"
    text = json.dumps(reference_of(frame), ensure_ascii=False)
    assert "서울" in text and "only she lives here" not in text
    assert shifted(drift_of(json.loads(text), frame)) == []


def test_a_level_is_the_same_whether_a_category_a_number_or_a_text():
    codes = pd.DataFrame({"code": pd.Series([1.0, 2.0, 3.0] * 50).astype("category")})
    as_text = pd.DataFrame({"code": ["1", "2", "3"] * 50})
    assert drift_of(reference_of(codes), as_text).loc[0, "psi"] == pytest.approx(0, abs=1e-12)


def test_blanks_around_a_level_and_a_blank_for_a_gap_are_no_drift():
    before = pd.DataFrame({"grade": ["A", "B", None, "A"] * 50})
    now = pd.DataFrame({"grade": ["A ", " B", "", "A"] * 50})
    assert drift_of(reference_of(before), now)["psi"].tolist() == [0.0]


def test_numbers_that_came_as_words_are_missing_values():
    frame = customers(2_000, 1).assign(n_orders="many")
    assert found(frame).loc[0, "change"] == "missing: 0% of training rows, 100% now"


def test_no_rows_and_missing_columns_are_refused():
    with pytest.raises(ValueError, match="missing: rows"):
        found(customers(0, 1))
    with pytest.raises(ValueError, match=r"missing: \['amount', 'region'\]"):
        found(customers(9, 1).drop(columns=["amount", "region"]))


@pytest.mark.parametrize(
    ("values", "words"),
    [([0] * 9, "below 2"), ([2] * 9, "up to 2"), ([5] * 9, "4 to 5"), ([99] * 9, "above 9")],
)
def test_the_bin_that_moved_is_told_in_words(values, words):
    reference = reference_of(pd.DataFrame({"n": [2, 2, 3, 4, 5, 6, 7, 8, 9, 9] * 20}))
    assert drift_of(reference, pd.DataFrame({"n": values})).loc[0, "change"].startswith(f"{words}: ")


def test_without_a_shift_the_sentence_says_so():
    assert drift_sentence(found(customers(2_000, 1))) == (
        "none of 11 columns has shifted against the training rows"
    )


NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30)


@given(NUMBERS, NUMBERS)
@example([float("inf")], [0.0])
@example([-1.7976931348623157e308], [0.0])
def test_any_numbers_give_a_finite_index(before, now):
    drift = drift_of(reference_of(pd.DataFrame({"x": before})), pd.DataFrame({"x": now}))
    assert np.isfinite(drift[["psi", "psi_by_chance"]].to_numpy()).all()
    assert (drift["psi"] >= 0).all()
    same = drift_of(reference_of(pd.DataFrame({"x": before})), pd.DataFrame({"x": before}))
    assert same.loc[0, "psi"] == pytest.approx(0, abs=1e-12)
