"""Other purchase processes, planted order values and price response come back from the tables."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from dangol.simulator import GammaGammaSpend, LognormalSpend, ParetoProcess, expected_orders, simulate
from dangol.value import GammaGamma, ParetoNBD, purchase_summary

PLAIN = {"with_campaigns": False, "dirt_dose": 0.0, "refund_share": 0.0, "seasonality": "none"}


def orders_of(world) -> pd.DataFrame:
    lines = world.tables["transactions"]
    return lines.groupby("order_id").agg(
        customer_id=("customer_id", "first"), order_ts=("order_ts", "first"), amount=("amount", "sum")
    )


@pytest.fixture(scope="module")
def pareto_world():
    process = ParetoProcess(r=0.8, alpha=4.0, s=0.8, beta=20.0)
    return simulate(6_000, 4, process=process, spend=GammaGammaSpend(), **PLAIN)


@pytest.fixture(scope="module")
def pareto_summary(pareto_world):
    return purchase_summary(orders_of(pareto_world).reset_index(), "2018-01-01")


def test_the_likelihood_of_pareto_nbd_recovers_the_planted_process(pareto_world, pareto_summary):
    model = ParetoNBD().fit(pareto_summary)
    found = model.params_
    planted = pareto_world.truth_parameters["process"]
    assert planted["name"] == "Pareto/NBD"
    assert found["r"] / found["alpha"] == pytest.approx(planted["r"] / planted["alpha"], rel=0.07)
    assert found["r"] == pytest.approx(planted["r"], rel=0.15)
    # half of the customers have left after this many weeks
    half = planted["beta"] * (2 ** (1 / planted["s"]) - 1)
    assert found["beta"] * (2 ** (1 / found["s"]) - 1) == pytest.approx(half, rel=0.2)


def test_expected_orders_hold_for_a_customer_who_leaves_at_any_time(pareto_world):
    as_of = pd.Timestamp("2017-01-01")
    expected = expected_orders(pareto_world.truth["customers"], as_of, horizon_days=182)
    orders = orders_of(pareto_world)
    inside = orders[(orders["order_ts"] >= as_of) & (orders["order_ts"] < as_of + pd.Timedelta(days=182))]
    here = pareto_world.truth["customers"].query("first_order_ts < @as_of")["customer_id"]
    residual = inside["customer_id"].value_counts().reindex(here, fill_value=0) - expected[here]
    assert abs(residual.mean()) < 4 * residual.std() / np.sqrt(len(here))


def test_the_likelihood_of_gamma_gamma_recovers_the_planted_order_values(pareto_world, pareto_summary):
    repeat = pareto_summary[pareto_summary["n_repeats"] > 0]
    found = GammaGamma().fit(repeat).params_
    planted = pareto_world.truth_parameters["spend"]
    mean = planted["p"] * planted["gamma"] / (planted["q"] - 1)
    assert found["p"] * found["gamma"] / (found["q"] - 1) == pytest.approx(mean, rel=0.05)
    assert found["p"] == pytest.approx(planted["p"], rel=0.25)
    assert found["q"] == pytest.approx(planted["q"], rel=0.25)


def test_lognormal_order_values_have_the_planted_spreads():
    spend = LognormalSpend(mean=30.0, between_sd=0.5, within_sd=0.4)
    world = simulate(1_500, 6, spend=spend, end="2016-12-31", **PLAIN)
    orders = orders_of(world)
    log = np.log(orders["amount"])
    by_customer = log.groupby(orders["customer_id"])
    within = by_customer.var(ddof=1).mean()
    between = by_customer.mean().var() - (within / by_customer.size()).mean()
    assert np.sqrt(within) == pytest.approx(0.4, rel=0.04)
    assert np.sqrt(between) == pytest.approx(0.5, rel=0.08)
    truth = world.truth["customers"].set_index("customer_id")["mean_order_amount"]
    assert truth.mean() == pytest.approx(30.0, rel=0.08)
    ratio = (orders["amount"] / orders["customer_id"].map(truth)).mean()
    assert ratio == pytest.approx(1.0, abs=0.02)
    assert (world.truth["elasticities"]["price_elasticity"] == 0).all()


# ------------------------------------------------------------------------------ price response
def _elasticity(world, segment: str, department: str) -> tuple[float, float]:
    """Poisson regression of units on the logarithm of the price paid; errors by customer."""
    lines = world.tables["transactions"].merge(world.tables["products"], on="product_id")
    lines = lines.merge(world.truth["customers"][["customer_id", "planted_segment"]], on="customer_id")
    rows = lines[(lines["planted_segment"] == segment) & (lines["department"] == department)]
    depth = rows["discount_amount"] / (rows["quantity"] * rows["list_price"])
    x = sm.add_constant(np.log1p(-depth.round(1)))
    fit = sm.GLM(rows["quantity"], x, family=sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": rows["customer_id"]}
    )
    return float(fit.params.iloc[1]), float(fit.bse.iloc[1])


@pytest.mark.parametrize(
    ("segment", "department"),
    [
        ("families", "grocery"),
        ("bargain_hunters", "frozen"),
        ("bargain_hunters", "household"),
        ("premium", "fresh"),
    ],
)
def test_a_regression_of_units_on_the_price_paid_recovers_the_elasticity(large_world, segment, department):
    found, error = _elasticity(large_world, segment, department)
    table = large_world.truth["elasticities"].set_index(["planted_segment", "department"])
    planted = table.loc[(segment, department), "price_elasticity"].iloc[0]
    assert planted < 0
    assert abs(found - planted) < 4 * error + 0.03
    assert error < 0.2


def test_without_price_response_units_do_not_follow_the_price():
    world = simulate(600, 2, price_response=0.0, end="2016-12-31", dirt_dose=0.0, refund_share=0.0)
    found, error = _elasticity(world, "bargain_hunters", "frozen")
    assert abs(found) < 4 * error + 0.03
    assert (world.truth["elasticities"]["price_elasticity"] == 0).all()


# ------------------------------------------------------------------------------ returns and seasons
@pytest.mark.parametrize("share", [0.0, 0.15])
def test_the_planted_share_of_orders_comes_back_in_part(share):
    world = simulate(500, 3, refund_share=share, dirt_dose=0.0, end="2016-12-31", with_campaigns=False)
    refunds = world.truth["refunds"]
    n_orders = world.tables["transactions"]["order_id"].nunique() - len(refunds)
    error = np.sqrt(share * (1 - share) / n_orders)
    assert abs(len(refunds) / n_orders - share) <= 4 * error + 0.05 * share  # the last weeks' are to come
    assert (world.tables["transactions"]["amount"] < 0).sum() == len(refunds)


def test_each_season_can_be_had_by_itself():
    weekly, yearly = (
        simulate(800, 3, seasonality=kind, with_campaigns=False) for kind in ("weekly", "yearly")
    )
    share = {}
    for name, world in (("weekly", weekly), ("yearly", yearly)):
        ts = world.tables["transactions"].drop_duplicates("order_id")["order_ts"]
        last_year = ts[ts >= "2017-01-01"]
        winter = last_year.dt.month.isin([11, 12]).sum() / last_year.dt.month.isin([5, 6]).sum()
        share[name] = ((ts.dt.day_of_week == 5).mean(), winter)
    assert share["weekly"][0] > 1.2 / 7 > share["yearly"][0]
    assert share["yearly"][1] > share["weekly"][1] * 1.1
