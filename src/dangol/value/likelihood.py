"""Maximum likelihood shared by all value models: weights, starts, fallbacks, standard errors.

A model brings the log-likelihood of one row and its derivatives; everything else is here. Parameters are
positive and searched on the log scale. Nothing raises because a fit is hard: `maximise` says what went wrong
and falls back to a penalised fit, then to moments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
RowLikelihood = Callable[[Array, tuple[Array, ...]], tuple[Array, Array]]

CHUNK_ROWS = 65_536  # rows evaluated at once; bounds memory where a row needs quadrature nodes
SEARCH_ROWS = 20_000  # starts compete on at most so many distinct rows; the best is polished on all
LOG_REACH = 12.0  # how far, on the log scale, a parameter may move away from the first start
PRIOR_SD = 1.5  # of the penalty on log parameters: two thirds of its mass within a factor of 4.5
FLAT_SD = 2.5  # a log parameter with a larger standard error is not identified by the data
SMALL_STEP = 1e-4  # of the central differences that turn gradients into the Hessian
SMALL_GAIN = 1e-7  # log-likelihood units, relative to one customer's: steps that bring less end the search
CLOSE_ENOUGH = 1e-3  # log-likelihood units between the point reached and the quadratic's top


class FitWarning(UserWarning):
    """A model did not reach a proper maximum and answers with a stated fallback."""


@dataclass(frozen=True)
class Problem:
    """What is to be fitted.

    Attributes:
        names: of the k parameters.
        row_likelihood: ``(params (k,), columns each (n,)) -> (log-likelihood (n,), derivatives (k, n))``,
            both on the natural scale of the parameters.
        columns: the distinct rows of the data, each float64 (n,).
        counts: how many customers each row stands for, float64 (n,).
        starts: natural-scale parameters (k,) each; the first comes from moments, it is the centre of the
            penalty and the last resort.
        at_least: natural-scale parameters (k,) below which a fit is of no use, 0 for none; the penalised fit
            stays above.
        near: natural-scale parameters (k,) of a fit to similar data; if given, the search begins there alone.
    """

    names: tuple[str, ...]
    row_likelihood: RowLikelihood
    columns: tuple[Array, ...]
    counts: Array
    starts: tuple[Array, ...]
    at_least: Array
    near: Array | None = None


@dataclass(frozen=True)
class Fit:
    """What came out: natural-scale ``params`` and ``standard_errors`` (k,), NaN where there are none."""

    params: Array
    standard_errors: Array
    log_likelihood: float
    converged: bool
    method: str
    message: str


def distinct_rows(*columns: Array) -> tuple[tuple[Array, ...], Array, npt.NDArray[np.intp]]:
    """Distinct rows of equally long columns, how often each occurs, and where each input row went.

    Returns:
        Columns (m,) each, counts float64 (m,), positions (n,) with ``columns[j][positions]`` the input.
    """
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        _, code = np.unique(column, return_inverse=True)
        # Codes are made dense again after every column, so that their product never overflows.
        _, codes = np.unique(codes * (code.max(initial=0) + 1) + code, return_inverse=True)
    _, first, positions, counts = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    return tuple(column[first] for column in columns), counts.astype(float), positions


def log_rising(value: float | Array, n: Array) -> tuple[Array, Array]:
    """``log(Γ(value + n) / Γ(value))`` and its derivative in ``value``, for whole ``n`` >= 0 (n,).

    For one ``value``, sums over 0..n-1 instead of differences of log-gammas: exact for small ``value`` and
    one table look-up per row. With a ``value`` per row (n,), the differences.
    """
    if np.ndim(value):
        from scipy.special import gammaln, psi

        return gammaln(value + n) - gammaln(value), psi(value + n) - psi(value)
    whole = n.astype(np.int64)
    steps = value + np.arange(whole.max(initial=0))
    log_table = np.concatenate([[0.0], np.cumsum(np.log(steps))])
    slope_table = np.concatenate([[0.0], np.cumsum(1.0 / steps)])
    return log_table[whole], slope_table[whole]


def objective(log_params: Array, problem: Problem, prior_sd: float | None = None) -> tuple[float, Array]:
    """Negative log-likelihood of all customers and its gradient (k,) in the log parameters.

    With ``prior_sd`` a Normal penalty around the first start is added.
    """
    params = np.exp(log_params)
    value, slope = 0.0, np.zeros(len(params))
    for begin in range(0, len(problem.counts), CHUNK_ROWS):
        part = slice(begin, begin + CHUNK_ROWS)
        counts = problem.counts[part]
        log_rows, derivatives = problem.row_likelihood(params, tuple(c[part] for c in problem.columns))
        # einsum, not @: threads that spin for a sum this small cost more than they bring on busy cores.
        value -= float(np.einsum("i,i->", counts, log_rows))
        slope -= np.einsum("ki,i->k", derivatives, counts)
    slope *= params
    if prior_sd is not None:
        gap = (log_params - np.log(problem.starts[0])) / prior_sd
        value += 0.5 * float(gap @ gap)
        slope += gap / prior_sd
    return value, slope


def hessian(log_params: Array, problem: Problem, prior_sd: float | None = None) -> Array:
    """Second derivatives of `objective` (k, k) by central differences of its analytic gradient."""
    columns = []
    for step in SMALL_STEP * np.eye(len(log_params)):
        above = objective(log_params + step, problem, prior_sd)[1]
        below = objective(log_params - step, problem, prior_sd)[1]
        columns.append((above - below) / (2 * SMALL_STEP))
    rough = np.array(columns)
    return (rough + rough.T) / 2


def maximise(problem: Problem) -> Fit:
    """Maximum likelihood from several starts; penalised likelihood, then moments, where that fails.

    Returns:
        A `Fit`. ``converged`` is True only for a proper interior maximum; otherwise ``method`` and
        ``message`` state the fallback and its reason. ``log_likelihood`` never includes the penalty.
    """
    log_params = _search(problem, None)
    errors, trouble = _examine(log_params, problem, None)
    if not trouble:
        return _result(log_params, errors, problem, "maximum likelihood", "converged")
    log_params = _search(problem, PRIOR_SD)
    errors, further = _examine(log_params, problem, PRIOR_SD)
    if not further:
        message = (
            f"no proper maximum of the likelihood: {trouble}; used a penalised fit, which holds log "
            f"parameters "
            f"within about {PRIOR_SD:g} of their moment estimates. Trust its predictions more than its "
            f"parameters"
        )
        return _result(log_params, errors, problem, "penalised likelihood", message)
    message = (
        f"neither likelihood ({trouble}) nor penalised likelihood ({further}) gave a maximum; used moments. "
        "Check the input for outliers, or use a naive rule"
    )
    nothing = np.full(len(problem.names), np.nan)
    return _result(np.log(problem.starts[0]), nothing, problem, "moments", message)


def _result(log_params: Array, errors: Array, problem: Problem, method: str, message: str) -> Fit:
    log_likelihood = -objective(log_params, problem)[0]
    return Fit(np.exp(log_params), errors, log_likelihood, method == "maximum likelihood", method, message)


def _search(problem: Problem, prior_sd: float | None) -> Array:
    """The best log parameters found from all starts."""
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    centre = np.log(problem.starts[0])
    low, high = centre - LOG_REACH, centre + LOG_REACH
    if prior_sd is not None:
        with np.errstate(divide="ignore"):
            low = np.maximum(low, np.log(problem.at_least))

    def descend(start: Array, searched: Problem) -> tuple[float, Array]:
        scale = searched.counts.sum()

        def scaled(log_params: Array) -> tuple[float, Array]:
            with np.errstate(all="ignore"):
                value, slope = objective(log_params, searched, prior_sd)
            finite = np.isfinite(value) and np.isfinite(slope).all()
            # A wall instead of NaN: the line search then steps back by itself.
            return (value / scale, slope / scale) if finite else (1e12, np.zeros_like(slope))

        found = minimize(
            scaled,
            np.clip(start, low, high),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(low, high, strict=True)),
            options={"maxiter": 300, "ftol": SMALL_GAIN / scale, "gtol": 1e-9, "maxcor": 20},
        )
        return float(found.fun), found.x

    starts = problem.starts if problem.near is None else (problem.near,)
    # Matrices of a few parameters: waiting for each other costs threads more than the sum itself.
    with threadpool_limits(limits=1, user_api="blas"):
        tried = [descend(np.log(start), _thinned(problem)) for start in starts]
        best = min(tried, key=lambda pair: pair[0])[1]
        return best if len(problem.counts) <= SEARCH_ROWS else descend(best, problem)[1]


def _thinned(problem: Problem) -> Problem:
    """At most `SEARCH_ROWS` rows of the problem, evenly spread over its sorted rows."""
    if len(problem.counts) <= SEARCH_ROWS:
        return problem
    kept = np.linspace(0, len(problem.counts) - 1, SEARCH_ROWS).astype(np.intp)
    columns = tuple(column[kept] for column in problem.columns)
    return replace(problem, columns=columns, counts=problem.counts[kept])


def _examine(log_params: Array, problem: Problem, prior_sd: float | None) -> tuple[Array, str]:
    """Standard errors on the natural scale (k,) and, in words, why this is no maximum; "" if it is one."""
    nothing = np.full(len(log_params), np.nan)
    reach = np.abs(log_params - np.log(problem.starts[0]))
    if prior_sd is None and (reach > LOG_REACH - 0.01).any():
        names = [n for n, r in zip(problem.names, reach, strict=True) if r > LOG_REACH - 0.01]
        return nothing, f"{', '.join(names)} ran to the edge of the search"
    too_low = np.exp(log_params) < 0.999 * problem.at_least
    if too_low.any():
        names = [f"{n} fell below {problem.at_least[i]:g}" for i, n in enumerate(problem.names) if too_low[i]]
        return nothing, f"{', '.join(names)}, where predictions are infinite"
    with np.errstate(all="ignore"):
        value, slope = objective(log_params, problem, prior_sd)
        curvature = hessian(log_params, problem, prior_sd)
    if not (np.isfinite(value) and np.isfinite(slope).all() and np.isfinite(curvature).all()):
        return nothing, "the likelihood is not finite"
    roots, axes = np.linalg.eigh(curvature)
    if roots[0] <= 0:
        return nothing, "the likelihood has no curvature in some direction"
    covariance = (axes / roots) @ axes.T
    log_errors = np.sqrt(np.diag(covariance))
    errors = log_errors * np.exp(log_params)
    if prior_sd is not None:
        return errors, ""
    flat = [n for n, e in zip(problem.names, log_errors, strict=True) if e > FLAT_SD]
    if flat:
        return errors, f"the data hardly tell {', '.join(flat)} apart from anything else"
    if 0.5 * slope @ covariance @ slope > CLOSE_ENOUGH:
        return errors, "the search stopped below the maximum"
    return errors, ""
