"""Effect of contacts drawn by lot: intention to treat, narrowed by what was bought before."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dangol.evaluation.effect import Array, Effect, check_arms, effect_of

MIN_RATIO_P_VALUE = 0.001


def intention_to_treat(outcome: npt.ArrayLike, is_treated: npt.ArrayLike) -> Effect:
    """Difference of means between everybody meant to be contacted and everybody held out.

    Args:
        outcome: one number per customer, 0 if nothing was bought.
        is_treated: whether drawn for contact, aligned with ``outcome``.

    Returns:
        The effect with the interval of unequal variances.

    Raises:
        ValueError: if an arm is empty or an outcome is missing.

    Source:
        Welch (1947), Biometrika 34.
    """
    y, treated = np.asarray(outcome, dtype=np.float64), np.asarray(is_treated, dtype=bool)
    check_arms(y, treated)
    difference = float(y[treated].mean() - y[~treated].mean())
    sizes = (int(treated.sum()), int((~treated).sum()))
    parts = [_mean_variance(y[arm]) for arm in (treated, ~treated)]
    total = sum(parts)
    spread = sum(part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True))
    freedom = total**2 / spread if spread > 0 else float(sum(sizes) - 2)
    return effect_of(difference, _contributions(y, treated), sizes, difference, freedom)


def cuped(outcome: npt.ArrayLike, before: npt.ArrayLike, is_treated: npt.ArrayLike) -> Effect:
    """Intention to treat on the part of the outcome that earlier behaviour does not explain.

    The lot makes earlier behaviour equal in both arms, so taking its share out leaves the effect
    where it is and narrows the interval.

    Args:
        outcome: one number per customer.
        before: the same measure before the campaign; it cannot have been changed by it.
        is_treated: whether drawn for contact.

    Returns:
        As `intention_to_treat`; ``unadjusted`` is the difference without the adjustment.

    Source:
        Deng, Xu, Kohavi & Walker (2013), WSDM: CUPED.
    """
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(before, dtype=np.float64)
    spread = float(np.var(x))
    slope = float(np.cov(y, x, bias=True)[0, 1]) / spread if spread > 0 else 0.0
    adjusted = intention_to_treat(y - slope * (x - x.mean()), is_treated)
    return replace(adjusted, unadjusted=intention_to_treat(y, is_treated).estimate)


def sample_ratio_p_value(n_treated: int, n_control: int, planned_control_share: float) -> float:
    """How likely a split at least as uneven is, if the lot worked as planned.

    Args:
        n_treated: customers drawn for contact.
        n_control: customers held out.
        planned_control_share: share that was to be held out, in (0, 1).

    Returns:
        Exact two-sided binomial p-value; below 0.001 the lot is not to be trusted.

    Source:
        Fabijan et al. (2019), KDD: diagnosing sample ratio mismatch.
    """
    from scipy.stats import binomtest

    return float(binomtest(n_control, n_treated + n_control, planned_control_share).pvalue)


def _mean_variance(y: Array) -> float:
    return float(np.var(y, ddof=1)) / len(y)


def _contributions(y: Array, treated: npt.NDArray[np.bool_]) -> Array:
    """Each customer's share of the error; squares sum to Welch's variance."""
    influence = np.empty(len(y))
    for arm, sign in ((treated, 1.0), (~treated, -1.0)):
        n = int(arm.sum())
        influence[arm] = sign * (y[arm] - y[arm].mean()) / np.sqrt(n * (n - 1))
    return influence
