"""The plan as a whole: every customer has a reason, rules hold, and their prices are re-solved."""

import numpy as np
import pytest

from dangol import tables
from dangol.planning.allocation import allocate
from dangol.planning.plan import budget_curve, rule_costs


@pytest.fixture
def planner(make_planner):
    rng = np.random.default_rng(4)
    profit, cost = rng.normal(0.2, 1, (60, 3)), rng.uniform(0.2, 1.5, (60, 3))
    profit[7] = -np.inf  # no forecast
    return make_planner(profit, cost, 8.0, 20, recent=range(10), holdout_share=0.2)


def test_every_customer_has_an_arm_and_a_reason(planner):
    plan = planner.plan(planner.allocate(), "2020-06-01")
    tables.CAMPAIGN_PLAN.check(plan)
    assert len(plan) == 60
    assert plan["reason"].str.len().gt(0).all()
    assert not plan["reason"].str.contains("nan").any()
    assert set(plan["reason_code"]) >= {"contact", "holdout", "contact_gap", "no_profit", "limits"}


def test_no_forbidden_customer_is_contacted_and_sums_agree(planner):
    allocation = planner.allocate()
    plan = planner.plan(allocation, "2020-06-01")
    sent = plan[plan["arm"] == "contact"]
    assert not planner.forbidden.loc[sent.index, ["holdout", "consent", "contact_gap"]].to_numpy().any()
    assert sent["expected_profit"].sum() == pytest.approx(allocation.profit)
    assert sent["contact_cost"].sum() == pytest.approx(allocation.cost)
    assert (plan.loc[plan["arm"] != "contact", "contact_cost"] == 0).all()
    assert (plan["arm"] == "holdout").sum() == planner.known["is_holdout"].sum() == 12


def test_each_rule_costs_what_solving_without_it_brings(planner):
    costs = rule_costs(planner, planner.allocate()).set_index("rule")
    tables.PLAN_RULE_COST.check(costs.reset_index())
    profit, cost = planner.matrix("expected_profit"), planner.matrix("contact_cost")
    base = planner.allocate().profit
    hit = planner.forbidden
    open_without = {
        "holdout": ~hit["contact_gap"],
        "contact_gap": ~hit["holdout"],
        "budget": ~hit["holdout"] & ~hit["contact_gap"],
        "contact_limit": ~hit["holdout"] & ~hit["contact_gap"],
    }
    for rule, is_open in open_without.items():
        kept = np.where(is_open.to_numpy()[:, None], profit, -np.inf)
        budget = 1e6 if rule == "budget" else 8.0
        n_contacts = 60 if rule == "contact_limit" else 20
        expected = allocate(kept, cost, budget, n_contacts).profit
        assert costs.loc[rule, "expected_profit"] == pytest.approx(expected)
        assert costs.loc[rule, "profit_cost"] == pytest.approx(expected - base, abs=1e-6)
    assert costs.loc["consent", "profit_cost"] == pytest.approx(0, abs=1e-6)
    assert (costs["profit_cost"] > -1e-6).all()


def test_the_budget_curve_rises_and_matches_plans_solved_at_its_budgets(planner):
    curve = budget_curve(planner, 6)
    assert curve["expected_profit"].is_monotonic_increasing
    assert curve["expected_profit"].iloc[0] == 0
    for row in curve.iloc[[1, 3, 5]].itertuples():
        assert row.expected_profit == pytest.approx(planner.allocate(budget=row.budget).profit, rel=0.05)


def test_the_held_out_who_would_be_contacted_are_a_random_part_of_those_the_plan_chooses(make_planner):
    """Whoever is held out, the same customers are marked: the lot has no say in it."""
    rng = np.random.default_rng(9)
    profit, cost = rng.normal(1, 1, (400, 2)), np.ones((400, 2))
    planner = make_planner(profit, cost, 72.0, 400, recent=range(30), holdout_share=0.2)
    plan = planner.plan(planner.allocate(), "2020-06-01")
    best = np.where(planner.is_eligible(without="holdout"), profit.max(axis=1), -np.inf)
    n_open, n_all = planner.is_eligible().sum(), planner.is_eligible(without="holdout").sum()
    expected = np.argsort(-best)[: int(72 * n_all / n_open)]
    assert set(np.flatnonzero(plan["would_contact"])) == set(expected)
    meant = plan[plan["would_contact"]]
    assert not meant["reason_code"].isin(["contact_gap", "no_profit"]).any()
    share = meant["arm"].eq("holdout").mean()
    assert 0.1 < share < 0.3
    assert meant["arm"].isin(["contact", "holdout"]).mean() > 0.9


def test_everybody_alike_is_compared_though_the_budget_reaches_a_few(make_planner):
    planner = make_planner(np.ones((100, 1)), np.ones((100, 1)), 40.0, 100, holdout_share=0.2)
    plan = planner.plan(planner.allocate(), "2020-06-01")
    assert plan["would_contact"].sum() == 50
    assert (plan["would_contact"] & (plan["arm"] == "holdout")).sum() > 0


def test_nobody_but_the_held_out_leaves_nobody_to_contact(make_planner):
    planner = make_planner(np.ones((5, 1)), np.ones((5, 1)), 9.0, 9, holdout_share=1.0)
    assert planner.plan(planner.allocate(), "2020-06-01")["would_contact"].all()
