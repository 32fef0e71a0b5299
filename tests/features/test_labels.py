"""Labels: what happened in the horizon, by a plain loop and on its edges."""

from datetime import datetime

import pandas as pd
import pytest
from toy_log import DAY, SECOND, Tables, slow_labels

from dangol.features import behavior_labels, customer_features

AS_OFS = ["2017-06-05", "2017-09-18"]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("horizon_days", [1, 28, 90])
def test_labels_equal_a_plain_loop(seed, horizon_days):
    tables = Tables(seed, AS_OFS)
    labels = behavior_labels(tables.log(), AS_OFS, horizon_days)
    for as_of in AS_OFS:
        rows = labels[labels["as_of"] == as_of].drop(columns="as_of")
        found = {row[0]: row[1:] for row in rows.itertuples(index=False, name=None)}
        assert found == slow_labels(tables, as_of, horizon_days)


def test_labels_have_the_rows_of_the_features():
    tables = Tables(1, AS_OFS)
    features, labels = customer_features(tables.log(), AS_OFS), behavior_labels(tables.log(), AS_OFS, 28)
    key = ["as_of", "customer_id"]
    pd.testing.assert_frame_equal(features[key], labels[key])
    assert labels.dtypes.astype(str).to_dict() | {"as_of": "str"} == {
        "as_of": "str",
        "customer_id": "int64",
        "n_orders": "int64",
        "spend": "float64",
        "is_lapsed": "int64",
        "is_repurchased": "int64",
        "days_to_next_order": "int64",
        "is_censored": "int64",
    }


@pytest.mark.parametrize(
    ("offset", "is_inside"),
    [(-SECOND, False), (0 * DAY, True), (28 * DAY - SECOND, True), (28 * DAY, False)],
    ids=["one second before", "at the start", "one second before the end", "at the end"],
)
def test_the_horizon_holds_its_start_and_not_its_end(offset, is_inside):
    tables = Tables(1, [])
    as_of = datetime(2018, 6, 1)
    tables.add_order(600, datetime(2017, 1, 1))
    tables.add_order(600, as_of + offset)
    row = behavior_labels(tables.log(), ["2018-06-01"], 28).set_index("customer_id").loc[600]
    assert (row["n_orders"], row["is_lapsed"]) == ((1, 0) if is_inside else (0, 1))
    assert (row["spend"] > 0) == is_inside


def test_a_refund_in_the_horizon_is_no_order_but_lowers_the_spend():
    tables = Tables(1, [])
    tables.add_order(600, datetime(2017, 1, 1))
    tables.add_order(600, datetime(2018, 6, 2), is_refund=True)
    row = behavior_labels(tables.log(), ["2018-06-01"], 28).set_index("customer_id").loc[600]
    assert (row["n_orders"], row["is_lapsed"]) == (0, 1)
    assert row["spend"] < 0


def test_a_refund_booked_under_an_old_order_falls_into_the_horizon_it_happens_in():
    tables = Tables(1, [])
    tables.add_order(600, datetime(2017, 1, 1))
    last = tables.transactions[-1]
    tables.transactions.append({**last, "order_ts": datetime(2018, 6, 2), "amount": -0.5})
    row = behavior_labels(tables.log(), ["2018-06-01"], 28).set_index("customer_id").loc[600]
    assert (row["n_orders"], row["spend"], row["is_lapsed"]) == (0, -0.5, 1)


def test_the_order_of_rows_and_dates_is_irrelevant():
    tables = Tables(2, AS_OFS)
    once = behavior_labels(tables.log(), AS_OFS, 28)
    again = behavior_labels(tables.log(shuffled_by=5), [AS_OFS[1], AS_OFS[0], AS_OFS[0]], 28)
    pd.testing.assert_frame_equal(once, again)


def test_nothing_after_the_horizon_changes_a_label():
    tables = Tables(2, AS_OFS)
    before = behavior_labels(tables.log(), AS_OFS[:1], 28)
    for customer in range(10):
        tables.add_order(customer, datetime.fromisoformat(AS_OFS[0]) + 28 * DAY)
    pd.testing.assert_frame_equal(behavior_labels(tables.log(), AS_OFS[:1], 28), before)
