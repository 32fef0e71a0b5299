"""Allocations held to brute force, to their limits, and to the bound they claim."""

import itertools

import numpy as np
import pytest

from dangol.planning.allocation import allocate


def instance(rng, n, m):
    profit = np.round(rng.normal(0.3, 1, (n, m)), 3)
    cost = np.round(rng.uniform(0.1, 2, (n, m)), 2)
    profit[rng.random((n, m)) < 0.1] = -np.inf
    return profit, cost, float(np.round(rng.uniform(0.2, 1) * n * 0.5, 2)), int(rng.integers(1, n + 1))


def best_by_brute_force(profit, cost, budget, max_contacts):
    n, m = profit.shape
    choices = np.array(list(itertools.product(range(-1, m), repeat=n)))
    padded_profit = np.hstack([profit, np.zeros((n, 1))])
    padded_cost = np.hstack([np.where(np.isfinite(profit), cost, 0), np.zeros((n, 1))])
    total = padded_profit[np.arange(n), choices].sum(axis=1)
    spent = padded_cost[np.arange(n), choices].sum(axis=1)
    fits = (spent <= budget + 1e-9) & ((choices >= 0).sum(axis=1) <= max_contacts)
    return total[fits].max()


def violations(plan, profit, cost, budget, max_contacts):
    row = np.flatnonzero(plan.chosen >= 0)
    spent = cost[row, plan.chosen[row]].sum()
    faults = int(spent > budget + 1e-6) + int(len(row) > max_contacts)
    return faults + int((~np.isfinite(profit[row, plan.chosen[row]])).sum())


@pytest.mark.parametrize("seed", range(8))
def test_the_exact_plan_equals_brute_force_on_eight_customers_and_three_types(seed):
    profit, cost, budget, max_contacts = instance(np.random.default_rng(seed), 8, 3)
    plan = allocate(profit, cost, budget, max_contacts)
    assert plan.is_exact
    assert plan.profit == pytest.approx(best_by_brute_force(profit, cost, budget, max_contacts))
    assert plan.gap_share == 0


@pytest.mark.parametrize("exact_up_to", [0, 5_000])
def test_no_plan_breaks_a_limit_or_beats_its_bound(exact_up_to):
    rng = np.random.default_rng(0)
    for _ in range(40):
        profit, cost, budget, max_contacts = instance(rng, int(rng.integers(1, 40)), int(rng.integers(1, 5)))
        plan = allocate(profit, cost, budget, max_contacts, exact_up_to)
        assert violations(plan, profit, cost, budget, max_contacts) == 0
        assert 0 <= plan.profit <= plan.upper_bound + 1e-9
        row = np.flatnonzero(plan.chosen >= 0)
        assert plan.profit == pytest.approx(profit[row, plan.chosen[row]].sum())


@pytest.mark.parametrize("seed", range(8))
def test_the_bound_of_the_prices_holds_for_the_best_plan(seed):
    profit, cost, budget, max_contacts = instance(np.random.default_rng(seed), 8, 3)
    plan = allocate(profit, cost, budget, max_contacts, exact_up_to=0)
    best = best_by_brute_force(profit, cost, budget, max_contacts)
    assert plan.profit <= best + 1e-9
    assert plan.upper_bound >= best - 1e-9


@pytest.mark.parametrize("max_contacts", [100_000, 5_000])
def test_a_hundred_thousand_customers_are_planned_within_a_thousandth_of_the_bound(max_contacts):
    rng = np.random.default_rng(1)
    profit = rng.gamma(2, 1, (100_000, 3)) - 1
    cost = rng.uniform(0.2, 3, (100_000, 3))
    plan = allocate(profit, cost, 10_000.0, max_contacts)
    assert not plan.is_exact
    assert plan.gap_share < 0.001
    assert violations(plan, profit, cost, 10_000.0, max_contacts) == 0


def test_doing_nothing_is_allowed():
    plan = allocate(np.full((5, 2), -0.1), np.ones((5, 2)), 10.0, 5)
    assert plan.n_contacts == 0
    assert plan.profit == plan.cost == plan.gap_share == 0


@pytest.mark.parametrize("shape", [(4, 0), (0, 3)])
def test_without_options_or_customers_there_is_nothing_to_do(shape):
    plan = allocate(np.zeros(shape), np.zeros(shape), 10.0, 5)
    assert plan.n_contacts == 0
    assert len(plan.chosen) == shape[0]


def test_the_inputs_stay_as_they_were():
    profit, cost, budget, max_contacts = instance(np.random.default_rng(3), 20, 3)
    before = profit.copy(), cost.copy()
    allocate(profit, cost, budget, max_contacts)
    assert (profit == before[0]).all()
    assert (cost == before[1]).all()
