"""Whatever other tables name gets a row: products, stores, customers."""

import pandas as pd

from dangol.warehouse.cross_rules import orphans
from dangol.warehouse.inferred import with_all_customers, with_inferred_products, with_inferred_stores
from dangol.warehouse.rules import UNKNOWN

PRODUCTS = pd.DataFrame({"product_id": [10, 11], "department": "D", "category": "C", "brand": "B"})
LINES = pd.DataFrame(
    {
        "customer_id": [1, 1, 2, 3],
        "order_ts": pd.to_datetime(["2017-03-05 23:59:59", *["2017-01-02 00:00:00"] * 3]),
    }
)


def used(*values: int, name: str = "product_id") -> pd.Series:
    return pd.Series(values, name=name)


def test_products_sold_but_not_described_get_a_row():
    products = with_inferred_products(PRODUCTS, used(10, 99, 98, 99, 97))
    assert products["product_id"].tolist() == [10, 11, 97, 98, 99]
    assert products["is_inferred"].tolist() == [False, False, True, True, True]
    named = products.loc[products["is_inferred"], ["department", "category", "brand"]]
    assert (named == UNKNOWN).all(axis=None)
    assert not orphans(used(10, 99, 98, 97), products["product_id"]).any()


def test_nothing_is_inferred_where_everything_is_described():
    products = with_inferred_products(PRODUCTS, used(10, 11, 10))
    assert products["product_id"].tolist() == [10, 11]
    assert products["is_inferred"].dtype == bool


def test_without_any_description_everything_is_inferred():
    products = with_inferred_products(None, used(12, 10, 12))
    assert products["product_id"].tolist() == [10, 12]
    assert products["is_inferred"].all()
    stores = with_inferred_stores(None, used(5, 4, name="store_id"))
    assert stores[["store_id", "channel"]].to_numpy().tolist() == [[4, UNKNOWN], [5, UNKNOWN]]


def test_orphans_are_the_rows_whose_key_the_parent_lacks():
    child, parent = pd.Series([1, 2, 2, 5], index=[4, 3, 2, 1]), pd.Series([2, 3])
    expected = pd.Series([True, False, False, True], index=child.index)
    pd.testing.assert_series_equal(orphans(child, parent), expected)


def test_everybody_seen_anywhere_becomes_a_customer():
    known = pd.DataFrame({"customer_id": [7, 1], "region": ["south", "north"]})
    customers = with_all_customers(known, used(1, 2, 3, 9, 1, 9, name="customer_id"), LINES)
    assert customers["customer_id"].tolist() == [1, 2, 3, 7, 9]
    first = customers.set_index("customer_id")["first_seen_date"]
    assert first[1] == pd.Timestamp("2017-01-02")
    assert first[[7, 9]].isna().all()
    assert customers.set_index("customer_id")["region"].dropna().to_dict() == {7: "south", 1: "north"}


def test_the_first_order_beats_a_first_date_the_source_claims():
    known = pd.DataFrame({"customer_id": [1, 2], "first_seen_date": pd.Timestamp("1999-01-01")})
    customers = with_all_customers(known, LINES["customer_id"], LINES)
    assert (customers["first_seen_date"] == pd.Timestamp("2017-01-02")).all()


def test_the_first_day_is_a_day_even_for_an_order_one_second_before_midnight():
    late = LINES.iloc[[0]]
    customers = with_all_customers(None, late["customer_id"], late)
    assert customers["first_seen_date"].tolist() == [pd.Timestamp("2017-03-05")]


def test_without_orders_nobody_has_a_first_day():
    customers = with_all_customers(None, used(2, 1, name="customer_id"), None)
    assert customers["customer_id"].tolist() == [1, 2]
    assert customers["first_seen_date"].isna().all()
    assert customers["first_seen_date"].dtype == "datetime64[us]"
