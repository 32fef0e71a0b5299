"""What the control group of a plan can tell, against simulated repetitions and hand values."""

import numpy as np
import pandas as pd
import pytest

from dangol.planning.measurement import measurement, spend_spread
from dangol.planning.profile import contacted_at_risk, plan_content
from dangol.power import customers_per_arm, smallest_effect

AS_OF = pd.Timestamp("2020-06-01")


@pytest.fixture
def plan():
    n = 400
    arm = np.array(["contact"] * 180 + ["holdout"] * 20 + ["none"] * 180 + ["holdout"] * 20)
    return pd.DataFrame(
        {
            "customer_id": range(n),
            "arm": arm,
            "would_contact": np.arange(n) < 200,
            "expected_profit": np.where(arm == "contact", 1.5, 0.0),
            "contact_cost": np.where(arm == "contact", 0.5, 0.0),
            "campaign_type": np.where(arm == "contact", "A", None),
            "channel": np.where(arm == "contact", "mail", None),
        }
    )


@pytest.fixture
def orders():
    """Spend 60 days, 40 days and 10 days before; the last is the second and a coin's 30 more or less."""
    rng = np.random.default_rng(1)
    level, coin = rng.normal(300, 80, 400), rng.choice([-30.0, 30.0], 400)
    days = {60: rng.normal(50, 9, 400), 40: level, 10: level + coin}
    parts = [
        pd.DataFrame({"customer_id": range(400), "order_ts": AS_OF - pd.Timedelta(days=n), "amount": amount})
        for n, amount in days.items()
    ]
    later = parts[0].assign(order_ts=AS_OF, amount=1e6)
    return pd.concat([*parts, later], ignore_index=True)


def test_the_smallest_effect_is_seen_in_four_of_five_repetitions():
    rng = np.random.default_rng(2)
    effect = smallest_effect(200, 40, 50.0)
    ours = rng.normal(effect, 50, (4000, 200)).mean(axis=1)
    theirs = rng.normal(0, 50, (4000, 40)).mean(axis=1)
    seen = np.abs(ours - theirs) / (50 * np.sqrt(1 / 200 + 1 / 40)) > 1.959964
    assert seen.mean() == pytest.approx(0.8, abs=0.025)
    assert smallest_effect(200, 0, 50.0) == np.inf


def test_sizes_and_smallest_effects_are_each_others_inverse():
    n = customers_per_arm(8.0, 100.0)
    assert n == 2453  # 2 * (1.959964 + 0.841621)**2 * (100 / 8)**2 = 2452.8
    assert smallest_effect(n, n, 100.0) == pytest.approx(8.0, rel=1e-3)
    assert customers_per_arm(0.0, 100.0) == customers_per_arm(float("nan"), 1.0) == 0


def test_the_spread_is_what_earlier_spend_leaves_over(orders):
    spread = spend_spread(orders, pd.Series(range(400)), AS_OF)
    assert spread == pytest.approx(30, rel=0.03)


def test_a_plan_whose_effect_its_control_group_cannot_show_says_so(plan, orders):
    found = measurement(plan, orders, AS_OF, margin_rate=0.25)
    assert (found.n_contacted, found.n_control) == (180, 20)
    assert found.expected_effect == pytest.approx(8.0)  # (1.5 + 0.5) / 0.25
    assert found.smallest_effect == pytest.approx(2.8016 * 30 * np.sqrt(1 / 180 + 1 / 20), rel=0.05)
    assert not found.is_enough
    assert "cannot show it" in found.sentence()
    assert f"{found.n_needed:,} customers in each group" in found.sentence()
    assert found.figures()["n_needed_per_arm"] == pytest.approx(2 * (2.8016 * 30 / 8) ** 2, rel=0.1)


def test_a_plan_whose_effect_shows_says_so_and_without_controls_nothing_can_be_measured(plan, orders):
    rich = measurement(plan.assign(expected_profit=plan["expected_profit"] * 20), orders, AS_OF, 0.25)
    assert rich.is_enough
    assert "can show it" in rich.sentence() and "cannot" not in rich.sentence()
    lonely = measurement(plan.assign(would_contact=plan["arm"] == "contact"), orders, AS_OF, 0.25)
    assert "cannot be measured" in lonely.sentence()
    assert lonely.figures() == {}


def test_what_is_sent_is_named_and_those_at_risk_among_them_counted(plan):
    assert plan_content(plan) == "A (mail)"
    mixed = plan.assign(campaign_type=np.where(plan["customer_id"] < 10, "B", plan["campaign_type"]))
    assert plan_content(mixed) == "A (mail), B (mail)"
    assert plan_content(plan[plan["arm"] == "none"]) == ""
    segments = pd.DataFrame({"customer_id": [1, 2, 390], "life_cycle_state": ["at risk", "new", "at risk"]})
    assert contacted_at_risk(plan, segments) == {"n_at_risk_contacted": 1}
    assert contacted_at_risk(plan, None) == {}
