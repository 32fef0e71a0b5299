"""Planted affinities are in the baskets, with the lift that is stated, and no others."""

import itertools

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def presence(large_world):
    """One row per order, one column per category: whether the basket holds it."""
    lines = large_world.tables["transactions"]
    category = lines["product_id"].map(large_world.tables["products"].set_index("product_id")["category"])
    number, names = pd.factorize(category, sort=True)
    order, order_id = pd.factorize(lines["order_id"])
    held = np.zeros((len(order_id), len(names)), dtype=bool)
    held[order, number] = True
    return pd.DataFrame(held, index=pd.Index(order_id, name="order_id"), columns=names)


@pytest.fixture(scope="module")
def segment(large_world, presence):
    orders = large_world.tables["transactions"].drop_duplicates("order_id").set_index("order_id")
    of_customer = large_world.truth["customers"].set_index("customer_id")["planted_segment"]
    return orders.loc[presence.index, "customer_id"].map(of_customer)


def _lift(baskets, antecedent, consequent):
    """Lift and the standard error of its logarithm (delta method)."""
    a, c = baskets[antecedent], baskets[consequent]
    n_both = int((a & c).sum())
    lift = (a & c).mean() / (a.mean() * c.mean())
    variance = 1 / n_both - 1 / a.sum() - 1 / c.sum() + (2 * lift - 1) / len(a)
    return lift, np.sqrt(variance)


def test_planted_pairs_have_the_stated_lift_over_all_baskets(large_world, presence):
    assert len(large_world.truth["affinities"]) >= 4
    for pair in large_world.truth["affinities"].itertuples():
        lift, error = _lift(presence, pair.antecedent, pair.consequent)
        assert abs(np.log(lift / pair.pooled_lift)) < 4 * error, pair


def test_planted_pairs_have_the_stated_lift_inside_every_segment(large_world, presence, segment):
    n_checked = 0
    for name, baskets in presence.groupby(segment):
        for pair in large_world.truth["affinities"].itertuples():
            if (baskets[pair.antecedent] & baskets[pair.consequent]).sum() < 50:
                continue
            lift, error = _lift(baskets, pair.antecedent, pair.consequent)
            assert abs(np.log(lift / pair.lift)) < 4 * error, (name, pair)
            n_checked += 1
    assert n_checked >= 16


def test_other_pairs_are_independent_inside_a_segment(large_world, presence, segment):
    """Nearly: no basket is empty, so that one absent category makes the others a little likelier."""
    planted = {
        frozenset(pair) for pair in large_world.truth["affinities"][["antecedent", "consequent"]].to_numpy()
    }
    baskets = presence[segment == "families"]
    held = baskets.loc[:, baskets.mean() > 0.05]
    lifts = [
        _lift(held, *pair)[0] for pair in itertools.combinations(held, 2) if frozenset(pair) not in planted
    ]
    # a consequent added for its antecedent makes neither likelier beside a third
    assert np.median(lifts) == pytest.approx(1.0, abs=0.02)
    assert max(lifts) < 1.25


def test_no_category_is_in_two_pairs_and_every_chance_is_one(large_world):
    pairs = large_world.truth["affinities"]
    names = [*pairs["antecedent"], *pairs["consequent"]]
    assert len(set(names)) == len(names) == 10
    assert large_world.truth["segment_affinities"]["add_prob"].between(0, 1).all()


def test_a_product_is_once_in_a_clean_order(large_world):
    lines = large_world.tables["transactions"]
    assert not lines.duplicated(["order_id", "product_id"]).any()


def test_the_catalogue_has_departments_categories_and_margins(large_world):
    products = large_world.tables["products"]
    assert products["department"].nunique() == 10
    assert products["category"].nunique() == 27
    assert (products["unit_cost"] < products["list_price"]).all()
    assert set(large_world.tables["stores"]["channel"]) == {"store", "online"}
