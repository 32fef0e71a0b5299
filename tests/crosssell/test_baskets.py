"""From order lines to orders by category."""

import ibis
import pandas as pd
import pytest

from dangol.crosssell.baskets import category_orders
from dangol.errors import SkipNotebookError


def lines_and_products(categories):
    products = pd.DataFrame({"product_id": [1, 2, 3, 4], "category": categories})
    lines = pd.DataFrame(
        {
            "order_id": [10, 10, 10, 10, 11, 11, 12],
            "customer_id": [7, 7, 7, 7, 7, 7, 8],
            "product_id": [1, 2, 3, 3, 1, 1, 4],
            "order_ts": pd.to_datetime(
                ["2020-01-02 10:00"] * 3
                + ["2020-01-09 10:00"]
                + ["2020-01-03 09:00"] * 2
                + ["2020-01-01 08:00"]
            ),
            "amount": [1.0, 2.0, 3.0, -3.0, 5.0, -5.0, 4.0],
        }
    )
    return ibis.memtable(lines), ibis.memtable(products)


def test_orders_hold_paid_categories_only():
    orders = category_orders(*lines_and_products(["milk", "milk", "bread", "UNKNOWN"]))
    rows = [(row.order_id, row.category, row.amount) for row in orders.itertuples()]
    # bread was refunded a week later and counts, order 11 at once and does not;
    # order 12 holds a product of unknown category
    assert rows == [(10, "bread", 3.0), (10, "milk", 3.0)]


def test_products_without_any_category_stop_with_a_sentence():
    with pytest.raises(SkipNotebookError, match="no product has a category"):
        category_orders(*lines_and_products(["UNKNOWN"] * 4))
