"""A second opinion on contacts not drawn by lot: each contacted customer beside the most similar others."""

import numpy as np
import numpy.typing as npt

from dangol.evaluation.effect import Effect, check_arms, student_interval
from dangol.evaluation.intervals import Array

_N_MATCHES = 3


def matched_effect(
    outcome: npt.ArrayLike, is_treated: npt.ArrayLike, is_compared: npt.ArrayLike, propensity: npt.ArrayLike
) -> Effect:
    """Effect on the contacted, against the three controls with the nearest chance of contact.

    Controls may serve several times. What nearest customers still differ in is taken out by a line
    through the controls.

    Args:
        outcome: one number per customer.
        is_treated: whether contacted.
        is_compared: whether the customer has its like in the other arm, see `Overlap`.
        propensity: probability of contact, in (0, 1).

    Raises:
        ValueError: if an arm has fewer than two customers to compare.

    Source:
        Abadie & Imbens (2006), Econometrica 74(1), and (2011), J. Business & Economic Statistics
        29(1), for the correction.
    """
    from sklearn.neighbors import NearestNeighbors

    y, treated, compared = (np.asarray(values) for values in (outcome, is_treated, is_compared))
    y, score = y.astype(np.float64), np.asarray(propensity, dtype=np.float64)
    check_arms(y[compared], treated[compared].astype(bool))
    score = np.log(score / (1 - score))
    ours, theirs = np.flatnonzero(treated & compared), np.flatnonzero(~treated & compared)
    k = min(_N_MATCHES, len(theirs))
    near = NearestNeighbors(n_neighbors=k).fit(score[theirs, None]).kneighbors(score[ours, None])[1]
    slope, level = np.polyfit(score[theirs], y[theirs], 1) if np.ptp(score[theirs]) > 0 else (0.0, 0.0)
    residual = y - slope * score - level
    gaps = residual[ours] - residual[theirs][near].mean(axis=1)
    used = np.bincount(near.ravel(), minlength=len(theirs)) / k
    score_part, influence = np.zeros(len(y)), np.zeros(len(y))
    n = len(ours)
    score_part[ours], score_part[theirs] = residual[ours] / n, -used * residual[theirs] / n
    estimate = float(gaps.mean())
    noise = _neighbour_variance(residual[theirs], score[theirs])
    influence[ours] = (gaps - estimate) / n
    # reuse of a control adds to what the scatter of the gaps shows
    influence[theirs] = np.sqrt(np.maximum(used**2 - used / k, 0.0) * noise) / n
    return Effect(
        estimate,
        *student_interval(estimate, influence, max(n - 1, 1)),
        n,
        len(theirs),
        float(y[treated.astype(bool)].mean() - y[~treated.astype(bool)].mean()),
        influence,
        score_part,
    )


def _neighbour_variance(residual: Array, score: Array) -> Array:
    """Variance of each control's outcome, from the next control by score."""
    order = np.argsort(score, kind="stable")
    variance = np.empty(len(residual))
    following = np.roll(residual[order], -1)
    following[-1] = residual[order][-2]
    variance[order] = (residual[order] - following) ** 2 / 2
    return variance
