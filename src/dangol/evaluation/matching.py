"""A second opinion on contacts not drawn by lot: each contacted customer beside the most similar others."""

import numpy as np
import numpy.typing as npt

from dangol.evaluation.effect import Effect, check_arms, student_interval
from dangol.evaluation.intervals import Array

_N_MATCHES = 3


def matched_effect(
    outcome: npt.ArrayLike,
    is_treated: npt.ArrayLike,
    is_compared: npt.ArrayLike,
    propensity: npt.ArrayLike,
    expected: npt.ArrayLike,
) -> Effect:
    """Effect on the contacted, against the three most similar controls.

    Similar are those whose chance of contact and whose expected outcome lie nearest. Controls may
    serve several times. What is still expected to differ between matched customers is taken out.

    Args:
        outcome: one number per customer.
        is_treated: whether contacted.
        is_compared: whether the customer has its like in the other arm, see `Overlap`.
        propensity: probability of contact, in (0, 1).
        expected: outcome expected without a contact, from a model that has not seen the customer.

    Raises:
        ValueError: if an arm has fewer than two customers to compare.

    Source:
        Abadie & Imbens (2006), Econometrica 74(1), and (2011), J. Business & Economic Statistics
        29(1), for the correction; Antonelli et al. (2018), Biometrics 74(4), for matching on both scores.
    """
    from sklearn.neighbors import NearestNeighbors

    y, treated, compared = (np.asarray(values) for values in (outcome, is_treated, is_compared))
    y, likely = y.astype(np.float64), np.asarray(expected, dtype=np.float64)
    chance = np.asarray(propensity, dtype=np.float64)
    check_arms(y[compared], treated[compared].astype(bool))
    score = np.column_stack([_standardised(np.log(chance / (1 - chance))), _standardised(likely)])
    ours, theirs = np.flatnonzero(treated & compared), np.flatnonzero(~treated & compared)
    k = min(_N_MATCHES, len(theirs))
    near = NearestNeighbors(n_neighbors=k).fit(score[theirs]).kneighbors(score[ours])[1]
    residual = y - likely
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


def _standardised(values: Array) -> Array:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def _neighbour_variance(residual: Array, score: Array) -> Array:
    """Variance of each control's outcome, from the control most like it."""
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=1).fit(score).kneighbors(return_distance=False)[:, 0]
    return (residual - residual[nearest]) ** 2 / 2
