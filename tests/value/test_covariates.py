"""Purchase models with covariates: planted effects come back, and without effects it is the plain model."""

import numpy as np
import pandas as pd
import pytest

from dangol.value import BetaGeo, BetaGeoCovariates, ParetoNBD, ParetoNBDCovariates

PLAIN = {"BetaGeo": BetaGeo, "ParetoNBD": ParetoNBD}
WITH = {"BetaGeo": BetaGeoCovariates, "ParetoNBD": ParetoNBDCovariates}
RATE_RATIO = {"is_member": 1.6, "distance": 0.8}
LAPSE_RATIO = {"is_member": 0.5}
RATIOS = {f"rate_ratio_{name}": ratio for name, ratio in RATE_RATIO.items()} | {"lapse_ratio_is_member": 0.5}


@pytest.fixture(scope="module", params=list(PLAIN))
def model(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def world(model, simulate_world, published) -> pd.DataFrame:
    """Customers whose rates of purchase and lapse were drawn at the published ones, times their ratios."""
    parts = []
    for is_member in (0, 1):
        for number, distance in enumerate((-1.0, 0.0, 1.0)):
            params = dict(published[model])
            params["alpha"] /= RATE_RATIO["is_member"] ** is_member * RATE_RATIO["distance"] ** distance
            if model == "BetaGeo":  # its odds of lapsing are a / b, the lapse rate of the other s / beta
                params["a"] *= LAPSE_RATIO["is_member"] ** is_member
            else:
                params["beta"] /= LAPSE_RATIO["is_member"] ** is_member
            seed = 10 * is_member + number
            part = simulate_world(model, 1_500, params, seed=seed, horizon_days=180.0)
            parts.append(part.assign(is_member=is_member, distance=distance))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def fitted(model, world) -> BetaGeoCovariates | ParetoNBDCovariates:
    return WITH[model](list(RATE_RATIO), lapse_covariates=list(LAPSE_RATIO)).fit(world)


def test_planted_effects_are_recovered_with_their_sign_within_three_standard_errors(model, fitted, published):
    assert fitted.converged_
    for name, value in {**published[model], **RATIOS}.items():
        assert abs(fitted.params_[name] - value) < 3 * fitted.standard_errors_[name], name
    for name in ("rate_ratio_is_member", "rate_ratio_distance"):
        effect, error = fitted.params_[name], fitted.standard_errors_[name]
        assert (effect - 1) * np.sign(RATIOS[name] - 1) > 3 * error
    assert fitted.params_["lapse_ratio_is_member"] < 1


def test_each_group_buys_what_the_true_ratios_expect(model, world, published):
    truth = WITH[model](list(RATE_RATIO), lapse_covariates=list(LAPSE_RATIO))
    truth = truth.with_params(**published[model], **RATIOS)
    gap = world["future_orders"] - truth.expected_purchases(world, 180)
    by_group = gap.groupby([world["is_member"], world["distance"]]).agg(["sum", "std", "size"])
    assert (by_group["sum"].abs() < 4 * by_group["std"] * np.sqrt(by_group["size"])).all()


def test_the_data_are_far_likelier_with_covariates_than_without(model, world, fitted):
    assert fitted.log_likelihood_ > PLAIN[model]().fit(world).log_likelihood_ + 50


def test_ratios_of_one_change_nothing(model, world, published):
    plain, few = PLAIN[model]().with_params(**published[model]), world.head(50)
    same = WITH[model](["distance"], lapse_covariates=["is_member"])
    same = same.with_params(**published[model], rate_ratio_distance=1.0, lapse_ratio_is_member=1.0)
    np.testing.assert_allclose(same.probability_alive(few), plain.probability_alive(few))
    np.testing.assert_allclose(same.expected_purchases(few, 90), plain.expected_purchases(few, 90))
    np.testing.assert_allclose(
        same.purchase_distribution(few, 90, 4), plain.purchase_distribution(few, 90, 4)
    )


def test_who_lapses_sooner_is_expected_to_buy_less(model, world, published):
    sooner = WITH[model](lapse_covariates=["is_member"])
    sooner = sooner.with_params(**published[model], lapse_ratio_is_member=3.0)
    some = world[world["n_repeats"] > 0].head(20)
    no, yes = (sooner.expected_purchases(some.assign(is_member=group), 90) for group in (0, 1))
    assert (yes < no).all()


def test_draws_have_the_expected_mean(world, fitted):
    few = world.sample(40, random_state=1)
    draws = fitted.sample_purchases(few, 90, 20_000, np.random.default_rng(0))
    error = draws.std(axis=1) / np.sqrt(20_000)
    assert (np.abs(draws.mean(axis=1) - fitted.expected_purchases(few, 90)) < 4.5 * error + 1e-3).all()


def test_faults_of_covariates_are_named(world):
    with pytest.raises(ValueError, match=r"covariates missing: age. Add them"):
        BetaGeoCovariates(["age"], lapse_covariates=["age"]).fit(world)
    with pytest.raises(ValueError, match=r"missing or infinite values \(distance: 1\)"):
        ParetoNBDCovariates(["distance"]).fit(world.assign(distance=[np.nan, *world["distance"][1:]]))
    with pytest.raises(ValueError, match="expected a list of column names"):
        BetaGeoCovariates("distance")
    with pytest.raises(ValueError, match="Use the model without covariates"):
        BetaGeoCovariates()
