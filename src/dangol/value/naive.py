"""Naive value rules: the yardstick every model has to beat."""

from __future__ import annotations

import pandas as pd

from dangol.value.summary import orders_seen, purchase_summary

LEAST_TENURE_DAYS = 30  # a customer of two days must not be credited with 180 such days a year


def last_period_value(orders: pd.DataFrame, as_of: str | pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    """Rule "the next horizon repeats the last": spend in ``[as_of - horizon_days, as_of)``.

    Args:
        orders: as in `purchase_summary`.
        as_of: snapshot instant, exclusive.
        horizon_days: length of both the past looked at and the future predicted, > 0.

    Returns:
        One row per customer of ``purchase_summary(orders, as_of)``, same order: ``customer_id`` and
        ``expected_value`` float64, refunds netted, at least 0.

    Raises:
        ValueError: if ``horizon_days`` is not positive or the orders cannot be read.
    """
    _check_horizon(horizon_days)
    start = pd.Timestamp(as_of) - pd.Timedelta(days=horizon_days)
    spend = orders_seen(orders, as_of, start).groupby("customer_id")["amount"].sum()
    return _per_customer(purchase_summary(orders, as_of), spend)


def tenure_rate_value(orders: pd.DataFrame, as_of: str | pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    """Rule "as much per day as so far": all spend over tenure (at least 30 days), times the horizon.

    Arguments, result and errors as in `last_period_value`.
    """
    _check_horizon(horizon_days)
    summary = purchase_summary(orders, as_of)
    spend = orders_seen(orders, as_of).groupby("customer_id")["amount"].sum()
    tenure = summary.set_index("customer_id")["tenure_days"].clip(lower=LEAST_TENURE_DAYS)
    return _per_customer(summary, spend / tenure * horizon_days)


def _per_customer(summary: pd.DataFrame, value: pd.Series) -> pd.DataFrame:
    expected = summary["customer_id"].map(value).fillna(0.0).clip(lower=0.0)
    return pd.DataFrame({"customer_id": summary["customer_id"], "expected_value": expected})


def _check_horizon(horizon_days: int) -> None:
    if not horizon_days > 0:
        raise ValueError(f"horizon_days must be positive; received {horizon_days}. Pass a number of days.")
