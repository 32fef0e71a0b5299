import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import gamma as gamma_law

from dangol.value import FitWarning, GammaGamma


def given(published):
    return GammaGamma().with_params(**published["GammaGamma"])


def test_expected_spend_matches_the_published_table(published):
    frame = pd.DataFrame({"n_repeats": [2, 1, 0, 7, 2], "mean_spend": [22.35, 11.77, np.nan, 73.74, 25.55]})
    spend = given(published).expected_spend(frame)  # published from unrounded parameters
    np.testing.assert_allclose(spend, [24.65, 18.91, 35.17, 71.46, 27.28], atol=0.06)


def test_density_is_the_mixture_over_spend_levels():
    p, q, gamma, n, mean = 2.5, 3.1, 14.0, 3.0, 9.0

    def at(level):
        return gamma_law.pdf(mean, p * n, scale=1 / (n * level)) * gamma_law.pdf(level, q, scale=1 / gamma)

    found, _ = GammaGamma.row_likelihood(np.array([p, q, gamma]), (np.array([n]), np.array([mean])))
    assert np.exp(found[0]) == pytest.approx(quad(at, 0, np.inf)[0], rel=1e-8)


def test_simulated_parameters_are_recovered_within_three_standard_errors(cdnow_like, published):
    fitted = GammaGamma().fit(cdnow_like["BetaGeo"])
    assert fitted.converged_
    for name, truth in published["GammaGamma"].items():
        assert abs(fitted.params_[name] - truth) < 3 * fitted.standard_errors_[name], name


def test_drawn_spend_has_the_expected_mean_per_purchase(published):
    frame = pd.DataFrame({"n_repeats": [0, 3, 40], "mean_spend": [np.nan, 20.0, 80.0]})
    n_purchases = np.full((3, 60_000), 2)
    n_purchases[:, 0] = 0
    draws = given(published).sample_spend(frame, n_purchases, np.random.default_rng(0))
    assert not draws[:, 0].any()
    scatter = draws.std(axis=1) / np.sqrt(draws.shape[1])
    assert (
        np.abs(draws[:, 1:].mean(axis=1) - 2 * given(published).expected_spend(frame)) < 4.5 * scatter
    ).all()


def test_customers_with_negative_totals_are_left_out_and_counted(cdnow_like):
    world = cdnow_like["BetaGeo"]
    with_refunds = world.assign(mean_spend=world["mean_spend"].where(world["customer_id"] >= 100, -5.0))
    n_refused = int((world["n_repeats"] > 0)[:100].sum())
    fitted = GammaGamma().fit(with_refunds)
    assert (
        fitted.message_ == f"converged; {n_refused} customers with a mean spend of zero or less were left out"
    )
    assert np.isfinite(fitted.expected_spend(with_refunds)).all()


def test_one_time_buyers_alone_are_learnt_from_their_first_purchases(cdnow_like):
    world = cdnow_like["BetaGeo"].assign(n_repeats=0)
    with pytest.warns(FitWarning, match="learnt from first purchases"):
        fitted = GammaGamma().fit(world)
    assert "learnt from first purchases" in fitted.message_
    assert fitted.expected_spend(world)[0] == pytest.approx(world["first_spend"].mean(), rel=0.1)


def test_without_any_positive_spend_the_fit_is_refused():
    frame = pd.DataFrame({"n_repeats": [1, 2], "mean_spend": [-3.0, 0.0]})
    with pytest.raises(ValueError, match=r"no positive spend among 2 customers.*Use a naive rule"):
        GammaGamma().fit(frame)


def test_equal_spend_of_everyone_falls_back_and_predicts_it():
    frame = pd.DataFrame({"n_repeats": [1, 2, 3] * 20, "mean_spend": 20.0})
    with pytest.warns(FitWarning, match="no proper maximum of the likelihood"):
        fitted = GammaGamma().fit(frame)
    np.testing.assert_allclose(fitted.expected_spend(frame), 20.0, rtol=0.01)


def test_spend_with_an_infinite_mean_is_held_to_a_finite_one():
    mean_spend = np.exp(np.random.default_rng(0).normal(3, 3, 300))
    frame = pd.DataFrame({"n_repeats": [1, 2, 3] * 100, "mean_spend": mean_spend})
    with pytest.warns(FitWarning, match=r"q fell below 1.05, where predictions are infinite"):
        fitted = GammaGamma().fit(frame)
    assert fitted.params_["q"] >= 1.05 * (1 - 1e-9)
    assert (fitted.expected_spend(frame) > 0).all()


def test_repeats_without_a_mean_are_refused():
    frame = pd.DataFrame({"n_repeats": [1, 2], "mean_spend": [np.nan, 3.0]})
    with pytest.raises(ValueError, match=r"1 rows with n_repeats negative or not whole, or repeats without"):
        GammaGamma().fit(frame)


def test_missing_columns_are_named():
    with pytest.raises(
        ValueError, match=r"columns missing: mean_spend. Make the frame with purchase_summary"
    ):
        GammaGamma().fit(pd.DataFrame({"n_repeats": [1]}))
