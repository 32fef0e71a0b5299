"""Plans of earlier runs held against what came."""

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.evaluation import forecast_against_outcome, next_test, plan_outcome_figures
from dangol.records import record
from dangol.workspace import RunFolder

DAY, AS_OF = "2017-06-05", "2017-08-21"
EFFECT, MARGIN = 30.0, 0.5
N = 600


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    return tmp_path


def plan_of(held_out, planned):
    arm = np.select([np.isin(range(N), planned), np.isin(range(N), held_out)], ["contact", "holdout"], "none")
    is_sent = arm == "contact"
    return pd.DataFrame(
        {
            "customer_id": range(N),
            "customer_grade": np.where(np.arange(N) % 2 == 0, "Gold", "Bronze"),
            "arm": arm,
            "campaign_type": np.where(is_sent, "choice", None),
            "channel": np.where(is_sent, "mail", None),
            "planned_date": pd.Timestamp(DAY),
            "reason_code": "r",
            "reason": "r",
            "response_prob": np.where(is_sent, 0.2, np.nan),
            "expected_profit": np.where(is_sent, EFFECT * MARGIN - 2.0, 0.0),
            "contact_cost": np.where(is_sent, 2.0, 0.0),
            "would_contact": True,
        }
    ).astype({"campaign_type": "str", "channel": "str"})


@pytest.fixture
def carried_out(world, log_of):
    """A plan that was carried out: planned customers got campaign 2, drawn halves of everybody."""
    rng = np.random.default_rng(8)
    order = rng.permutation(N)
    planned, held_out = np.sort(order[:300]), np.sort(order[300:500])
    contacts = world["contacts"][world["contacts"]["campaign_id"] != 2]
    sent = pd.DataFrame(
        {
            "customer_id": planned,
            "campaign_id": 2,
            "arm": "treatment",
            "contact_ts": pd.Timestamp(DAY),
            "is_randomized": False,
            "contact_cost": 2.0,
        }
    )
    lines = world["transactions"]
    extra = (lines["order_ts"] == pd.Timestamp("2017-06-15")) & (lines["amount"] == EFFECT)
    ours = (
        lines[extra].iloc[[0] * len(planned)].assign(customer_id=planned, order_id=range(10**6, 10**6 + 300))
    )
    changed = {
        **world,
        "contacts": pd.concat([contacts, sent], ignore_index=True),
        "transactions": pd.concat([lines[~extra], ours], ignore_index=True),
        "responses": world["responses"][world["responses"]["campaign_id"] != 2],
    }
    return log_of(changed), plan_of(held_out, planned)


def outcome(log, plan, date=DAY, as_of=AS_OF):
    run = RunFolder("d", date, "full", "08")
    tables.CAMPAIGN_PLAN.write(plan, run)
    record({"expected_profit": 1.0, "expected_profit_low": -5.0, "expected_profit_high": 9_000.0}, run)
    table = forecast_against_outcome(log, RunFolder("d", as_of, "full", "09"), MARGIN)
    tables.PLAN_OUTCOME.check(table)
    return table


@pytest.mark.slow
def test_a_plan_that_was_carried_out_is_measured_against_its_control_group(home, carried_out):
    log, plan = carried_out
    row = outcome(log, plan).iloc[0]
    truth = 300 * (EFFECT * MARGIN - 2.0)
    assert row["forecast_profit"] == pytest.approx(truth)
    assert row["profit_low"] < truth < row["profit_high"]
    assert row["verdict"] == "as forecast"
    assert row["cost"] == 600
    assert (row["sent_share"], row["holdout_sent_share"]) == (1.0, 0.0)
    # half of all got 30 more, of those not held out three quarters
    assert row["programme_low"] < 0.75 * EFFECT < row["programme_high"]
    figures = plan_outcome_figures(pd.DataFrame([row]))
    assert figures["plan_verdict"] == "as_forecast"
    assert figures["plan_profit_low"] == pytest.approx(row["profit_low"])
    optimistic = outcome(log, plan.assign(expected_profit=plan["expected_profit"] * 10)).iloc[0]
    assert optimistic["verdict"] == "worse"


@pytest.fixture
def choosy(world, log_of):
    """A plan that contacts every second customer, those who buy for 80 more anyway; a contact brings 30."""
    rng = np.random.default_rng(3)
    is_good, is_held_out = np.arange(N) % 2 == 0, rng.random(N) < 0.4
    planned, held_out = np.flatnonzero(is_good & ~is_held_out), np.flatnonzero(is_held_out)
    lines = world["transactions"]
    base = lines.iloc[[0] * N].assign(
        customer_id=range(N), order_id=range(2 * 10**6, 2 * 10**6 + N), order_ts=pd.Timestamp("2017-06-15")
    )
    base["amount"] = rng.normal(100, 20, N) + 80 * is_good + EFFECT * np.isin(range(N), planned)
    sent = pd.DataFrame(
        {
            "customer_id": planned,
            "campaign_id": 2,
            "arm": "treatment",
            "contact_ts": pd.Timestamp(DAY),
            "is_randomized": False,
            "contact_cost": 2.0,
        }
    )
    log = log_of({**world, "contacts": sent, "transactions": base, "responses": world["responses"].iloc[:0]})
    return log, plan_of(held_out, planned).assign(would_contact=is_good)


def test_only_held_out_customers_whom_the_plan_would_have_contacted_are_compared(home, choosy):
    log, plan = choosy
    n_planned = int((plan["arm"] == "contact").sum())
    truth = n_planned * (EFFECT * MARGIN - 2.0)
    row = outcome(log, plan).iloc[0]
    assert row["n_compared"] == (plan["would_contact"] & (plan["arm"] == "holdout")).sum() < row["n_holdout"]
    assert row["profit_low"] < truth < row["profit_high"]
    wrong = outcome(log, plan.assign(would_contact=True)).iloc[0]
    assert wrong["profit_low"] > truth, "all held out together are worse customers, whom nobody chose"
    few = plan.assign(would_contact=plan["would_contact"] & (plan["arm"] == "contact"))
    assert outcome(log, few)["verdict"].iloc[0].startswith("refused: fewer than 20")


def test_a_plan_nobody_carried_out_is_not_judged(home, carried_out):
    log, plan = carried_out
    others = {"contact": "none", "none": "contact", "holdout": "holdout"}
    swapped = plan.assign(arm=plan["arm"].map(others))
    row = outcome(log, swapped).iloc[0]
    assert row["sent_share"] < 0.5
    assert row["verdict"] == "not carried out"
    assert np.isnan(row["profit"])


def test_a_control_group_that_was_contacted_proves_nothing(home, carried_out):
    log, plan = carried_out
    planned = plan.index[plan["arm"] == "contact"]
    mixed = plan.copy()
    mixed.loc[planned[:60], "arm"] = "holdout"
    assert outcome(log, mixed)["verdict"].iloc[0] == "withheld: control group was contacted"


def test_a_plan_is_judged_only_when_its_days_are_over_and_never_by_its_own_run(home, carried_out):
    log, plan = carried_out
    assert outcome(log, plan, as_of="2017-06-20")["verdict"].iloc[0] == "too early"
    own = forecast_against_outcome(log, RunFolder("d", DAY, "full", "09"), MARGIN)
    assert own.empty
    assert plan_outcome_figures(own) == {}


LESSONS = pd.DataFrame(
    {
        "campaign_type": ["A", "B", "C", "A"],
        "customer_grade": ["all", "all", "all", "Gold"],
        "is_proven": [True, False, False, False],
        "estimate": [9.0, 4.0, 6.0, 20.0],
        "low": [8.0, -4.0, -2.0, 19.0],
        "high": [10.0, 12.0, 14.0, 21.0],
        "contact_cost": [0.5, 0.5, 1.0, 0.5],
        "n_next_test": [10, 20, 30, 40],
    }
)


def test_the_next_test_is_the_most_promising_open_question():
    assert next_test(LESSONS, 0.5, 101) == {
        "next_test_type": "C",
        "next_test_gain": 2.0,
        "next_test_gain_low": -2.0,
        "next_test_gain_high": 6.0,
        "n_next_test": 30,
        "n_customers_per_arm": 50,
    }
    assert next_test(LESSONS.assign(is_proven=True), 0.5, 101) == {}


@pytest.mark.parametrize("widened", [1.0, 10.0, 100.0])
def test_knowing_less_of_a_type_never_makes_it_more_promising(widened):
    wide = LESSONS.assign(
        low=LESSONS["low"].where(LESSONS["campaign_type"] != "C", 6.0 - 8.0 * widened),
        high=LESSONS["high"].where(LESSONS["campaign_type"] != "C", 6.0 + 8.0 * widened),
    )
    assert next_test(wide, 0.5, 101)["next_test_type"] == ("C" if widened == 1.0 else "B")


def test_a_type_that_seems_to_cost_more_than_it_earns_is_not_promising_however_well_known():
    assert next_test(LESSONS, 0.1, 101) == {"next_test_type": "none"}
