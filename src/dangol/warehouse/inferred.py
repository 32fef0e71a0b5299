"""Rows a source does not describe but needs: products sold, stores sold in, customers seen anywhere."""

import pandas as pd

from dangol.warehouse.cross_rules import orphans
from dangol.warehouse.rules import UNKNOWN


def with_inferred_products(products: pd.DataFrame | None, used: pd.Series) -> pd.DataFrame:
    """Products plus one row for each that is used but not described.

    Args:
        products: one row per described product; None if the source describes none.
        used: ``product_id`` wherever a table names one, repeated or not.

    Returns:
        As ``products``, with ``is_inferred`` (bool); inferred rows come last, by ``product_id``.
    """
    return _with_missing(products, used, department=UNKNOWN, category=UNKNOWN, brand=UNKNOWN)


def with_inferred_stores(stores: pd.DataFrame | None, used: pd.Series) -> pd.DataFrame:
    """Stores plus one row, of unknown channel, for each that is used but not described.

    Args:
        stores: one row per described store; None if the source describes none.
        used: ``store_id`` wherever a table names one, repeated or not.
    """
    return _with_missing(stores, used, channel=UNKNOWN)


def _with_missing(described: pd.DataFrame | None, used: pd.Series, **values: str) -> pd.DataFrame:
    key = str(used.name)
    used = used.drop_duplicates()
    missing = used if described is None else used[orphans(used, described[key])]
    inferred = pd.DataFrame({key: missing.sort_values()}).assign(**values, is_inferred=True)
    if described is None:
        return inferred.reset_index(drop=True)
    return pd.concat([described.assign(is_inferred=False), inferred], ignore_index=True)


def with_all_customers(
    customers: pd.DataFrame | None, seen: pd.Series, lines: pd.DataFrame | None
) -> pd.DataFrame:
    """Everybody seen in any table, with the date of the first order.

    Args:
        customers: attributes, one row per ``customer_id``; may miss people; None if there are none.
        seen: ``customer_id`` wherever a table names one, repeated or not.
        lines: order lines with ``customer_id`` and ``order_ts``; None if there are none.

    Returns:
        One row per customer by ``customer_id``; ``first_seen_date`` is missing for people
        without an order.
    """
    attributes = pd.DataFrame({"customer_id": seen.iloc[:0]}) if customers is None else customers
    attributes = attributes.drop(columns="first_seen_date", errors="ignore")
    everyone = pd.concat([attributes["customer_id"], seen]).drop_duplicates().sort_values()
    frame = pd.DataFrame({"customer_id": everyone}).reset_index(drop=True)
    if lines is None:
        frame = frame.assign(first_seen_date=pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]"))
    else:
        first_seen = lines.groupby("customer_id")["order_ts"].min().dt.normalize().rename("first_seen_date")
        frame = frame.merge(first_seen.reset_index(), on="customer_id", how="left")
    return frame.merge(attributes, on="customer_id", how="left")
