"""Forecasts of what each customer will spend: probability models, a network, a rule."""

import warnings
from typing import Any

import pandas as pd

from dangol.value import (
    BetaGeo,
    FitWarning,
    GammaGamma,
    LifetimeValue,
    ParetoNBD,
    last_period_value,
    purchase_summary,
)

INTERVAL_LEVEL = 0.9


def buy_till_you_die(
    orders: pd.DataFrame, as_of: str, horizon_days: int, purchases: str, seed: int
) -> pd.DataFrame:
    """Fit a purchase model with Gamma-Gamma on the orders before ``as_of`` and look ahead.

    Args:
        orders: ``customer_id``, ``order_ts``, ``amount``.
        as_of: snapshot date, exclusive.
        horizon_days: length of the forecast.
        purchases: ``BG/NBD`` or ``Pareto/NBD``.
        seed: of the draws behind the interval.

    Returns:
        One row per customer with an order before ``as_of``, by ``customer_id``: ``customer_id``,
        ``expected_orders`` (purchase days), ``alive_prob``, ``expected_value``, ``value_low``,
        ``value_high`` (90 % predictive interval). ``attrs["note"]`` says how a fit went that was
        not straightforward; empty if all was well.
    """
    summary = purchase_summary(orders, as_of).sort_values("customer_id", ignore_index=True)
    model = {"BG/NBD": BetaGeo, "Pareto/NBD": ParetoNBD}[purchases]()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FitWarning)
        lifetime = LifetimeValue(model.fit(summary), GammaGamma().fit(summary))
    forecast = lifetime.predict(summary, horizon_days, level=INTERVAL_LEVEL, seed=seed)
    forecast.attrs["note"] = " ".join(str(warning.message) for warning in caught)
    return forecast.drop(columns="expected_spend_per_order")


def network_value(network: Any, customer_id: pd.Series, inputs: pd.DataFrame) -> pd.DataFrame:
    """What a fitted zero-inflated lognormal network expects.

    Args:
        network: fitted ``NetworkRegressor(head="ziln")``.
        customer_id: one per row.
        inputs: model inputs, aligned.

    Returns:
        ``customer_id``, ``expected_value``, ``value_low``, ``value_high`` (90 % predictive interval).
    """
    tail = (1 - INTERVAL_LEVEL) / 2
    return pd.DataFrame(
        {
            "customer_id": customer_id.to_numpy(),
            "expected_value": network.predict(inputs),
            "value_low": network.predict_quantile(inputs, tail),
            "value_high": network.predict_quantile(inputs, 1 - tail),
        }
    )


def naive_value(orders: pd.DataFrame, as_of: str, horizon_days: int) -> pd.DataFrame:
    """The spend of the last ``horizon_days`` happens again; ``customer_id``, ``expected_value``."""
    forecast = last_period_value(orders, as_of, horizon_days)
    return forecast.sort_values("customer_id", ignore_index=True)


def total_with_error(total: float, bias_low: float, bias_high: float) -> tuple[float, float]:
    """A range around a forecast total, as wide as the same method may have been off in the backtest.

    Args:
        total: the forecast.
        bias_low: lower end of the interval of predicted over actual total in the backtest.
        bias_high: its upper end; an end that is missing or not above 0 says nothing.

    Returns:
        ``total`` less and plus the largest correction either end of the bias calls for.

    >>> total_with_error(100.0, 0.8, 1.0)
    (75.0, 125.0)
    """
    reach = max((abs(total / bias - total) for bias in (bias_low, bias_high) if bias > 0), default=0.0)
    return total - reach, total + reach
