"""The value network learns from windows inside the calibration period and answers for every customer."""

import numpy as np
import pandas as pd
import pytest

from dangol.value import ValueNetwork, interval_coverage, normalized_gini, outcomes, total_bias
from dangol.value.windows import plan_windows

START, END = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-10-01")
HORIZON_DAYS = 180


def order_log(n_customers: int, seed: int, n_days: int = 460) -> pd.DataFrame:
    """Orders of customers that lapse after an exponential life and spend at a level of their own."""
    rng = np.random.default_rng(seed)
    rate, level = rng.gamma(0.6, 0.04, n_customers), rng.lognormal(3, 0.6, n_customers)
    born, life = rng.integers(0, 90, n_customers), rng.exponential(400, n_customers)
    rows = []
    for customer in range(n_customers):
        days = np.flatnonzero(rng.random(n_days) < rate[customer])
        days = np.concatenate([[0], days[(days > 0) & (days < life[customer])]]) + born[customer]
        amounts = np.round(level[customer] * rng.gamma(4, 0.25, len(days)), 2)
        rows += [(customer, day, amount) for day, amount in zip(days, amounts, strict=True) if day < n_days]
    log = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    ts = START + pd.to_timedelta(log.pop("day"), unit="D") + pd.Timedelta(hours=9)
    return log.assign(order_ts=ts)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return order_log(700, seed=2)


@pytest.fixture(scope="module")
def fitted(orders) -> ValueNetwork:
    return ValueNetwork(random_state=3).fit(orders, END)


@pytest.fixture(scope="module")
def truth(orders, fitted) -> pd.DataFrame:
    return outcomes(orders, fitted.predict(1, n_draws=0)["customer_id"], END, HORIZON_DAYS)


def test_windows_end_inside_the_period_and_start_after_a_third_of_it():
    windows = plan_windows(START, END, 8)
    assert len(windows) >= 8
    for window in windows:
        assert window.as_of + pd.Timedelta(days=window.horizon_days) <= END
        assert window.as_of >= START + (END - START) / 3 - pd.Timedelta(days=1)
    assert max(w.horizon_days for w in plan_windows(START, END, 8, longest_days=60)) == 60


def test_a_period_of_a_few_days_leaves_no_window():
    with pytest.raises(ValueError, match=r"20 days from 2024-01-01 .* Choose a later calibration_end"):
        plan_windows(START, START + pd.Timedelta(days=20), 8)


@pytest.mark.slow
def test_totals_ranking_and_intervals_hold_on_the_future_of_a_simulated_company(fitted, truth):
    forecast = fitted.predict(HORIZON_DAYS)
    assert total_bias(truth["n_orders"], forecast["expected_orders"]) == pytest.approx(1, abs=0.1)
    assert total_bias(truth["spend"], forecast["expected_value"]) == pytest.approx(1, abs=0.12)
    assert normalized_gini(truth["spend"], forecast["expected_value"]) > 0.7
    for level in (0.8, 0.9):
        asked = fitted.predict(HORIZON_DAYS, level=level)
        covered = interval_coverage(truth["spend"], asked["value_low"], asked["value_high"])
        assert covered == pytest.approx(level, abs=0.06)


@pytest.mark.slow
def test_orders_on_or_after_the_end_change_nothing(orders, fitted):
    longer = pd.concat([orders, order_log(50, seed=9).assign(order_ts=END)])
    again = ValueNetwork(random_state=3).fit(longer, END)
    pd.testing.assert_frame_equal(again.predict(60, n_draws=20), fitted.predict(60, n_draws=20))


@pytest.mark.slow
def test_longer_horizons_bring_more_and_a_horizon_of_zero_nothing(fitted):
    totals = [fitted.predict(days, n_draws=0)["expected_orders"].sum() for days in (0, 1, 30, 180, 400)]
    assert totals[0] == 0
    assert (np.diff(totals) > 0).all()
    nothing = fitted.predict(0)
    assert (nothing[["expected_value", "value_low", "value_high", "order_prob"]] == 0).all().all()


@pytest.mark.slow
def test_several_levels_give_an_interval_each_and_the_wider_holds_the_narrower(fitted):
    both, one = fitted.predict(60, (0.8, 0.9)), fitted.predict(60, 0.8)
    assert (both["value_low_90"] <= both["value_low_80"]).all()
    assert (both["value_high_90"] >= both["value_high_80"]).all()
    pd.testing.assert_series_equal(both["value_high_80"], one["value_high"], check_names=False)
    without = fitted.predict(60, (0.8, 0.9), n_draws=0)
    assert without[["value_high_80", "value_high_90", "next_order_date"]].isna().all().all()


def test_a_due_date_is_given_to_those_more_likely_than_not_to_order(fitted):
    forecast = fitted.predict(HORIZON_DAYS, n_draws=20)
    due = forecast["next_order_date"]
    assert (due.notna() == (forecast["order_prob"] >= 0.5)).all()
    assert due.dropna().between(END, END + pd.Timedelta(days=HORIZON_DAYS), inclusive="left").all()
    assert due.notna().any()


def test_too_few_outcomes_leave_pareto_nbd_as_it_is_and_say_so():
    few = order_log(40, seed=1)
    with_note = ValueNetwork().fit(few[few.groupby("customer_id").cumcount() < 2], END)
    assert "Pareto/NBD is used as it is" in with_note.note_
    forecast = with_note.predict(90, n_draws=50)
    known = with_note.known_
    np.testing.assert_allclose(
        forecast["expected_orders"], known.purchase_model.expected_purchases(known.summary, 90)
    )
    assert np.isfinite(forecast[["expected_value", "value_low", "value_high"]]).all().all()


def test_faults_of_the_orders_come_in_one_message():
    with pytest.raises(ValueError, match=r"'customer_id' is missing; amount: 1 missing"):
        ValueNetwork().fit(pd.DataFrame({"order_ts": [START], "amount": [np.nan]}), END)


def test_arguments_out_of_range_are_refused():
    with pytest.raises(ValueError, match="expected 'fast' or 'full'"):
        ValueNetwork(effort="quick")
    with pytest.raises(ValueError, match="not fitted"):
        ValueNetwork().predict(30)
