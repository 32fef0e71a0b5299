"""Forecasts of what each customer will spend: a rule, probability models of buying, a network."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from dangol.errors import SkipNotebookError
from dangol.value import (
    BetaGeo,
    FitWarning,
    GammaGamma,
    LifetimeValue,
    ParetoNBD,
    SpendNetwork,
    ValueNetwork,
    ends_of,
    last_period_value,
    next_order_date,
    purchase_summary,
)

NAIVE, BG_NBD, PARETO_NBD, NETWORK = "last period again", "BG/NBD", "Pareto/NBD", "network"
SPEND_NETWORK = "spend network"
MODELS = (NAIVE, BG_NBD, PARETO_NBD, NETWORK, SPEND_NETWORK)
COMPARED_ONLY = (NAIVE, SPEND_NETWORK)  # they say nothing of orders and of who is still there
LEVELS = (0.8, 0.9)
OnEpoch = Callable[[int, float, float], None]


@dataclass(frozen=True)
class ValueForecasts:
    """Several models' forecasts of the same customers, rows aligned and sorted by ``customer_id``.

    Attributes:
        by_model: ``customer_id`` and ``expected_value``; of all but the rule per level of `LEVELS` the ends
            of the predictive interval, ``value_low_80``, ``value_high_80`` and so on; of all but
            `COMPARED_ONLY` also ``expected_orders`` (purchase days), ``alive_prob``, ``next_order_date``.
        notes: by model, how a fit went that was not straightforward, or why there is none.
        history: losses of the network; empty without one.
    """

    by_model: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    history: pd.DataFrame = field(default_factory=pd.DataFrame)

    def bounds(self) -> dict[tuple[str, float], tuple[pd.Series, pd.Series]]:
        """Ends of the intervals by model and level."""
        return {
            (model, level): (forecast[ends_of(level)[0]], forecast[ends_of(level)[1]])
            for model, forecast in self.by_model.items()
            for level in LEVELS
            if model != NAIVE
        }


def value_forecasts(
    orders: pd.DataFrame,
    as_of: str,
    horizon_days: int,
    seed: int,
    models: Sequence[str] = MODELS,
    max_epochs: int | None = None,
    on_epoch: OnEpoch | None = None,
) -> ValueForecasts:
    """Fit models on the orders before ``as_of`` and look ahead.

    Args:
        orders: ``customer_id``, ``order_ts``, ``amount``.
        as_of: snapshot date, exclusive.
        horizon_days: length of the forecast.
        seed: of the network and of the draws behind the intervals.
        models: some of `MODELS`.
        max_epochs: of the network.
        on_epoch: called after each epoch of the network.

    Raises:
        SkipNotebookError: if there is no purchase before ``as_of``, or no model but the rule can be fitted
            to these orders; with each one's reason.
    """
    found, notes, history = {}, {}, pd.DataFrame()
    for model in models:
        try:
            if model == NAIVE:
                found[model] = naive_value(orders, as_of, horizon_days)
            elif model == NETWORK:
                network = ValueNetwork(
                    longest_days=horizon_days, random_state=seed, max_epochs=max_epochs, on_epoch=on_epoch
                ).fit(orders, as_of)
                found[model], notes[model] = network_value(network, horizon_days), network.note_
                history = network.history_
            elif model == SPEND_NETWORK:
                found[model] = spend_value(orders, as_of, horizon_days, seed, max_epochs)
            else:
                found[model], notes[model] = buy_till_you_die(orders, as_of, horizon_days, model, seed)
        except ValueError as error:
            notes[model] = f"left out: {error}"
    if not set(found) - set(COMPARED_ONLY):
        reasons = "; ".join(f"{model}: {note}" for model, note in notes.items())
        raise SkipNotebookError(f"no model of customer value can be fitted before {as_of}. {reasons}")
    return ValueForecasts(found, {model: note for model, note in notes.items() if note}, history)


def buy_till_you_die(
    orders: pd.DataFrame, as_of: str, horizon_days: int, purchases: str, seed: int
) -> tuple[pd.DataFrame, str]:
    """A purchase model with Gamma-Gamma; ``purchases`` is ``BG/NBD`` or ``Pareto/NBD``.

    Returns:
        The forecast as in `ValueForecasts`, and how a fit went that was not straightforward; empty if all
        was well.
    """
    summary = purchase_summary(orders, as_of)
    model = {BG_NBD: BetaGeo, PARETO_NBD: ParetoNBD}[purchases]()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FitWarning)
        lifetime = LifetimeValue(model.fit(summary), GammaGamma().fit(summary))
    forecasts = [lifetime.predict(summary, horizon_days, level=level, seed=seed) for level in LEVELS]
    due = next_order_date(
        lambda days: model.order_probability(summary, days), pd.Timestamp(as_of), horizon_days
    )
    forecast = _with_intervals(forecasts).drop(columns="expected_spend_per_order")
    return forecast.assign(next_order_date=due), " ".join(str(warning.message) for warning in caught)


def network_value(network: ValueNetwork, horizon_days: int) -> pd.DataFrame:
    """What a fitted value network expects; columns as in `ValueForecasts`."""
    return network.predict(horizon_days, LEVELS).drop(columns="order_prob")


def spend_value(
    orders: pd.DataFrame, as_of: str, horizon_days: int, seed: int, max_epochs: int | None
) -> pd.DataFrame:
    """Spend by a network with a zero-inflated lognormal head; columns as in `ValueForecasts`."""
    network = SpendNetwork(longest_days=horizon_days, random_state=seed, max_epochs=max_epochs)
    return network.fit(orders, as_of).predict(horizon_days, LEVELS)


def _with_intervals(forecasts: list[pd.DataFrame]) -> pd.DataFrame:
    """The first forecast, with the ends of the intervals of all of them, one per level."""
    ends = {
        name: forecast[end]
        for level, forecast in zip(LEVELS, forecasts, strict=True)
        for name, end in zip(ends_of(level), ("value_low", "value_high"), strict=True)
    }
    return forecasts[0].drop(columns=["value_low", "value_high"]).assign(**ends)


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
