"""`ValueNetwork`: purchase models and a network that corrects them, learnt from windows of the past.

Counts are a sum of a floor, Pareto/NBD, and the customer's own rate as if nobody ever lapsed, with weights
learnt on earlier windows. A network multiplies that by what features of the order log show to be missing; how
far it is believed is learnt out of fold. Money per order is Gamma-Gamma on all purchases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd

from dangol.networks import NetworkRegressor
from dangol.value.count_stack import dispersion_of, stack_weights
from dangol.value.lessons import Lessons, forecast_parts, lessons_of
from dangol.value.likelihood import Array
from dangol.value.next_order import next_order_date
from dangol.value.spread import Spread, honest_level
from dangol.value.summary import all_purchases, orders_seen
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
from dangol.value.windows import plan_windows, take_snapshot

FLOOR_RATE = 0.02  # orders a week added to a forecast where only its size matters, not its value
LEAST_ORDERS = 100  # outcomes in the windows below which nothing is learnt from them
N_CALIBRATION_DRAWS, N_CALIBRATION_ROWS = 200, 10_000


class ValueNetwork:
    """Orders, spend and their intervals per customer, from the order log up to a date.

    Args:
        effort: ``"fast"``, or ``"full"`` for more windows and more, longer trained members.
        longest_days: windows to learn from are no longer than this, such as the horizon that will be asked
            for; None lets the calibration period decide.
        max_customers: at most so many customers, drawn at random, are learnt from in the windows; the
            purchase and spend models see all.
        max_epochs: of the network; None for those of ``effort``.
        random_state: same number, same predictions.
        on_epoch: called with (epoch, train_loss, val_loss).

    Attributes (after ``fit``):
        known_: the `Snapshot` at ``calibration_end``.
        part_weights_: of the floor (orders a week), Pareto/NBD, own rate.
        network_share_: how far the network's correction is believed, in [0, 1].
        spread_: `Spread` of single customers.
        note_: what was not straightforward, empty if all was well.
        history_: epoch, train_loss, val_loss of the network; empty without one.
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
            ValueError: if the orders cannot be read or the period is too short; the message says what to do.
        """
        end = pd.Timestamp(calibration_end)
        orders_seen(orders, end)  # all faults of the frame at once
        past = orders.loc[orders["order_ts"] < end, ["customer_id", "order_ts", "amount"]]
        self.known_ = take_snapshot(past, end)
        self._notes = list(self.known_.notes)
        customers = self.known_.summary["customer_id"]
        drawn = orders_of_some(past, customers, self.max_customers, self.random_state)
        n_snapshots = self._settings.n_snapshots
        windows = plan_windows(drawn["order_ts"].min(), end, n_snapshots, self.longest_days)
        lessons = lessons_of(drawn, windows, self.known_.purchase_model)
        self.network_: NetworkRegressor | None = None
        self.history_ = pd.DataFrame(columns=["epoch", "train_loss", "val_loss"])
        self.network_share_, self.part_weights_ = 0.0, np.array([0.0, 1.0, 0.0])
        expected = lessons.parts[:, 1] + 1e-9
        if lessons.n_orders.sum() >= LEAST_ORDERS:
            expected = self._learn(lessons)
        else:
            self._notes.append(
                f"only {lessons.n_orders.sum():.0f} orders followed the snapshots inside the period, fewer "
                f"than {LEAST_ORDERS}: Pareto/NBD is used as it is"
            )
        self._learn_spread(lessons, expected)
        self.note_ = "; ".join(self._notes)
        return self

    def predict(
        self, horizon_days: float, level: float | Sequence[float] = 0.9, n_draws: int = 2000
    ) -> pd.DataFrame:
        """What each customer with a purchase before ``calibration_end`` brings in the horizon.

        Args:
            horizon_days: from ``calibration_end``, >= 0.
            level: share of customers whose spend the interval is to cover, in (0, 1); several give an
                interval each.
            n_draws: possible futures behind each interval; 0 leaves interval and dates out.

        Returns:
            One row per customer, by ``customer_id``: ``expected_orders`` (purchase days), ``order_prob`` (of
            at least one), ``alive_prob`` (Pareto/NBD), ``expected_value``, ``value_low``, ``value_high`` (of
            several levels ``value_low_80`` and so on), ``next_order_date`` (see `next_order_date`; NaT if
            none is expected within the horizon).

        Raises:
            ValueError: if not fitted or an argument is out of range.
        """
        check_fitted(self, "note_")
        levels = (level,) if isinstance(level, int | float) else tuple(level)
        check_question(horizon_days, levels, n_draws)
        summary, ratio = self.known_.summary, self._ratio(horizon_days)
        orders = self._expected(horizon_days, ratio)
        found = pd.DataFrame(
            {
                "customer_id": summary["customer_id"],
                "expected_orders": orders,
                "order_prob": 1 - self.spread_.none_prob(orders),
                "alive_prob": self.known_.purchase_model.probability_alive(summary),
                "expected_value": orders * self.known_.spend_per_order() * self.spread_.spend_ratio,
            }
        )
        is_one = isinstance(level, int | float)
        names = [("value_low", "value_high")] if is_one else [ends_of(one) for one in levels]
        ends = self._ends(orders, horizon_days, levels, n_draws)
        for (low_name, high_name), (low, high) in zip(names, ends, strict=True):
            found[low_name], found[high_name] = low, high
        return found.assign(next_order_date=self._due(horizon_days, ratio, n_draws))

    def _ends(
        self, orders: Array, horizon_days: float, levels: tuple[float, ...], n_draws: int
    ) -> list[tuple[Array, Array]]:
        """Ends of the intervals (n,) per level: NaN without draws, 0 without a horizon."""
        if n_draws == 0 or horizon_days == 0:
            nothing = np.full(len(orders), 0.0 if horizon_days == 0 else np.nan)
            return [(nothing, nothing)] * len(levels)
        asked = [self._honest(level) for level in levels]
        frame, seed = all_purchases(self.known_.summary), self.random_state
        return self.spread_.intervals(orders, self.known_.spend_model, frame, asked, n_draws, seed)

    def _due(self, horizon_days: float, ratio: Array, n_draws: int) -> pd.Series:
        """Date by which an order is more likely than not; NaT if that lies beyond the horizon."""
        if n_draws == 0 or horizon_days == 0:
            return pd.Series(pd.NaT, index=range(len(ratio)), dtype="datetime64[ns]")
        return next_order_date(
            lambda days: 1 - self.spread_.none_prob(self._expected(days, ratio)),
            self.known_.as_of,
            horizon_days,
        )

    def _learn(self, lessons: Lessons) -> Array:
        """Weights, network and its share; returns expected orders of the lessons, out of fold (n,)."""
        level = lessons.parts[:, 1] + FLOOR_RATE * lessons.parts[:, 0]
        dispersion = dispersion_of(lessons.n_orders, level)
        weights = stack_weights(lessons.parts, lessons.n_orders, level, dispersion, self.part_weights_)
        base = lessons.parts @ weights
        if not (base > 0).all():
            self._notes.append("some forecasts in the windows were zero: Pareto/NBD is used as it is")
            return lessons.parts[:, 1] + 1e-9
        self.part_weights_ = weights
        ratio = self._train(lessons, base, dispersion)
        both = np.column_stack([base, base * ratio])
        shares = stack_weights(both, lessons.n_orders, base, dispersion, np.array([1.0, 0.0]))
        self.network_share_ = float(shares[1] / shares.sum())
        self.part_weights_ = weights * shares.sum()
        return both @ shares

    def _train(self, lessons: Lessons, base: Array, dispersion: float) -> Array:
        """Fit the network to actual over expected; returns what it says out of fold (n,).

        A Poisson likelihood with expected orders as exposure, each row's information capped as that of a
        negative binomial.
        """
        network = self._settings.regressor("poisson", self.max_epochs, self.random_state, self.on_epoch)
        self._longest = float(lessons.horizon_days.max())
        inputs = lessons.features.assign(
            horizon_days=lessons.horizon_days, base_rate=base / lessons.horizon_days
        )
        network.fit(
            inputs,
            lessons.n_orders / base,
            sample_weight=base / (1 + base / dispersion),
            groups=lessons.customer_id,
        )
        self.network_, self.history_ = network, network.history_
        return np.asarray(network.head_.predict(network.out_of_fold_raw_))

    def _ratio(self, horizon_days: float) -> Array:
        """The network's actual over expected orders at ``calibration_end`` (n,), 1 without a network.

        Horizons beyond the longest window are asked for as that.
        """
        if self.network_ is None or horizon_days == 0:
            return np.ones(len(self.known_.summary))
        seen = min(float(horizon_days), self._longest)
        rate = self._parts(horizon_days) @ self.part_weights_ / horizon_days
        inputs = self.known_.features.assign(horizon_days=seen, base_rate=rate)
        return np.asarray(1 + self.network_share_ * (in_parts(self.network_.predict, inputs) - 1))

    def _parts(self, horizon_days: float) -> Array:
        return forecast_parts(self.known_, horizon_days, self.known_.purchase_model.params_["alpha"])

    def _expected(self, horizon_days: float, ratio: Array) -> Array:
        return self._parts(horizon_days) @ self.part_weights_ * ratio

    def _learn_spread(self, lessons: Lessons, expected: Array) -> None:
        actual, foreseen = (np.bincount(lessons.window, v) for v in (lessons.n_orders, expected))
        busy = (actual > 0) & (foreseen > 0)
        gaps = np.log(actual[busy] / foreseen[busy])
        noise = np.mean(1 / actual[busy]) if busy.any() else 0.0
        level_sd = float(np.sqrt(max(np.mean(gaps**2) - noise, 0.0))) if busy.any() else 0.0
        # each window counts once: the early ones, followed longest, hold most orders and the least known
        spent, priced = (
            np.bincount(lessons.window, v)
            for v in (lessons.spend.clip(min=0), expected * lessons.spend_per_order)
        )
        paid = busy & (spent > 0) & (priced > 0)
        log_ratio = np.log(spent[paid] / priced[paid]) - np.log(actual[paid] / foreseen[paid])
        is_taught = lessons.n_orders.sum() >= LEAST_ORDERS and paid.any()
        ratio = float(np.exp(log_ratio.mean())) if is_taught else 1.0
        self.spread_ = Spread(dispersion_of(lessons.n_orders, expected), level_sd, ratio)
        self._trial = self._trial_draws(lessons, expected)

    def _trial_draws(self, lessons: Lessons, expected: Array) -> tuple[Array, Array]:
        """Draws for some lessons and what they really spent, to calibrate intervals with."""
        rng = np.random.default_rng(self.random_state)
        at = rng.permutation(len(expected))[:N_CALIBRATION_ROWS]
        # what was known of the customer's amounts at that date
        frame = pd.DataFrame({
            "n_repeats": lessons.features["n_repeats"].to_numpy()[at] + 1,
            "mean_spend": lessons.features["amount_mean"].to_numpy()[at],
        })  # fmt: skip
        draws = self.spread_.draws(expected[at], self.known_.spend_model, frame, N_CALIBRATION_DRAWS, rng)
        return draws, lessons.spend[at].clip(min=0)

    def _honest(self, level: float) -> float:
        draws, actual = self._trial
        return honest_level(draws, actual, level) if (actual > 0).sum() >= LEAST_ORDERS else level
