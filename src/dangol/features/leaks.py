"""Model inputs that know the answer: a single column that separates it almost perfectly stops the run."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.errors import LeakageError

_MAX_ROWS = 10_000
_N_BINS = 50
_SEED = 1


def check_no_leak(inputs: pd.DataFrame, answer: npt.ArrayLike, max_column_auc: float) -> None:
    """Stop if one column alone tells the answer.

    What was truly known before ranks customers, it does not give the answer away: an area under the ROC
    curve near 1 from a single column is the mark of one that was filled afterwards.

    Args:
        inputs: training rows; numbers, categories, flags, missing values as they are.
        answer: 0 or 1 of each row.
        max_column_auc: a column above it stops the run, in (0.5, 1]; 1 lets everything pass.

    Raises:
        LeakageError: naming every such column with its area under the curve.
    """
    auc = column_auc(inputs, answer)
    found = auc[auc > max_column_auc].sort_values(ascending=False)
    if len(found):
        listed = ", ".join(f"{name} ({value:.3f})" for name, value in found.items())
        raise LeakageError(
            f"{len(found)} model input(s) tell the answer by themselves (area under the curve above "
            f"{max_column_auc:g}): {listed}. They were most likely filled after the fact. In a spec of own "
            "data take them out of campaign_file.attributes (what came of the contact belongs into "
            "campaign_file.outcomes) or customers.columns. If they were truly known before, raise "
            "max_column_auc."
        )


def column_auc(inputs: pd.DataFrame, answer: npt.ArrayLike) -> pd.Series:
    """How well each column alone separates the answer: area under the ROC curve, 0.5 to 1.

    The better of two readings counts. In the order of its values (either way round); and by the share of
    answers in each category or fiftieth of the values, learnt on one half of the rows and judged on the
    other, so that columns with many different values do not seem to know what they only remember. Missing
    values are a category of their own. Of many rows 10,000 are looked at.

    Args:
        inputs: one row per case.
        answer: 0 or 1 of each row.

    Returns:
        By column name; 0.5 for all if the answer has only one value.
    """
    truth = np.asarray(answer, dtype="float64")
    order = np.random.default_rng(_SEED).permutation(len(truth))[:_MAX_ROWS]
    truth, half = truth[order], np.arange(len(order)) % 2 == 0
    auc = {}
    for name, column in inputs.iloc[order].items():
        codes = _codes(column)
        readings = [_by_share(codes, truth, half)]
        if pd.api.types.is_numeric_dtype(column) and column.notna().any():
            values = column.astype("float64")
            readings.append(_auc(values.fillna(values.min() - 1).to_numpy(), truth))
        auc[name] = max(max(value, 1 - value) for value in readings)
    return pd.Series(auc, dtype="float64")


def _codes(column: pd.Series) -> np.ndarray:
    """Categories, or fiftieths of a number, as whole numbers from 0; missing values come last."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype="float64", na_value=np.nan)
        known = values[~np.isnan(values)]
        cuts = np.unique(np.quantile(known, np.linspace(0, 1, _N_BINS + 1)[1:-1])) if len(known) else known
        codes = np.where(np.isnan(values), -1, np.searchsorted(cuts, values, side="right"))
    else:
        codes = pd.factorize(column)[0]
    return np.where(codes < 0, codes.max(initial=-1) + 1, codes)


def _by_share(codes: np.ndarray, truth: np.ndarray, half: np.ndarray) -> float:
    n_levels = int(codes.max(initial=0)) + 1
    known = np.bincount(codes[half], minlength=n_levels)
    hits = np.bincount(codes[half], weights=truth[half], minlength=n_levels)
    share = np.where(known > 0, hits / np.maximum(known, 1), truth[half].mean() if half.any() else 0.0)
    return _auc(share[codes[~half]], truth[~half])


def _auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Probability that a positive case ranks above a negative one, ties half (Mann-Whitney)."""
    from scipy.stats import rankdata

    n_positive = int(truth.sum())
    n_negative = len(truth) - n_positive
    if not n_positive or not n_negative:
        return 0.5
    rank_sum = rankdata(score)[truth == 1].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))
