"""How much an order is worth, where that is planted by itself and not left to the baskets."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GammaGammaSpend:
    """Planted parameters of the Gamma-Gamma model of order values, before coupons.

    A customer's order values are gamma with shape ``p`` and rate ``nu``; ``nu`` is gamma over
    customers with shape ``q`` and rate ``gamma``, whatever the purchase rate.

    Attributes:
        p: shape within a customer.
        q: shape between customers, above 1; the mean order is worth ``p * gamma / (q - 1)``.
        gamma: rate between customers, in currency.

    Source:
        Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value.
    """

    p: float = 6.25
    q: float = 3.74
    gamma: float = 15.44

    def draw_means(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Each customer's true mean order value, in currency."""
        return self.p / rng.gamma(self.q, 1 / self.gamma, n)

    def draw_values(self, rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
        """One order value for each entry of ``mean``, which is its customer's."""
        return mean * rng.gamma(self.p, 1 / self.p, len(mean))


@dataclass(frozen=True)
class LognormalSpend:
    """Planted parameters of lognormal order values, before coupons.

    Attributes:
        mean: of all customers' mean order values, in currency.
        between_sd: standard deviation between customers, on the logarithmic scale.
        within_sd: standard deviation within a customer, on the logarithmic scale.
    """

    mean: float = 35.0
    between_sd: float = 0.6
    within_sd: float = 0.5

    def draw_means(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Each customer's true mean order value, in currency."""
        return self.mean * rng.lognormal(-(self.between_sd**2) / 2, self.between_sd, n)

    def draw_values(self, rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
        """One order value for each entry of ``mean``, which is its customer's."""
        return mean * rng.lognormal(-(self.within_sd**2) / 2, self.within_sd, len(mean))


Spend = GammaGammaSpend | LognormalSpend
