"""How effects develop week by week, and one mean from several campaigns."""

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.evaluation import Design, course_figures, course_table, evaluate_campaigns
from dangol.evaluation.pooling import pooled_mean


def weekly(course, campaign):
    return course.loc[course["campaign"] == campaign].set_index("week")


# ------------------------------------------------------------------------------ week by week
def test_each_week_is_the_difference_a_plain_loop_finds(world, results):
    lines, contacts = world["transactions"], world["contacts"]
    own = contacts.loc[contacts["campaign_id"] == 1].set_index("customer_id")["arm"]
    for week in (1, 4, 8):
        start = pd.Timestamp("2017-05-01") + pd.Timedelta(days=7 * (week - 1))
        inside = (lines["order_ts"] >= start) & (lines["order_ts"] < start + pd.Timedelta(days=7))
        spent = lines.loc[inside].groupby("customer_id")["amount"].sum()
        means = {
            arm: np.mean([spent.get(customer, 0.0) for customer in group.index])
            for arm, group in own.groupby(own)
        }
        found = results[0].course[f"week {week}"].unadjusted
        assert found == pytest.approx(means["treatment"] - means["control"])


def test_the_weeks_of_a_campaign_sum_to_its_planted_effect(past, results):
    course, _ = course_table(past, results)
    tables.CAMPAIGN_COURSE.check(course)
    for campaign in ("1", "2"):
        own = weekly(course, campaign)
        assert own["total"].iloc[-1] == pytest.approx(own["estimate"].sum())
        assert own["total_low"].iloc[-1] < 30 < own["total_high"].iloc[-1]
        assert own["is_after"].tolist() == [False] * 4 + [True] * 4
        later = own.loc[own["is_after"]]
        assert (later["low"].lt(0) & later["high"].gt(0)).sum() >= 3  # the extra order came while it ran


def test_only_weeks_that_are_over_are_followed(past, results):
    course, _ = course_table(past, results)
    assert weekly(course, "4").index.tolist() == [1, 2]  # started two weeks before the snapshot
    assert weekly(course, "all")["n_campaigns"].unique().tolist() == [2]


def test_the_mean_course_weighs_campaigns_by_their_contacts(past, results):
    course, _ = course_table(past, results)
    sizes = {str(r.campaign_id): len(r.judged) for r in results[:2]}
    for week in (1, 8):
        parts = {name: weekly(course, name).loc[week, "estimate"] for name in sizes}
        mean = sum(sizes[name] * parts[name] for name in sizes) / sum(sizes.values())
        assert weekly(course, "all").loc[week, "estimate"] == pytest.approx(mean)


def test_the_figures_are_those_of_the_last_week(past, results):
    course, fading = course_table(past, results)
    found, last = course_figures(course, fading), weekly(course, "all").iloc[-1]
    assert found["course_weeks"] == 8
    assert found["course_total"] == last["total"]
    assert found["course_total_low"] < 30 < found["course_total_high"]


def test_nothing_judged_has_no_course(log, past):
    nothing = evaluate_campaigns(log, past, Design(10_000, 84, 28, 1))
    course, fading = course_table(past, nothing)
    tables.CAMPAIGN_COURSE.check(course)
    assert course.empty
    assert fading is None
    assert course_figures(course, fading) == {}


# ------------------------------------------------------------------------------ one mean from several
def test_equal_campaigns_pool_like_the_students_interval_of_their_mean():
    y = np.array([1.0, 2.0, 6.0, 3.0])
    found = pooled_mean(y, np.eye(4) * 0.01)
    reach = 3.182446 * y.std(ddof=1) / 2  # Student's 97.5 % point with 3 degrees of freedom
    assert found.estimate == pytest.approx(3.0)
    assert (found.low, found.high) == (pytest.approx(3 - reach), pytest.approx(3 + reach))


def test_one_campaign_keeps_its_own_interval():
    found = pooled_mean([2.0], [[4.0]])
    assert (found.estimate, found.low, found.high) == pytest.approx((2.0, 2 - 3.919928, 2 + 3.919928))
    assert found.p_value == pytest.approx(0.317311, abs=1e-6)


def test_campaigns_to_the_same_customers_count_as_less_evidence():
    y = [1.0, 1.2, 0.8]
    apart = pooled_mean(y, np.eye(3))
    together = pooled_mean(y, 0.2 * np.eye(3) + 0.8)
    assert apart.standard_error == pytest.approx(1 / np.sqrt(3))
    assert together.standard_error == pytest.approx(np.sqrt(0.2 / 3 + 0.8))
    assert together.estimate == pytest.approx(1.0)


@pytest.mark.parametrize(("n", "spread"), [(2, 0.0), (2, 2.0), (5, 1.0)])
def test_few_campaigns_give_intervals_that_hold_the_mean(n, spread):
    rng = np.random.default_rng([n, int(spread)])
    held = []
    for _ in range(600):
        error = rng.uniform(0.6, 1.6, n)
        y = rng.normal(1, spread, n) + error * rng.normal(size=n)
        found = pooled_mean(y, np.diag(error**2))
        held.append(found.low <= 1 <= found.high)
    assert 0.92 <= np.mean(held) <= 0.98


def test_nothing_to_pool_is_missing():
    assert np.isnan(pooled_mean([], np.zeros((0, 0))).estimate)
    assert np.isnan(pooled_mean([1.0], [[0.0]]).estimate)
