"""BG/NBD: purchases at a gamma rate, lapse after a purchase with a beta probability.

Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2), 275-284.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dangol.value.likelihood import Array, log_rising
from dangol.value.purchase_model import PurchaseModel, Rows, negative_binomial, rate_moments

NUDGE = 1e-6  # moves a parameter off a removable 0/0; costs as much relative accuracy


class BetaGeo(PurchaseModel):
    """BG/NBD model of repeat purchases.

    Parameters fitted: ``r``, ``alpha`` (gamma shape and inverse scale of the purchase rate, per time unit),
    ``a``, ``b`` (beta of the probability to lapse after each repeat purchase).
    See `PurchaseModel` for the frame, the methods and the units. Inside, parameters may also be given per
    customer (n,), which is how covariates come in.

    >>> import pandas as pd
    >>> one = pd.DataFrame({"n_repeats": [2], "active_span_days": [213.0], "tenure_days": [272.0]})
    >>> model = BetaGeo().with_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> float(model.expected_purchases(one, 273).round(3)[0])
    1.226
    """

    parameter_names: tuple[str, ...] = ("r", "alpha", "a", "b")

    @staticmethod
    def row_likelihood(params: Array, columns: tuple[Array, ...]) -> tuple[Array, Array]:
        """Equation (6) of the paper and derivatives; ``columns``: repeats, last purchase, tenure (n,)."""
        r, alpha, a, b = params
        n, last, tenure = columns
        purchases, d_purchases = log_rising(r, n)
        stayed, d_stayed = log_rising(b, n)
        chances, d_chances = log_rising(a + b, n)
        log_odds = _log_odds_gone(params, columns)
        # Weight of "gone since the last purchase" against "still there".
        gone = 1.0 / (1.0 + np.exp(-log_odds))
        log_rows = (
            purchases + r * np.log(alpha) + stayed - chances
            - (r + n) * np.log(alpha + tenure) + np.logaddexp(0.0, log_odds)
        )  # fmt: skip
        log_ratio = np.log((alpha + tenure) / (alpha + last))
        slopes = np.array([
            d_purchases + np.log(alpha) - np.log(alpha + tenure) + gone * log_ratio,
            r / alpha - (r + n) * ((1 - gone) / (alpha + tenure) + gone / (alpha + last)),
            gone / a - d_chances,
            d_stayed - d_chances - gone / np.where(n > 0, b + n - 1, 1.0),
        ])  # fmt: skip
        return log_rows, slopes

    def _starts(self, columns: tuple[Array, ...], counts: Array) -> tuple[Array, ...]:
        r, alpha = rate_moments(columns[0], columns[2], counts)
        shapes = ((1.0, 1.0, 3.0), (0.5, 0.5, 2.0), (1.0, 0.2, 2.0), (2.0, 4.0, 20.0))
        return tuple(np.array([r * times, alpha * times, a, b]) for times, a, b in shapes)

    def _alive(self, params: Array, rows: Rows) -> Array:
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + np.exp(_log_odds_gone(params, rows)))

    def _expected_alive(self, params: Array, rows: Rows, horizon: Array | float) -> Array:
        """Equation (10) without the probability alive, after Euler's transformation of 2F1.

        The transformed function has small arguments however often the customer bought, so it neither
        overflows nor cancels; only ``a = 1`` and ``a + b + n = 1`` are removable singularities.
        """
        from scipy.special import hyp2f1

        r, alpha, a, b = params
        n, _, tenure = rows
        a = np.where(np.abs(a - 1) < NUDGE, a + NUDGE, a)
        c = a + b + n - 1
        c = np.where(np.abs(c) < NUDGE, NUDGE, c)
        share = horizon / (alpha + tenure + horizon)
        series = hyp2f1(a + b - 1 - r, a - 1, c, share)
        return np.maximum(c / (a - 1) * (1 - (1 - share) ** (a - 1) * series), 0.0)

    def _distribution_alive(
        self, params: Array, rows: Rows, horizon: Array | float, max_purchases: int
    ) -> Array:
        """Equation (8) with the parameters of a living customer: r + n, alpha + T, a, b + n."""
        from scipy.special import betaln

        r, alpha, a, b = params
        n, _, tenure = rows
        k, b_n, a = np.arange(max_purchases + 1.0), (b + n)[:, None], np.reshape(a, (-1, 1))
        counts = negative_binomial(r + n, horizon / (alpha + tenure + horizon), max_purchases)
        more = np.maximum(
            1 - np.cumsum(counts[:, :-1], axis=1), 0.0
        )  # k purchases or more, were nobody to lapse
        mass = counts * np.exp(betaln(a, b_n + k) - betaln(a, b_n))
        mass[:, 1:] += more * np.exp(betaln(a + 1, b_n + k[1:] - 1) - betaln(a, b_n))
        return mass

    def _draw_alive(
        self, params: Array, rows: Rows, horizon: Array | float, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Given alive the posteriors are conjugate: gamma(r + n, alpha + T) and beta(a, b + n)."""
        r, alpha, a, b = params
        n, _, tenure = rows
        wished = rng.poisson(rng.standard_gamma(r + n) * (horizon / (alpha + tenure)))
        buys = np.nonzero(wished)[0]
        chance = rng.beta(np.broadcast_to(a, n.shape)[buys], (b + n)[buys])
        lapse = np.maximum(chance, 1e-12)  # numpy's geometric refuses an underflowed 0
        wished[buys] = np.minimum(wished[buys], rng.geometric(lapse))
        return wished


def _log_odds_gone(params: Array, rows: tuple[Array, ...]) -> Array:
    """Log odds of having lapsed at the last purchase (n,); minus infinity before any repeat.

    Equation (6): the ratio of its two terms.
    """
    r, alpha, a, b = params
    n, last, tenure = rows
    with np.errstate(divide="ignore"):
        log_ratio = np.log((alpha + tenure) / (alpha + last))
        odds = np.log(a) - np.log(np.where(n > 0, b + n - 1, 1.0)) + (r + n) * log_ratio
    return np.where(n > 0, odds, -np.inf)
