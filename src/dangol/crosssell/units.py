"""What rules and offers speak about: product categories, or products where no category is known."""

import ibis
import ibis.expr.types as ir
import pandas as pd

from dangol.warehouse.rules import UNKNOWN

CATEGORY, PRODUCT = "category", "product"
MAX_PRODUCTS = 400
_NAME = "name"


def with_units(products: ir.Table, transactions: ir.Table, as_of: pd.Timestamp) -> tuple[ir.Table, str]:
    """Products with the unit they count as in ``category``.

    Where no product has a category, the products themselves are the units: the 400 that most
    customers bought before ``as_of``, under their names (with the identifier where several share
    one). The others are too rare to say anything about a pair and count as ``UNKNOWN``.

    Args:
        products: as in ``tables.PRODUCTS``; ``name`` is shown if there is one.
        transactions: as in ``tables.TRANSACTIONS``.
        as_of: exclusive end of what decides which products are units.

    Returns:
        ``product_id`` and ``category``, and what a unit is: ``category`` or ``product``.
    """
    if products.filter(products.category != UNKNOWN).count().execute():
        return products.select("product_id", "category"), CATEGORY
    past = transactions.filter((transactions.order_ts < as_of) & (transactions.amount > 0))
    buyers = past.group_by("product_id").agg(n_customers=past.customer_id.nunique())
    shown = ["product_id", *([_NAME] if _NAME in products.columns else [])]
    frame = products.select(*shown).join(buyers, "product_id").select(*shown, "n_customers").execute()
    ranked = frame.sort_values(["n_customers", "product_id"], ascending=[False, True], ignore_index=True)
    units = pd.DataFrame({"product_id": frame["product_id"], "category": UNKNOWN})
    best = ranked.head(MAX_PRODUCTS)
    units["category"] = units["product_id"].map(dict(zip(best["product_id"], _labels(best), strict=True)))
    return ibis.memtable(units.fillna({"category": UNKNOWN}).astype({"category": "str"})), PRODUCT


def _labels(products: pd.DataFrame) -> list[str]:
    """Names that tell products apart."""
    own = products["product_id"].astype("str")
    if _NAME not in products:
        return own.tolist()
    name = products[_NAME].astype("str").str.strip()
    is_clear = products[_NAME].notna() & (name != "") & ~name.duplicated(keep=False) & (name != UNKNOWN)
    return name.where(
        is_clear, (name.where(products[_NAME].notna(), "") + " (" + own + ")").str.strip()
    ).tolist()
