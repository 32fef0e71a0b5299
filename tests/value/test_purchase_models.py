"""BG/NBD and Pareto/NBD against published hand values, numerical integration and simulated worlds."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import roots_genlaguerre, roots_jacobi

from dangol.value import BetaGeo, ParetoNBD

MODELS = [BetaGeo, ParetoNBD]
FREQUENT = pd.DataFrame({"n_repeats": [26], "active_span_days": [30.86 * 7], "tenure_days": [31.0 * 7]})
HARDIE = pd.DataFrame({"n_repeats": [2], "active_span_days": [30.43 * 7], "tenure_days": [38.86 * 7]})
SEVERAL = pd.DataFrame(
    {
        "n_repeats": [0, 0, 1, 3, 12, 250],
        "active_span_days": [0.0, 0.0, 10.0, 200.0, 90.0, 270.0],
        "tenure_days": [0.0, 272.0, 272.0, 272.0, 272.0, 272.0],
    }
)


def given(model, published, **other):
    return model().with_params(**{**published[model.__name__], **other})


def test_beta_geo_expects_what_the_published_spreadsheet_expects(published):
    model = given(BetaGeo, published)
    assert model.expected_purchases(HARDIE, 39 * 7)[0] == pytest.approx(1.226, abs=5e-4)


def test_pareto_nbd_matches_the_published_hand_values(published):
    model = given(ParetoNBD, published)
    assert model.probability_alive(FREQUENT)[0] == pytest.approx(0.9979, abs=5e-5)
    assert model.expected_purchases(FREQUENT, 52 * 7)[0] == pytest.approx(25.46, abs=5e-3)


def test_beta_geo_likelihood_is_the_mixture_over_customers():
    r, alpha, a, b = 0.7, 4.0, 0.8, 2.4
    rates, rate_weights = roots_genlaguerre(120, r - 1)
    lapses, lapse_weights = roots_jacobi(120, b - 1, a - 1)
    rate, lapse = rates[:, None] / alpha, (lapses[None, :] + 1) / 2
    weights = np.outer(rate_weights / rate_weights.sum(), lapse_weights / lapse_weights.sum())
    for n, last, tenure in ((0, 0.0, 5.0), (1, 2.0, 5.0), (4, 4.5, 6.0)):
        alive = rate**n * (1 - lapse) ** n * np.exp(-rate * tenure)
        gone = rate**n * lapse * (1 - lapse) ** (n - 1) * np.exp(-rate * last) if n else 0.0
        truth = (weights * (alive + gone)).sum()
        columns = tuple(np.array([float(v)]) for v in (n, last, tenure))
        found, _ = BetaGeo.row_likelihood(np.array([r, alpha, a, b]), columns)
        assert np.exp(found[0]) == pytest.approx(truth, rel=1e-6)


def test_pareto_nbd_likelihood_is_the_mixture_over_customers():
    r, alpha, s, beta = 0.7, 4.0, 0.6, 9.0
    rates, rate_weights = roots_genlaguerre(120, r - 1)
    deaths, death_weights = roots_genlaguerre(120, s - 1)
    rate, death = rates[:, None] / alpha, deaths[None, :] / beta
    weights = np.outer(rate_weights / rate_weights.sum(), death_weights / death_weights.sum())
    for n, last, tenure in ((0, 0.0, 5.0), (1, 2.0, 5.0), (4, 4.5, 6.0)):
        both = rate + death
        truth = (
            weights * rate**n / both * (death * np.exp(-both * last) + rate * np.exp(-both * tenure))
        ).sum()
        columns = tuple(np.array([float(v)]) for v in (n, last, tenure))
        found, _ = ParetoNBD.row_likelihood(np.array([r, alpha, s, beta]), columns)
        assert np.exp(found[0]) == pytest.approx(truth, rel=1e-5)


@pytest.mark.parametrize("n", [0, 2, 60, 2000])
@pytest.mark.parametrize("params", [(0.5, 10.0, 0.6, 12.0), (3.0, 0.1, 2.0, 50.0), (0.05, 900.0, 0.1, 0.5)])
def test_pareto_nbd_integral_over_the_time_of_lapse_is_accurate(n, params):
    r, alpha, s, beta = params
    last, tenure = (25.0, 39.0) if n else (0.0, 39.0)

    def integrand(time):
        return s * ((alpha + last) / (alpha + time)) ** (r + n) * ((beta + last) / (beta + time)) ** (s + 1)

    edges = last + (tenure - last) * np.concatenate([[0], 10.0 ** np.arange(-6, 0.5)])
    pieces = pairwise(edges)
    gone = sum(quad(integrand, *piece, epsabs=0, epsrel=1e-11)[0] for piece in pieces) / (beta + last) ** (
        s + 1
    )
    alive = ((alpha + last) / (alpha + tenure)) ** (r + n) * (beta + tenure) ** -s
    frame = pd.DataFrame({"n_repeats": [n], "active_span_days": [last], "tenure_days": [tenure]})
    model = ParetoNBD(time_unit_days=1.0).with_params(r=r, alpha=alpha, s=s, beta=beta)
    assert model.probability_alive(frame)[0] == pytest.approx(alive / (alive + gone), rel=1e-8)


@pytest.mark.parametrize("model", MODELS)
def test_expected_purchases_are_the_mean_of_the_purchase_distribution(model, published):
    fitted = given(model, published)
    mass = fitted.purchase_distribution(SEVERAL, 60.0, max_purchases=400)
    np.testing.assert_allclose(mass.sum(axis=1), 1.0, atol=1e-8)
    np.testing.assert_allclose(mass @ np.arange(401), fitted.expected_purchases(SEVERAL, 60.0), rtol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_draws_follow_the_purchase_distribution(model, published):
    fitted = given(model, published)
    n_draws = 40_000
    draws = fitted.sample_purchases(SEVERAL, 200.0, n_draws, np.random.default_rng(1))
    mass = fitted.purchase_distribution(SEVERAL, 200.0, max_purchases=5)
    for k in range(6):
        error = np.sqrt(mass[:, k] * (1 - mass[:, k]) / n_draws)
        assert (np.abs((draws == k).mean(axis=1) - mass[:, k]) < 4.5 * error + 1e-9).all()
    scatter = draws.std(axis=1) / np.sqrt(n_draws)
    assert (np.abs(draws.mean(axis=1) - fitted.expected_purchases(SEVERAL, 200.0)) < 4.5 * scatter).all()


@pytest.mark.parametrize(("name", "value"), [("a", 1.0), ("a", 1 + 1e-7), ("s", 1.0)])
def test_expected_purchases_are_smooth_at_removable_singularities(name, value, published):
    model = BetaGeo if name == "a" else ParetoNBD
    at, near = (
        given(model, published, **{name: v}).expected_purchases(SEVERAL, 90) for v in (value, value + 1e-4)
    )
    np.testing.assert_allclose(at, near, rtol=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_simulated_parameters_are_recovered_within_three_standard_errors(model, cdnow_like, published):
    fitted = model().fit(cdnow_like[model.__name__])
    assert (fitted.converged_, fitted.method_) == (True, "maximum likelihood")
    for name, truth in published[model.__name__].items():
        assert abs(fitted.params_[name] - truth) < 3 * fitted.standard_errors_[name], name
        assert fitted.standard_errors_[name] < truth


@pytest.mark.parametrize("model", MODELS)
def test_groups_of_simulated_customers_buy_what_is_expected(model, cdnow_like, published):
    world = cdnow_like[model.__name__]
    expected = given(model, published).expected_purchases(world, 273.0)
    for group in np.array_split(np.argsort(expected, kind="stable"), 10):
        future = world["future_orders"].to_numpy()[group]
        assert abs(future.mean() - expected[group].mean()) < 4 * future.std() / np.sqrt(len(group)) + 1e-3


@pytest.mark.parametrize("model", MODELS)
def test_predictions_do_not_depend_on_the_time_unit(model, cdnow_like):
    world = cdnow_like[model.__name__].head(800)
    weekly, daily = (model(time_unit_days=unit).fit(world) for unit in (7.0, 1.0))
    assert daily.params_["alpha"] == pytest.approx(7 * weekly.params_["alpha"], rel=1e-3)
    np.testing.assert_allclose(
        weekly.expected_purchases(world, 90), daily.expected_purchases(world, 90), rtol=2e-3, atol=1e-6
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_horizon_of_no_days_brings_no_purchases(model, published):
    fitted = given(model, published)
    np.testing.assert_allclose(fitted.expected_purchases(SEVERAL, 0), 0.0, atol=1e-12)
    np.testing.assert_allclose(fitted.purchase_distribution(SEVERAL, 0)[:, 0], 1.0)
    assert not fitted.sample_purchases(SEVERAL, 0, 50, np.random.default_rng(0)).any()


def test_predicting_for_nobody_gives_empty_arrays(published):
    fitted, nobody = given(BetaGeo, published), SEVERAL.head(0)
    assert fitted.expected_purchases(nobody, 30).shape == (0,)
    assert fitted.purchase_distribution(nobody, 30, 4).shape == (0, 5)
    assert fitted.sample_purchases(nobody, 30, 6, np.random.default_rng(0)).shape == (0, 6)


def test_a_frame_that_breaks_its_contract_is_refused_with_all_faults():
    broken = SEVERAL.assign(n_repeats=[0, 1, 1.5, 3, 12, 250], active_span_days=[0, 0, 10, 300, 90, 270.0])
    with pytest.raises(
        ValueError, match=r"1 rows with n_repeats negative.*1 rows with active_span.*1 rows with repeats"
    ):
        BetaGeo().fit(broken)


def test_missing_columns_are_named():
    with pytest.raises(
        ValueError, match=r"columns missing: active_span_days, tenure_days. Make the frame with"
    ):
        ParetoNBD().fit(SEVERAL[["n_repeats"]])


def test_an_unfitted_model_says_so():
    with pytest.raises(ValueError, match=r"this BetaGeo is not fitted. Call fit\(frame\) first"):
        BetaGeo().expected_purchases(SEVERAL, 30)


def test_with_params_refuses_unknown_names():
    with pytest.raises(ValueError, match=r"ParetoNBD has parameters r, alpha, s, beta; received r, a"):
        ParetoNBD().with_params(r=1.0, a=1.0)


def test_with_params_refuses_values_that_are_not_positive():
    with pytest.raises(ValueError, match=r"parameters must be positive and finite"):
        BetaGeo().with_params(r=1.0, alpha=-1.0, a=1.0, b=1.0)


def test_a_negative_horizon_is_refused(published):
    with pytest.raises(ValueError, match=r"horizon_days must be finite and >= 0; received -1"):
        given(BetaGeo, published).expected_purchases(SEVERAL, -1)


def test_a_time_unit_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"time_unit_days must be positive; received 0"):
        BetaGeo(time_unit_days=0)
