import pandas as pd
import pytest

from dangol.value import last_period_value, purchase_summary, tenure_rate_value

AS_OF = pd.Timestamp("2024-05-01")


def test_last_period_value_matches_a_plain_loop(orders):
    found = last_period_value(orders, AS_OF, 60)
    begin = AS_OF - pd.Timedelta(days=60)
    for row in found.itertuples():
        mine = [
            o.amount
            for o in orders.itertuples()
            if o.customer_id == row.customer_id and begin <= o.order_ts < AS_OF
        ]
        assert row.expected_value == pytest.approx(max(sum(mine), 0.0))


def test_tenure_rate_value_matches_a_plain_loop(orders):
    found = tenure_rate_value(orders, AS_OF, 60)
    tenure = purchase_summary(orders, AS_OF).set_index("customer_id")["tenure_days"]
    for row in found.itertuples():
        mine = [
            o.amount for o in orders.itertuples() if o.customer_id == row.customer_id and o.order_ts < AS_OF
        ]
        rate = max(sum(mine), 0.0) / max(int(tenure[row.customer_id]), 30)
        assert row.expected_value == pytest.approx(60 * rate)


def test_naive_rules_list_the_customers_of_the_summary_in_the_same_order(orders):
    customers = purchase_summary(orders, AS_OF)["customer_id"].tolist()
    assert last_period_value(orders, AS_OF, 30)["customer_id"].tolist() == customers
    assert tenure_rate_value(orders, AS_OF, 30)["customer_id"].tolist() == customers


def test_a_horizon_of_nothing_is_refused(orders):
    with pytest.raises(ValueError, match="horizon_days must be positive; received 0"):
        last_period_value(orders, AS_OF, 0)
