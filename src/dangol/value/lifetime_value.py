"""Lifetime value: how often a customer will buy, times how much, with an interval that means what it says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.value.gamma_gamma import GammaGamma
from dangol.value.horizon import DAYS_PER_YEAR
from dangol.value.likelihood import Array
from dangol.value.purchase_model import PurchaseModel

DISCOUNT_STEP_DAYS = 30.0  # purchases within a step are discounted from its middle
CHUNK_DRAWS = 2_000_000  # customers x draws held at once: about 100 MB


class LifetimeValue:
    """A purchase model and a spend model, both fitted, put together.

    Assumes, as Gamma-Gamma does, that spend per purchase does not depend on how often a customer buys.

    Args:
        purchase_model: fitted `BetaGeo` or `ParetoNBD`.
        spend_model: fitted `GammaGamma`.
    """

    def __init__(self, purchase_model: PurchaseModel, spend_model: GammaGamma) -> None:
        self.purchase_model = purchase_model
        self.spend_model = spend_model

    def predict(
        self,
        frame: pd.DataFrame,
        horizon_days: float,
        discount_rate_year: float = 0.0,
        level: float = 0.9,
        n_draws: int = 1000,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Value of each customer in ``[as_of, as_of + horizon_days)``.

        Args:
            frame: one row per customer, as made by `purchase_summary`.
            horizon_days: length of the future, from the ``as_of`` of the frame.
            discount_rate_year: effective yearly rate; money ``t`` days ahead counts (1 + rate) ** (-t /
                365.25).
            level: share of customers whose realised spend the interval is to cover, in (0, 1).
            n_draws: posterior predictive draws per customer behind the interval; 0 leaves it out (NaN), which
                is much faster for millions of customers.
            seed: of the draws; same seed and frame, same interval.

        Returns:
            One row per row of ``frame``, same order, index 0..n-1: ``customer_id``, ``expected_orders``
            (purchase days), ``alive_prob``, ``expected_spend_per_order``, ``expected_value`` (discounted),
            ``value_low`` and ``value_high`` (both inclusive). The interval is predictive: it holds the chance
            of single purchases as well as doubt about the customer, but not doubt about the fitted
            parameters. Draws are discounted by the customer's mean discount. See `predictive_interval` for
            its shape.

        Raises:
            ValueError: if an argument is out of range or the frame breaks its contract.

        Source:
            Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4).
        """
        if not 0 < level < 1 or n_draws < 0 or discount_rate_year <= -1:
            raise ValueError(
                f"expected 0 < level < 1, n_draws >= 0, discount_rate_year > -1; received {level}, "
                f"{n_draws}, "
                f"{discount_rate_year}. Correct the arguments."
            )
        if "customer_id" not in frame:
            raise ValueError("column missing: customer_id. Make the frame with purchase_summary().")
        orders = self.purchase_model.expected_purchases(frame, horizon_days)
        spend = self.spend_model.expected_spend(frame)
        discount = self._discount(frame, horizon_days, discount_rate_year)
        low, high = self._interval(frame, horizon_days, level, n_draws, seed)
        return pd.DataFrame(
            {
                "customer_id": frame["customer_id"].to_numpy(),
                "expected_orders": orders,
                "alive_prob": self.purchase_model.probability_alive(frame),
                "expected_spend_per_order": spend,
                "expected_value": orders * spend * discount,
                "value_low": low * discount,
                "value_high": high * discount,
            }
        )

    def residual_value(self, frame: pd.DataFrame, discount_rate_year: float) -> pd.DataFrame:
        """Value of each customer from ``as_of`` on, without an end.

        Args:
            frame: one row per customer, as made by `purchase_summary`.
            discount_rate_year: effective yearly rate, > 0.

        Returns:
            One row per row of ``frame``, same order: ``customer_id``, ``alive_prob``, ``discounted_orders``
            (see `PurchaseModel.discounted_residual_purchases`), ``expected_spend_per_order``,
            ``expected_value``.

        Raises:
            ValueError: if the rate is not positive or the frame breaks its contract.
        """
        orders = self.purchase_model.discounted_residual_purchases(frame, discount_rate_year)
        spend = self.spend_model.expected_spend(frame)
        return pd.DataFrame(
            {
                "customer_id": frame["customer_id"].to_numpy(),
                "alive_prob": self.purchase_model.probability_alive(frame),
                "discounted_orders": orders,
                "expected_spend_per_order": spend,
                "expected_value": orders * spend,
            }
        )

    def sample(
        self, frame: pd.DataFrame, horizon_days: float, n_draws: int, rng: np.random.Generator
    ) -> Array:
        """Undiscounted posterior predictive draws of each customer's spend in the horizon.

        Returns:
            float64 (n, n_draws).
        """
        counts = self.purchase_model.sample_purchases(frame, horizon_days, n_draws, rng)
        return self.spend_model.sample_spend(frame, counts, rng)

    def _interval(
        self, frame: pd.DataFrame, horizon_days: float, level: float, n_draws: int, seed: int
    ) -> tuple[Array, Array]:
        """Bounds (n,), from draws per group of customers alike but for their last purchase and amounts.

        The living of a group buy alike; what a customer's last purchase tells is the chance to be one of
        them, and what its amounts tell is a factor.
        """
        low, high = np.full((2, len(frame)), np.nan)
        if n_draws == 0 or len(frame) == 0:
            return low, high
        alive, rng = self.purchase_model.probability_alive(frame), np.random.default_rng(seed)
        examples, group = self.purchase_model.groups_of_the_living(frame)
        unit = frame.assign(mean_spend=0.0)
        factor = self.spend_model.expected_spend(frame) / self.spend_model.expected_spend(unit)
        step = max(1, CHUNK_DRAWS // n_draws)
        for begin in range(0, len(examples), step):
            who = np.flatnonzero((group >= begin) & (group < begin + step))
            rows = unit.iloc[examples[begin : begin + step]]
            counts = self.purchase_model.sample_purchases_alive(rows, horizon_days, n_draws, rng)
            draws = self.spend_model.sample_spend(rows, counts, rng)
            low[who], high[who] = mixed_interval(draws, group[who] - begin, alive[who], level)
        return low * factor, high * factor

    def _discount(self, frame: pd.DataFrame, horizon_days: float, rate: float) -> Array:
        """Discounted over undiscounted expected purchases of each customer (n,)."""
        if rate == 0 or horizon_days == 0:
            return np.ones(len(frame))
        edges = np.linspace(0, horizon_days, 1 + int(np.ceil(horizon_days / DISCOUNT_STEP_DAYS)))
        plain, discounted = np.zeros(len(frame)), np.zeros(len(frame))
        for begin, end in pairwise(edges):
            until = self.purchase_model.expected_purchases(frame, end)
            discounted += (until - plain) * (1 + rate) ** (-(begin + end) / 2 / DAYS_PER_YEAR)
            plain = until
        return np.divide(discounted, plain, out=np.ones(len(frame)), where=plain > 0)


def predictive_interval(draws: Array, level: float) -> tuple[Array, Array]:
    """Interval holding a new value with probability ``level``, from draws of the same distribution.

    Spend is never negative and often exactly 0. Where 0 has at least the probability of the lower tail,
    (1 - level) / 2, the interval starts at 0 and leaves the whole remainder to the upper tail; an
    equal-tailed interval would cover too much there. Elsewhere it is equal-tailed. It covers more than
    ``level`` only where 0 alone is more likely than that.

    Args:
        draws: float64 (n, n_draws), >= 0.
        level: in (0, 1).

    Returns:
        Lower and upper bounds (n,), inclusive, as order statistics: the k-th of m draws has k / (m + 1) below
        it.
    """
    n = len(draws)
    return mixed_interval(draws, np.arange(n), np.ones(n), level)


def mixed_interval(
    draws: Array, group: npt.NDArray[np.intp], share: Array, level: float
) -> tuple[Array, Array]:
    """As `predictive_interval`, for values that are 0 unless they come from a group's distribution.

    Args:
        draws: float64 (n_groups, n_draws), >= 0, of what a value is if it comes from the group.
        group: of each value, (n,).
        share: probability that the value comes from it, in [0, 1], (n,).
        level: in (0, 1).

    Returns:
        Lower and upper bounds (n,), inclusive.
    """
    n_draws, tail = draws.shape[1], (1 - level) / 2
    ordered = np.sort(draws, axis=1)
    from_zero = 1 - share + share * (ordered == 0).mean(axis=1)[group] >= tail

    def order_statistic(wanted: Array, up: bool) -> Array:
        # the mixture reaches ``wanted`` where the group's own distribution reaches what 0 leaves of it
        inside = (wanted - (1 - share)) / np.maximum(share, 1e-12)
        place = inside * (n_draws + 1)
        rank = (np.ceil(place - 1e-9) if up else np.floor(place + 1e-9)).clip(1, n_draws).astype(np.intp)
        return np.where(inside > 0, ordered[group, rank - 1], 0.0)

    low = np.where(from_zero, 0.0, order_statistic(np.full(len(share), tail), up=False))
    return low, order_statistic(np.where(from_zero, level, 1 - tail), up=True)
