"""What the value models read: one row per customer, from the order log, as of one date."""

from __future__ import annotations

import pandas as pd

ORDER_COLUMNS = ("customer_id", "order_ts", "amount")


def purchase_summary(
    orders: pd.DataFrame, as_of: str | pd.Timestamp, start: str | pd.Timestamp | None = None
) -> pd.DataFrame:
    """Repeat purchases, their timing and their mean spend per customer, as known on ``as_of``.

    A *purchase day* is a calendar day with at least one order of amount >= 0; several orders on one day count
    once. The first purchase day makes the customer, every later one is a repeat. Refunds (amount < 0) make no
    purchase day; those dated after the first purchase day are netted against the repeat spend.

    Args:
        orders: one row per order (or order line); ``customer_id``, ``order_ts`` datetime64 without time zone,
            ``amount`` float64 in the currency of the data set, refunds negative.
        as_of: snapshot instant, exclusive: only orders strictly before it are seen.
        start: first instant seen, inclusive; earlier orders are left out, so that a customer's clock starts
            with the first order on or after it. None sees everything.

    Returns:
        One row per customer with a purchase day, sorted by ``customer_id``, index 0..n-1:

        - ``n_repeats`` int32: purchase days after the first one.
        - ``active_span_days`` int32: first to last purchase day; 0 without repeats.
        - ``tenure_days`` int32: whole days after the first purchase day and before ``as_of``, that is days on
          which a repeat could have been seen; 0 if the first purchase day is the last day seen. Equals the
          whole days from a first order at any time of that day to a midnight ``as_of``.
        - ``mean_spend`` float64: money after the first purchase day, refunds netted, per repeat purchase day;
          NaN without repeats. This is the Gamma-Gamma convention of the published CDNOW figures: repeat
          transactions only. Zero or negative where refunds outweigh.
        - ``first_spend`` float64: sum of amounts >= 0 on the first purchase day.

    Raises:
        ValueError: if columns are missing, or hold missing values, or no purchase lies in the window.

    Source:
        Fader, Hardie & Lee (2005), Marketing Science 24(2); Fader & Hardie (2013), "The Gamma-Gamma Model of
        Monetary Value", brucehardie.com/notes/025.

    >>> log = pd.DataFrame({"customer_id": 1, "amount": [10.0, 20.0, 5.0],
    ...     "order_ts": pd.to_datetime(["2024-01-01 09:00", "2024-01-05 12:00", "2024-01-05 18:00"])})
    >>> purchase_summary(log, "2024-01-11").iloc[0].to_dict()
    {'customer_id': 1.0, 'n_repeats': 1.0, 'active_span_days': 4.0, 'tenure_days': 9.0, 'mean_spend': 25.0,
     'first_spend': 10.0}
    """
    end = pd.Timestamp(as_of)
    seen = orders_seen(orders, end, start)
    is_purchase = seen["amount"] >= 0
    if not is_purchase.any():
        raise ValueError(
            f"no purchase before {end:%Y-%m-%d}{'' if start is None else f' and from {start} on'}; "
            f"received {len(orders)} orders. Choose another as_of or start."
        )
    purchases = seen[is_purchase]
    days = purchases[["customer_id", "day"]].drop_duplicates()
    result = days.groupby("customer_id")["day"].agg(["min", "max", "size"])
    last_day = end.ceil("D") - pd.Timedelta(days=1)
    after_first = seen["day"] > seen["customer_id"].map(result["min"])
    repeat_spend = seen[after_first].groupby("customer_id")["amount"].sum()
    is_first = purchases["day"] == purchases["customer_id"].map(result["min"])
    n_repeats = result["size"] - 1
    return pd.DataFrame(
        {
            "n_repeats": n_repeats.astype("int32"),
            "active_span_days": (result["max"] - result["min"]).dt.days.astype("int32"),
            "tenure_days": (last_day - result["min"]).dt.days.astype("int32"),
            "mean_spend": repeat_spend.reindex(result.index) / n_repeats.where(n_repeats > 0),
            "first_spend": purchases[is_first].groupby("customer_id")["amount"].sum(),
        }
    ).reset_index()


def all_purchases(summary: pd.DataFrame) -> pd.DataFrame:
    """The frame with the first purchase counted in, for a spend model that is to learn from it as well.

    A one-time buyer then has an amount of their own instead of everybody's mean. The published CDNOW
    parameters of Gamma-Gamma rest on repeat purchases only.

    Args:
        summary: from `purchase_summary`.

    Returns:
        ``n_repeats`` (now all purchase days, >= 1) and ``mean_spend`` (money per purchase day, refunds
        netted), rows as in ``summary``.
    """
    n_days = summary["n_repeats"] + 1
    repeat_spend = (summary["n_repeats"] * summary["mean_spend"]).fillna(0.0)
    return pd.DataFrame({"n_repeats": n_days, "mean_spend": (summary["first_spend"] + repeat_spend) / n_days})


def orders_seen(
    orders: pd.DataFrame, as_of: str | pd.Timestamp, start: str | pd.Timestamp | None = None
) -> pd.DataFrame:
    """Orders in ``[start, as_of)`` with their calendar ``day``, checked; input as in `purchase_summary`.

    Returns:
        ``customer_id``, ``day`` (midnight), ``amount`` float64, one row per order in the window.

    Raises:
        ValueError: naming every column that is missing, has gaps, or is not of the expected kind.
    """
    faults = [f"column '{name}' is missing" for name in ORDER_COLUMNS if name not in orders]
    faults += [
        f"{name}: {orders[name].isna().sum()} missing values"
        for name in ORDER_COLUMNS
        if name in orders and orders[name].isna().any()
    ]
    if "order_ts" in orders and not pd.api.types.is_datetime64_dtype(orders["order_ts"]):
        faults.append(f"order_ts: {orders['order_ts'].dtype}, expected datetime64 (UTC, without time zone)")
    if faults:
        raise ValueError(f"orders cannot be read: {'; '.join(faults)}. Pass one row per order.")
    is_seen = orders["order_ts"] < pd.Timestamp(as_of)
    if start is not None:
        is_seen &= orders["order_ts"] >= pd.Timestamp(start)
    seen = orders.loc[is_seen, list(ORDER_COLUMNS)]
    return pd.DataFrame(
        {
            "customer_id": seen["customer_id"],
            "day": seen["order_ts"].dt.floor("D"),
            "amount": seen["amount"].astype("float64"),
        }
    )
