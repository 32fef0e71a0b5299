"""The ledger: it sums to the profit, equals a plain loop, and lists every planted loss-maker."""

import ibis
import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.errors import InputError
from dangol.segments import (
    customer_profit,
    loss_makers,
    orders_with_margin,
    value_at_risk,
    with_profit_status,
)
from dangol.segments.profit import LEDGER

AS_OF, MARGIN_RATE = "2017-12-01", 0.25
WINDOW = {"as_of": AS_OF, "window_days": 364, "margin_rate": MARGIN_RATE}


def line(
    customer: int, day: str, amount: float, discount: float = 0, coupon: float = 0, product: int = 1
) -> dict:
    return {
        "order_id": f"{customer} {day}", "customer_id": customer, "product_id": product,
        "order_ts": pd.Timestamp(day), "quantity": 2.0, "amount": amount, "discount_amount": discount,
        "coupon_amount": coupon,
    }  # fmt: skip


def contact(customer: int, day: str, cost: float, arm: str = "A") -> dict:
    return {"customer_id": customer, "contact_ts": pd.Timestamp(day), "arm": arm, "contact_cost": cost}


LINES = [
    line(1, "2017-06-01", 100.0, 10, 5),
    line(2, "2017-06-01", 50.0),
    line(2, "2017-07-01", -50.0),  # all given back
    line(3, "2017-06-01", 8.0),  # less margin than the contact costs
    line(5, "2017-12-01", 99.0),  # on the date itself: not seen
    line(6, "2016-12-01", 99.0),  # before the window
]
CONTACTS = [
    contact(2, "2017-06-02", 1.0),
    contact(3, "2017-06-02", 3.0),
    contact(4, "2017-06-02", 2.0),  # never bought
    contact(1, "2017-06-02", 9.0, arm="control"),
]
PRODUCTS = pd.DataFrame({"product_id": [1]})


def profit_of(lines=LINES, contacts=CONTACTS, products=PRODUCTS, **changes) -> pd.DataFrame:
    sent = None if contacts is None else ibis.memtable(pd.DataFrame(contacts))
    log = ibis.memtable(pd.DataFrame(lines))
    return customer_profit(log, ibis.memtable(products), sent, **WINDOW | changes).set_index("customer_id")


def test_the_ledger_of_each_customer_is_as_computed_by_hand():
    profit = profit_of()
    assert profit.index.tolist() == [1, 2, 3, 4]
    ledger = [
        "list_amount",
        "discount_amount",
        "coupon_amount",
        "refund_amount",
        "product_cost",
        "contact_cost",
    ]
    assert profit.loc[1, ledger].tolist() == [115, 10, 5, 0, 75, 0]
    assert profit["profit"].to_dict() == {1: 25, 2: -1, 3: -1, 4: -2}
    assert profit["n_contacts"].to_dict() == {1: 0, 2: 1, 3: 1, 4: 1}
    assert profit.loc[1:3, "is_cost_known"].tolist() == [False] * 3


def test_the_planted_loss_makers_are_all_listed_with_their_largest_cost():
    profit = profit_of().reset_index()
    listed = loss_makers(with_profit_status(profit, profit.head(0)))
    tables.CUSTOMER_PROFIT.check(listed)
    assert listed["customer_id"].tolist() == [4, 2, 3]
    assert listed["main_cost"].tolist() == ["contact_cost", "refund_amount", "contact_cost"]


def test_who_lost_money_lately_is_at_risk_of_a_loss():
    lines = [line(1, "2017-01-01", 100.0), line(1, "2017-11-01", -20.0), line(2, "2017-11-01", 50.0)]
    whole, recent = (profit_of(lines, None, window_days=days).reset_index() for days in (364, 84))
    status = with_profit_status(whole, recent).set_index("customer_id")
    assert status["profit_status"].to_dict() == {1: "loss risk", 2: "earns"}
    assert status.loc[1, "recent_profit"] == -5, "20 back to the customer, 15 of cost back to the shop"


def test_known_costs_come_before_assumed_ones():
    priced = PRODUCTS.assign(unit_cost=30.0)
    by_product = profit_of([line(1, "2017-06-01", 100.0), line(1, "2017-06-02", -100.0)], None, priced)
    assert by_product.loc[1, "product_cost"] == 0, "goods given back give their cost back"
    assert by_product.loc[1, "is_cost_known"]
    with_margin = [
        {**line(1, "2017-06-01", 100.0), "margin": 90.0},
        {**line(2, "2017-06-01", 10.0), "margin": np.nan},
    ]
    profit = profit_of(with_margin, None)
    assert profit["product_cost"].to_dict() == {1: 10, 2: 7.5}
    assert profit["is_cost_known"].to_dict() == {1: True, 2: False}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_profit_of_random_logs_is_the_sum_of_the_ledger_and_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    days = [f"2017-{month:02}-15" for month in rng.integers(1, 12, 200)]
    lines = [
        line(int(c), day, round(float(a), 2), round(float(d), 2))
        for c, day, a, d in zip(
            rng.integers(0, 9, 200), days, rng.normal(20, 30, 200), rng.random(200), strict=True
        )
    ]
    contacts = [contact(int(c), "2017-05-01", 1.5) for c in rng.integers(0, 12, 20)]
    profit = profit_of(lines, contacts)
    pd.testing.assert_series_equal(
        sum(sign * profit[name] for name, sign in LEDGER.items()).round(2),
        profit["profit"],
        check_names=False,
    )
    for customer, row in profit.iterrows():
        margin = sum(MARGIN_RATE * one["amount"] for one in lines if one["customer_id"] == customer)
        cost = 1.5 * sum(one["customer_id"] == customer for one in contacts)
        assert row["profit"] == pytest.approx(margin - cost, abs=0.03)


def test_orders_carry_their_margin():
    lines = pd.DataFrame(
        [line(1, "2017-06-01", 100.0), line(1, "2017-06-01", 20.0), line(1, "2017-06-03", -8.0)]
    )
    orders = orders_with_margin(ibis.memtable(lines), ibis.memtable(PRODUCTS), MARGIN_RATE).execute()
    assert sorted(orders["amount"]) == [-8, 120]
    assert sorted(orders["margin"]) == [-2, 30]


def test_value_at_risk_is_the_money_of_customers_at_risk_or_dormant():
    segments = pd.DataFrame(
        {
            "segment": ["A", "A", "B", "B"],
            "life_cycle_state": ["at risk", "active", "dormant", "lost"],
            "amount": [30.0, 70.0, 50.0, -5.0],
        }
    )
    table = value_at_risk(segments, ["segment"]).set_index("segment")
    assert table["amount_at_risk"].to_dict() == {"B": 50, "A": 30}
    assert table["at_risk_share"].to_dict() == {"B": 1, "A": 0.3}
    assert table["n_at_risk"].to_dict() == {"B": 1, "A": 1}
    with pytest.raises(InputError, match="amount, grade"):
        value_at_risk(segments.drop(columns="amount"), ["grade"])
