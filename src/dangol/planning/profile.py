"""Who is contacted, held out or left alone: the groups of a plan side by side."""

import pandas as pd

_FORECASTS = ("expected_value", "expected_spend", "lapse_prob")


def plan_profile(
    plan: pd.DataFrame, value: pd.DataFrame | None, behavior: pd.DataFrame | None
) -> pd.DataFrame:
    """Size, forecasts and expected profit of each arm.

    Args:
        plan: as in ``tables.CAMPAIGN_PLAN``.
        value: as in ``tables.CUSTOMER_VALUE``; None if there are no forecasts of value.
        behavior: as in ``tables.CUSTOMER_BEHAVIOR``; None if there are no forecasts of behaviour.

    Returns:
        One row per ``arm``: ``customers``, the means of the forecasts there are, ``expected_profit`` (sum).
    """
    profile = plan[["customer_id", "arm", "expected_profit"]]
    for frame in (value, behavior):
        if frame is not None:
            known = [name for name in _FORECASTS if name in frame]
            profile = profile.merge(frame[["customer_id", *known]], on="customer_id", how="left")
    means = {name: (name, "mean") for name in _FORECASTS if name in profile}
    groups = profile.groupby("arm")
    return groups.agg(customers=("customer_id", "size"), **means, expected_profit=("expected_profit", "sum"))
