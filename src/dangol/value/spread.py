"""How far a customer's spend may lie from its expectation, learnt from what happened after earlier dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.value.gamma_gamma import GammaGamma
from dangol.value.lifetime_value import predictive_interval
from dangol.value.likelihood import Array

N_POINTS = 64  # expectations drawn for, per number of purchases seen
LEAST_ORDERS = 1e-9  # smaller expectations are taken for this one
LEAST_OPEN = 100  # outcomes below which a level is taken at its word
N_TRIALS = 12  # halvings of the range of levels
HIGHEST_LEVEL = 0.998


@dataclass(frozen=True)
class Spread:
    """Negative binomial orders of uncertain level, times Gamma-Gamma amounts.

    Attributes:
        dispersion: shape of the negative binomial of orders around their expectation.
        level_sd: standard deviation of the log of actual over expected total orders of earlier windows:
            seasons and trends that no customer's history shows.
        spend_ratio: actual over expected money per order in those windows, their geometric mean.
    """

    dispersion: float
    level_sd: float
    spend_ratio: float

    def none_prob(self, expected_orders: Array) -> Array:
        """Probability of no order at all (n,)."""
        return (self.dispersion / (self.dispersion + expected_orders)) ** self.dispersion

    def draws(
        self,
        expected_orders: Array,
        spend_model: GammaGamma,
        spend_frame: pd.DataFrame,
        n_draws: int,
        rng: np.random.Generator,
    ) -> Array:
        """Spend of each customer in ``n_draws`` possible futures, float64 (n, n_draws)."""
        shape = (len(expected_orders), n_draws)
        level = np.exp(self.level_sd * (rng.standard_normal(shape) - self.level_sd / 2))
        rate = rng.standard_gamma(self.dispersion, shape) * (expected_orders[:, None] / self.dispersion)
        orders = rng.poisson(rate * level)
        return self.spend_ratio * spend_model.sample_spend(spend_frame, orders, rng)

    def intervals(
        self,
        expected_orders: Array,
        spend_model: GammaGamma,
        spend_frame: pd.DataFrame,
        levels: Sequence[float],
        n_draws: int,
        seed: int,
    ) -> list[tuple[Array, Array]]:
        """Lower and upper bounds (n,) per level, as `predictive_interval`.

        Up to a factor of their own, customers with as many purchases and as many expected orders face the
        same distribution. So no more than `N_POINTS` expectations are drawn for per number of purchases;
        bounds between them are interpolated over the log of the expectation.
        """
        n_seen = spend_frame["n_repeats"].to_numpy(dtype=np.float64)
        unit = pd.DataFrame({"n_repeats": n_seen, "mean_spend": 0.0})
        factor = spend_model.expected_spend(spend_frame) / spend_model.expected_spend(unit)
        place = np.log(np.maximum(expected_orders, LEAST_ORDERS))
        bounds, rng = np.empty((len(levels), 2, len(n_seen))), np.random.default_rng(seed)
        order = np.argsort(n_seen, kind="stable")
        for who in np.split(order, np.flatnonzero(np.diff(n_seen[order])) + 1):
            points = np.unique(place[who])
            if len(points) > N_POINTS:
                points = np.linspace(points[0], points[-1], N_POINTS)
            frame = unit.iloc[np.repeat(who[:1], len(points))]
            draws = self.draws(np.exp(points), spend_model, frame, n_draws, rng)
            for number, level in enumerate(levels):
                for end, bound in enumerate(predictive_interval(draws, level)):
                    bounds[number, end, who] = np.interp(place[who], points, bound)
        return [(low * factor, high * factor) for low, high in bounds]


def honest_level(draws: Array, actual: Array, level: float) -> float:
    """The level whose intervals covered a share ``level`` of outcomes that the draws did not know.

    Only customers whose interval is more than zero alone have a say: where no spend is more likely than
    ``level``, the interval covers whatever is asked, and would hide that those of better customers cover too
    little.

    Args:
        draws: (n, n_draws) predicted spend at earlier dates.
        actual: (n,) spend that came, refunds netted, at least 0.
        level: share wanted, in (0, 1).

    Returns:
        Level to ask of `predictive_interval` instead, in [``level``, 0.998], since windows that overlap prove
        less than they seem to; ``level`` itself with too few such customers.

    Source:
        Conformal calibration: Romano, Patterson & Candès (2019), "Conformalized Quantile Regression", here on
        the level instead of the ends, which keeps intervals at or above zero.
    """
    is_open = (draws == 0).mean(axis=1) < level
    if is_open.sum() < LEAST_OPEN:
        return level
    draws, actual = draws[is_open], actual[is_open]
    low, high = level, HIGHEST_LEVEL
    for _ in range(N_TRIALS):
        middle = (low + high) / 2
        least, most = predictive_interval(draws, middle)
        covered = ((actual >= least - 1e-9) & (actual <= most + 1e-9)).mean()
        low, high = (middle, high) if covered < level else (low, middle)
    return (low + high) / 2
