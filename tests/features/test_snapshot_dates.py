"""Which snapshots train and test: by hand, and never overlapping in time."""

import pandas as pd
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from dangol.errors import SkipNotebookError
from dangol.features import plan_snapshots

FIRST = pd.Timestamp("2017-01-01 06:30")


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def test_data_that_go_on_for_a_whole_horizon_are_tested_on_the_snapshot_itself():
    plan = plan_snapshots("2017-12-03", 28, 3, FIRST, day("2017-12-30 23:10"))
    assert plan.test == plan.as_of == "2017-12-03"
    assert plan.train == ["2017-10-08", "2017-10-22", "2017-11-05"]


@pytest.mark.parametrize(
    ("last_ts", "test"),
    [
        ("2017-12-30 00:00:01", "2017-12-03"),
        ("2017-12-30 23:59:59", "2017-12-03"),
        ("2017-12-29 23:59:59", "2017-11-05"),
        ("2017-12-02 20:00:00", "2017-11-05"),
    ],
)
def test_the_last_unfinished_day_counts_as_covered(last_ts, test):
    plan = plan_snapshots("2017-12-03", 28, 2, FIRST, day(last_ts))
    assert plan.test == test
    assert plan.as_of == "2017-12-03"


def test_fewer_snapshots_where_history_is_short():
    plan = plan_snapshots("2017-04-30", 28, 6, FIRST, day("2017-12-31"))
    assert plan.train == ["2017-02-05", "2017-02-19", "2017-03-05", "2017-03-19", "2017-04-02"]


def test_four_weeks_of_history_count_from_the_first_day():
    assert plan_snapshots("2017-02-26", 28, 3, FIRST, day("2017-12-31")).train == ["2017-01-29"]


def test_too_little_history_is_refused_with_the_dates():
    with pytest.raises(SkipNotebookError) as refusal:
        plan_snapshots("2017-02-25", 28, 3, FIRST, day("2017-12-31"))
    assert str(refusal.value) == (
        "too little history before 2017-02-25: the log starts 2017-01-01, and learning needs 28 days of "
        "features and 28 days of outcome before the test date 2017-02-25. Choose a later as_of or a shorter "
        "horizon_days."
    )


def test_the_step_between_snapshots_is_the_callers():
    plan = plan_snapshots("2017-12-03", 28, 3, FIRST, day("2017-12-31"), step_days=30)
    assert plan.train == ["2017-09-06", "2017-10-06", "2017-11-05"]


@given(
    st.dates(day("2017-02-01").date(), day("2018-12-31").date()),
    st.integers(1, 120),
    st.integers(1, 10),
    st.integers(0, 800),
    st.integers(1, 60),
)
def test_no_training_label_reaches_past_the_test_date(as_of, horizon_days, n_train, n_days, step_days):
    last_ts = FIRST + pd.Timedelta(days=n_days)
    try:
        plan = plan_snapshots(as_of.isoformat(), horizon_days, n_train, FIRST, last_ts, step_days)
    except SkipNotebookError:
        reject()  # hypothesis complains if hardly anything else is left
    horizon = pd.Timedelta(days=horizon_days)
    assert 1 <= len(plan.train) <= n_train
    assert plan.train == sorted(set(plan.train))
    assert max(map(day, plan.train)) + horizon <= day(plan.test) <= day(plan.as_of)
    assert min(map(day, plan.train)) >= day("2017-01-29")
    if plan.test != plan.as_of:
        assert day(plan.test) + horizon == day(plan.as_of)
        assert day(plan.as_of) + horizon > last_ts.normalize() + pd.Timedelta(days=1)
