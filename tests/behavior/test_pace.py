"""The pace that counts and amounts are learnt against."""

import numpy as np
import pandas as pd
import pytest

from dangol.behavior.pace import Pace

HORIZON_DAYS = 28


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    """A thousand customers whose windows say different things, some of them silent, one with a net refund."""
    rng = np.random.default_rng(0)
    lately = rng.gamma(0.7, 80.0, 1000)
    lately[:200] = 0
    lately[0] = -50
    tenure_days = rng.integers(1, 400, 1000)
    return pd.DataFrame(
        {
            "amount_28d": lately,
            "amount_84d": lately.clip(0) + rng.gamma(2.0, 40.0, 1000),
            "tenure_days": tenure_days,
            "monetary": tenure_days * rng.gamma(1.5, 2.0, 1000),
        }
    )


def plain_paces(features: pd.DataFrame) -> np.ndarray:
    """What each window would give in 28 days, row by row."""
    paces = []
    for row in features.itertuples():
        days = max(row.tenure_days, 28)
        paces.append([max(row.amount_28d, 0), max(row.amount_84d, 0) / 3, max(row.monetary, 0) / days * 28])
    return np.array(paces)


def test_planted_elasticities_are_found(features):
    paces = plain_paces(features)
    floor = paces.mean() / 20
    truth = 3 * ((paces + floor) ** [0.1, 0.2, 0.5]).prod(axis=1)
    spend = pd.Series(truth * np.random.default_rng(1).gamma(20, 1 / 20, 1000))
    pace = Pace.fit("amount", features, spend, HORIZON_DAYS)
    assert pace.floor == pytest.approx(floor)
    assert pace.elasticities == pytest.approx((0.1, 0.2, 0.5), abs=0.03)
    np.testing.assert_allclose(pace.expected(features), truth, rtol=0.1)


def test_a_window_that_points_the_wrong_way_gets_no_say(features):
    paces = plain_paces(features)
    spend = pd.Series(1000 / (paces[:, 0] + 20) * (paces[:, 2] + 1))
    pace = Pace.fit("amount", features, spend, HORIZON_DAYS)
    assert pace.elasticities[0] == 0
    assert pace.elasticities[2] > 0.5


def test_expected_totals_meet_those_learnt_from(features):
    spend = features["amount_28d"].clip(lower=0) * 1.3
    pace = Pace.fit("amount", features, spend, HORIZON_DAYS)
    assert pace.expected(features).sum() == pytest.approx(spend.sum(), rel=1e-6)
    assert (pace.expected(features) > 0).all()


def test_without_any_purchase_the_mean_pace_stands(features):
    pace = Pace.fit("amount", features, pd.Series(np.zeros(1000)), HORIZON_DAYS)
    geometric_mean = np.exp(np.log(plain_paces(features) + pace.floor).mean(axis=1))
    np.testing.assert_allclose(pace.expected(features), geometric_mean)


def test_orders_are_held_against_the_pace_of_orders():
    features = pd.DataFrame(
        {"n_orders_28d": [2, 0], "n_orders_84d": [6, 3], "n_orders": [13, 3], "tenure_days": [182, 84]}
    )
    pace = Pace("n_orders", HORIZON_DAYS, 0.1, 2.0, (0.0, 0.0, 1.0))
    assert pace.expected(features).tolist() == pytest.approx([2 * 2.1, 2 * 1.1])


def test_a_pace_comes_back_from_what_is_kept_with_a_model(features):
    pace = Pace.fit("amount", features, features["amount_28d"].clip(lower=0), HORIZON_DAYS)
    assert Pace.of_constants("amount", HORIZON_DAYS, {**pace.constants(), "other": 1.0}) == pace
