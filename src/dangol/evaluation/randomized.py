"""Effect of contacts drawn by lot: intention to treat, narrowed by what was known before."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dangol.evaluation.effect import Effect, check_arms
from dangol.evaluation.intervals import Array, Moments, difference, moments, ratio

Mask = npt.NDArray[np.bool_]

_CUSTOMERS_PER_COVARIATE = 10
_TOP_SHARE = 0.01


def intention_to_treat(outcome: npt.ArrayLike, is_treated: npt.ArrayLike, n_fitted: int = 0) -> Effect:
    """Difference of means between everybody meant to be contacted and everybody held out.

    Args:
        outcome: one number per customer, 0 if nothing was bought.
        is_treated: whether drawn for contact, aligned with ``outcome``.
        n_fitted: covariates taken out of the outcome beforehand.

    Returns:
        The effect, absolute and relative, with the intervals of `dangol.evaluation.intervals`.

    Raises:
        ValueError: if an arm is empty or an outcome is missing.
    """
    y, treated = np.asarray(outcome, dtype=np.float64), np.asarray(is_treated, dtype=bool)
    check_arms(y, treated)
    ours, theirs = arm_moments(y, treated)
    found, relative = difference(ours, theirs, n_fitted), ratio(ours, theirs, n_fitted)
    return Effect(
        estimate=float(found.estimate[0]),
        low=float(found.low[0]),
        high=float(found.high[0]),
        p_value=float(found.p_value[0]),
        n_treated=int(treated.sum()),
        n_control=int((~treated).sum()),
        unadjusted=float(found.estimate[0]),
        influence=_influence(y, treated, float(found.standard_error[0])),
        score=_score(y, treated),
        relative=float(relative.estimate[0]),
        relative_low=float(relative.low[0]),
        relative_high=float(relative.high[0]),
    )


def adjusted_to_treat(outcome: npt.ArrayLike, covariates: npt.ArrayLike, is_treated: npt.ArrayLike) -> Effect:
    """Intention to treat on the part of the outcome that covariates do not explain.

    Args:
        outcome: one number per customer.
        covariates: numbers known before the lot was drawn, shape (customers,) or (customers, k).
        is_treated: whether drawn for contact.

    Returns:
        As `intention_to_treat`; ``unadjusted`` is the difference without the adjustment.
    """
    y, treated = np.asarray(outcome, dtype=np.float64), np.asarray(is_treated, dtype=bool)
    check_arms(y, treated)
    x = _columns(covariates)
    n_fitted = x.shape[1] if _has_room(x, treated) else 0
    found = intention_to_treat(without_covariates(y, x, treated), treated, n_fitted)
    return replace(found, unadjusted=float(y[treated].mean() - y[~treated].mean()))


def without_covariates(outcome: Array, covariates: Array, is_treated: Mask) -> Array:
    """The outcome less what covariates explain of it, its mean kept.

    The lot makes covariates equal in both arms up to chance, so taking their share out leaves the
    effect where it is and narrows its interval: with one covariate this is CUPED, with several it
    is as good as a regression with all interactions, and with unequal arms it never widens the
    interval in large samples. It is linear in the outcome: parts of an amount stay parts. Nothing
    is taken out where the smaller arm has fewer than ten customers per covariate.

    Args:
        outcome: shape (customers,) or (customers, outcomes).
        covariates: shape (customers, k), numbers without gaps.
        is_treated: shape (customers,).

    Source:
        Deng, Xu, Kohavi & Walker (2013), WSDM (CUPED); Lin (2013), Annals of Applied Statistics
        7(1); Lu & Liu (2022), J. Computational and Graphical Statistics 32(2), for the weights.
    """
    x = _columns(covariates)
    if not _has_room(x, is_treated):
        return outcome
    root = np.where(is_treated, 1 / is_treated.sum(), 1 / (~is_treated).sum())[:, None]
    flat = outcome if outcome.ndim == 2 else outcome[:, None]
    centred_x, centred_y = (_centred_by_arm(values, is_treated) for values in (x, flat))
    slope = np.linalg.lstsq(root * centred_x, root * centred_y, rcond=1e-10)[0]
    return (flat - (x - x.mean(axis=0)) @ slope).reshape(outcome.shape)


def winsorized(outcome: npt.ArrayLike, *others: npt.ArrayLike) -> Array:
    """The outcome with its largest values cut: at the 99th percentile of those that are not zero.

    Args:
        outcome: one number per customer; negative values are cut likewise from below.
        others: further outcomes that decide about the limit, such as those of other arms.

    >>> float(winsorized([0.0, 1.0, 2.0, 900.0, *[3.0] * 200]).max())
    3.0
    """
    y = np.asarray(outcome, dtype=np.float64)
    everything = np.concatenate([y, *(np.asarray(other, dtype=np.float64) for other in others)])
    below, above = (
        float(np.quantile(values, 1 - _TOP_SHARE)) if len(values) else 0.0
        for values in (-everything[everything < 0], everything[everything > 0])
    )
    return np.clip(y, -below, above)


def arm_moments(outcome: Array, is_treated: Mask) -> tuple[Moments, Moments]:
    """Moments of the contacted and of the controls, one cell each."""
    everybody = np.zeros(len(outcome), dtype=np.int64)
    ours, theirs = (moments(outcome, np.where(arm, everybody, -1), 1) for arm in (is_treated, ~is_treated))
    return ours, theirs


def _has_room(covariates: Array, is_treated: Mask) -> bool:
    smaller = min(int(is_treated.sum()), int((~is_treated).sum()))
    return 0 < covariates.shape[1] * _CUSTOMERS_PER_COVARIATE <= smaller


def _columns(covariates: npt.ArrayLike) -> Array:
    x = np.asarray(covariates, dtype=np.float64)
    return x if x.ndim == 2 else x[:, None]


def _centred_by_arm(values: Array, is_treated: Mask) -> Array:
    means = [values[arm].mean(axis=0) for arm in (is_treated, ~is_treated)]
    return values - np.where(is_treated[:, None], *means)


def _score(y: Array, treated: Mask) -> Array:
    """Each customer's share of the estimate, beyond the controls' mean.

    Sums over everybody need no such centre; those over a group do: it has by chance a larger share in
    one arm than in the other, which must not count as an effect.
    """
    beyond = y - y[~treated].mean()
    return np.where(treated, beyond / treated.sum(), -beyond / (~treated).sum())


def _influence(y: Array, treated: Mask, standard_error: float) -> Array:
    """Each customer's share of the error; squares sum to the squared standard error."""
    influence = np.empty(len(y))
    for arm, sign in ((treated, 1.0), (~treated, -1.0)):
        influence[arm] = sign * (y[arm] - y[arm].mean()) / arm.sum()
    total = float(np.sqrt(np.sum(influence**2)))
    return influence * (standard_error / total) if total > 0 else influence
