"""Expectations without an end, against the closed form, numerical integrals and plain sums."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import gammaln, hyperu

from dangol.value import BetaGeo, BetaGeoBetaBinomial, GammaGamma, LifetimeValue, ParetoNBD, in_days

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": [1, 2, 3, 4, 5],
        "n_repeats": [0, 1, 2, 7, 26],
        "active_span_days": [0.0, 10.0, 213.0, 200.0, 216.0],
        "tenure_days": [200.0, 272.0, 272.0, 272.0, 217.0],
        "mean_spend": [np.nan, 20.0, 12.0, 35.0, 50.0],
    }
)


@pytest.mark.parametrize("rate", [0.02, 0.15, 0.5])
def test_residual_purchases_of_pareto_nbd_are_the_published_closed_form(rate, published):
    """Fader, Hardie & Lee (2005), "RFM and CLV", equation (2), with its confluent function."""
    r, alpha, s, beta = (published["ParetoNBD"][name] for name in ("r", "alpha", "s", "beta"))
    delta = np.log1p(rate) / 365.25 * 7
    n, last, tenure = (CUSTOMERS[name].to_numpy(dtype=float) for name in CUSTOMERS.columns[1:4])
    last, tenure = last / 7, tenure / 7
    model = ParetoNBD().with_params(**published["ParetoNBD"])
    likelihood = model.row_likelihood(np.array([r, alpha, s, beta]), (n, last, tenure))[0]
    truth = (
        r * np.log(alpha) + s * np.log(beta) + (s - 1) * np.log(delta) + gammaln(r + n + 1) - gammaln(r)
        + np.log(hyperu(s, s, delta * (beta + tenure))) - (r + n + 1) * np.log(alpha + tenure) - likelihood
    )  # fmt: skip
    found = model.discounted_residual_purchases(CUSTOMERS, rate)
    np.testing.assert_allclose(found, np.exp(truth), rtol=1e-8)


def test_residual_purchases_of_bg_nbd_are_the_integral_over_their_arrival(published):
    model = BetaGeo().with_params(**published["BetaGeo"])
    delta = np.log(1.15) / 365.25
    found = model.discounted_residual_purchases(CUSTOMERS, 0.15)
    for place in (1, 4):
        one = CUSTOMERS.iloc[[place]]
        truth = quad(lambda u, one=one: np.exp(-u) * model.expected_purchases(one, u / delta)[0], 0, 40)[0]
        assert found[place] == pytest.approx(truth, rel=1e-6)


def test_residual_purchases_do_not_depend_on_the_time_unit(published):
    weekly = ParetoNBD().with_params(**published["ParetoNBD"])
    params = published["ParetoNBD"] | {name: 7 * published["ParetoNBD"][name] for name in ("alpha", "beta")}
    daily = ParetoNBD(time_unit_days=1.0).with_params(**params)
    np.testing.assert_allclose(
        weekly.discounted_residual_purchases(CUSTOMERS, 0.1),
        daily.discounted_residual_purchases(CUSTOMERS, 0.1),
    )


def test_residual_value_is_what_very_long_horizons_come_to(published):
    spend = GammaGamma().with_params(**published["GammaGamma"])
    value = LifetimeValue(ParetoNBD().with_params(**published["ParetoNBD"]), spend)
    residual = value.residual_value(CUSTOMERS, 0.5)
    long = value.predict(CUSTOMERS, in_days(40, "years"), discount_rate_year=0.5, n_draws=0)
    np.testing.assert_allclose(residual["expected_value"], long["expected_value"], rtol=1e-3)
    assert residual["customer_id"].tolist() == CUSTOMERS["customer_id"].tolist()


def test_residual_purchases_at_opportunities_are_a_plain_sum():
    model = BetaGeoBetaBinomial().with_params(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783)
    frame = pd.DataFrame(
        {"n_purchases": [0, 1, 6], "last_opportunity": [0, 2, 6], "n_opportunities": [6, 6, 6]}
    )
    until = np.array([model.expected_purchases(frame, k) for k in range(300)])
    truth = (np.diff(until, axis=0) * 1.1 ** -np.arange(1.0, 300)[:, None]).sum(axis=0)
    np.testing.assert_allclose(model.discounted_residual_purchases(frame, 0.1), truth, rtol=1e-8)


@pytest.mark.parametrize("rate", [0.0, -0.1, np.nan])
def test_without_discounting_there_is_no_residual_value(rate, published):
    with pytest.raises(ValueError, match="discount_rate_year must be positive"):
        BetaGeo().with_params(**published["BetaGeo"]).discounted_residual_purchases(CUSTOMERS, rate)
    donors = pd.DataFrame({"n_purchases": [1], "last_opportunity": [2], "n_opportunities": [6]})
    model = BetaGeoBetaBinomial().with_params(alpha=1.0, beta=1.0, gamma=1.0, delta=1.0)
    with pytest.raises(ValueError, match="discount_rate must be positive"):
        model.discounted_residual_purchases(donors, rate)


@pytest.mark.parametrize(("length", "unit"), [(273, "days"), (39, "weeks"), (273 / 30.4375, "months")])
def test_one_horizon_in_several_units_gives_one_forecast(length, unit, published):
    model = BetaGeo().with_params(**published["BetaGeo"])
    np.testing.assert_allclose(
        model.expected_purchases(CUSTOMERS, in_days(length, unit)), model.expected_purchases(CUSTOMERS, 273)
    )


@pytest.mark.parametrize(("length", "unit"), [(1, "moons"), (-1, "days"), (np.inf, "years")])
def test_lengths_that_make_no_sense_are_refused(length, unit):
    with pytest.raises(ValueError, match="expected a length >= 0 in days, weeks, months, years"):
        in_days(length, unit)
