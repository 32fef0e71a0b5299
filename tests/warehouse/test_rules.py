"""Rules every source shares."""

import pandas as pd
import pytest

from dangol.warehouse.intake import Intake
from dangol.warehouse.rules import (
    UNKNOWN,
    forget_zero_quantities,
    note_unknown_products,
    orphans,
    set_aside_empty_lines,
    with_all_customers,
    with_inferred_products,
)


@pytest.fixture
def lines() -> Intake:
    """Six lines: plain, empty, money without quantity (amount, discount, coupon), refund."""
    frame = pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 2, 3, 3],
            "product_id": [10, 10, 11, 99, 98, 99],
            "order_ts": pd.to_datetime(["2017-03-05 23:59:59", *["2017-01-02 00:00:00"] * 5]),
            "quantity": [2.0, 0.0, 0.0, 0.0, 0.0, -1.0],
            "amount": [5.0, 0.0, 1.0, 0.0, 0.0, -2.0],
            "discount_amount": [0.0, 0.0, 0.0, 0.5, 0.0, 0.0],
            "coupon_amount": [0.0, 0.0, 0.0, 0.0, 0.25, 0.0],
        }
    )
    return Intake("transactions", "lines.parquet", frame, "amount")


PRODUCTS = pd.DataFrame({"product_id": [10, 11], "department": "D", "category": "C", "brand": "B"})


def test_only_lines_that_sell_nothing_and_move_no_money_are_set_aside(lines):
    set_aside_empty_lines(lines)
    assert lines.quarantine()["source_row"].tolist() == [1]
    assert len(lines.frame) == 5


def test_a_line_that_moves_money_keeps_it_and_forgets_its_quantity(lines):
    set_aside_empty_lines(lines)
    forget_zero_quantities(lines)
    assert lines.frame["amount"].sum() == 4.0
    assert lines.frame["quantity"].isna().tolist() == [False, True, True, True, False]
    assert lines.faults()[-1]["n_rows"] == 3
    assert not (lines.frame["quantity"] == 0).any()


def test_products_sold_but_not_described_get_a_row_and_are_counted(lines):
    note_unknown_products(lines, PRODUCTS)
    assert lines.faults()[-1]["n_rows"] == 3
    products = with_inferred_products(PRODUCTS, [lines.frame, pd.DataFrame({"product_id": [97, 10]})])
    assert products["product_id"].tolist() == [10, 11, 97, 98, 99]
    assert products["is_inferred"].tolist() == [False, False, True, True, True]
    assert (products.loc[products["is_inferred"], ["department", "category", "brand"]] == UNKNOWN).all(
        axis=None
    )
    assert not orphans(lines.frame["product_id"], products["product_id"]).any()


def test_nothing_is_inferred_where_every_product_is_described(lines):
    everything = pd.DataFrame(
        {"product_id": [10, 11, 98, 99], "department": "D", "category": "C", "brand": "B"}
    )
    products = with_inferred_products(everything, [lines.frame])
    assert products["product_id"].tolist() == [10, 11, 98, 99]
    assert products["is_inferred"].dtype == bool


def test_orphans_are_the_rows_whose_key_the_parent_lacks():
    child, parent = pd.Series([1, 2, 2, 5], index=[4, 3, 2, 1]), pd.Series([2, 3])
    pd.testing.assert_series_equal(
        orphans(child, parent), pd.Series([True, False, False, True], index=child.index)
    )


def test_everybody_seen_anywhere_becomes_a_customer(lines):
    known = pd.DataFrame({"customer_id": [7, 1], "region": ["south", "north"]})
    contacts = pd.DataFrame({"customer_id": [9, 1, 9]})
    customers = with_all_customers(known, lines.frame, contacts)
    assert customers["customer_id"].tolist() == [1, 2, 3, 7, 9]
    first = customers.set_index("customer_id")["first_seen_date"]
    assert first[1] == pd.Timestamp("2017-01-02")
    assert first[[7, 9]].isna().all()
    assert customers.set_index("customer_id")["region"].dropna().to_dict() == {7: "south", 1: "north"}


def test_the_first_order_beats_a_first_date_the_source_claims(lines):
    known = pd.DataFrame({"customer_id": [1, 2], "first_seen_date": pd.Timestamp("1999-01-01")})
    customers = with_all_customers(known, lines.frame, known[["customer_id"]])
    assert (customers["first_seen_date"] == pd.Timestamp("2017-01-02")).all()


def test_the_first_day_is_a_day_even_for_an_order_one_second_before_midnight(lines):
    late = lines.frame.iloc[[0]]
    customers = with_all_customers(late[["customer_id"]], late, late[["customer_id"]])
    assert customers["first_seen_date"].tolist() == [pd.Timestamp("2017-03-05")]
