"""The pace that counts and amounts are learnt against."""

import numpy as np
import pandas as pd
import pytest

from dangol.behavior.pace import Pace

HORIZON_DAYS = 28


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    """A thousand customers with a steady pace, some of them silent, one with a net refund."""
    amount = np.random.default_rng(0).gamma(0.7, 80.0, 1000)
    amount[:200] = 0
    amount[0] = -50
    return pd.DataFrame({"amount_28d": amount, "amount_84d": amount * 3})


def test_a_planted_elasticity_is_found(features):
    recent = features["amount_28d"].clip(lower=0)
    floor = recent.mean() / 20
    spend = 3 * (recent + floor) ** 0.6 * np.random.default_rng(1).gamma(20, 1 / 20, 1000)
    pace = Pace.fit("amount", features, spend, HORIZON_DAYS)
    assert pace.floor == pytest.approx(floor)
    assert pace.elasticity == pytest.approx(0.6, abs=0.02)
    np.testing.assert_allclose(pace.expected(features), 3 * (recent + floor) ** 0.6, rtol=0.1)


def test_expected_totals_meet_those_learnt_from(features):
    spend = features["amount_28d"].clip(lower=0) * 1.3
    pace = Pace.fit("amount", features, spend, HORIZON_DAYS)
    assert pace.expected(features).sum() == pytest.approx(spend.sum(), rel=1e-6)
    assert (pace.expected(features) > 0).all()


def test_without_any_purchase_the_recent_pace_stands(features):
    pace = Pace.fit("amount", features, pd.Series(np.zeros(1000)), HORIZON_DAYS)
    assert (pace.level, pace.elasticity) == (1.0, 1.0)


def test_a_pace_comes_back_from_what_is_kept_with_a_model(features):
    pace = Pace.fit("amount", features, features["amount_28d"].clip(lower=0), HORIZON_DAYS)
    assert Pace.of_constants("amount", HORIZON_DAYS, {**pace.constants(), "other": 1.0}) == pace
