"""Who is contacted, held out or left alone: the groups of a plan side by side, and what is sent."""

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


def plan_content(plan: pd.DataFrame) -> str:
    """What is sent: campaign types with their channels, the one sent most first; empty if nothing is.

    Args:
        plan: as in ``tables.CAMPAIGN_PLAN``.
    """
    sent = plan.loc[plan["arm"] == "contact", ["campaign_type", "channel"]]
    kinds = sent.value_counts(dropna=False).index
    return ", ".join(f"{kind} ({channel})" if pd.notna(channel) else str(kind) for kind, channel in kinds)


def contacted_at_risk(plan: pd.DataFrame, segments: pd.DataFrame | None) -> dict[str, int]:
    """``n_at_risk_contacted``: customers at risk whom the plan contacts; empty without segments.

    Args:
        plan: as in ``tables.CAMPAIGN_PLAN``.
        segments: as in ``tables.CUSTOMER_SEGMENT``.
    """
    if segments is None:
        return {}
    at_risk = segments.loc[segments["life_cycle_state"] == "at risk", "customer_id"]
    is_sent = plan["arm"] == "contact"
    return {"n_at_risk_contacted": int((is_sent & plan["customer_id"].isin(at_risk)).sum())}
