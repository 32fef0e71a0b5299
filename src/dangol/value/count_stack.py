"""Several forecasts of the same counts made one, by weights learnt where the outcome is known."""

from __future__ import annotations

import numpy as np

from dangol.value.likelihood import Array

PRIOR_WEIGHT = 0.02  # of the prior weights, as a share of the rows' information


def stack_weights(forecasts: Array, counts: Array, level: Array, dispersion: float, prior: Array) -> Array:
    """Weights, not negative, that make a weighted sum of forecasts fit the counts.

    Weighted least squares; a row's variance is taken as that of a negative binomial,
    ``level + level² / dispersion``, so that the few heavy buyers do not decide alone. The weights are drawn
    slightly towards ``prior``.

    Args:
        forecasts: (n, k) expected counts, each >= 0.
        counts: (n,) what came.
        level: (n,) rough expected counts, > 0, for the variance only.
        dispersion: shape of the negative binomial, > 0.
        prior: (k,) weights to fall back on where the data say nothing.

    Returns:
        float64 (k,), >= 0.

    Source:
        Breiman (1996), "Stacked Regressions", Machine Learning 24; Lawson & Hanson (1974) for the solution.
    """
    from scipy.optimize import nnls

    root = np.sqrt(1.0 / (level + level**2 / dispersion))[:, None]
    scale = np.sqrt(((forecasts * root) ** 2).sum(axis=0) * PRIOR_WEIGHT)
    left = np.vstack([forecasts * root, np.diag(scale)])
    right = np.concatenate([counts * root[:, 0], prior * scale])
    return np.asarray(nnls(left, right)[0])


def dispersion_of(counts: Array, expected: Array) -> float:
    """Shape of a negative binomial with the given means, by its second moment; between 0.05 and 100.

    Args:
        counts: (n,) what came.
        expected: (n,) means, > 0.

    >>> dispersion_of(np.array([0.0, 0.0, 4.0, 0.0]), np.ones(4))
    0.5
    """
    excess = ((counts - expected) ** 2 - expected).sum()
    return float(np.clip((expected**2).sum() / excess, 0.05, 100.0)) if excess > 0 else 100.0
