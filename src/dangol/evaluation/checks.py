"""Whether a lot can be trusted: the shares of the arms, and whether arms were alike before."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

MIN_P_VALUE = 0.001
NEAR_EQUAL = 0.1


def sample_ratio_p_value(counts: Mapping[Any, int], planned_shares: Mapping[Any, float]) -> float:
    """How likely a split at least as uneven is, if the lot worked as planned.

    Args:
        counts: customers by arm.
        planned_shares: share by arm, of any sum.

    Returns:
        Exact binomial p-value for two arms, chi-squared otherwise; below 0.001 the lot is not to be
        trusted.

    >>> sample_ratio_p_value({"mail": 5200, "control": 4800}, {"mail": 1, "control": 1}) < 0.001
    True

    Source:
        Fabijan et al. (2019), KDD: diagnosing sample ratio mismatch.
    """
    from scipy.stats import binomtest, chisquare

    names = list(planned_shares)
    observed = np.array([counts[name] for name in names], dtype=np.float64)
    share = np.array([planned_shares[name] for name in names], dtype=np.float64)
    share /= share.sum()
    if len(names) == 2:
        return float(binomtest(int(observed[0]), int(observed.sum()), share[0]).pvalue)
    return float(chisquare(observed, share * observed.sum()).pvalue)


def presumed_shares(counts: Mapping[Any, int]) -> dict[Any, float] | None:
    """Equal shares if every arm lies within a tenth of them: such a plan is then the likely one.

    >>> presumed_shares({"mail": 5200, "control": 4800})
    {'mail': 0.5, 'control': 0.5}
    >>> presumed_shares({"mail": 9000, "control": 1000}) is None
    True
    """
    equal = 1 / len(counts)
    total = sum(counts.values())
    near = all(abs(n / total - equal) <= NEAR_EQUAL * equal for n in counts.values())
    return dict.fromkeys(counts, equal) if near else None


def balance_p_value(covariates: pd.DataFrame, is_treated: npt.ArrayLike) -> float:
    """Whether arms drawn by lot were alike before: one test over all covariates together.

    Args:
        covariates: numbers known before the lot was drawn, one row per customer.
        is_treated: whether drawn for contact.

    Returns:
        Chi-squared p-value; 1 if there is nothing that varies. Below 0.001 the arms differ more than
        a lot makes them.

    Source:
        Hansen & Bowers (2008), Statistical Science 23(2).
    """
    from scipy.stats import chi2

    treated = np.asarray(is_treated, dtype=bool)
    x = covariates.to_numpy(dtype=np.float64)
    x = x[:, x.std(axis=0) > 0]
    if not x.shape[1]:
        return 1.0
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    gap = x[treated].mean(axis=0) - x[~treated].mean(axis=0)
    spread = np.cov(x, rowvar=False).reshape(x.shape[1], x.shape[1])
    values, vectors = np.linalg.eigh(spread * (1 / treated.sum() + 1 / (~treated).sum()))
    kept = values > 1e-9 * values.max()
    statistic = float((((gap @ vectors[:, kept]) ** 2) / values[kept]).sum())
    return float(chi2.sf(statistic, int(kept.sum())))


def standardised_gaps(covariates: pd.DataFrame, is_treated: npt.ArrayLike) -> pd.Series:
    """Difference of means in standard deviations, by covariate; 0.1 is usually called noticeable."""
    treated = np.asarray(is_treated, dtype=bool)
    spread = covariates.std().replace(0.0, np.nan)
    return ((covariates[treated].mean() - covariates[~treated].mean()) / spread).fillna(0.0)
