"""How far each input may speak at first: where the adapters before a shared kernel start."""

import numpy as np

# an input this surely related to the target (z squared; z is about 3) starts at half its weight
HALF_TRUST = 10.0
TINY = 1e-12


def input_trust(
    matrix: np.ndarray, targets: np.ndarray, weight: np.ndarray, is_evidence: np.ndarray
) -> np.ndarray:
    """Share (inputs,) in [0, 1) of each input's association with the targets that is beyond chance.

    ``z^2 / (z^2 + 10)``, where ``z`` is the correlation with the target times the root of the number of
    rows: 1 is what chance gives. Of several targets the strongest association counts. The form is that of
    an empirical Bayes shrinkage of a coefficient. Weights of evidence are learnt out of fold and point
    with the target or say nothing: a negative association gets no trust.

    Args:
        matrix: (n, inputs) float32.
        targets: (n, k).
        weight: (n,) positive row weights.
        is_evidence: (inputs,) bool.

    Source:
        Efron & Morris (1973), Journal of the American Statistical Association 68.
    """
    share = weight / weight.sum()
    centred = targets - share @ targets
    means = share @ matrix
    covariance = matrix.T @ (share[:, None] * centred)
    input_variance = np.maximum(share @ matrix.astype("float64") ** 2 - means**2, TINY)
    variances = np.outer(input_variance, np.maximum(share @ centred**2, TINY))
    z = np.sqrt(len(matrix)) * covariance / np.sqrt(variances)
    squared_z = np.where(is_evidence[:, None] & (z < 0), 0.0, z**2).max(axis=1)
    return squared_z / (squared_z + HALF_TRUST)


def starting_scale(trust: np.ndarray, is_evidence: np.ndarray, n_members: int) -> np.ndarray:
    """Size (members, 1, inputs) at which the adapters of the first layer start.

    Every second member reads weights of evidence, the others start without: the two kinds err differently.
    """
    reads_evidence = np.arange(n_members) % 2 == 1
    is_read = reads_evidence[:, None] | ~is_evidence
    return (trust * is_read)[:, None, :]
