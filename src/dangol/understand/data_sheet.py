"""The data sheet: is there enough, and enough variety, to model?"""

import pandas as pd

from dangol.currency import UNKNOWN_CURRENCY, Currency


def data_sheet(orders: pd.DataFrame, customers: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The figures one wants to know before the first model.

    Args:
        orders: one row per order: ``customer_id``, ``order_ts``, ``amount``, ``discount_amount``.
        customers: one row per customer, with attributes.
        as_of: snapshot date, exclusive.

    Returns:
        One row per figure: ``figure``, ``value`` (float64), ``unit``.
    """
    past = orders[orders["order_ts"] < as_of]
    per_customer = past.groupby("customer_id")["order_ts"].agg(["size", "min", "max"])
    attributes = customers.drop(columns=["customer_id", "first_seen_date"], errors="ignore")
    days = (past["order_ts"].max() - past["order_ts"].min()).days + 1 if len(past) else 0
    rows = [
        ("days covered", days, "days"),
        ("customers with an order", len(per_customer), "customers"),
        ("customers with two orders or more", (per_customer["size"] > 1).mean(), "share"),
        ("orders per customer, median", per_customer["size"].median(), "orders"),
        ("orders per customer, largest", per_customer["size"].max(), "orders"),
        ("order amount, median", past["amount"].median(), "currency"),
        ("order amount, 95th percentile", past["amount"].quantile(0.95), "currency"),
        ("orders with a negative amount", (past["amount"] < 0).mean(), "share"),
        ("orders with a discount", (past["discount_amount"] > 0).mean(), "share"),
        ("sales of the top tenth of customers", _top_tenth_share(past), "share"),
        (
            "customer attributes filled",
            attributes.notna().to_numpy().mean() if attributes.size else 0.0,
            "share",
        ),
    ]
    return pd.DataFrame(rows, columns=["figure", "value", "unit"]).astype({"value": "float64"})


def readable(sheet: pd.DataFrame, currency: Currency = UNKNOWN_CURRENCY) -> pd.DataFrame:
    """The sheet for people: shares in per cent, counts without decimals, money to the cent."""
    formats = {"share": "{:.1%}", "currency": "{:,.2f}"}
    values = [
        formats.get(unit, "{:,.0f}").format(value)
        for value, unit in zip(sheet["value"], sheet["unit"], strict=True)
    ]
    return sheet.assign(value=values, unit=sheet["unit"].replace("currency", currency.unit))


def _top_tenth_share(past: pd.DataFrame) -> float:
    amounts = past.groupby("customer_id")["amount"].sum().sort_values(ascending=False)
    n_top = max(1, round(len(amounts) / 10))
    return float(amounts.head(n_top).sum() / amounts.sum())
