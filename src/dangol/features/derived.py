"""Ratios of feature columns, and zeros where nothing happened."""

import pandas as pd

_NO_MIX = ("discount_amount_84d", "coupon_amount_84d")


def with_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """Shares of spend, pace, and change of the last weeks.

    Args:
        frame: one row per snapshot × customer; sums per department end in ``_amount_84d`` and
            become shares.
    """
    names = [str(name) for name in frame.columns]
    counts = [name for name in names if name.startswith("n_")]
    sums = [name for name in names if name.endswith("_amount_84d")]
    frame = frame.fillna(dict.fromkeys(counts + sums, 0)).astype(dict.fromkeys(counts, "int64"))
    spent = _above_zero(frame["amount_84d"])
    shares = {
        name.removesuffix("_amount_84d") + "_share_84d": (frame[name] / spent).clip(0, 1).round(6)
        for name in sums
        if name not in _NO_MIX
    }
    full_price = spent + frame["discount_amount_84d"]
    return frame.assign(
        **shares,
        discount_share_84d=(frame["discount_amount_84d"] / full_price).clip(0, 1).round(6),
        coupon_share_84d=(frame["coupon_amount_84d"] / full_price).clip(0, 1).round(6),
        recency_to_gap_ratio=(frame["recency_days"] / frame["gap_mean_days"]).round(6),
        orders_per_week=(7 * frame["n_orders"] / frame["tenure_days"]).round(6),
        amount_trend_ratio=(3 * frame["amount_28d"] / spent).round(6),
    ).drop(columns=sums)


def with_trends(frame: pd.DataFrame) -> pd.DataFrame:
    """The nearer of two equal spans as a share of both, and the rhythm against itself.

    A half means no change; shares are missing where both spans are empty.
    """
    shares = {}
    for kind in ("n_orders", "amount"):
        for near, far, span in (("28d", "29_56d", "56d"), ("84d", "85_168d", "168d")):
            recent, earlier = (frame[f"{kind}_{name}"].clip(lower=0) for name in (near, far))
            name = f"recent_{kind.removeprefix('n_')}_share_{span}"
            shares[name] = (recent / _above_zero(recent + earlier)).clip(0, 1).round(6)
    return frame.assign(
        **shares,
        orders_trend_ratio=(3 * frame["n_orders_28d"] / _above_zero(frame["n_orders_84d"])).round(6),
        gap_cv_ratio=(frame["gap_sd_days"] / frame["gap_mean_days"]).round(6),
        gap_last_to_mean_ratio=(frame["gap_last_days"] / frame["gap_mean_days"]).round(6),
    )


def _above_zero(values: pd.Series) -> pd.Series:
    """Missing where not above zero: no share of nothing."""
    return values.where(values > 0)
