import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from dangol.value import BetaGeo, GammaGamma, LifetimeValue, ParetoNBD, interval_coverage
from dangol.value.lifetime_value import mixed_interval, predictive_interval

MODELS = [BetaGeo, ParetoNBD]
HORIZON = 273.0


def given(model, published):
    spend = GammaGamma().with_params(**published["GammaGamma"])
    return LifetimeValue(model().with_params(**published[model.__name__]), spend)


@pytest.mark.parametrize("model", MODELS)
def test_ninety_percent_intervals_cover_the_spend_of_simulated_customers(model, cdnow_like):
    world = cdnow_like[model.__name__]
    value = LifetimeValue(model().fit(world), GammaGamma().fit(world))
    predicted = value.predict(world, HORIZON, n_draws=400, seed=1)
    coverage = float(
        interval_coverage(world["future_spend"], predicted["value_low"], predicted["value_high"])
    )
    assert 0.85 <= coverage <= 0.95
    buyers = world["n_repeats"] >= 3
    part = (
        world.loc[buyers, "future_spend"],
        predicted.loc[buyers, "value_low"],
        predicted.loc[buyers, "value_high"],
    )
    assert 0.85 <= float(interval_coverage(*part)) <= 0.95


def test_expected_value_is_the_mean_of_the_draws(cdnow_like, published):
    value, few = given(BetaGeo, published), cdnow_like["BetaGeo"].head(40)
    draws = value.sample(few, HORIZON, 20_000, np.random.default_rng(0))
    scatter = draws.std(axis=1) / np.sqrt(draws.shape[1])
    predicted = value.predict(few, HORIZON, n_draws=0)
    assert (np.abs(draws.mean(axis=1) - predicted["expected_value"]) < 4.5 * scatter + 1e-9).all()


def test_the_result_has_one_row_per_customer_and_the_stated_columns(cdnow_like, published):
    world = cdnow_like["BetaGeo"].iloc[50:60]
    untouched = world.copy()
    predicted = given(BetaGeo, published).predict(world, 30)
    assert list(predicted.columns) == [
        "customer_id", "expected_orders", "alive_prob", "expected_spend_per_order", "expected_value",
        "value_low", "value_high",
    ]  # fmt: skip
    assert predicted["customer_id"].tolist() == world["customer_id"].tolist()
    pd.testing.assert_frame_equal(world, untouched)


def test_the_same_seed_gives_the_same_interval(cdnow_like, published):
    value, world = given(BetaGeo, published), cdnow_like["BetaGeo"].head(50)
    first, again, other = (value.predict(world, HORIZON, n_draws=100, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["value_high"].equals(other["value_high"])


def test_without_draws_there_is_no_interval(cdnow_like, published):
    predicted = given(BetaGeo, published).predict(cdnow_like["BetaGeo"].head(5), HORIZON, n_draws=0)
    assert predicted[["value_low", "value_high"]].isna().all().all()


def test_discounting_matches_a_daily_sum(cdnow_like, published):
    value, few = given(ParetoNBD, published), cdnow_like["ParetoNBD"].head(20)
    predicted = value.predict(few, 730, discount_rate_year=0.15, n_draws=0)
    so_far = np.array([value.purchase_model.expected_purchases(few, day) for day in range(731)])
    factors = 1.15 ** (-(np.arange(730) + 0.5) / 365.25)
    daily = (np.diff(so_far, axis=0) * factors[:, None]).sum(axis=0)
    np.testing.assert_allclose(
        predicted["expected_value"], daily * predicted["expected_spend_per_order"], rtol=1e-4
    )


def test_the_interval_gives_all_doubt_to_the_upper_tail_where_nothing_is_likely():
    draws = np.vstack([np.r_[np.zeros(500), np.arange(1.0, 500)], np.arange(1.0, 1000), np.zeros(999)])
    low, high = predictive_interval(draws, 0.9)
    assert low.tolist() == [0.0, 50.0, 0.0]
    assert high.tolist() == [400.0, 950.0, 0.0]


def test_draws_that_are_zero_but_for_a_share_have_the_interval_of_the_mixture():
    group = np.arange(1.0, 1000)
    draws, which, share = (
        np.vstack([group, 5 * group]),
        np.array([0, 0, 0, 1]),
        np.array([1.0, 0.5, 0.08, 0.5]),
    )
    low, high = mixed_interval(draws, which, share, 0.9)
    # half are 0: the upper tenth of all is the upper fifth of the group; 92 % are 0: so is the interval
    assert low.tolist() == [50.0, 0.0, 0.0, 0.0]
    assert high.tolist() == [950.0, 800.0, 0.0, 4000.0]


@pytest.mark.parametrize("model", MODELS)
def test_intervals_hold_the_wanted_share_of_each_customers_own_futures(model, cdnow_like, published):
    value, some = given(model, published), cdnow_like[model.__name__].sample(120, random_state=2)
    predicted = value.predict(some, HORIZON, level=0.8, n_draws=10_000)
    draws = value.sample(some, HORIZON, 10_000, np.random.default_rng(5))
    low, high = (predicted[name].to_numpy()[:, None] for name in ("value_low", "value_high"))
    held = ((draws >= low) & (draws <= high)).mean(axis=1)
    np.testing.assert_allclose(held, np.maximum(0.8, (draws == 0).mean(axis=1)), atol=0.025)


def test_arguments_out_of_range_are_refused(cdnow_like, published):
    with pytest.raises(ValueError, match=r"expected 0 < level < 1.*received 90, 1000, 0.0"):
        given(BetaGeo, published).predict(cdnow_like["BetaGeo"], HORIZON, level=90)


def test_a_frame_without_customers_ids_is_refused(cdnow_like, published):
    with pytest.raises(ValueError, match=r"column missing: customer_id"):
        given(BetaGeo, published).predict(cdnow_like["BetaGeo"].drop(columns="customer_id"), HORIZON)


@pytest.mark.slow
def test_a_million_customers_are_fitted_and_scored_in_a_minute_and_four_gibibytes(simulate_world, published):
    world = simulate_world(
        "BetaGeo", 1_000_000, published["BetaGeo"], seed=0, tenure_days=(1, 365), horizon_days=0
    )
    spans = np.minimum(np.ceil(world["active_span_days"]), world["tenure_days"])
    world = world.assign(active_span_days=spans)
    tracemalloc.start()
    began = time.perf_counter()
    predicted = LifetimeValue(BetaGeo().fit(world), GammaGamma().fit(world)).predict(world, 365, n_draws=0)
    seconds = time.perf_counter() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.isfinite(predicted["expected_value"]).all()
    assert seconds < 60
    assert peak < 4 * 2**30
