import numpy as np
import pytest
from scipy.special import gammaln, psi

from dangol.value import (
    BetaGeo,
    BetaGeoBetaBinomial,
    BetaGeoCovariates,
    GammaGamma,
    ParetoNBD,
    ParetoNBDCovariates,
    ShiftedBetaGeo,
)
from dangol.value.likelihood import CHUNK_ROWS, Problem, distinct_rows, log_rising, maximise, objective

ROWS = (
    np.array([0.0, 0.0, 1.0, 3.0, 40.0, 900.0]),
    np.array([0.0, 0.0, 1.5, 30.0, 38.9, 20.0]),
    np.array([0.0, 39.0, 12.0, 31.0, 38.9, 39.0]),
)
SPENDS = (np.array([1.0, 2.0, 7.0, 300.0]), np.array([0.5, 22.0, 73.7, 1200.0]))
COVARIATES = (np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0]), np.array([0.3, -2.0, 0.0, 0.5, 1.0, 1.5]))
CHANCES = tuple(
    np.array(c) for c in ([0.0, 1.0, 3.0, 6.0, 0.0], [0.0, 1.0, 5.0, 6.0, 0.0], [0.0, 6.0, 6.0, 6.0, 40.0])
)
CASES = [
    (BetaGeo, (0.243, 4.414, 0.793, 2.426), ROWS),
    (BetaGeo, (5.0, 0.3, 3.0, 0.2), ROWS),
    (ParetoNBD, (0.553, 10.578, 0.606, 11.669), ROWS),
    (ParetoNBD, (4.0, 0.2, 0.05, 300.0), ROWS),
    (GammaGamma, (6.25, 3.74, 15.44), SPENDS),
    (BetaGeoCovariates(["x", "y"]), (0.243, 4.414, 0.793, 2.426, 1.5, 0.7), (*ROWS, *COVARIATES)),
    (
        BetaGeoCovariates(["x"], lapse_covariates=["x"]),
        (0.243, 4.4, 0.8, 2.4, 1.5, 0.7),
        (*ROWS, *COVARIATES),
    ),
    (ParetoNBDCovariates(["x"], 1, ["y"]), (0.553, 10.6, 0.6, 11.7, 1.5, 0.7), (*ROWS, *COVARIATES)),
    (ShiftedBetaGeo, (0.668, 3.806), (np.array([0.0, 0.0, 3.0, 40.0]), np.array([0.0, 1.0, 1.0, 0.0]))),
    (BetaGeoBetaBinomial, (1.204, 0.75, 0.657, 2.783), CHANCES),
    (BetaGeoBetaBinomial, (0.2, 5.0, 3.0, 0.1), CHANCES),
]


@pytest.mark.parametrize(("model", "params", "columns"), CASES)
def test_analytic_derivatives_match_finite_differences(model, params, columns):
    params = np.array(params)
    _, slopes = model.row_likelihood(params, columns)
    for j, step in enumerate(1e-5 * np.diag(params)):
        above, below = (model.row_likelihood(params + sign * step, columns)[0] for sign in (1, -1))
        np.testing.assert_allclose(slopes[j], (above - below) / (2 * step[j]), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize(("model", "params", "columns"), CASES)
def test_gradient_of_the_penalised_total_matches_finite_differences(model, params, columns):
    starts = (np.full(len(params), 2.0),)
    counts = np.arange(1.0, len(columns[0]) + 1)
    problem = Problem(
        model.parameter_names, model.row_likelihood, columns, counts, starts, np.zeros(len(params))
    )
    at = np.log(np.array(params))
    _, slope = objective(at, problem, prior_sd=1.5)
    for j, step in enumerate(1e-5 * np.eye(len(params))):
        above, below = (objective(at + sign * step, problem, 1.5)[0] for sign in (1, -1))
        assert slope[j] == pytest.approx((above - below) / 2e-5, rel=1e-5, abs=1e-4)


def test_log_rising_is_a_difference_of_log_gammas():
    n = np.array([0.0, 1.0, 5.0, 700.0])
    log_value, slope = log_rising(0.3, n)
    np.testing.assert_allclose(log_value, gammaln(0.3 + n) - gammaln(0.3), rtol=1e-12)
    np.testing.assert_allclose(slope, psi(0.3 + n) - psi(0.3), rtol=1e-12)


def test_distinct_rows_counts_and_finds_back_every_row():
    rng = np.random.default_rng(0)
    columns = tuple(rng.integers(0, 4, 500).astype(float) for _ in range(3))
    rows, counts, positions = distinct_rows(*columns)
    for row, column in zip(rows, columns, strict=True):
        np.testing.assert_array_equal(row[positions], column)
    assert counts.sum() == 500
    assert len(set(zip(*rows, strict=True))) == len(counts)


def test_counting_equal_rows_gives_the_likelihood_of_all_rows_across_chunks():
    n_rows = CHUNK_ROWS + 10
    columns = tuple(np.tile(column[:4], n_rows // 4 + 1)[:n_rows] for column in ROWS)
    starts, none = (np.ones(4),), np.zeros(4)
    rows, counts, _ = distinct_rows(*columns)
    at = np.log([0.243, 4.414, 0.793, 2.426])
    few = objective(at, Problem(BetaGeo.parameter_names, BetaGeo.row_likelihood, rows, counts, starts, none))
    ones = np.ones(n_rows)
    many = objective(
        at, Problem(BetaGeo.parameter_names, BetaGeo.row_likelihood, columns, ones, starts, none)
    )
    assert few[0] == pytest.approx(many[0], rel=1e-12)
    np.testing.assert_allclose(few[1], many[1], rtol=1e-9)


def test_maximise_falls_back_to_moments_when_no_likelihood_is_finite():
    def broken(params, columns):
        return np.full(len(columns[0]), np.nan), np.full((1, len(columns[0])), np.nan)

    fit = maximise(Problem(("rate",), broken, (np.ones(3),), np.ones(3), (np.array([0.7]),), np.zeros(1)))
    assert (fit.method, fit.converged, fit.params.tolist()) == ("moments", False, [0.7])
    assert "not finite" in fit.message
    assert "use a naive rule" in fit.message


def test_standard_errors_of_an_exponential_rate_are_the_textbook_ones():
    times = np.random.default_rng(0).exponential(5.0, 400)

    def exponential(params, columns):
        return np.log(params[0]) - params[0] * columns[0], (1 / params[0] - columns[0])[None, :]

    fit = maximise(Problem(("rate",), exponential, (times,), np.ones(400), (np.array([1.0]),), np.zeros(1)))
    assert fit.converged
    assert fit.params[0] == pytest.approx(1 / times.mean(), rel=1e-6)
    assert fit.standard_errors[0] == pytest.approx(1 / times.mean() / 20, rel=1e-4)
