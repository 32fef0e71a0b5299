"""Orders as sets of product categories: what rules and offers are counted from."""

from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import sparse

from dangol.errors import SkipNotebookError
from dangol.warehouse.rules import UNKNOWN

MAX_CATEGORIES = 60


def category_orders(transactions: ir.Table, products: ir.Table) -> pd.DataFrame:
    """What each order holds, by category.

    Args:
        transactions: one order line per row, as in ``tables.TRANSACTIONS``.
        products: as in ``tables.PRODUCTS``; lines of unknown category are left out.

    Returns:
        One row per order × category that was paid for (net amount of its first such day above
        zero; a refund on a later day does not undo what was known), sorted by customer, order and
        category: ``order_id``, ``customer_id``, ``category`` (categorical),
        ``order_ts`` (first line of the order and category), ``amount``.
    """
    named = products.filter(products.category != UNKNOWN).select("product_id", "category")
    names = sorted(named.category.as_table().distinct().execute()["category"])
    if not names:
        raise SkipNotebookError(
            "no product has a category. Name one in the table products and run notebook 01 again."
        )
    codes = ibis.memtable({"category": names, "category_code": range(len(names))})
    coded = named.join(codes, "category").select("product_id", "category_code")
    lines = transactions.join(coded, "product_id")
    key = ["customer_id", "order_id", "category_code"]
    by_day = lines.group_by(*key, order_date=lines.order_ts.date()).agg(
        order_ts=lines.order_ts.min(), amount=lines.amount.sum().round(2)
    )
    frame = by_day.filter(by_day.amount > 0).drop("order_date").execute()
    frame = frame.sort_values([*key, "order_ts"]).drop_duplicates(key, ignore_index=True)
    category = pd.Categorical.from_codes(frame["category_code"].to_numpy(), categories=pd.Index(names))
    order_ts = frame["order_ts"].astype("datetime64[ns]")
    return frame.assign(category=category, order_ts=order_ts).drop(columns="category_code")


def between(orders: pd.DataFrame, start: pd.Timestamp | None, end: pd.Timestamp) -> pd.DataFrame:
    """The rows with ``order_ts`` in ``[start, end)``; from the beginning if ``start`` is None."""
    inside = orders["order_ts"] < end
    return orders[inside if start is None else inside & (orders["order_ts"] >= start)]


@dataclass(frozen=True)
class Baskets:
    """Orders of one period as a 0/1 matrix.

    Attributes:
        categories: names of the columns, in alphabetical order.
        holds: (n_baskets, n_categories) 0/1, sparse by row.
        customer: (n_baskets,) number of the customer, from 0.
        n_huge: baskets left out because they hold more than ``MAX_CATEGORIES`` categories. They
            say little about any pair and cost the square of their size.
    """

    categories: list[str]
    holds: sparse.csr_array
    customer: np.ndarray
    n_huge: int

    @classmethod
    def of(cls, orders: pd.DataFrame, max_categories: int = MAX_CATEGORIES) -> "Baskets":
        """The baskets in ``orders`` (one row per order × category)."""
        order, _ = pd.factorize(orders["order_id"], sort=True)
        size = np.bincount(order)
        is_kept = size[order] <= max_categories if len(order) else np.zeros(0, bool)
        kept, row = orders[is_kept], pd.factorize(order[is_kept], sort=True)[0]
        n_baskets = int((size <= max_categories).sum())
        customers, _ = pd.factorize(kept["customer_id"], sort=True)
        customer = np.zeros(n_baskets, dtype=np.int64)
        customer[row] = customers
        column = kept["category"].cat.codes.to_numpy()
        shape = (n_baskets, len(orders["category"].cat.categories))
        holds = sparse.csr_array((np.ones(len(kept)), (row, column)), shape=shape)
        return cls(list(orders["category"].cat.categories), holds, customer, int(len(size) - n_baskets))

    @property
    def n_baskets(self) -> int:
        """Number of baskets."""
        return self.holds.shape[0]

    @property
    def n_customers(self) -> int:
        """Number of customers with a basket."""
        return int(self.customer.max()) + 1 if self.n_baskets else 0

    @cached_property
    def size(self) -> np.ndarray:
        """(n_baskets,) categories in each basket."""
        return np.diff(self.holds.indptr)

    @cached_property
    def n_with(self) -> np.ndarray:
        """(n_categories,) baskets that hold each category."""
        return self.holds.sum(axis=0).astype(np.int64)
