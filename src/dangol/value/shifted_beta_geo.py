"""Shifted beta-geometric: contracts renewed period by period with a probability that differs by customer.

Fader & Hardie (2007), "How to Project Customer Retention", Journal of Interactive Marketing 21(1);
Fader & Hardie (2010), "Customer-Base Valuation in a Contractual Setting", Marketing Science 29(1).
"""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.value.fitted import LikelihoodModel
from dangol.value.likelihood import Array, Problem, distinct_rows, log_rising


class ShiftedBetaGeo(LikelihoodModel):
    """sBG model of contract renewals; ``alpha``, ``beta``: beta distribution of the chance to leave.

    Every ``frame`` has one row per customer with ``n_renewals`` (whole, >= 0: renewals made) and
    ``is_churned`` (bool: the next renewal was declined). Periods are those of the contract.

    >>> model = ShiftedBetaGeo().with_params(alpha=0.668, beta=3.806)
    >>> model.survival([0, 1, 12]).round(3).tolist()
    [1.0, 0.851, 0.378]
    """

    parameter_names = ("alpha", "beta")

    def fit(self, frame: pd.DataFrame) -> Self:
        """Fit by maximum likelihood; warns with `FitWarning` and falls back where that fails.

        Raises:
            ValueError: if the frame breaks its contract, or nobody has come to a renewal.
        """
        rows = self._rows(frame)
        n_faced = float((rows[0] + rows[1]).sum())
        if n_faced == 0:
            raise ValueError(
                f"none of {len(frame)} customers has come to a renewal, so nothing tells how many leave. "
                "Wait for the first renewals."
            )
        columns, counts, _ = distinct_rows(*rows)
        leave = (rows[1].sum() + 0.5) / (n_faced + 1)
        starts = tuple(size * np.array([leave, 1 - leave]) for size in (2.0, 0.5, 10.0))
        problem = Problem(self.parameter_names, self.row_likelihood, columns, counts, starts, np.zeros(2))
        self._fit_problem(problem)
        return self

    def survival(self, n_periods: npt.ArrayLike) -> Array:
        """Share of a new cohort that makes so many renewals or more, whole >= 0; float64, same shape."""
        alpha, beta = self._values()
        n = np.asarray(n_periods, dtype=np.float64)
        return np.exp(log_rising(beta, n)[0] - log_rising(alpha + beta, n)[0])

    def retention_rate(self, n_renewals: npt.ArrayLike) -> Array:
        """Chance that a customer with so many renewals makes the next one; rises with it."""
        alpha, beta = self._values()
        n = np.asarray(n_renewals, dtype=np.float64)
        return (beta + n) / (alpha + beta + n)

    def expected_renewals(self, frame: pd.DataFrame, n_periods: int) -> Array:
        """Expected renewals of each customer at the next ``n_periods`` dates, 0 if churned; float64 (n,)."""
        if n_periods < 0 or n_periods != int(n_periods):
            raise ValueError(
                f"n_periods must be whole and >= 0; received {n_periods}. Pass contract periods."
            )
        n, churned = self._rows(frame)
        now = self.survival(n)
        later = sum((self.survival(n + k) for k in range(1, int(n_periods) + 1)), np.zeros(len(n)))
        return np.where(churned == 1, 0.0, later / now)

    def discounted_residual_lifetime(self, frame: pd.DataFrame, discount_rate: float) -> Array:
        """Discounted expected residual lifetime: periods still to be paid for, the next one at full worth.

        Args:
            frame: one row per customer.
            discount_rate: per contract period, > 0; a payment ``k`` periods after the next renewal counts
                ``(1 + rate) ** -k``.

        Returns:
            float64 (n,), 0 for churned customers; times the net payment of a period it is the residual
            lifetime value just before the next renewal.

        Source:
            Fader & Hardie (2010), equation (6).
        """
        from scipy.special import hyp2f1

        if not (np.isfinite(discount_rate) and discount_rate > 0):
            raise ValueError(f"discount_rate must be positive; received {discount_rate}. Pass 0.1 for 10 %.")
        alpha, beta = self._values()
        n, churned = self._rows(frame)
        series = hyp2f1(1.0, beta + n + 1, alpha + beta + n + 1, 1 / (1 + discount_rate))
        return np.where(churned == 1, 0.0, self.retention_rate(n) * series)

    @staticmethod
    def row_likelihood(params: Array, columns: tuple[Array, ...]) -> tuple[Array, Array]:
        """Equations (5) and (6) of the 2007 paper and derivatives; ``columns``: renewals, churned (n,)."""
        alpha, beta = params
        n, churned = columns
        stayed, d_stayed = log_rising(beta, n)
        chances, d_chances = log_rising(alpha + beta, n + churned)
        log_rows = churned * np.log(alpha) + stayed - chances
        return log_rows, np.array([churned / alpha - d_chances, d_stayed - d_chances])

    @staticmethod
    def _rows(frame: pd.DataFrame) -> tuple[Array, Array]:
        missing = [name for name in ("n_renewals", "is_churned") if name not in frame]
        if missing:
            raise ValueError(f"columns missing: {', '.join(missing)}. Pass one row per contract.")
        n, churned = (frame[name].to_numpy(dtype=np.float64) for name in ("n_renewals", "is_churned"))
        bad_n = ~np.isfinite(n) | (n < 0) | (n != np.floor(n))
        bad_churned = ~np.isin(churned, (0.0, 1.0))
        if bad_n.any() or bad_churned.any():
            raise ValueError(
                f"{int(bad_n.sum())} rows with n_renewals negative, missing or not whole, "
                f"{int(bad_churned.sum())} with is_churned neither true nor false. Correct them."
            )
        return n, churned
