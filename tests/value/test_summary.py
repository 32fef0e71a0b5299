import math

import numpy as np
import pandas as pd
import pytest

from dangol.value import purchase_summary

AS_OF = pd.Timestamp("2024-05-01")


def plain_loop(orders: pd.DataFrame, as_of: pd.Timestamp, start: pd.Timestamp | None) -> dict:
    """The same summary, one customer and one order at a time."""
    found = {}
    for customer in sorted(set(orders.customer_id)):
        mine = [o for o in orders.itertuples() if o.customer_id == customer and o.order_ts < as_of]
        mine = [o for o in mine if start is None or o.order_ts >= start]
        days = sorted({o.order_ts.date() for o in mine if o.amount >= 0})
        if not days:
            continue
        later = sum(o.amount for o in mine if o.order_ts.date() > days[0])
        first = sum(o.amount for o in mine if o.order_ts.date() == days[0] and o.amount >= 0)
        n_repeats = len(days) - 1
        found[customer] = (
            n_repeats, (days[-1] - days[0]).days, (as_of.date() - days[0]).days - 1,
            later / n_repeats if n_repeats else math.nan, first,
        )  # fmt: skip
    return found


@pytest.mark.parametrize("start", [None, pd.Timestamp("2024-02-15 12:00")])
def test_purchase_summary_matches_a_plain_loop(orders, start):
    summary = purchase_summary(orders, AS_OF, start)
    expected = plain_loop(orders, AS_OF, start)
    assert summary["customer_id"].tolist() == list(expected)
    values = summary.drop(columns="customer_id").to_numpy(dtype=float)
    np.testing.assert_allclose(values, np.array(list(expected.values()), dtype=float))


def test_purchase_summary_ignores_orders_on_or_after_as_of(orders):
    before = orders[orders["order_ts"] < AS_OF]
    pd.testing.assert_frame_equal(purchase_summary(orders, AS_OF), purchase_summary(before, AS_OF))
    at_the_instant = pd.DataFrame(
        {"customer_id": [1, 1], "amount": 1.0, "order_ts": [AS_OF - pd.Timedelta("1D"), AS_OF]}
    )
    assert purchase_summary(at_the_instant, AS_OF)["n_repeats"].tolist() == [0]


def test_purchase_summary_does_not_depend_on_row_order_and_leaves_its_input_alone(orders):
    copy = orders.copy()
    shuffled = orders.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(purchase_summary(orders, AS_OF), purchase_summary(shuffled, AS_OF))
    pd.testing.assert_frame_equal(orders, copy)


def test_tenure_is_the_same_with_and_without_time_of_day(orders):
    dated = orders.assign(order_ts=orders["order_ts"].dt.floor("D"))
    pd.testing.assert_frame_equal(purchase_summary(orders, AS_OF), purchase_summary(dated, AS_OF))


def test_purchase_summary_names_every_fault_of_the_orders(orders):
    faulty = orders.drop(columns="amount").assign(order_ts=orders["order_ts"].astype(str))
    with pytest.raises(ValueError, match=r"'amount' is missing; order_ts: str, expected datetime64"):
        purchase_summary(faulty, AS_OF)


def test_purchase_summary_refuses_a_log_that_starts_after_as_of(orders):
    with pytest.raises(
        ValueError, match=r"no purchase before 2020-01-01; received 600 orders. Choose another"
    ):
        purchase_summary(orders, "2020-01-01")


def test_purchase_summary_refuses_times_with_a_zone(orders):
    zoned = orders.assign(order_ts=orders["order_ts"].dt.tz_localize("Asia/Seoul"))
    with pytest.raises(ValueError, match=r"Asia/Seoul\], expected datetime64 \(UTC, without time zone\)"):
        purchase_summary(zoned, AS_OF)
