"""What a behaviour model learns from and is judged on: split by time, without identifiers."""

import numpy as np
import pandas as pd
import pytest

from dangol.behavior import BehaviorData, behavior_data, model_inputs
from dangol.behavior.inputs import GROWS_WITH_THE_LOG
from dangol.features import EventLog, SnapshotDates, plan_snapshots

HORIZON = 28


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """A year of orders of 30 customers."""
    rng = np.random.default_rng(8)
    n = 900
    return pd.DataFrame(
        {
            "order_id": np.arange(n),
            "customer_id": rng.integers(0, 30, n),
            "product_id": rng.integers(0, 6, n),
            "store_id": rng.integers(0, 2, n),
            "order_ts": pd.Timestamp("2017-01-01")
            + pd.to_timedelta(rng.integers(0, 360 * 86_400, n), unit="s").round("1s"),
            "amount": (rng.integers(-200, 5_000, n) / 100).round(2),
            "discount_amount": 0.0,
            "coupon_amount": 0.0,
        }
    )


def log_of(lines: pd.DataFrame) -> EventLog:
    import ibis

    products = pd.DataFrame(
        {"product_id": range(6), "department": list("AABBCC"), "category": list("uvwxyz"), "brand": "Private"}
    )
    return EventLog(ibis.memtable(lines), ibis.memtable(products))


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """One row per customer, with attributes of every kind."""
    return pd.DataFrame(
        {
            "customer_id": range(30),
            "first_seen_date": pd.Timestamp("2017-01-01"),
            "age_band": ["19-24", None, "65+"] * 10,
            "household_size": [1.0, np.nan, 4.0] * 10,
            "is_member": [True, False, True] * 10,
            "birth_date": pd.Timestamp("1980-05-05"),
            "street": [f"street {number}" for number in range(30)],
        }
    )


@pytest.fixture(scope="module", params=["2017-10-01", "2017-12-20"], ids=["horizon covered", "horizon open"])
def data(request, lines, customers) -> BehaviorData:
    first, last = lines["order_ts"].min(), lines["order_ts"].max()
    dates = plan_snapshots(request.param, HORIZON, 4, first, last)
    return behavior_data(log_of(lines), customers, dates, HORIZON)


def test_no_label_of_the_training_reaches_past_the_test_date(data):
    ends = pd.to_datetime(data.rows.loc[data.train, "as_of"]) + pd.Timedelta(days=HORIZON)
    assert ends.max() <= pd.Timestamp(data.dates.test)
    ends = pd.to_datetime(data.rows.loc[data.known, "as_of"]) + pd.Timedelta(days=HORIZON)
    assert ends.max() <= pd.Timestamp(data.dates.as_of)


def test_training_test_and_scored_rows_are_those_of_their_dates(data):
    assert data.train.any()
    assert data.test.any()
    assert not (data.train & data.test).any()
    assert not (data.train & data.scored).any()
    assert not (data.known & data.scored).any()
    assert (data.known >= data.train).all()
    assert set(data.rows.loc[data.scored, "as_of"]) == {data.dates.as_of}
    if data.dates.test != data.dates.as_of:
        assert (data.known == (data.train | data.test)).all()


def test_everything_is_aligned_row_by_row(data):
    assert len(data.rows) == len(data.inputs) == len(data.labels) == len(data.features)
    for frame in (data.inputs, data.labels, data.features):
        assert frame.index.equals(data.rows.index)
    pd.testing.assert_frame_equal(data.features[["as_of", "customer_id"]], data.rows)
    assert data.labels.notna().all(axis=None)
    assert data.inputs["recency_days"].equals(data.features["recency_days"])


def test_labels_of_a_row_equal_a_plain_count(data, lines):
    for place in data.rows.sample(40, random_state=1).index:
        row, label = data.rows.loc[place], data.labels.loc[place]
        start = pd.Timestamp(row["as_of"])
        inside = (lines["order_ts"] >= start) & (lines["order_ts"] < start + pd.Timedelta(days=HORIZON))
        mine = lines[(lines["customer_id"] == row["customer_id"]) & inside]
        assert label["n_orders"] == (mine["amount"] >= 0).sum()
        assert label["spend"] == pytest.approx(mine["amount"].sum(), abs=1e-9)
        assert label["is_lapsed"] == int((mine["amount"] >= 0).sum() == 0)


def test_orders_after_the_test_horizon_change_neither_training_nor_test(lines, customers):
    first = lines["order_ts"].min()
    dates = plan_snapshots("2017-08-06", HORIZON, 3, first, lines["order_ts"].max())
    one = behavior_data(log_of(lines), customers, dates, HORIZON)
    end = pd.Timestamp(dates.test) + pd.Timedelta(days=HORIZON)
    later = lines["order_ts"] >= end
    other = behavior_data(
        log_of(lines.assign(amount=lines["amount"].where(~later, 9_999.0))), customers, dates, HORIZON
    )
    pd.testing.assert_frame_equal(one.inputs, other.inputs)
    pd.testing.assert_frame_equal(one.labels, other.labels)


def test_a_model_sees_no_identifier_no_date_and_no_growing_column(data):
    names = set(data.inputs)
    assert not names & {"customer_id", "as_of", "first_seen_date"}
    assert not names & GROWS_WITH_THE_LOG
    assert data.inputs.select_dtypes(["datetime", "timedelta"]).empty
    assert {str(kind) for kind in data.inputs.dtypes} <= {"int64", "float64", "bool", "category"}


def test_tenure_is_told_as_a_share_of_the_log(data, lines):
    bought = lines[lines["amount"] >= 0]
    for place in data.rows.sample(20, random_state=3).index:
        row = data.rows.loc[place]
        day = pd.Timestamp(row["as_of"])
        past = bought[bought["order_ts"] < day]
        first = past.loc[past["customer_id"] == row["customer_id"], "order_ts"].min()
        tenure, log_days = ((day - start.normalize()).days for start in (first, past["order_ts"].min()))
        assert data.inputs.loc[place, "tenure_share"] == pytest.approx(tenure / log_days, abs=1e-6)


def test_attributes_become_categories_and_numbers(data):
    assert data.inputs["age_band"].dtype == "category"
    assert data.inputs["age_band"].isna().any()
    assert data.inputs["household_size"].dtype == "float64"
    assert data.inputs["is_member"].dtype == "bool"


def test_attributes_belong_to_their_customer(data, customers):
    by_id = customers.set_index("customer_id")
    for place in data.rows.sample(20, random_state=2).index:
        expected = by_id.loc[data.rows.loc[place, "customer_id"], "household_size"]
        found = data.inputs.loc[place, "household_size"]
        assert found == expected or (np.isnan(found) and np.isnan(expected))


def test_model_inputs_leave_their_arguments_and_can_do_without_attributes(data, customers):
    before, theirs = data.features.copy(deep=True), customers.copy(deep=True)
    bare = model_inputs(data.features)
    model_inputs(data.features, customers)
    assert set(bare) == set(data.inputs) - {"age_band", "household_size", "is_member", "street"}
    pd.testing.assert_frame_equal(data.features, before)
    pd.testing.assert_frame_equal(customers, theirs)


def test_a_customer_listed_twice_is_refused(data, customers):
    with pytest.raises(pd.errors.MergeError):
        model_inputs(data.features, pd.concat([customers, customers.head(1)]))


def test_the_dates_say_which_rows_are_known_when_the_test_is_the_snapshot():
    dates = SnapshotDates(["2017-01-01"], "2017-02-01", "2017-02-01")
    rows = pd.DataFrame({"as_of": ["2017-01-01", "2017-02-01"], "customer_id": [1, 1]})
    data = BehaviorData(dates, rows, rows, rows, rows)
    assert data.known.tolist() == [True, False]
    assert data.test.tolist() == data.scored.tolist() == [False, True]
