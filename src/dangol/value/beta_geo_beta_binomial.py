"""BG/BB: purchases at discrete opportunities (a yearly appeal, a weekly market) until an unseen lapse.

Fader, Hardie & Shang (2010), "Customer-Base Analysis in a Discrete-Time Noncontractual Setting", Marketing
Science 29(6), 1086-1108.
"""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd

from dangol.value.fitted import LikelihoodModel
from dangol.value.likelihood import Array, Problem, distinct_rows, log_rising

Rows = tuple[Array, ...]  # purchases, last opportunity used, opportunities
COLUMNS = ("n_purchases", "last_opportunity", "n_opportunities")


class BetaGeoBetaBinomial(LikelihoodModel):
    """BG/BB model of repeat purchases at opportunities.

    Parameters fitted: ``alpha``, ``beta`` (beta of the chance to buy at an opportunity while a customer),
    ``gamma``, ``delta`` (beta of the chance to lapse before one).

    Every ``frame`` has one row per customer with ``n_purchases`` (opportunities used), ``last_opportunity``
    (number of the last one used, 1 is the first after the customer was won; 0 if none) and
    ``n_opportunities`` (seen so far), all whole.
    """

    parameter_names = ("alpha", "beta", "gamma", "delta")

    def fit(self, frame: pd.DataFrame) -> Self:
        """Fit by maximum likelihood; warns with `FitWarning` and falls back where that fails.

        Raises:
            ValueError: if the frame breaks its contract (all faults listed) or holds no opportunity.
        """
        rows = self._rows(frame)
        if not rows[2].any():
            raise ValueError(
                f"{len(frame)} customers without an opportunity to buy. "
                "Choose a later date or shorter periods."
            )
        columns, counts, _ = distinct_rows(*rows)
        # while still known to be there, customers bought at this rate
        buy = (rows[0].sum() + 0.5) / (np.maximum(rows[1], 1).sum() + 1)
        shapes = ((2.0, 0.5, 2.0), (1.0, 1.0, 10.0), (4.0, 0.3, 1.0))
        starts = tuple(np.array([size * buy, size * (1 - buy), g, d]) for size, g, d in shapes)
        problem = Problem(self.parameter_names, self.row_likelihood, columns, counts, starts, np.zeros(4))
        note = "" if rows[0].any() else "no customer has a repeat purchase, so lapse cannot be seen at all"
        self._fit_problem(problem, note)
        return self

    def probability_alive(self, frame: pd.DataFrame) -> Array:
        """Probability in [0, 1] that each customer is still there at the next opportunity; float64 (n,)."""
        rows, (_, _, gamma, delta) = self._rows(frame), self._values()
        return self._alive_now(rows) * (delta + rows[2]) / (gamma + delta + rows[2])

    def expected_purchases(self, frame: pd.DataFrame, n_periods: int) -> Array:
        """Expected purchases of each customer at the next ``n_periods`` opportunities; float64 (n,).

        Source:
            Equation (13) of the paper, summed over the opportunities instead of by gamma functions, which
            are singular where ``gamma`` is 1.
        """
        if n_periods < 0 or n_periods != int(n_periods):
            raise ValueError(f"n_periods must be whole and >= 0; received {n_periods}. Pass opportunities.")
        alpha, beta, gamma, delta = self._values()
        rows = self._rows(frame)
        there, total = self._alive_now(rows), np.zeros(len(rows[0]))
        for k in range(int(n_periods)):
            there = there * (delta + rows[2] + k) / (gamma + delta + rows[2] + k)
            total += there
        return total * (alpha + rows[0]) / (alpha + beta + rows[2])

    def discounted_residual_purchases(self, frame: pd.DataFrame, discount_rate: float) -> Array:
        """Discounted expected residual purchases at all opportunities to come; float64 (n,).

        Args:
            frame: one row per customer.
            discount_rate: per opportunity, > 0; the ``k``-th from now counts ``(1 + rate) ** -k``.

        Raises:
            ValueError: if the rate is not positive.

        Source:
            DERT of the paper, equation (14).
        """
        from scipy.special import hyp2f1

        if not (np.isfinite(discount_rate) and discount_rate > 0):
            raise ValueError(f"discount_rate must be positive; received {discount_rate}. Pass 0.1 for 10 %.")
        alpha, beta, gamma, delta = self._values()
        rows, factor = self._rows(frame), 1 / (1 + discount_rate)
        stays, risks = delta + rows[2], gamma + delta + rows[2]
        periods = factor * stays / risks * hyp2f1(1.0, stays + 1, risks + 1, factor)
        return self._alive_now(rows) * periods * (alpha + rows[0]) / (alpha + beta + rows[2])

    @staticmethod
    def row_likelihood(params: Array, columns: Rows) -> tuple[Array, Array]:
        """Equation (5) of the paper and derivatives; ``columns``: purchases, last one, opportunities (n,)."""
        log_terms, slopes = _terms(params, columns)
        top = log_terms.max(axis=1, keepdims=True)
        shares = np.exp(log_terms - top)
        total = shares.sum(axis=1, keepdims=True)
        return (top + np.log(total))[:, 0], (slopes * (shares / total)).sum(axis=2)

    def _alive_now(self, rows: Rows) -> Array:
        """Probability of not having lapsed by the last opportunity seen (n,)."""
        params = self._values()
        log_terms, _ = _terms(params, rows)
        return np.exp(log_terms[:, 0] - self.row_likelihood(params, rows)[0])

    @staticmethod
    def _rows(frame: pd.DataFrame) -> Rows:
        missing = [name for name in COLUMNS if name not in frame]
        if missing:
            raise ValueError(f"columns missing: {', '.join(missing)}. Pass one row per customer.")
        x, last, n = (frame[name].to_numpy(dtype=np.float64) for name in COLUMNS)
        faults = {
            "values that are missing, negative or not whole": ~(
                np.isfinite(x + last + n) & (np.minimum(x, last) >= 0) & ((x + last + n) % 1 == 0)
            ),
            "n_purchases above last_opportunity": x > last,
            "last_opportunity above n_opportunities": last > n,
            "last_opportunity without purchases": (x == 0) & (last > 0),
        }
        found = [f"{int(bad.sum())} rows with {name}" for name, bad in faults.items() if bad.any()]
        if found:
            raise ValueError(f"frame breaks its contract: {'; '.join(found)}. Correct it.")
        return x, last, n


def _terms(params: Array, rows: Rows) -> tuple[Array, Array]:
    """Log of each way to have bought so: still there, or lapsed after the last purchase or any later chance.

    Returns:
        Log terms (n, 1 + longest silence), the first that of being there, minus infinity where a customer was
        not silent so long; derivatives in the parameters (4, n, 1 + longest silence).
    """
    alpha, beta, gamma, delta = params
    x, last, n = (column[:, None] for column in rows)
    silence = np.arange(np.max(n - last, initial=0))[None, :]
    # opportunities lived through in each of the cases, the first is all of them
    lived = np.concatenate([n, np.minimum(last + silence, n)], axis=1)
    is_gone = np.concatenate([np.zeros_like(n), np.ones_like(last + silence)], axis=1)
    buys, d_buys = log_rising(alpha, x)
    skips, d_skips = log_rising(beta, lived - x)
    chances, d_chances = log_rising(alpha + beta, lived)
    stays, d_stays = log_rising(delta, lived)
    risks, d_risks = log_rising(gamma + delta, lived + is_gone)
    log_terms = buys + skips - chances + is_gone * np.log(gamma) + stays - risks
    possible = np.concatenate([np.ones_like(n, dtype=bool), last + silence < n], axis=1)
    slopes = np.array([d_buys - d_chances, d_skips - d_chances, is_gone / gamma - d_risks, d_stays - d_risks])
    return np.where(possible, log_terms, -np.inf), slopes
