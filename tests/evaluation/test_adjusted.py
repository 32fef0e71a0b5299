"""Effects of contacts that were not drawn by lot, in simulated worlds whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from dangol.evaluation.adjusted import AdjustedComparison


def confounded(seed, n=800, effect=5.0):
    """Better customers are contacted more often; returns covariates, contacts, outcome, true effect."""
    rng = np.random.default_rng(seed)
    taste, other = rng.normal(size=(2, n))
    before = np.exp(3 + 0.8 * taste)
    is_treated = rng.uniform(size=n) < 1 / (1 + np.exp(1.2 - 0.9 * taste - 0.4 * other))
    gain = effect * (1 + 0.4 * other)
    outcome = before * rng.gamma(2, 0.5, n) + 8 * other + is_treated * gain
    covariates = pd.DataFrame({"before": before, "other": other, "noise": rng.normal(size=n)})
    return covariates, is_treated, outcome, float(gain[is_treated].mean())


def test_the_plain_difference_is_wrong_where_the_adjusted_interval_covers_the_truth():
    covered, plain_errors = [], []
    for seed in range(20):
        covariates, is_treated, outcome, truth = confounded(seed)
        found = AdjustedComparison(covariates, is_treated, seed).effect(outcome)
        covered.append(found.low <= truth <= found.high)
        plain_errors.append(found.unadjusted - truth)
    assert min(plain_errors) > 8
    assert sum(covered) >= 17


def test_no_effect_gives_p_values_that_are_not_too_small():
    p_values = []
    for seed in range(30):
        covariates, is_treated, outcome, _ = confounded(seed, n=400, effect=0.0)
        p_values.append(AdjustedComparison(covariates, is_treated, seed).effect(outcome).p_value)
    # of 30 draws from a uniform, more than 6 lie below 0.05 with a probability under 0.1 %
    assert sum(p < 0.05 for p in p_values) <= 6
    assert 0.3 < np.mean(p_values) < 0.7


def test_a_constant_outcome_shows_nothing_and_a_shift_moves_nothing():
    covariates, is_treated, outcome, _ = confounded(3)
    comparison = AdjustedComparison(covariates, is_treated, seed=3)
    found, shifted = comparison.effect(outcome), comparison.effect(outcome + 100.0)
    assert shifted.estimate == pytest.approx(found.estimate, abs=1e-6)
    assert comparison.effect(np.full(len(outcome), 7.0)).estimate == pytest.approx(0)


def test_the_error_is_the_root_of_the_summed_squares_of_what_customers_contribute():
    covariates, is_treated, outcome, _ = confounded(3)
    comparison = AdjustedComparison(covariates, is_treated, seed=3)
    found = comparison.effect(outcome)
    assert found.standard_error == pytest.approx(np.sqrt(sum(v * v for v in found.influence)))
    assert sum(found.influence) == pytest.approx(0, abs=1e-9)
    compared = zip(is_treated, comparison.overlap.is_compared, strict=True)
    assert found.n_treated == sum(t and c for t, c in compared)


def test_without_overlap_the_diagnosis_refuses():
    rng = np.random.default_rng(0)
    taste = rng.normal(size=600)
    comparison = AdjustedComparison(pd.DataFrame({"taste": taste}), taste > 0, seed=0)
    assert not comparison.overlap.is_enough
    assert comparison.overlap.share < 0.5


def test_the_same_seed_gives_the_same_effect_and_inputs_stay_as_they_are():
    covariates, is_treated, outcome, _ = confounded(1)
    before = covariates.copy(), outcome.copy()
    first = AdjustedComparison(covariates, is_treated, seed=7).effect(outcome)
    assert AdjustedComparison(covariates, is_treated, seed=7).effect(outcome).estimate == first.estimate
    pd.testing.assert_frame_equal(covariates, before[0])
    np.testing.assert_array_equal(outcome, before[1])


def test_an_empty_arm_or_a_missing_outcome_is_refused_with_a_reason():
    covariates, is_treated, outcome, _ = confounded(1)
    with pytest.raises(ValueError, match="the contacted arm has 0 customers"):
        AdjustedComparison(covariates, np.zeros(len(covariates), dtype=bool), seed=0)
    comparison = AdjustedComparison(covariates, is_treated, seed=0)
    with pytest.raises(ValueError, match="1 customers have no outcome"):
        comparison.effect(np.where(np.arange(len(outcome)) == 0, np.nan, outcome))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_econml_agrees_where_the_effect_is_the_same_for_everybody():
    from econml.dr import LinearDRLearner
    from sklearn.linear_model import LinearRegression, LogisticRegression

    rng = np.random.default_rng(2)
    x = rng.normal(size=(2000, 3))
    is_treated = rng.uniform(size=2000) < 1 / (1 + np.exp(0.5 - x[:, 0]))
    outcome = 3 * x[:, 0] + x[:, 1] + 2.0 * is_treated + rng.normal(size=2000)
    ours = AdjustedComparison(pd.DataFrame(x), is_treated, seed=0).effect(outcome)
    learner = LinearDRLearner(
        model_propensity=LogisticRegression(), model_regression=LinearRegression(), cv=5, random_state=0
    )
    theirs = learner.fit(outcome, is_treated.astype(int), W=x).ate_inference()
    assert ours.estimate == pytest.approx(float(theirs.mean_point), abs=2 * ours.standard_error)
    assert ours.standard_error == pytest.approx(float(theirs.stderr_mean), rel=0.25)
