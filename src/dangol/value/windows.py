"""Windows inside a calibration period: what was known on a date, and what came after it.

A model that learns from them has seen many outcomes without having seen anything on or after the end of the
calibration period.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.value.gamma_gamma import GammaGamma
from dangol.value.likelihood import Array, FitWarning
from dangol.value.order_features import daily_purchases, order_features
from dangol.value.pareto_nbd import ParetoNBD
from dangol.value.summary import all_purchases, purchase_summary

FIRST_SHARE = 1 / 3  # of the period passes before the first snapshot
LEAST_SHARE = 0.15  # of the period is the shortest horizon
LEAST_HORIZON_DAYS = 7


@dataclass(frozen=True)
class Window:
    """A snapshot and the horizon ``[as_of, as_of + horizon_days)`` that follows it."""

    as_of: pd.Timestamp
    horizon_days: int


@dataclass(frozen=True)
class Snapshot:
    """All a model may know on ``as_of``.

    Attributes:
        as_of: exclusive end of what is seen.
        summary: one row per customer, as from `purchase_summary`.
        features: aligned with ``summary``, as from `order_features`.
        purchase_model: Pareto/NBD fitted on ``summary``.
        spend_model: Gamma-Gamma fitted on all purchases of ``summary``.
        notes: what was not straightforward about the fits; empty if all was well.
    """

    as_of: pd.Timestamp
    summary: pd.DataFrame
    features: pd.DataFrame
    purchase_model: ParetoNBD
    spend_model: GammaGamma
    notes: tuple[str, ...]

    def spend_per_order(self) -> Array:
        """Expected money per future purchase day of each customer (n,)."""
        return self.spend_model.expected_spend(all_purchases(self.summary))


def plan_windows(
    start: pd.Timestamp, end: pd.Timestamp, n_snapshots: int, longest_days: int | None = None
) -> list[Window]:
    """Snapshots spread over the later two thirds of ``[start, end)``, each with up to two horizons.

    Args:
        start: first instant of the period.
        end: exclusive end of the period; no horizon reaches beyond it.
        n_snapshots: snapshots wanted; fewer if the period is short.
        longest_days: no horizon is longer; None leaves it to the period.

    Returns:
        Windows by snapshot: the longest possible horizon and, where that is not too short, half of it.

    Raises:
        ValueError: if the period has no room for a window.
    """
    period = (end.floor("D") - start.floor("D")).days
    shortest = max(LEAST_HORIZON_DAYS, round(LEAST_SHARE * period))
    if longest_days is not None:
        shortest = min(shortest, longest_days)
    first, last = round(FIRST_SHARE * period), period - shortest
    if period < 4 * LEAST_HORIZON_DAYS or last < first:
        raise ValueError(
            f"{period} days from {start:%Y-%m-%d} to {end:%Y-%m-%d} leave no room to learn from; expected "
            f"at least {4 * LEAST_HORIZON_DAYS}. Choose a later calibration_end, or fit a purchase model."
        )
    found = []
    for age in np.unique(np.linspace(first, last, n_snapshots).round().astype(int)):
        longest = int(period - age)
        longest = longest if longest_days is None else min(longest, longest_days)
        horizons = sorted({longest, max(longest // 2, min(shortest, longest))})
        found += [Window(start.floor("D") + pd.Timedelta(days=int(age)), days) for days in horizons]
    return found


def take_snapshot(
    orders: pd.DataFrame, as_of: pd.Timestamp, near: Mapping[str, float] | None = None
) -> Snapshot:
    """What is known on ``as_of``; orders on or after it are not looked at.

    Args:
        orders: ``customer_id``, ``order_ts``, ``amount``.
        as_of: exclusive end.
        near: Pareto/NBD parameters of the same customers at another date, to search from; see
            `PurchaseModel.fit`.
    """
    past = orders[orders["order_ts"] < as_of]
    summary = purchase_summary(past, as_of)
    features = order_features(daily_purchases(past, as_of), summary, as_of)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FitWarning)
        purchase_model = ParetoNBD().fit(summary, near)
        spend_model = GammaGamma().fit(all_purchases(summary))
    notes = tuple(str(warning.message) for warning in caught)
    return Snapshot(as_of, summary, features, purchase_model, spend_model, notes)


def outcomes(
    orders: pd.DataFrame, customer_id: pd.Series, as_of: pd.Timestamp, horizon_days: float
) -> pd.DataFrame:
    """Purchase days and net spend of each customer in ``[as_of, as_of + horizon_days)``.

    Returns:
        ``n_orders`` and ``spend`` float64, aligned with ``customer_id``; 0 for who did not come.
    """
    end = as_of + pd.Timedelta(days=horizon_days)
    inside = orders[(orders["order_ts"] >= as_of) & (orders["order_ts"] < end)]
    days = inside["order_ts"].dt.floor("D").where(inside["amount"] >= 0)
    found = pd.DataFrame(
        {
            "n_orders": days.groupby(inside["customer_id"]).nunique(),
            "spend": inside.groupby("customer_id")["amount"].sum(),
        }
    )
    return found.reindex(customer_id).fillna(0.0).astype("float64").reset_index(drop=True)
