"""Gamma-Gamma: what a customer spends per purchase, learnt from the mean of the purchases seen.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value", brucehardie.com/notes/025;
Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4).
"""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.value.fitted import LikelihoodModel
from dangol.value.likelihood import Array, Problem, distinct_rows

LEAST_Q = 1.05  # below 1 the mean spend of an unknown customer is infinite


class GammaGamma(LikelihoodModel):
    """Spend per purchase: gamma with shape ``p`` and a rate that is gamma(``q``, ``gamma``) over customers.

    Every ``frame`` has one row per customer with ``n_repeats`` (whole, >= 0) and ``mean_spend`` (mean money
    per repeat purchase, NaN or anything without repeats) as made by `purchase_summary`; the published CDNOW
    parameters 6.25 / 3.74 / 15.44 rest on repeat purchases only. ``gamma`` is in the currency of the data.
    The fit sees customers with repeats and a positive mean; predictions read a negative mean as 0.
    """

    parameter_names = ("p", "q", "gamma")

    def fit(self, frame: pd.DataFrame) -> Self:
        """Fit by maximum likelihood; warns with `FitWarning` and falls back where that fails.

        Without any usable repeat purchase, the amounts of first purchases (column ``first_spend``) are used
        instead, and ``message_`` says so.

        Raises:
            ValueError: if columns are missing, or nobody has a positive amount.
        """
        n, mean = self._rows(frame)
        usable = (n > 0) & (mean > 0)
        n_refused = int(((n > 0) & ~usable).sum())
        notes = f"{n_refused} customers with a mean spend of zero or less were left out" if n_refused else ""
        is_substitute = not usable.any() and "first_spend" in frame
        if is_substitute:
            mean = frame["first_spend"].to_numpy(dtype=np.float64)
            n, usable = np.ones_like(mean), np.isfinite(mean) & (mean > 0)
            notes = "no repeat purchase with a positive mean; learnt from first purchases, one per customer"
        if not usable.any():
            raise ValueError(
                f"no positive spend among {len(frame)} customers; expected mean_spend > 0 where n_repeats > "
                f"0. "
                "Use a naive rule, or a frame from purchase_summary(), whose first_spend can stand in."
            )
        columns, counts, _ = distinct_rows(n[usable], mean[usable])
        starts = _starts(columns, counts)
        at_least = np.array([0.0, LEAST_Q, 0.0])
        problem = Problem(self.parameter_names, self.row_likelihood, columns, counts, starts, at_least)
        self._fit_problem(problem, notes, is_substitute)
        return self

    def expected_spend(self, frame: pd.DataFrame) -> Array:
        """Expected money per future purchase of each customer, float64 (n,); equation (5) of the note."""
        p, q, gamma = self._values()
        n, mean = self._rows(frame)
        return p * (gamma + n * mean) / (p * n + q - 1)

    def sample_spend(
        self, frame: pd.DataFrame, n_purchases: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> Array:
        """Draws of the total money of given numbers of future purchases, from the posterior predictive.

        Args:
            frame: one row per customer.
            n_purchases: int (n, n_draws), how many purchases each draw has.
            rng: source of randomness.

        Returns:
            float64 (n, n_draws); 0 where there is no purchase. One customer's spend level is drawn anew per
            draw, so that the draws hold both the uncertainty of the level and the spread of single purchases.
        """
        p, q, gamma = self._values()
        n, mean = self._rows(frame)
        total = np.zeros(n_purchases.shape)
        at = np.nonzero(n_purchases)
        who = at[0]
        rate = rng.standard_gamma((p * n + q)[who]) / (gamma + n * mean)[who]
        total[at] = rng.standard_gamma(p * n_purchases[at]) / np.maximum(rate, 1e-300)
        return total

    @staticmethod
    def row_likelihood(params: Array, columns: tuple[Array, ...]) -> tuple[Array, Array]:
        """Density (1a) of the note and derivatives; ``columns``: purchases and their mean spend (n,)."""
        from scipy.special import gammaln, psi

        p, q, gamma = params
        n, mean = columns
        sizes, which = np.unique(n, return_inverse=True)  # few distinct counts, many customers
        own, both = (p * sizes)[which], p * n + q
        log_total = np.log(gamma + n * mean)
        log_rows = (
            (gammaln(p * sizes + q) - gammaln(p * sizes))[which] - gammaln(q) + q * np.log(gamma)
            + (own - 1) * np.log(mean) + own * np.log(n) - both * log_total
        )  # fmt: skip
        psi_both, psi_own = psi(p * sizes + q)[which], psi(p * sizes)[which]
        slopes = np.array([
            n * (psi_both - psi_own + np.log(mean) + np.log(n) - log_total),
            psi_both - psi(q) + np.log(gamma) - log_total,
            q / gamma - both / (gamma + n * mean),
        ])  # fmt: skip
        return log_rows, slopes

    @staticmethod
    def _rows(frame: pd.DataFrame) -> tuple[Array, Array]:
        """Repeats and mean spend (n,), the latter at least 0 and 0 where there are no repeats."""
        missing = [name for name in ("n_repeats", "mean_spend") if name not in frame]
        if missing:
            raise ValueError(
                f"columns missing: {', '.join(missing)}. Make the frame with purchase_summary()."
            )
        n = frame["n_repeats"].to_numpy(dtype=np.float64)
        mean = np.where(n > 0, frame["mean_spend"].to_numpy(dtype=np.float64), 0.0)
        bad = ~np.isfinite(n) | (n < 0) | (n != np.floor(n)) | ~np.isfinite(mean)
        if bad.any():
            raise ValueError(
                f"{int(bad.sum())} rows with n_repeats negative or not whole, or repeats without a finite "
                "mean_spend. Make the frame with purchase_summary()."
            )
        return n, np.maximum(mean, 0.0)


def _starts(columns: tuple[Array, ...], counts: Array) -> tuple[Array, ...]:
    """Starting points with the right mean: p gamma / (q - 1) is the pooled spend per purchase."""
    n, mean = columns
    level = counts @ (n * mean) / (counts @ n)
    spread = np.sqrt(counts @ (mean - level) ** 2 / counts.sum()) / level
    # Squared variation over customers is about 1 / (q - 2) + 1 / p; give each about half of it.
    q = float(np.clip(2 + 2 / max(spread**2, 1e-9), 2.5, 200.0))
    p = q - 2
    shapes = ((p, q), (6.0, 4.0), (1.0, 3.0), (2 * p, 2 * q))
    return tuple(np.array([p, q, level * (q - 1) / p]) for p, q in shapes)
