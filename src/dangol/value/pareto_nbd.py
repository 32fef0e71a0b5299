"""Pareto/NBD: purchases at a gamma rate until an unseen lapse, which may come at any time at a gamma rate.

Schmittlein, Morrison & Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do Next?",
Management Science 33(1), 1-24; Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related
Expressions", brucehardie.com/notes/009.

The likelihood is taken as an integral over the time of lapse instead of by hypergeometric functions: those
overflow for frequent customers and have no convenient derivatives, the integral has neither trouble.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from dangol.value.likelihood import Array, log_rising
from dangol.value.purchase_model import PurchaseModel, Rows, negative_binomial, rate_moments

N_NODES = 28  # Gauss-Legendre; relative error of the integral below 1e-9 for all sensible parameters
STEEP = 10.0  # drop of the log integrand that nodes spread evenly resolve with ease


class ParetoNBD(PurchaseModel):
    """Pareto/NBD model of repeat purchases.

    Parameters fitted: ``r``, ``alpha`` (gamma shape and inverse scale of the purchase rate, per time unit),
    ``s``, ``beta`` (the same of the lapse rate).
    See `PurchaseModel` for the frame, the methods and the units. Inside, parameters may also be given per
    customer (n,), which is how covariates come in.

    >>> import pandas as pd
    >>> one = pd.DataFrame({"n_repeats": [2], "active_span_days": [213.0], "tenure_days": [272.0]})
    >>> model = ParetoNBD().with_params(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    >>> float(model.probability_alive(one).round(3)[0])
    0.869
    """

    parameter_names = ("r", "alpha", "s", "beta")

    @staticmethod
    def row_likelihood(params: Array, columns: Rows) -> tuple[Array, Array]:
        """Equation (17) of the note before integration, and derivatives; ``columns`` as in `BetaGeo`."""
        r, alpha, s, beta = params
        n, _, tenure = columns
        purchases, d_purchases = log_rising(r, n)
        log_gone, time_gone, shares = _gone(params, columns)
        alpha_gone, beta_gone = (np.reshape(scale, (-1, 1)) + time_gone for scale in (alpha, beta))
        log_alive = -(r + n) * np.log(alpha + tenure) - s * np.log(beta + tenure)
        log_rows = purchases + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(log_alive, log_gone)
        gone = _share(log_gone - log_alive)
        alive = 1 - gone

        def mean(values: Array) -> Array:
            return gone * np.einsum("ij,ij->i", shares, values)

        slopes = np.array(
            [
                d_purchases + np.log(alpha) - alive * np.log(alpha + tenure) - mean(np.log(alpha_gone)),
                r / alpha - (r + n) * (alive / (alpha + tenure) + mean(1 / alpha_gone)),
                np.log(beta) + gone / s - alive * np.log(beta + tenure) - mean(np.log(beta_gone)),
                s / beta - s * alive / (beta + tenure) - (s + 1) * mean(1 / beta_gone),
            ]
        )
        return log_rows, slopes

    def _starts(self, columns: Rows, counts: Array) -> tuple[Array, ...]:
        r, alpha = rate_moments(columns[0], columns[2], counts)
        span = counts @ columns[2] / counts.sum()
        shapes = ((1.0, 0.6, 0.5), (1.0, 1.5, 1.0), (2.0, 0.3, 0.2), (1.0, 5.0, 10.0))
        return tuple(np.array([r * times, alpha * times, s, beta * span]) for times, s, beta in shapes)

    def _alive(self, params: Array, rows: Rows) -> Array:
        r, alpha, s, beta = params
        n, _, tenure = rows
        log_gone, _, _ = _gone(params, rows)
        log_alive = -(r + n) * np.log(alpha + tenure) - s * np.log(beta + tenure)
        return _share(log_alive - log_gone)

    def _expected_alive(self, params: Array, rows: Rows, horizon: Array | float) -> Array:
        """Equation (41) of the note without the probability alive, in a form that is smooth at s = 1."""
        from scipy.special import exprel

        r, alpha, s, beta = params
        n, _, tenure = rows
        log_growth = np.log1p(horizon / (beta + tenure))
        rate, later = (r + n) / (alpha + tenure), beta + tenure
        return rate * later * log_growth * exprel(-(s - 1) * log_growth)

    def _distribution_alive(
        self, params: Array, rows: Rows, horizon: Array | float, max_purchases: int
    ) -> Array:
        """Negative binomial until the horizon or the lapse, whichever comes first."""
        r, alpha, s, beta = params
        n, _, tenure = rows
        log_growth = np.log1p(horizon / (beta + tenure))

        def purchases(time: Array) -> Array:
            return negative_binomial(r + n, time / (alpha + tenure + time), max_purchases)

        mass = np.exp(-s * log_growth)[:, None] * purchases(np.full_like(tenure, horizon))
        places, weights = _rule()
        for place, weight in zip(places, weights, strict=True):
            log_step = place * log_growth
            density = weight * s * log_growth * np.exp(-s * log_step)
            mass += density[:, None] * purchases((beta + tenure) * np.expm1(log_step))
        return mass

    def _draw_alive(
        self, params: Array, rows: Rows, horizon: Array | float, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Given alive the posteriors are conjugate: gamma(r + n, alpha + T) and gamma(s, beta + T)."""
        r, alpha, s, beta = params
        n, _, tenure = rows
        rate = rng.standard_gamma(r + n) / (alpha + tenure)
        lapse_rate = rng.standard_gamma(s, len(n)) / (beta + tenure)
        life = rng.standard_exponential(len(n)) / np.maximum(lapse_rate, 1e-300)
        return rng.poisson(rate * np.minimum(life, horizon))


@cache
def _rule() -> tuple[Array, Array]:
    """Gauss-Legendre places and weights on [0, 1]."""
    places, weights = np.polynomial.legendre.leggauss(N_NODES)
    return (places + 1) / 2, weights / 2


def _share(log_odds: Array) -> Array:
    """Probability from log odds, without overflow."""
    from scipy.special import expit

    return expit(log_odds)


def _gone(params: Array, rows: Rows) -> tuple[Array, Array, Array]:
    """Log of the likelihood of a lapse before the end of tenure (n,), and where it comes from.

    The integral of ``s (alpha + t) ** -(r + n) (beta + t) ** -(s + 1)`` from the last purchase to the end of
    tenure. It is taken over ``log(m + t)``, where ``m`` gives a pure power of ``m + t`` the integrand's slope
    at the last purchase; nodes move exponentially closer to that end the more often the customer bought,
    since then all mass lies there.

    Returns:
        Log integral (n,); nodes, times of lapse since the first purchase (n, nodes); their shares of the
        integral (n, nodes), summing to 1. With these shares its derivatives are plain means.
    """
    r, alpha, s, beta = (np.reshape(param, (-1, 1)) for param in params)
    n, last, tenure = (column[:, None] for column in rows)
    order = r + n + s
    offset = (order + 1) / ((r + n) / (alpha + last) + (s + 1) / (beta + last))
    reach = np.log1p((tenure - last) / offset)
    squeeze = np.log1p(order * reach / STEEP)
    places, weights = _rule()
    # exprel-like ratio: tends to a linear spacing where nothing is steep.
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(squeeze > 1e-8, np.expm1(places * squeeze) / np.expm1(squeeze), places)
        density = np.where(squeeze > 1e-8, squeeze * np.exp(places * squeeze) / np.expm1(squeeze), 1.0)
        log_reach = np.log(reach[:, 0])
    time = last + offset * np.expm1(reach * spread)
    log_terms = (
        np.log(weights * density)
        + reach * spread
        - (r + n) * np.log((alpha + time) / (alpha + last))
        - (s + 1) * np.log((beta + time) / (beta + last))
    )
    top = log_terms.max(axis=1, keepdims=True)
    terms = np.exp(log_terms - top)
    total = terms.sum(axis=1, keepdims=True)
    log_first = np.log(s) + np.log(offset) - (r + n) * np.log(alpha + last) - (s + 1) * np.log(beta + last)
    return log_first[:, 0] + log_reach + (top + np.log(total))[:, 0], time, terms / total
