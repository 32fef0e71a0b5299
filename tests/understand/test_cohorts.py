"""Cohorts and repurchase, each by a plain loop."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol import tables
from dangol.understand import cohort_retention, orders_of_newcomers, repurchase_rate, retention_by_age

ORDERS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 240)), min_size=1, max_size=40)
START = pd.Timestamp("2017-01-15 13:30")
AS_OFS = [pd.Timestamp(day) for day in ("2017-06-01", "2017-06-15", "2017-06-30", "2017-03-01", "2019-01-01")]


def orders_of(rows: list[tuple[int, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "day"])
    return frame.assign(order_ts=START + pd.to_timedelta(frame["day"], unit="D")).drop(columns="day")


def month_number(ts: pd.Timestamp) -> int:
    return 12 * ts.year + ts.month - 1


def slow_retention(orders: pd.DataFrame, as_of: pd.Timestamp) -> dict[tuple[int, int], tuple[int, int]]:
    """(cohort month, months since) to (size, active), customer by customer."""
    active: dict[int, set[int]] = {}
    for row in orders.itertuples():
        if row.order_ts < as_of:
            active.setdefault(row.customer_id, set()).add(month_number(row.order_ts))
    last_full = month_number(as_of) - 1  # the month of as_of is not over, or has not begun
    cells = {}
    for cohort in sorted({min(months) for months in active.values()}):
        members = [months for months in active.values() if min(months) == cohort]
        for age in range(last_full - cohort + 1):
            cells[cohort, age] = (len(members), sum(cohort + age in months for months in members))
    return cells


@settings(max_examples=40)
@given(ORDERS, st.sampled_from(AS_OFS))
def test_retention_equals_a_plain_loop(rows, as_of):
    orders = orders_of(rows)
    retention = cohort_retention(orders, as_of)
    found = {
        (month_number(row.cohort_date), row.months_since): (row.n_cohort, row.n_active)
        for row in retention.itertuples()
    }
    assert found == slow_retention(orders, as_of)
    assert (retention["retention_rate"] == retention["n_active"] / retention["n_cohort"]).all()
    assert (retention.loc[retention["months_since"] == 0, "retention_rate"] == 1).all()


def test_the_month_of_the_snapshot_is_left_out_and_a_month_that_just_ended_is_not():
    orders = orders_of([(1, 0), (1, 20), (1, 50), (2, 50)])
    at_the_start = cohort_retention(orders, pd.Timestamp("2017-03-01"))
    assert at_the_start["months_since"].tolist() == [0, 1]
    in_the_middle = cohort_retention(orders, pd.Timestamp("2017-03-31"))
    pd.testing.assert_frame_equal(in_the_middle, at_the_start)
    a_month_later = cohort_retention(orders, pd.Timestamp("2017-04-01"))
    assert a_month_later["cohort_date"].dt.month.tolist() == [1, 1, 1, 3]


def test_retention_keeps_its_contract_even_when_no_month_is_over():
    retention = cohort_retention(orders_of([(1, 0), (2, 3)]), pd.Timestamp("2017-01-31"))
    assert len(retention) == 0
    tables.COHORT_RETENTION.check(retention)
    tables.COHORT_RETENTION.check(cohort_retention(orders_of([(1, 0), (2, 40)]), pd.Timestamp("2017-05-10")))


def test_retention_by_age_weighs_cohorts_by_their_size():
    retention = pd.DataFrame(
        {"months_since": [0, 1, 0, 1], "n_cohort": [10, 10, 30, 30], "n_active": [10, 5, 30, 27]}
    )
    found = retention_by_age(retention, 1)
    assert found["rate"] == pytest.approx(32 / 40)
    # Wilson's interval by its formula
    middle, reach = (0.8 + 1.96**2 / 80) / (1 + 1.96**2 / 40), 1.96 * np.sqrt(0.16 / 40 + 1.96**2 / 6400)
    assert found["low"] == pytest.approx(middle - reach / (1 + 1.96**2 / 40), abs=1e-4)
    assert found["high"] == pytest.approx(middle + reach / (1 + 1.96**2 / 40), abs=1e-4)
    assert retention_by_age(retention, 7) is None


def slow_repurchase(orders: pd.DataFrame, as_of: pd.Timestamp, days: int) -> tuple[int, int]:
    n = n_back = 0
    for _, rows in orders.groupby("customer_id"):
        dates = sorted(ts.date() for ts in rows["order_ts"] if ts < as_of)
        if not dates or dates[0] + timedelta(days=days) >= as_of.date():
            continue
        n += 1
        n_back += any(0 < (date - dates[0]).days <= days for date in dates)
    return n, n_back


@settings(max_examples=30)
@given(ORDERS, st.sampled_from(AS_OFS), st.integers(1, 90))
def test_the_repurchase_rate_equals_a_plain_loop(rows, as_of, days):
    orders = orders_of(rows)
    found = repurchase_rate(orders, as_of, days)
    n, n_back = slow_repurchase(orders, as_of, days)
    assert found["n_customers"] == n
    if n:
        assert found["rate"] == n_back / n
        assert 0 <= found["low"] <= found["rate"] + 1e-12
        assert found["rate"] - 1e-12 <= found["high"] <= 1
    else:
        assert np.isnan([found["rate"], found["low"], found["high"]]).all()


def test_the_interval_is_wilsons():
    orders = orders_of([(n, 0) for n in range(20)] + [(n, 9) for n in range(7)])
    found = repurchase_rate(orders, pd.Timestamp("2017-12-01"), 28)
    z, n, p = 1.959964, 20, 7 / 20
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert found["low"] == pytest.approx(centre - half, abs=1e-6)
    assert found["high"] == pytest.approx(centre + half, abs=1e-6)


@pytest.mark.parametrize(("as_of", "n", "rate"), [("2017-02-13", 1, 1.0), ("2017-02-12", 0, np.nan)])
def test_a_customer_counts_once_the_last_day_of_the_window_is_over(as_of, n, rate):
    orders = orders_of([(1, 0), (1, 28)])  # 15 January and 12 February
    found = repurchase_rate(orders, pd.Timestamp(as_of), 28)
    assert found["n_customers"] == n
    assert found["rate"] == pytest.approx(rate, nan_ok=True)


def test_whoever_may_have_come_before_the_log_begins_is_no_newcomer():
    orders = orders_of([(1, 0), (1, 40), (2, 29), (2, 35), (3, 30), (3, 31), (4, 90)])
    assert orders_of_newcomers(orders, 30)["customer_id"].tolist() == [3, 3, 4]
    pd.testing.assert_frame_equal(orders_of_newcomers(orders, 0), orders)
    assert orders_of_newcomers(orders, 365).empty
