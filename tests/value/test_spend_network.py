"""The spend network learns who buys and how much, from windows of the past alone."""

import numpy as np
import pandas as pd
import pytest

from dangol.value import SpendNetwork, interval_coverage, normalized_gini, outcomes
from dangol.value.order_features import daily_purchases
from dangol.value.spend_network import N_WEEKS, weekly_purchases

START, END, DAYS = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-07-01"), 56


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """Customers who order at a rate of their own, some of whom stop, and spend at a level of their own."""
    rng, n, n_days = np.random.default_rng(4), 1_200, (END - START).days + DAYS
    rate, level = rng.gamma(0.8, 0.05, n), rng.lognormal(3, 0.7, n)
    until = np.where(rng.random(n) < 0.3, rng.integers(20, n_days, n), n_days)
    came = rng.random((n, n_days)) < rate[:, None]
    came &= np.arange(n_days) < until[:, None]
    came[np.arange(n), rng.integers(0, 30, n)] = True
    customer, day = np.nonzero(came)
    amount = np.round(level[customer] * rng.gamma(4, 0.25, len(customer)), 2)
    return pd.DataFrame(
        {"customer_id": customer, "order_ts": START + pd.to_timedelta(day, unit="D"), "amount": amount}
    )


@pytest.fixture(scope="module")
def fitted(orders) -> SpendNetwork:
    return SpendNetwork(longest_days=DAYS, random_state=1).fit(orders, END)


@pytest.mark.slow
def test_customers_are_ranked_and_covered_on_the_future(fitted, orders):
    found = fitted.predict(DAYS, (0.8, 0.9))
    actual = outcomes(orders, found["customer_id"], END, DAYS)["spend"]
    assert float(normalized_gini(actual, found["expected_value"])) > 0.6
    assert 0.75 < found["expected_value"].sum() / actual.sum() < 1.3
    for level in (80, 90):
        covered = interval_coverage(actual, found[f"value_low_{level}"], found[f"value_high_{level}"])
        assert level / 100 - 0.08 < float(covered) < 0.99
    assert (found["value_low_90"] <= found["value_low_80"]).all()
    assert (found["value_high_90"] >= found["value_high_80"]).all()


@pytest.mark.slow
def test_orders_on_or_after_the_end_are_not_looked_at(fitted, orders):
    later = orders["order_ts"] >= END
    changed = orders.assign(amount=orders["amount"].where(~later, 9_999.0))
    again = SpendNetwork(longest_days=DAYS, random_state=1).fit(changed, END)
    pd.testing.assert_frame_equal(again.predict(DAYS, [0.9]), fitted.predict(DAYS, [0.9]))


def test_weeks_equal_a_plain_loop(orders):
    past = orders[orders["order_ts"] < END]
    ids = pd.Series(sorted(past["customer_id"].unique())[:40])
    found = weekly_purchases(daily_purchases(past, END), ids, END)
    assert list(found.columns)[:2] == ["n_orders_week_1", "n_orders_week_2"]
    for week in (1, 2, N_WEEKS):
        first, end = (END - pd.Timedelta(days=7 * k) for k in (week, week - 1))
        inside = past[(past["order_ts"] >= first) & (past["order_ts"] < end)]
        for place, customer in enumerate(ids):
            own = inside.loc[inside["customer_id"] == customer, "amount"]
            assert found.loc[place, f"n_orders_week_{week}"] == len(own)
            assert found.loc[place, f"amount_week_{week}"] == pytest.approx(own.sum())


def test_no_time_brings_no_money(fitted):
    assert (fitted.predict(0, [0.9]).drop(columns="customer_id") == 0).all(axis=None)


def test_what_cannot_be_asked_or_learnt_is_refused(fitted, orders):
    for horizon_days, levels in ((-1, [0.9]), (np.inf, [0.9]), (DAYS, [1.0]), (DAYS, [])):
        with pytest.raises(ValueError, match="expected horizon_days >= 0, 0 < level < 1"):
            fitted.predict(horizon_days, levels)
    with pytest.raises(ValueError, match="this SpendNetwork is not fitted"):
        SpendNetwork(longest_days=DAYS).predict(DAYS, [0.9])
    with pytest.raises(ValueError, match="expected 'fast' or 'full'"):
        SpendNetwork(effort="slow")
    with pytest.raises(ValueError, match="leave no room to learn from"):
        SpendNetwork(longest_days=DAYS).fit(orders, START + pd.Timedelta(days=20))
