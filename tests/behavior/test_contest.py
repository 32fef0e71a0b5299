"""The network against its rivals: losses by hand, verdicts, forecasts in the terms of the tables."""

import numpy as np
import pandas as pd
import pytest

from dangol import behavior, tables
from dangol.behavior.metrics import (
    integrated_brier_loss,
    labels_log_loss,
    named_hit_rate,
    poisson_deviance_loss,
    row_log_losses,
)
from dangol.networks import BehaviorNetwork

HORIZON_DAYS = 28


@pytest.fixture(scope="module")
def world(shop, shop_log):
    """Outcomes, inputs, forecasts of all rivals and of a small network, and the network."""
    outcomes = behavior.behavior_outcomes(shop_log, shop, HORIZON_DAYS)
    waits = behavior.waiting_times(shop_log, shop, shop.dates.test)
    bought = behavior.category_history(shop_log, shop, list(outcomes.categories))
    inputs = pd.concat([shop.inputs, bought, behavior.sequence_history(shop_log, shop, 8)], axis=1)
    forecasts = behavior.naive_forecasts(shop, outcomes, waits, bought, HORIZON_DAYS)
    for label, models in behavior.fitted_forecasts(shop.inputs, shop, outcomes, 0).items():
        forecasts[label] |= models
    network = BehaviorNetwork(outcomes.tasks, ("orders",), effort="fast", hidden=(8,), max_epochs=3)
    network.fit(inputs[shop.train], outcomes.targets(shop.train, waits))
    said = behavior.network_forecasts(network, inputs[shop.test], outcomes.expected[shop.test], HORIZON_DAYS)
    for label, forecast in said.items():
        forecasts[label]["network"] = forecast
    contest = behavior.Contest(
        outcomes, shop.test, shop.rows.loc[shop.test, "customer_id"], forecasts, HORIZON_DAYS, 50, 0
    )
    return contest, network, inputs


def test_losses_equal_hand_values():
    assert poisson_deviance_loss(np.array([0.0, 2.0]), np.array([1.0, 2.0])) == pytest.approx(1.0)
    assert integrated_brier_loss(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])) == pytest.approx(0.25)
    assert labels_log_loss(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])) == pytest.approx(np.log(2))
    bought = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    prob = np.array([[0.9, 0.1, 0.8, 0.7], [0.4, 0.3, 0.2, 0.1]])
    assert named_hit_rate(bought, prob) == pytest.approx((2 / 3 + 0) / 2)


def test_log_losses_of_rows_average_to_the_log_loss():
    from sklearn.metrics import log_loss

    rng = np.random.default_rng(1)
    truth, prob = rng.integers(0, 2, 50), rng.random(50)
    found = row_log_losses(truth, {"network": prob, "rule": np.full(50, 0.5)})
    assert found["network"].mean() == pytest.approx(log_loss(truth, prob))
    np.testing.assert_allclose(found["rule"], np.log(2))


def test_weighted_losses_equal_those_of_repeated_customers():
    rng = np.random.default_rng(0)
    counts, rates, weights = (
        rng.poisson(2, 9).astype(float),
        rng.uniform(0.5, 3, 9),
        rng.integers(0, 3, (4, 9)),
    )
    expected = [poisson_deviance_loss(np.repeat(counts, w), np.repeat(rates, w)) for w in weights]
    np.testing.assert_allclose(poisson_deviance_loss(counts, rates, weights), expected)


def test_a_forecaster_who_knows_the_outcome_wins_every_label(world):
    contest = world[0]
    for label, models in contest.forecasts.items():
        truth = contest.truth(label)
        oracle = truth if label in ("spend", "typical_spend") else np.clip(truth, 0.01, None)
        if label in ("lapse", "upsell", "categories", "next_order"):
            oracle = np.clip(truth, 0.01, 0.99)
        known = behavior.Contest(
            contest.outcomes,
            contest.test,
            contest.customer_id,
            {label: models | {"network": oracle}},
            HORIZON_DAYS,
            50,
            0,
        )
        verdicts = known.verdicts(label)
        assert set(verdicts["verdict"]) == {"wins"}, label
        assert behavior.claim(verdicts, label, "It")[1].startswith("It: the network is better than")


def test_every_label_has_a_rule_and_the_table_keeps_its_contract(world):
    contest = world[0]
    board = pd.concat([contest.scores(label) for label in contest.forecasts], ignore_index=True)
    verdicts = pd.concat([contest.verdicts(label) for label in contest.forecasts], ignore_index=True)
    tables.BEHAVIOR_LEADERBOARD.check(board)
    tables.BEHAVIOR_CONTEST.check(verdicts)
    assert set(board["label"]) == {*contest.outcomes.tasks, "typical_spend"}
    ruled = board["model"].str.contains("rule").groupby(board["label"]).any()
    assert ruled.all()
    figures = behavior.key_figures(board)
    assert (
        figures["lapse_log_loss"]
        == board.set_index(["label", "model", "metric"]).loc[("lapse", "network", "log_loss"), "estimate"]
    )
    assert "lapse_no_weeks_log_loss" not in figures  # no twin took part


def test_what_verdicts_do_not_show_is_told_in_plain_words():
    rows = [
        ("spend", "network", "total_bias", 0.92, 0.9, 0.946),
        ("categories", "bought-lately rule", "named_hit_rate", 0.525, 0.5, 0.55),
        ("categories", "network", "named_hit_rate", 0.52, 0.5, 0.54),
    ]
    board = pd.DataFrame(rows, columns=["label", "model", "metric", "estimate", "low", "high"])
    spend = "In total the network foresaw 92.0% of the spend that came (95 % interval 90.0% to 94.6%)"
    assert behavior.plain_words(board[:1]) == spend
    assert behavior.plain_words(board) == (
        f"{spend}. Of the three categories named per customer, so many were bought: "
        "bought-lately rule 52.5%, network 52.0%"
    )


def test_losses_to_simpler_models_are_told_and_so_are_those_to_twins():
    rows = [
        ("orders", "boosted trees", "loses"),
        ("orders", "Poisson regression", "loses"),
        ("lapse", "recency rule", "wins"),
        ("categories", "network without weeks", "loses"),
    ]
    verdicts = pd.DataFrame(rows, columns=["label", "rival", "verdict"])
    told = behavior.lost_sentence(verdicts)
    assert told == (
        "Of 3 questions other models beat the network on 2: "
        "orders (boosted trees, Poisson regression); categories (network without weeks)"
    )
    won = verdicts[verdicts["verdict"] == "wins"]
    assert behavior.lost_sentence(won) == "No other model beats the network on any of 1 questions"


def test_the_verdict_of_every_label_is_that_against_its_strongest_simpler_model():
    rows = [
        ("orders", "boosted trees", "poisson_deviance_loss", 0.04, "ties"),
        ("orders", "Poisson regression", "poisson_deviance_loss", 0.08, "loses"),
        ("spend", "ridge regression", "normalized_gini", 0.03, "wins"),
        ("spend", "network without weeks", "normalized_gini", -0.03, "loses"),
    ]
    verdicts = pd.DataFrame(rows, columns=["label", "rival", "metric", "difference", "verdict"])
    assert behavior.verdict_figures(verdicts) == {
        "orders_verdict": "loses",
        "orders_rival": "Poisson regression",
        "spend_verdict": "wins",
        "spend_rival": "ridge regression",
    }


def test_the_kaplan_meier_rule_equals_a_plain_product(world, shop, shop_log):
    waits = behavior.waiting_times(shop_log, shop, shop.dates.test)[shop.train]
    still, curve = 1.0, []
    for day in range(1, HORIZON_DAYS + 1):
        at_risk = (waits["duration_days"] >= day).sum()
        still *= 1 - ((waits["duration_days"] == day) & (waits["is_observed"] == 1)).sum() / at_risk
        curve.append(still)
    np.testing.assert_allclose(world[0].forecasts["next_order"]["Kaplan-Meier rule"][0], curve)


def test_predictions_are_told_in_the_terms_of_the_table(world, shop):
    contest, network, inputs = world
    now = shop.scored
    found = behavior.customer_behavior(
        network,
        shop.rows.loc[now, "customer_id"],
        inputs[now],
        contest.outcomes.expected[now],
        shop.dates.as_of,
    ).astype(dict.fromkeys(("model", "next_categories", "lapse_reasons"), "str"))
    tables.CUSTOMER_BEHAVIOR.check(found)
    assert found["lapse_reasons"].str.contains(r"(?:raises|lowers) it \([+-]").mean() > 0.5
    assert not found["lapse_reasons"].str.contains("_").any()
    np.testing.assert_allclose(found["lapse_prob"] + found["repurchase_prob"], 1)
    assert (found["spend_low"] <= found["spend_high"]).all()
    assert found["next_categories"].str.split("; ").map(len).eq(3).all()
    dated = found["expected_order_date"].notna()
    assert dated.equals(found["median_days_to_order"].notna()) and dated.any()
    days = (found["expected_order_date"] - pd.Timestamp(shop.dates.as_of)).dt.days[dated]
    median = found.loc[dated, "median_days_to_order"]
    assert ((days + 1 >= median) & (days < median)).all()
