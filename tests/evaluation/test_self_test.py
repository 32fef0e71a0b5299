"""The fast form of the self-test: intervals hold, nothing is won where there is nothing."""

import numpy as np
import pytest

from dangol.evaluation.self_test import (
    CASES,
    coverage,
    false_win_rate,
    measured_coverage,
    null_p_values,
    safeguards,
    uniformity_p_value,
)
from dangol.evaluation.self_test.campaigns import amount_campaign, rate_campaign

QUICK = (
    "response rate",
    "rare response, unequal arms",
    "skewed amount",
    "skewed amount, unequal arms",
    "skewed amount, largest cut",
    "looking again and again",
    "week by week",
    "lessons of several campaigns",
    "amount narrowed by covariates",
    "several campaigns together",
    "effects by segment",
    "another policy",
)
SLOW = ("contacts not by lot", "ranking by chance", "scores of a model")


def lies_near_its_promise(table):
    """Within four standard errors of chance of 95 %, allowing what 93 to 97 % allows."""
    n = table["n_campaigns"].to_numpy()
    reach = 4 * np.sqrt(0.95 * 0.05 / n)
    return table["coverage_rate"].between(0.93 - reach, np.minimum(0.97 + reach, 1.0))


@pytest.mark.parametrize("case", QUICK)
def test_every_interval_holds_the_planted_effect_as_often_as_it_says(case):
    table = coverage(case, n_campaigns=100, seed=11)
    assert lies_near_its_promise(table).all(), table.to_string()


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW)
def test_every_costly_interval_holds_the_planted_effect_too(case):
    table = coverage(case, n_campaigns=20, seed=12)
    assert lies_near_its_promise(table).all(), table.to_string()


def test_the_cases_are_all_tested():
    assert {*QUICK, *SLOW} == set(CASES)


def test_the_planted_effects_are_what_the_simulated_arms_differ_by():
    rng = np.random.default_rng(1)
    for campaign in (
        rate_campaign(rng, 400_000, 0.1, 0.02, 0.5),
        amount_campaign(rng, 400_000, buyers=0.2, lift=0.05, share=0.5),
    ):
        y, treated = campaign.outcome, campaign.is_treated
        error = np.sqrt(y[treated].var() / treated.sum() + y[~treated].var() / (~treated).sum())
        assert abs(y[treated].mean() - y[~treated].mean() - campaign.effect) < 4 * error
        assert abs(y[~treated].mean() - campaign.base) < 4 * y.std() / np.sqrt((~treated).sum())


def test_campaigns_without_effect_give_uniform_p_values():
    p_values = null_p_values(40, seed=3)
    assert uniformity_p_value(p_values) > 0.001
    assert (p_values < 0.05).mean() < 0.2
    assert uniformity_p_value(p_values**3) < 0.001  # the check can fail


@pytest.mark.slow
def test_twenty_segments_at_ten_looks_are_seldom_won_by_chance():
    assert false_win_rate(20, seed=4) <= 0.2


def test_what_must_not_be_believed_is_not():
    found = safeguards(8, seed=5)
    assert found["uneven_withheld_rate"] == 1
    assert found["even_withheld_rate"] <= 0.25
    assert found["naive_coverage_rate"] <= 0.5
    assert found["no_overlap_refused_rate"] == 1


def test_the_figures_in_the_package_are_those_of_a_full_run_of_all_cases():
    found = measured_coverage()
    assert found is not None
    assert {row["case"] for row in found["coverage"]} == set(CASES)
    assert {row["n_campaigns"] for row in found["coverage"]} == {1000}
    assert {"date", "seed", "version"} <= set(found)
    assert found["null_p_values"]["n_campaigns"] == 200
