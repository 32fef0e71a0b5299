"""Forecasts whose outcome is known: what a value network learns from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.value.likelihood import Array
from dangol.value.pareto_nbd import ParetoNBD
from dangol.value.windows import Snapshot, Window, outcomes, take_snapshot

DAYS = 7.0


@dataclass(frozen=True)
class Lessons:
    """One row per window and customer known at its snapshot.

    Attributes:
        customer_id: (n,).
        window: number of the window (n,).
        horizon_days: of the window (n,).
        parts: simple forecasts of the orders in the horizon (n, 3), see `forecast_parts`.
        features: as known at the snapshot.
        spend_per_order: expected then (n,).
        n_orders: purchase days that came (n,).
        spend: net money that came (n,).
    """

    customer_id: np.ndarray
    window: np.ndarray
    horizon_days: Array
    parts: Array
    features: pd.DataFrame
    spend_per_order: Array
    n_orders: Array
    spend: Array


def forecast_parts(snapshot: Snapshot, horizon_days: float, prior_weeks: float) -> Array:
    """Weeks of the horizon, Pareto/NBD, and the own rate as if nobody lapsed: expected orders (n, 3).

    Args:
        snapshot: what is known.
        horizon_days: length of the future.
        prior_weeks: time without a purchase by which the own rate is shrunk; the scale of the gamma prior of
            Pareto/NBD is meant.
    """
    summary, weeks = snapshot.summary, horizon_days / DAYS
    rate = summary["n_repeats"].to_numpy() / (summary["tenure_days"].to_numpy() / DAYS + prior_weeks)
    expected = snapshot.purchase_model.expected_purchases(summary, horizon_days)
    return np.column_stack([np.full(len(summary), weeks), expected, weeks * rate])


def lessons_of(orders: pd.DataFrame, windows: list[Window], known: ParetoNBD) -> Lessons:
    """Every window's forecasts beside what came.

    Args:
        orders: ``customer_id``, ``order_ts``, ``amount``; nothing after the last window is looked at.
        windows: at least one.
        known: fitted at the end of the period; its fits at earlier dates begin there, and its ``alpha`` is
            the prior of the own rate everywhere.
    """
    as_ofs = dict.fromkeys(window.as_of for window in windows)
    taken = {as_of: take_snapshot(orders, as_of, known.params_) for as_of in as_ofs}
    rows = []
    for number, window in enumerate(windows):
        snapshot = taken[window.as_of]
        ids = snapshot.summary["customer_id"]
        came = outcomes(orders, ids, window.as_of, window.horizon_days)
        rows.append(
            Lessons(
                customer_id=ids.to_numpy(),
                window=np.full(len(ids), number),
                horizon_days=np.full(len(ids), float(window.horizon_days)),
                parts=forecast_parts(snapshot, window.horizon_days, known.params_["alpha"]),
                features=snapshot.features,
                spend_per_order=snapshot.spend_per_order(),
                n_orders=came["n_orders"].to_numpy(),
                spend=came["spend"].to_numpy(),
            )
        )
    arrays = {
        name: np.concatenate([getattr(row, name) for row in rows])
        for name in Lessons.__annotations__
        if name != "features"
    }
    return Lessons(**arrays, features=pd.concat([row.features for row in rows], ignore_index=True))
