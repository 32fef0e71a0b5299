"""In whom did it work: effects by segment, with false discoveries held down and chance drawn out."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.intervals import Array, difference, moments
from dangol.evaluation.shrinkage import q_values, shrink

MAX_Q_VALUE = 0.05


def segment_effects(
    outcome: npt.ArrayLike, is_treated: npt.ArrayLike, segment: pd.Series, n_fitted: int = 0
) -> pd.DataFrame:
    """Effect of one arm in each segment.

    Args:
        outcome: one number per customer.
        is_treated: whether drawn for contact.
        segment: the segment each customer was in *before* the contact; customers without are left out.
        n_fitted: covariates taken out of the outcome beforehand.

    Returns:
        One row per segment, sorted: ``segment``, ``n_treated``, ``n_control``, ``estimate``, ``low``,
        ``high``, ``p_value``; ``q_value`` over the segments; ``shrunken`` with ``shrunken_low`` and
        ``shrunken_high``, drawn towards the common effect; ``is_proven`` if the q-value is at most
        0.05. Segments with fewer than two customers in an arm have no estimate.
    """
    y, treated = np.asarray(outcome, dtype=np.float64), np.asarray(is_treated, dtype=bool)
    codes, names = pd.factorize(segment, sort=True)
    ours, theirs = (moments(y, np.where(arm, codes, -1), len(names)) for arm in (treated, ~treated))
    found = difference(ours, theirs, n_fitted)
    usable = (ours.n >= 2) & (theirs.n >= 2)
    table = pd.DataFrame(
        {
            "segment": pd.Series(names).astype("str"),
            "n_treated": ours.n.astype("int64"),
            "n_control": theirs.n.astype("int64"),
            **{name: getattr(found, name) for name in ("estimate", "low", "high", "p_value")},
            "standard_error": found.standard_error,
        }
    )
    numbers = ["estimate", "low", "high", "p_value", "standard_error"]
    table[numbers] = table[numbers].where(pd.Series(usable), np.nan)
    return together(table)


def together(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects seen as one family: q-values and shrunken estimates beside each.

    Args:
        effects: with ``estimate``, ``standard_error`` and ``p_value``.
    """
    shrunken = shrink(effects["estimate"], effects["standard_error"])
    q_value = q_values(effects["p_value"])
    return effects.assign(
        q_value=q_value,
        shrunken=shrunken.estimate,
        shrunken_low=shrunken.low,
        shrunken_high=shrunken.high,
        is_proven=np.nan_to_num(q_value, nan=1.0) <= MAX_Q_VALUE,
    )


def heterogeneity_p_value(estimates: npt.ArrayLike, standard_errors: npt.ArrayLike) -> float:
    """Whether effects differ between segments beyond chance; 1 with fewer than two known effects.

    Source:
        Cochran (1954), Biometrics 10(1).
    """
    from scipy.stats import chi2

    y: Array = np.asarray(estimates, dtype=np.float64)
    error: Array = np.asarray(standard_errors, dtype=np.float64)
    known = np.isfinite(y) & (error > 0)
    if known.sum() < 2:
        return 1.0
    weight = 1 / error[known] ** 2
    mean = weight @ y[known] / weight.sum()
    return float(chi2.sf(weight @ (y[known] - mean) ** 2, int(known.sum()) - 1))
