"""Rules every source shares, once its columns carry canonical names."""

import pandas as pd

from dangol.warehouse.intake import Intake

UNKNOWN = "UNKNOWN"


def orphans(child: pd.Series, parent: pd.Series) -> pd.Series:
    """Rows of ``child`` whose key does not stand in ``parent``; boolean, aligned with ``child``."""
    return ~child.isin(parent)


def set_aside_empty_lines(lines: Intake) -> None:
    """Quarantine order lines that sell nothing and move no money."""
    money = lines.frame[["amount", "discount_amount", "coupon_amount"]]
    nothing = (lines.frame["quantity"] == 0) & (money == 0).all(axis=1)
    lines.set_aside(nothing, "line with quantity 0 that moves no money")


def forget_zero_quantities(lines: Intake) -> None:
    """A line that moves money with quantity 0 keeps its money; its quantity becomes missing."""
    unknown = lines.frame["quantity"] == 0
    lines.note(unknown, "quantity 0 on a line that moves money", "kept: quantity set to missing")
    lines.frame = lines.frame.assign(quantity=lines.frame["quantity"].mask(unknown))


def note_unknown_products(user: Intake, products: pd.DataFrame) -> None:
    """Count rows whose product is not described; ``with_inferred_products`` gives it a row.

    Such rows are kept, not quarantined: the sale happened, only its description is missing.
    """
    unknown = orphans(user.frame["product_id"], products["product_id"])
    user.note(unknown, "product not in products", f"kept: product inferred, department {UNKNOWN}")


def with_inferred_products(products: pd.DataFrame, users: list[pd.DataFrame]) -> pd.DataFrame:
    """Products plus one row for each that is sold or offered but not described.

    Args:
        products: one row per described product.
        users: tables with a ``product_id``.

    Returns:
        As ``products``, with ``is_inferred`` (bool); inferred rows come last, by ``product_id``.
    """
    used = pd.concat([user["product_id"] for user in users]).drop_duplicates()
    missing = used[orphans(used, products["product_id"])].sort_values()
    inferred = pd.DataFrame({"product_id": missing}).assign(
        department=UNKNOWN, category=UNKNOWN, brand=UNKNOWN, is_inferred=True
    )
    return pd.concat([products.assign(is_inferred=False), inferred], ignore_index=True)


def with_all_customers(customers: pd.DataFrame, lines: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Everybody seen in any table, with the date of the first order.

    Args:
        customers: attributes, one row per ``customer_id``; may miss people.
        lines: order lines with ``customer_id`` and ``order_ts``.
        contacts: contacts with ``customer_id``.

    Returns:
        One row per customer by ``customer_id``; ``first_seen_date`` is missing for people
        without an order.
    """
    first_seen = lines.groupby("customer_id")["order_ts"].min().dt.normalize().rename("first_seen_date")
    everyone = pd.concat([customers["customer_id"], lines["customer_id"], contacts["customer_id"]])
    frame = pd.DataFrame({"customer_id": everyone.drop_duplicates().sort_values()}).reset_index(drop=True)
    attributes = customers.drop(columns="first_seen_date", errors="ignore")
    return frame.merge(first_seen.reset_index(), on="customer_id", how="left").merge(
        attributes, on="customer_id", how="left"
    )
