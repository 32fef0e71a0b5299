"""Without categories the products themselves are what goes together and what is offered."""

import ibis
import pandas as pd
import pytest

from dangol.crosssell import units
from dangol.crosssell.baskets import category_orders
from dangol.crosssell.units import with_units

AS_OF = pd.Timestamp("2020-02-01")


def shop(**columns):
    products = pd.DataFrame({"product_id": ["a", "b", "c", "d"], "category": "UNKNOWN", **columns})
    lines = pd.DataFrame(
        [
            ("1", "x", "a", "2020-01-01", 2.0),
            ("1", "x", "b", "2020-01-01", 3.0),
            ("2", "y", "b", "2020-01-05", 3.0),
            ("3", "y", "c", "2020-01-06", -1.0),  # only ever given back
            ("4", "z", "d", "2020-02-01", 9.0),  # on as_of: not known yet
        ],
        columns=["order_id", "customer_id", "product_id", "order_ts", "amount"],
    ).astype({"order_ts": "datetime64[us]"})
    return ibis.memtable(products), ibis.memtable(lines)


def labels(table):
    return table.execute().set_index("product_id")["category"].to_dict()


def test_categories_stay_the_units_where_one_product_has_any():
    products, lines = shop(category=["tea", "UNKNOWN", "UNKNOWN", "UNKNOWN"])
    table, unit = with_units(products, lines, AS_OF)
    assert unit == "category"
    assert labels(table) == {"a": "tea", "b": "UNKNOWN", "c": "UNKNOWN", "d": "UNKNOWN"}


def test_products_bought_before_the_date_are_the_units_under_their_names():
    products, lines = shop(name=["Kettle", "녹차", "Tray", "Cup"])
    table, unit = with_units(products, lines, AS_OF)
    assert unit == "product"
    assert labels(table) == {"a": "Kettle", "b": "녹차"}
    assert set(category_orders(lines, table)["category"]) == {"Kettle", "녹차"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Tea", "Tea", "x", "y"], {"a": "Tea (a)", "b": "Tea (b)"}),
        ([None, " ", "x", "y"], {"a": "(a)", "b": "(b)"}),
        (["UNKNOWN", "Tea", "x", "y"], {"a": "UNKNOWN (a)", "b": "Tea"}),
    ],
)
def test_names_that_do_not_tell_products_apart_get_the_identifier(names, expected):
    assert labels(with_units(*shop(name=names), AS_OF)[0]) == expected


def test_products_without_names_go_by_their_identifier():
    assert labels(with_units(*shop(), AS_OF)[0]) == {"a": "a", "b": "b"}


def test_only_the_products_most_customers_bought_are_units(monkeypatch):
    monkeypatch.setattr(units, "MAX_PRODUCTS", 1)
    assert labels(with_units(*shop(), AS_OF)[0]) == {"a": "UNKNOWN", "b": "b"}
