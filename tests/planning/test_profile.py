"""The groups of a plan side by side, with the forecasts there are."""

import pandas as pd

from dangol.planning.profile import plan_profile

PLAN = pd.DataFrame(
    {"customer_id": [1, 2, 3], "arm": ["contact", "contact", "none"], "expected_profit": [2.0, 3.0, 0.0]}
)


def test_forecasts_are_averaged_and_profits_summed():
    value = pd.DataFrame({"customer_id": [1, 2], "expected_value": [10.0, 20.0]})
    behavior = pd.DataFrame({"customer_id": [3], "lapse_prob": [0.5], "expected_spend": [7.0]})
    profile = plan_profile(PLAN, value, behavior)
    assert profile.loc["contact", ["customers", "expected_value", "expected_profit"]].tolist() == [2, 15, 5]
    assert profile.loc["none", "lapse_prob"] == 0.5


def test_without_forecasts_size_and_profit_remain():
    assert plan_profile(PLAN, None, None).columns.tolist() == ["customers", "expected_profit"]
