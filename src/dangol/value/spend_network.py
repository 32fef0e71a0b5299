"""`SpendNetwork`: spend straight from features and weekly purchases, with a zero-inflated lognormal head.

It knows nothing of purchase models, and so is what they are held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd

from dangol.value.likelihood import Array
from dangol.value.order_features import daily_purchases, order_features
from dangol.value.summary import orders_seen, purchase_summary
from dangol.value.window_learning import (
    Effort,
    OnEpoch,
    check_fitted,
    check_question,
    ends_of,
    in_parts,
    orders_of_some,
    settings_of,
)
from dangol.value.windows import outcomes, plan_windows

N_WEEKS = 13  # of purchases seen in order


class SpendNetwork:
    """Spend per customer with its interval, learnt from windows of the past.

    Args:
        effort: ``"fast"``, or ``"full"`` for more windows and more, longer trained members.
        longest_days: windows to learn from are no longer than this, such as the horizon that will be asked
            for.
        max_customers: at most so many customers, drawn at random, are learnt from.
        max_epochs: of the network; None for those of ``effort``.
        random_state: same number, same predictions.
        on_epoch: called with (epoch, train_loss, val_loss).

    Source:
        Wang, Liu & Miao (2019), "A Deep Probabilistic Model for Customer Lifetime Value Prediction",
        arXiv:1912.07753.
    """

    def __init__(
        self,
        *,
        effort: Effort = "fast",
        longest_days: int | None = None,
        max_customers: int = 20_000,
        max_epochs: int | None = None,
        random_state: int = 0,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        self.effort = effort
        self._settings = settings_of(effort)
        self.longest_days = longest_days
        self.max_customers = max_customers
        self.max_epochs = max_epochs
        self.random_state = random_state
        self.on_epoch = on_epoch

    def fit(self, orders: pd.DataFrame, calibration_end: str | pd.Timestamp) -> Self:
        """Learn from orders before ``calibration_end`` only.

        Args:
            orders: ``customer_id``, ``order_ts``, ``amount`` (refunds negative), one row per order.
            calibration_end: exclusive end of all that is looked at; later orders may be in the frame.

        Raises:
            ValueError: if the orders cannot be read, the period is too short, or too few customers spent in
                the windows; the message says what to do.
        """
        end = pd.Timestamp(calibration_end)
        orders_seen(orders, end)  # all faults of the frame at once
        past = orders.loc[orders["order_ts"] < end, ["customer_id", "order_ts", "amount"]]
        self.known_ = _seen(past, end)
        drawn = orders_of_some(past, self.known_[0], self.max_customers, self.random_state)
        n_snapshots = self._settings.n_snapshots
        windows = plan_windows(drawn["order_ts"].min(), end, n_snapshots, self.longest_days)
        self._longest = max(window.horizon_days for window in windows)
        inputs, spend = [], []
        for window in windows:
            ids, features = _seen(drawn, window.as_of)
            came = outcomes(drawn, ids, window.as_of, window.horizon_days)
            inputs.append(features.assign(customer_id=ids, horizon_days=float(window.horizon_days)))
            spend.append(came["spend"].clip(lower=0))
        rows = pd.concat(inputs, ignore_index=True)
        customer_id = rows.pop("customer_id").to_numpy()
        network = self._settings.regressor("ziln", self.max_epochs, self.random_state, self.on_epoch)
        self.network_ = network.fit(rows, pd.concat(spend, ignore_index=True), groups=customer_id)
        return self

    def predict(self, horizon_days: float, levels: Sequence[float]) -> pd.DataFrame:
        """What each customer with a purchase before ``calibration_end`` spends in the horizon.

        Args:
            horizon_days: from ``calibration_end``, >= 0; beyond the longest window learnt from, the forecast
                for that is taken in proportion.
            levels: share of customers whose spend each interval is to cover, in (0, 1).

        Returns:
            One row per customer, by ``customer_id``: ``expected_value``, and per level ``value_low_80``,
            ``value_high_80`` and so on, shaped as those of `predictive_interval`.

        Raises:
            ValueError: if an argument is out of range.
        """
        check_fitted(self, "network_")
        check_question(horizon_days, levels)
        ids, features = self.known_
        seen = min(max(float(horizon_days), 1.0), float(self._longest))
        inputs, factor = features.assign(horizon_days=seen), horizon_days / seen
        found = {"customer_id": ids, "expected_value": factor * in_parts(self.network_.predict, inputs)}
        for level in levels:
            low, high = self._interval(inputs, level)
            low_name, high_name = ends_of(level)
            found |= {low_name: factor * low, high_name: factor * high}
        return pd.DataFrame(found)

    def _interval(self, inputs: pd.DataFrame, level: float) -> tuple[Array, Array]:
        tail = (1 - level) / 2

        def at(share: float) -> Array:
            return in_parts(lambda part: self.network_.predict_quantile(part, share), inputs)

        low, from_zero, central = at(tail), at(level), at(1 - tail)
        return low, np.where(low == 0, from_zero, central)


def weekly_purchases(daily: pd.DataFrame, ids: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    """Purchase days and money in each of the last 13 weeks, the latest week first.

    Args:
        daily: from `daily_purchases`.
        ids: customers wanted, one row each.
        as_of: the date, exclusive.

    Returns:
        float64, aligned with ``ids``: ``n_orders_week_1``, ``amount_week_1`` and so on; 0 where nothing was
        bought.
    """
    week = (as_of.floor("D") - daily["day"]).dt.days.sub(1) // 7 + 1
    recent = daily.assign(week=week)[week <= N_WEEKS]
    sums = recent.pivot_table(index="customer_id", columns="week", values="amount", aggfunc=["size", "sum"])
    every = pd.MultiIndex.from_product([["size", "sum"], range(1, N_WEEKS + 1)])
    wide = sums.reindex(index=pd.Index(ids), columns=every).fillna(0.0).astype("float64")
    names = [f"{'n_orders' if what == 'size' else 'amount'}_week_{number}" for what, number in every]
    return wide.set_axis(names, axis=1).reset_index(drop=True)


def _seen(orders: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.Series, pd.DataFrame]:
    """Customers known on ``as_of`` and what the network sees of them."""
    past = orders[orders["order_ts"] < as_of]
    summary, daily = purchase_summary(past, as_of), daily_purchases(past, as_of)
    ids = summary["customer_id"]
    parts = [order_features(daily, summary, as_of), weekly_purchases(daily, ids, as_of)]
    return ids, pd.concat(parts, axis=1)
