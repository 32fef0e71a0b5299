"""The value forecast that is used: named a winner only beyond chance, never without intervals."""

import numpy as np
import pandas as pd
import pytest

from dangol.behavior.value_choice import choose_forecast
from dangol.behavior.value_forecasts import (
    BG_NBD,
    MODELS,
    NAIVE,
    NETWORK,
    PARETO_NBD,
    SPEND_NETWORK,
    ValueForecasts,
    value_forecasts,
)
from dangol.errors import SkipNotebookError

AS_OF, DAYS = "2024-07-01", 28


def forecast(value: np.ndarray) -> pd.DataFrame:
    ends = {
        f"value_{end}_{level}": factor * value
        for end, factor in (("low", 0), ("high", 2))
        for level in (80, 90)
    }
    return pd.DataFrame({"customer_id": np.arange(len(value)), "expected_value": value, **ends})


@pytest.fixture
def truth() -> np.ndarray:
    return np.random.default_rng(0).gamma(0.5, 40, 600).round(2)


@pytest.fixture
def future(truth) -> pd.DataFrame:
    day = pd.Timestamp(AS_OF) + pd.Timedelta(days=3)
    return pd.DataFrame({"customer_id": np.arange(len(truth)), "order_ts": day, "amount": truth})


def noisy(truth, scale, seed=1):
    return np.abs(truth + scale * np.random.default_rng(seed).standard_normal(len(truth)))


@pytest.mark.parametrize(
    ("scales", "best", "used"),
    [
        ({NAIVE: 60, BG_NBD: 60, NETWORK: 3}, NETWORK, NETWORK),
        ({NAIVE: 2, BG_NBD: 60, NETWORK: 90}, NAIVE, BG_NBD),
        ({NAIVE: 3, BG_NBD: 60, NETWORK: 3.01}, None, NETWORK),
        ({NAIVE: 60, BG_NBD: 3, NETWORK: 3.01}, None, BG_NBD),
        ({NAIVE: 60, BG_NBD: 90, NETWORK: 30, SPEND_NETWORK: 3}, SPEND_NETWORK, NETWORK),
    ],
)
def test_the_winner_is_named_and_what_is_used_gives_intervals(truth, future, scales, best, used):
    found = {name: forecast(noisy(truth, scale, seed)) for seed, (name, scale) in enumerate(scales.items())}
    choice = choose_forecast(ValueForecasts(found), future, AS_OF, DAYS, n_boot=200, seed=0)
    assert (choice.best, choice.used) == (best, used)
    name = best or "no model"
    assert choice.claim.startswith(name[0].upper() + name[1:])
    np.testing.assert_allclose(choice.actual, truth)
    assert choice.score("normalized_gini").estimate > 0
    shares = [((truth >= 0) & (truth <= 2 * found[used]["expected_value"])).mean()]
    assert choice.score("interval_coverage_90").estimate == pytest.approx(shares[0])


def test_the_lead_is_that_over_the_rule(truth, future):
    found = {NAIVE: forecast(noisy(truth, 60)), BG_NBD: forecast(noisy(truth, 3))}
    choice = choose_forecast(ValueForecasts(found), future, AS_OF, DAYS, n_boot=100, seed=0)
    gap = choice.score("normalized_gini").estimate - choice.score("normalized_gini", NAIVE).estimate
    assert choice.lead.estimate == pytest.approx(gap)
    assert choice.lead.low > 0


def log_of(days_of_customers: list[list[int]], amount: float = 10.0) -> pd.DataFrame:
    rows = [(c, day) for c, days in enumerate(days_of_customers) for day in days]
    frame = pd.DataFrame(rows, columns=["customer_id", "day"])
    ts = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame.pop("day"), unit="D")
    return frame.assign(order_ts=ts, amount=amount)


DEGENERATE = {
    "only one-time buyers": log_of([[day] for day in range(0, 150, 2)]),
    "one customer": log_of([list(range(0, 150, 9))]),
    "some with negative totals": pd.concat(
        [log_of([[0, 40, 80]] * 20), log_of([[90]] * 5, amount=-500.0)], ignore_index=True
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", list(DEGENERATE))
def test_degenerate_orders_end_with_finite_forecasts_and_say_how(case):
    orders = DEGENERATE[case]
    found = value_forecasts(orders, AS_OF, DAYS, seed=0)
    assert set(found.by_model) | {SPEND_NETWORK} == set(MODELS)
    assert (SPEND_NETWORK in found.by_model) != (SPEND_NETWORK in found.notes), "a forecast, or why none"
    assert {BG_NBD, PARETO_NBD, NETWORK} <= set(found.notes)
    for model, frame in found.by_model.items():
        numbers = frame.drop(columns="next_order_date", errors="ignore").drop(columns="customer_id")
        assert np.isfinite(numbers).all().all(), model
        assert (numbers >= 0).all().all(), model
    choice = choose_forecast(found, orders, AS_OF, DAYS, n_boot=50, seed=0)
    assert choice.best is None
    assert choice.used == BG_NBD


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        (
            log_of([[0], [0, 0], [0]]).assign(order_ts=pd.Timestamp("2024-06-30 10:00")),
            "0 days of tenure in total",
        ),
        (log_of([[0, 40, 80]] * 30, amount=0.0), "no positive spend"),
        (log_of([[0, 40, 80]] * 30, amount=-5.0), "no purchase before 2024-07-01"),
    ],
)
def test_orders_without_any_model_are_refused_with_the_reasons(orders, message):
    with pytest.raises(SkipNotebookError, match=message):
        value_forecasts(orders, AS_OF, DAYS, seed=0)
