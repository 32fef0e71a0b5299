"""Looking at a test while it runs without being fooled: intervals that hold at all looks together."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.intervals import LEVEL, Array, difference, moments
from dangol.evaluation.shrinkage import holm

_TUNED_FOR = 2.7  # prior width over planned standard error at which a 95 % interval is narrowest there


def always_valid(
    estimate: npt.ArrayLike, standard_error: npt.ArrayLike, planned_error: float, level: float = LEVEL
) -> tuple[Array, Array, Array]:
    """Interval and p-value that may be read at any number of looks.

    Args:
        estimate: effect at each look.
        standard_error: of the estimates, aligned.
        planned_error: standard error expected at the end of the test; the intervals are narrowest there.
            It must not be chosen by the outcome.
        level: chance that *all* intervals of the test hold the truth.

    Returns:
        Lower and upper ends and p-values (each as of its own look), shape as ``estimate``.

    Source:
        Robbins (1970), Annals of Mathematical Statistics 41(5); Johari, Koomen, Pekelis & Walsh
        (2022), Operations Research 70(3): mixture sequential probability ratio test.
    """
    y, variance = np.asarray(estimate, dtype=np.float64), np.asarray(standard_error, dtype=np.float64) ** 2
    prior = _TUNED_FOR**2 * planned_error**2
    with np.errstate(divide="ignore", invalid="ignore"):
        widened = (variance + prior) / variance
        reach = np.sqrt(variance * widened / (widened - 1) * (np.log(widened) - 2 * np.log(1 - level)))
        log_ratio = 0.5 * (y**2 / variance * (1 - 1 / widened) - np.log(widened))
    unknown = ~(variance > 0)
    reach = np.where(unknown, np.inf, reach)
    p_value = np.where(unknown, 1.0, np.minimum(1.0, np.exp(-np.nan_to_num(log_ratio))))
    return y - reach, y + reach, p_value


def sequential_looks(
    outcome: npt.ArrayLike,
    is_treated: npt.ArrayLike,
    known_at: npt.ArrayLike,
    looks: npt.ArrayLike,
    segment: pd.Series | None = None,
) -> pd.DataFrame:
    """The effect at each look, as far as it was known then.

    Args:
        outcome: one number per customer.
        is_treated: whether drawn for contact.
        known_at: when each customer's outcome was known (time or number).
        looks: times of the looks, inclusive, rising.
        segment: if given, every segment is judged at every look, corrected for their number (Holm).

    Returns:
        One row per look × segment: ``look``, ``segment``, ``n_treated``, ``n_control``,
        ``estimate``; ``low``, ``high``, ``p_value`` that hold over all looks; ``p_adjusted`` over
        the segments as well; ``is_decided`` if that was below 0.05 at this look or an earlier one.
    """
    y, treated = np.asarray(outcome, dtype=np.float64), np.asarray(is_treated, dtype=bool)
    when, times = np.asarray(known_at), np.asarray(looks)
    groups = pd.Series("all", index=range(len(y))) if segment is None else segment
    codes, names = pd.factorize(groups, sort=True)
    parts = [
        _look(y, treated, np.where(when <= time, codes, -1), codes, names).assign(look=time) for time in times
    ]
    table = pd.concat(parts, ignore_index=True)
    table["p_adjusted"] = table.groupby("look")["p_value"].transform(lambda p: holm(p.to_numpy()))
    is_low = table["p_adjusted"] < 1 - LEVEL
    table["is_decided"] = is_low.groupby(table["segment"]).cummax()
    return table[["look", *[name for name in table if name != "look"]]]


def _look(
    y: Array,
    treated: npt.NDArray[np.bool_],
    seen: npt.NDArray[np.int64],
    codes: npt.NDArray[np.int64],
    names: pd.Index,
) -> pd.DataFrame:
    ours, theirs = (moments(y, np.where(arm, seen, -1), len(names)) for arm in (treated, ~treated))
    found = difference(ours, theirs)
    usable = (ours.n >= 2) & (theirs.n >= 2)
    counts = [np.bincount(codes[(codes >= 0) & arm], minlength=len(names)) for arm in (treated, ~treated)]
    with np.errstate(divide="ignore", invalid="ignore"):
        information = 1 / (1 / ours.n + 1 / theirs.n)
        final = 1 / (1 / counts[0] + 1 / counts[1])
        planned = found.standard_error * np.sqrt(information / final)
    rows = []
    for k, name in enumerate(names):
        error = found.standard_error[k] if usable[k] else 0.0
        low, high, p_value = always_valid(found.estimate[k], error, float(planned[k]) if usable[k] else 1.0)
        rows.append((str(name), int(ours.n[k]), int(theirs.n[k]), found.estimate[k], low, high, p_value))
    columns = ["segment", "n_treated", "n_control", "estimate", "low", "high", "p_value"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:], "float64"))
