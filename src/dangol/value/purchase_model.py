"""The frame and the questions shared by purchase models that customers leave unseen (buy till you die).

A model of this family is a mixture for every customer: still alive, or gone since the last purchase. Given
alive it predicts like a new customer with updated parameters; given gone it predicts nothing. Subclasses
bring the likelihood, the probability of being alive, and what the living do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.value.fitted import LikelihoodModel
from dangol.value.horizon import DAYS_PER_YEAR
from dangol.value.likelihood import Array, Problem, distinct_rows

CHUNK_CELLS = 2_000_000  # customers x draws (or counts) worked on at once: about 100 MB of temporaries

# Places and weights of the integral of exp(-u) f(u) over u > 0: the trapezoidal rule in log(u).
_RULE = [(np.exp(v), 0.4 * np.exp(v - np.exp(v))) for v in np.arange(-12.0, 4.1, 0.4)]
LAST_PLACE = 1  # of the last purchase in `Rows`

Rows = tuple[Array, ...]  # repeats, last purchase and tenure, times in units


class PurchaseModel(LikelihoodModel, ABC):
    """Base of `BetaGeo` and `ParetoNBD`.

    Every ``frame`` has one row per customer with ``n_repeats`` (whole, >= 0), ``active_span_days`` and
    ``tenure_days`` (0 <= active span <= tenure) as made by `purchase_summary`; other columns are ignored.
    Arrays returned are aligned with its rows. Horizons are in days and begin at the frame's ``as_of``.

    Args:
        time_unit_days: days per unit of time in ``params_``; 7.0 gives the weekly parameters of the
            literature. Predictions do not depend on it.
    """

    def __init__(self, time_unit_days: float = 7.0) -> None:
        if not (np.isfinite(time_unit_days) and time_unit_days > 0):
            raise ValueError(f"time_unit_days must be positive; received {time_unit_days}. 7.0 means weeks.")
        self.time_unit_days = time_unit_days

    def fit(self, frame: pd.DataFrame, near: Mapping[str, float] | None = None) -> Self:
        """Fit by maximum likelihood; warns with `FitWarning` and falls back where that fails.

        Args:
            frame: one row per customer.
            near: ``params_`` of a fit to similar customers, such as the same ones at another date; the search
                then begins there alone and takes a fraction of the time.

        Raises:
            ValueError: if the frame breaks its contract (all faults listed), is empty, or no customer has
                been observed for any time.
        """
        rows = self._rows(frame)
        if len(frame) == 0 or not rows[2].any():
            raise ValueError(
                f"{len(frame)} customers with {frame['tenure_days'].sum():g} days of tenure in total; "
                f"expected at "
                "least one customer observed for a day after the first purchase. Choose a later as_of."
            )
        columns, counts, _ = distinct_rows(*rows)
        starts = self._starts(columns, counts)
        problem = Problem(
            self.parameter_names, self.row_likelihood, columns, counts, starts, np.zeros_like(starts[0]),
            None if near is None else np.array([near[name] for name in self.parameter_names]),
        )  # fmt: skip
        note = "" if rows[0].any() else "no customer has a repeat purchase, so lapse cannot be seen at all"
        self._fit_problem(problem, note)
        return self

    def probability_alive(self, frame: pd.DataFrame) -> Array:
        """Probability in [0, 1] that each customer may still purchase after ``as_of``; float64 (n,)."""
        (rows, _, positions), params = self._distinct(frame), self._values()
        return self._in_chunks(lambda *part: self._alive(params, part), rows)[positions]

    def expected_purchases(self, frame: pd.DataFrame, horizon_days: float) -> Array:
        """Expected purchase days of each customer in ``[as_of, as_of + horizon_days)``; float64 (n,)."""
        horizon = self._horizon(horizon_days)
        (rows, _, positions), params = self._distinct(frame), self._values()

        def expected(*part: Array) -> Array:
            return self._alive(params, part) * self._expected_alive(params, part, horizon)

        return self._in_chunks(expected, rows)[positions]

    def discounted_residual_purchases(self, frame: pd.DataFrame, discount_rate_year: float) -> Array:
        """Discounted expected residual purchase days of each customer, for ever; float64 (n,).

        Args:
            frame: one row per customer.
            discount_rate_year: effective yearly rate, > 0; a purchase ``t`` days after ``as_of`` counts
                ``(1 + rate) ** (-t / 365.25)``.

        Raises:
            ValueError: if the rate is not positive: without discounting the sum may be infinite.

        Source:
            DERT of Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4), equation
            (2). Taken, for every model alike, as the integral of ``exp(-u)`` times the purchases expected
            until ``u`` over the rate of interest, by a rule that gives eight digits.
        """
        if not (np.isfinite(discount_rate_year) and discount_rate_year > 0):
            raise ValueError(
                f"discount_rate_year must be positive; received {discount_rate_year}. Pass 0.1 for 10 %."
            )
        delta = np.log1p(discount_rate_year) / DAYS_PER_YEAR * self.time_unit_days
        (rows, _, positions), params = self._distinct(frame), self._values()

        def discounted(*part: Array) -> Array:
            later = [weight * self._expected_alive(params, part, place / delta) for place, weight in _RULE]
            return self._alive(params, part) * np.sum(later, axis=0)

        return self._in_chunks(discounted, rows)[positions]

    def purchase_distribution(
        self, frame: pd.DataFrame, horizon_days: float, max_purchases: int = 20
    ) -> npt.NDArray[np.float64]:
        """Probability of exactly 0, 1, ..., ``max_purchases`` purchase days in the horizon.

        Returns:
            float64 (n, max_purchases + 1); rows sum to at most 1, what is missing lies above
            ``max_purchases``.
        """
        horizon = self._horizon(horizon_days)
        (rows, _, positions), params = self._distinct(frame), self._values()

        def distribution(*part: Array) -> Array:
            alive = self._alive(params, part)
            mass = alive[:, None] * self._distribution_alive(params, part, horizon, max_purchases)
            mass[:, 0] += 1 - alive
            return mass

        return self._in_chunks(distribution, rows, max_purchases + 1)[positions]

    def order_probability(self, frame: pd.DataFrame, horizon_days: float) -> Array:
        """Probability in [0, 1] of at least one purchase day in the horizon; float64 (n,)."""
        return 1 - self.purchase_distribution(frame, horizon_days, 0)[:, 0]

    def sample_purchases(
        self, frame: pd.DataFrame, horizon_days: float, n_draws: int, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Draws of the purchase days in the horizon from each customer's posterior predictive distribution.

        Exact, not approximate: alive or gone, then rate and lapse given that, then the purchases.

        Returns:
            int64 (n, n_draws). Memory is proportional to that; pass the frame in parts if it is large.
        """
        horizon, params = self._horizon(horizon_days), self._values()

        def draw(*part: Array) -> npt.NDArray[np.int64]:
            return self._draw(params, part, horizon, n_draws, rng)

        return self._in_chunks(draw, self._rows(frame), n_draws)

    def sample_purchases_alive(
        self, frame: pd.DataFrame, horizon_days: float, n_draws: int, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Draws as `sample_purchases`, were all customers known to be alive; int64 (n, n_draws)."""
        horizon, params = self._horizon(horizon_days), self._values()
        rows = tuple(np.repeat(column, n_draws) for column in self._rows(frame))
        return self._draw_alive(params, rows, horizon, rng).reshape(len(frame), n_draws)

    def groups_of_the_living(self, frame: pd.DataFrame) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Customers who, if alive, buy alike: the last purchase tells only whether they are.

        Returns:
            Position of one row per group (n_groups,), and the group of each row (n,).
        """
        rows = self._rows(frame)
        others = tuple(column for place, column in enumerate(rows) if place != LAST_PLACE)
        _, _, group = distinct_rows(*others)
        return np.unique(group, return_index=True)[1], group

    def _draw(
        self, params: Array, rows: Rows, horizon: float, n_draws: int, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        alive = rng.random((len(rows[0]), n_draws)) < self._alive(params, rows)[:, None]
        who = np.nonzero(alive)[0]
        draws = np.zeros(alive.shape, dtype=np.int64)
        draws[alive] = self._draw_alive(params, tuple(column[who] for column in rows), horizon, rng)
        return draws

    @staticmethod
    def _in_chunks(function: Callable[..., Any], columns: Rows, width: int = 64) -> npt.NDArray[Any]:
        """Apply a row-wise function to columns in parts of at most `CHUNK_CELLS` cells; stack the results."""
        step = max(1, CHUNK_CELLS // max(width, 1))
        n_rows = len(columns[0])
        begins = range(0, max(n_rows, 1), step)
        return np.concatenate([function(*(c[begin : begin + step] for c in columns)) for begin in begins])

    def _horizon(self, horizon_days: float) -> float:
        if not (np.isfinite(horizon_days) and horizon_days >= 0):
            raise ValueError(
                f"horizon_days must be finite and >= 0; received {horizon_days}. Pass a number of days."
            )
        return horizon_days / self.time_unit_days

    def _distinct(self, frame: pd.DataFrame) -> tuple[Rows, Array, npt.NDArray[np.intp]]:
        return distinct_rows(*self._rows(frame))

    def _rows(self, frame: pd.DataFrame) -> Rows:
        """Repeats, last purchase and tenure (n,) in units of time, checked."""
        names = ("n_repeats", "active_span_days", "tenure_days")
        missing = [name for name in names if name not in frame]
        if missing:
            raise ValueError(
                f"columns missing: {', '.join(missing)}. Make the frame with purchase_summary()."
            )
        n_repeats, span, tenure = (frame[name].to_numpy(dtype=np.float64) for name in names)
        faults = {
            "values that are not finite": ~np.isfinite(n_repeats + span + tenure),
            "n_repeats negative or not whole": (n_repeats < 0) | (n_repeats != np.floor(n_repeats)),
            "active_span_days negative or above tenure_days": (span < 0) | (span > tenure),
            "repeats without active_span_days": (n_repeats > 0) & (span <= 0),
            "active_span_days without repeats": (n_repeats == 0) & (span > 0),
        }
        found = [f"{int(bad.sum())} rows with {name}" for name, bad in faults.items() if bad.any()]
        if found:
            raise ValueError(
                f"frame breaks its contract: {'; '.join(found)}. Make it with purchase_summary()."
            )
        return n_repeats, span / self.time_unit_days, tenure / self.time_unit_days

    @staticmethod
    @abstractmethod
    def row_likelihood(params: Array, columns: tuple[Array, ...]) -> tuple[Array, Array]:
        """Log-likelihood (n,) and derivatives in the parameters (k, n); columns and times in units."""

    @abstractmethod
    def _starts(self, columns: tuple[Array, ...], counts: Array) -> tuple[Array, ...]:
        """Natural-scale starting points, the moment estimate first."""

    @abstractmethod
    def _alive(self, params: Array, rows: Rows) -> Array:
        """Probability of being alive at the end of tenure (n,)."""

    @abstractmethod
    def _expected_alive(self, params: Array, rows: Rows, horizon: Array | float) -> Array:
        """Expected purchases in the horizon given alive (n,)."""

    @abstractmethod
    def _distribution_alive(
        self, params: Array, rows: Rows, horizon: Array | float, max_purchases: int
    ) -> Array:
        """Probability of 0..max_purchases purchases given alive (n, max_purchases + 1)."""

    @abstractmethod
    def _draw_alive(
        self, params: Array, rows: Rows, horizon: Array | float, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """One draw per row of the purchases in the horizon given alive (n,)."""


def rate_moments(n_repeats: Array, tenure: Array, counts: Array) -> tuple[float, float]:
    """Shape and inverse scale of the gamma rate, by moments of a negative binomial without lapse.

    Half a purchase is added, so that a customer base without any repeat still has a positive rate.
    """
    rate = (counts @ n_repeats + 0.5) / (counts @ tenure)
    mean = rate * tenure
    excess = counts @ ((n_repeats - mean) ** 2 - mean)
    shape = np.clip(counts @ mean**2 / excess, 0.05, 20.0) if excess > 0 else 20.0
    return float(shape), float(shape / rate)


def negative_binomial(shape: Array, share: Array, max_count: int) -> Array:
    """Probabilities of 0..``max_count`` events (n, max_count + 1) of a gamma-mixed Poisson process.

    Args:
        shape: of the gamma rate, (n,).
        share: observed time over observed time plus the rate's inverse scale, in [0, 1), (n,).
        max_count: largest count, inclusive.
    """
    from scipy.special import gammaln, xlogy

    k, size, part = np.arange(max_count + 1.0), shape[:, None], share[:, None]
    return np.exp(
        gammaln(size + k) - gammaln(size) - gammaln(k + 1) + size * np.log1p(-part) + xlogy(k, part)
    )
