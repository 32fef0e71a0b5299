"""Inputs no model likes: the fit ends with a stated fallback and finite predictions, or refuses clearly."""

import numpy as np
import pandas as pd
import pytest

from dangol.value import BetaGeo, FitWarning, ParetoNBD, purchase_summary

MODELS = [BetaGeo, ParetoNBD]


def frame(n_repeats, active_span_days, tenure_days) -> pd.DataFrame:
    columns = np.broadcast_arrays(n_repeats, active_span_days, tenure_days)
    return pd.DataFrame(dict(zip(("n_repeats", "active_span_days", "tenure_days"), columns, strict=True)))


CASES = {
    "only one-time buyers": frame(0, 0, np.arange(1, 300)),
    "one customer without repeats": frame([0], 0, 100),
    "one customer with repeats": frame([3], 60, 100),
    "everyone the same": frame([3] * 200, 60, 100),
    "one customer a thousand times as frequent": frame([0] * 300 + [5000], [0] * 300 + [364], 365),
    "some without tenure": frame([0, 0, 1, 2], [0, 0, 5, 7], [0, 0, 9, 9]),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", list(CASES))
def test_degenerate_customers_get_a_stated_fallback_and_finite_predictions(model, case):
    customers = CASES[case]
    with pytest.warns(FitWarning, match=r"used a penalised fit"):
        fitted = model().fit(customers)
    assert (fitted.converged_, fitted.method_) == (False, "penalised likelihood")
    assert "no proper maximum" in fitted.message_
    expected, alive = fitted.expected_purchases(customers, 90), fitted.probability_alive(customers)
    assert np.isfinite(expected).all()
    assert (expected >= 0).all()
    assert ((alive >= 0) & (alive <= 1)).all()
    assert np.isfinite(fitted.sample_purchases(customers, 90, 20, np.random.default_rng(0))).all()


def test_the_fallback_for_one_time_buyers_says_that_lapse_cannot_be_seen():
    with pytest.warns(FitWarning):
        fitted = BetaGeo().fit(CASES["only one-time buyers"])
    assert "no customer has a repeat purchase" in fitted.message_
    assert fitted.expected_purchases(CASES["only one-time buyers"], 90).max() < 0.01


def test_the_fallback_keeps_close_to_the_rate_of_customers_who_never_lapse():
    rng = np.random.default_rng(0)
    customers = frame(rng.poisson(100, 300), 364, 365)
    with pytest.warns(FitWarning):
        fitted = BetaGeo().fit(customers)
    assert fitted.expected_purchases(customers, 365).mean() == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize("model", MODELS)
def test_a_single_day_of_observation_is_refused(model):
    orders = pd.DataFrame({"customer_id": [1, 2], "order_ts": pd.Timestamp("2024-01-01"), "amount": 5.0})
    with pytest.raises(ValueError, match=r"2 customers with 0 days of tenure in total.*Choose a later as_of"):
        model().fit(purchase_summary(orders, "2024-01-02"))


def test_no_customers_are_refused():
    with pytest.raises(ValueError, match=r"0 customers with 0 days of tenure in total"):
        BetaGeo().fit(frame([], [], []).astype(float))
