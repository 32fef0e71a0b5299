"""BG/NBD with covariates: planted effects come back, and without effects it is BG/NBD."""

import numpy as np
import pandas as pd
import pytest

from dangol.value import BetaGeo, BetaGeoCovariates

TRUE_RATIO = {"is_member": 1.6, "distance": 0.8}


@pytest.fixture(scope="module")
def world(simulate_world, published) -> pd.DataFrame:
    """Customers whose rates were drawn at BG/NBD's own, then hastened by group and distance.

    Simulated on own time: a faster customer is followed for longer, and the times are divided afterwards.
    """
    parts = []
    for is_member in (0, 1):
        for number, distance in enumerate((-1.0, 0.0, 1.0)):
            pace = TRUE_RATIO["is_member"] ** is_member * TRUE_RATIO["distance"] ** distance
            days = (round(190 * pace), round(273 * pace))
            part = simulate_world(
                "BetaGeo", 1_200, published["BetaGeo"], seed=10 * is_member + number, tenure_days=days,
                horizon_days=180 * pace,
            )  # fmt: skip
            times = part[["active_span_days", "tenure_days"]] / pace
            parts.append(part.assign(**times, is_member=is_member, distance=distance))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def fitted(world) -> BetaGeoCovariates:
    return BetaGeoCovariates(list(TRUE_RATIO)).fit(world)


def test_planted_effects_are_recovered_with_their_sign_within_three_standard_errors(fitted, published):
    assert fitted.converged_
    truth = {**published["BetaGeo"], **{f"rate_ratio_{name}": value for name, value in TRUE_RATIO.items()}}
    for name, value in truth.items():
        assert abs(fitted.params_[name] - value) < 3 * fitted.standard_errors_[name], name
    for name, value in TRUE_RATIO.items():
        effect, error = (getattr(fitted, f)[f"rate_ratio_{name}"] for f in ("params_", "standard_errors_"))
        assert (effect - 1) * np.sign(value - 1) > 3 * error


def test_each_group_is_foreseen_where_a_model_without_covariates_misses_it(world, fitted):
    plain = BetaGeo().fit(world)
    new = world[world["n_repeats"] == 0]
    for model, tolerance in ((fitted, 0.12), (plain, None)):
        expected = model.expected_purchases(new, 180)
        ratio = (
            pd.Series(expected).groupby(new["is_member"].to_numpy()).sum()
            / new.groupby("is_member")["future_orders"].sum()
        )
        if tolerance:
            assert ratio.tolist() == pytest.approx([1, 1], abs=tolerance)
        else:
            assert ratio[0] > 1 > ratio[1]


def test_ratios_of_one_change_nothing(world, published):
    plain = BetaGeo().with_params(**published["BetaGeo"])
    same = BetaGeoCovariates(["distance"]).with_params(**published["BetaGeo"], rate_ratio_distance=1.0)
    few = world.head(50)
    np.testing.assert_allclose(same.probability_alive(few), plain.probability_alive(few))
    np.testing.assert_allclose(same.expected_purchases(few, 90), plain.expected_purchases(few, 90))
    np.testing.assert_allclose(
        same.purchase_distribution(few, 90, 4), plain.purchase_distribution(few, 90, 4)
    )


def test_draws_have_the_expected_mean(world, fitted):
    few = world.sample(40, random_state=1)
    draws = fitted.sample_purchases(few, 90, 20_000, np.random.default_rng(0))
    error = draws.std(axis=1) / np.sqrt(20_000)
    assert (np.abs(draws.mean(axis=1) - fitted.expected_purchases(few, 90)) < 4.5 * error + 1e-3).all()


def test_faults_of_covariates_are_named(world):
    with pytest.raises(ValueError, match=r"covariates missing: age. Add them"):
        BetaGeoCovariates(["age"]).fit(world)
    with pytest.raises(ValueError, match=r"missing or infinite values \(distance: 1\)"):
        BetaGeoCovariates(["distance"]).fit(world.assign(distance=[np.nan, *world["distance"][1:]]))
    with pytest.raises(ValueError, match="expected a list of column names"):
        BetaGeoCovariates("distance")
