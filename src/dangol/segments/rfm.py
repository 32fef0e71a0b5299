"""Recency, frequency and monetary grades from 1 (worst) to ``n_grades`` (best)."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from dangol.errors import InputError

# dimension: the column it is judged by, and whether smaller values are better
DIMENSIONS = {
    "recency": ("recency_days", True),
    "frequency": ("n_orders", False),
    "monetary": ("monetary", False),
}


@dataclass(frozen=True)
class Rfm:
    """RFM grades and what has to be said about them.

    Attributes:
        grades: one row per customer in the order given: ``customer_id``, ``recency_grade`` (fresher
            is higher), ``frequency_grade``, ``monetary_grade``; int64 from 1 to ``n_grades``.
        coverage: one row per dimension × grade: ``dimension``, ``grade``, ``n_customers``,
            ``lowest`` and ``highest`` value inside (missing for an empty grade).
        statements: dimension to one sentence: that every grade is in use, or which are empty and why.
    """

    grades: pd.DataFrame
    coverage: pd.DataFrame
    statements: dict[str, str]


def rfm_grades(
    snapshot: pd.DataFrame, n_grades: int = 5, thresholds: Mapping[str, tuple[float, ...]] | None = None
) -> Rfm:
    """Grade customers by recency, frequency and monetary value.

    Equal values get equal grades, whatever the order of rows, and a better value never gets a lower
    grade. A customer without a value (never bought) gets grade 1.

    Args:
        snapshot: one row per customer: ``customer_id``, ``recency_days``, ``n_orders``, ``monetary``.
        n_grades: grades per dimension, 2 to 10.
        thresholds: dimension (``recency``, ``frequency``, ``monetary``) to ``n_grades - 1`` fixed
            values from the worst to the best, each the worst value that still earns the next grade;
            dimensions left out are graded by quantiles, see ``quantile_grade``.

    Raises:
        InputError: listing every fault of the arguments at once.

    Source:
        Hughes (1994), Strategic Database Marketing.
    """
    thresholds = thresholds or {}
    _check(snapshot, n_grades, thresholds)
    grades, coverage, statements = {}, [], {}
    for dimension, (column, is_less_better) in DIMENSIONS.items():
        values = snapshot[column].astype("float64")
        signed = -values if is_less_better else values
        cuts = thresholds.get(dimension)
        if cuts is None:
            grade = quantile_grade(signed, n_grades)
        else:
            grade = threshold_grade(signed, tuple(-cut for cut in cuts) if is_less_better else cuts)
        grades[f"{dimension}_grade"] = grade
        coverage.append(_coverage(dimension, values, grade, n_grades))
        statements[dimension] = _statement(dimension, values, grade, n_grades, cuts is not None)
    return Rfm(snapshot[["customer_id"]].assign(**grades), pd.concat(coverage, ignore_index=True), statements)


def quantile_grade(values: pd.Series, n_grades: int = 5) -> pd.Series:
    """Grades as equal in size as ties allow: equal values always share one.

    With at least ``n_grades`` different values every grade is used: of all ways to cut between
    different values the one whose cumulative shares come closest to equal steps is taken (least
    squares, exact, by dynamic programming). With fewer, each different value gets a grade of its
    own, as close as possible to the middle of its ranks; a single value gets the middle grade.

    Args:
        values: higher is better; missing values get grade 1.
        n_grades: number of grades.

    >>> quantile_grade(pd.Series([10, 20, 30, 40, 50])).tolist()
    [1, 2, 3, 4, 5]
    >>> quantile_grade(pd.Series([1, 1, 1, 1, 1, 1, 2, 3, 4, 9])).tolist()
    [1, 1, 1, 1, 1, 1, 2, 3, 4, 5]
    >>> quantile_grade(pd.Series([1, 1, 1, 9])).tolist()
    [2, 2, 2, 5]
    """
    known = values.notna().to_numpy()
    grade = np.ones(len(values), dtype="int64")
    if known.any():
        distinct, place, count = np.unique(
            values.to_numpy(dtype="float64")[known], return_inverse=True, return_counts=True
        )
        share = count.cumsum() / count.sum()
        make = _grades_of_few if len(distinct) < n_grades else _grades_by_cuts
        grade[known] = make(share, n_grades)[place]
    return pd.Series(grade, index=values.index)


def threshold_grade(values: pd.Series, thresholds: tuple[float, ...]) -> pd.Series:
    """Grade 1 plus the number of thresholds reached; missing values get grade 1.

    >>> threshold_grade(pd.Series([5, 10, 99]), (10, 50)).tolist()
    [1, 2, 3]
    """
    numbers = values.to_numpy(dtype="float64")
    reached = np.searchsorted(np.asarray(thresholds, dtype="float64"), numbers, side="right")
    return pd.Series(np.where(np.isnan(numbers), 0, reached) + 1, index=values.index, dtype="int64")


def _grades_by_cuts(share: np.ndarray, n_grades: int) -> np.ndarray:
    """Grade of each different value; ``share`` is the share of customers up to and with it."""
    n = len(share)
    best, came_from = np.zeros(n), []
    for step in range(1, n_grades):
        cost = (share - step / n_grades) ** 2
        if step > 1:
            before = np.concatenate([[np.inf], best[:-1]])  # the earlier cut lies strictly below
            lowest = np.minimum.accumulate(before)
            came_from.append(np.maximum.accumulate(np.where(before == lowest, np.arange(n) - 1, -1)))
            cost = cost + lowest
        best = cost
    cuts = [int(np.argmin(best[:-1]))]  # the last value stays above every cut
    for origin in reversed(came_from):
        cuts.append(int(origin[cuts[-1]]))
    return 1 + np.searchsorted(np.array(cuts[::-1]), np.arange(n), side="left")


def _grades_of_few(share: np.ndarray, n_grades: int) -> np.ndarray:
    middle = (np.concatenate([[0.0], share[:-1]]) + share) / 2
    wanted = middle * n_grades + 0.5
    ways = np.array(list(combinations(range(1, n_grades + 1), len(share))))
    return ways[np.argmin(((ways - wanted) ** 2).sum(axis=1).round(9))]


def _coverage(dimension: str, values: pd.Series, grade: pd.Series, n_grades: int) -> pd.DataFrame:
    groups = values.groupby(grade).agg(["size", "min", "max"]).reindex(range(1, n_grades + 1))
    return pd.DataFrame(
        {
            "dimension": dimension,
            "grade": groups.index.astype("int64"),
            "n_customers": groups["size"].fillna(0).astype("int64").to_numpy(),
            "lowest": groups["min"].to_numpy(),
            "highest": groups["max"].to_numpy(),
        }
    )


def _statement(dimension: str, values: pd.Series, grade: pd.Series, n_grades: int, is_fixed: bool) -> str:
    empty = sorted(set(range(1, n_grades + 1)) - set(grade))
    n_distinct = values.nunique()
    if empty and is_fixed:
        text = f"nobody lies between the thresholds of grade {', '.join(map(str, empty))}"
    elif empty:
        text = (
            f"only {n_distinct} different value(s) for {n_grades} grades, so grade "
            f"{', '.join(map(str, empty))} cannot be reached"
        )
    else:
        text = f"all {n_grades} grades are in use"
    shares = values.value_counts(normalize=True)
    if len(shares) > 1 and shares.iloc[0] > 1 / n_grades:
        text += f"; {shares.iloc[0]:.0%} of customers share the value {shares.index[0]:g} and its grade"
    n_missing = int(values.isna().sum())
    if n_missing:
        text += f"; {n_missing:,} customer(s) without a value get grade 1"
    return f"{dimension.capitalize()}: {text}."


def _check(snapshot: pd.DataFrame, n_grades: int, thresholds: Mapping[str, tuple[float, ...]]) -> None:
    needed = ("customer_id", *(column for column, _ in DIMENSIONS.values()))
    faults = [f"the snapshot lacks the column {name}" for name in needed if name not in snapshot.columns]
    if len(snapshot) == 0:
        faults.append("the snapshot has no customers")
    if not 2 <= n_grades <= 10:
        faults.append(f"n_grades: expected 2 to 10, received {n_grades}")
    for dimension, cuts in thresholds.items():
        if dimension not in DIMENSIONS:
            faults.append(f"thresholds: expected {', '.join(DIMENSIONS)}, received {dimension!r}")
            continue
        rising = [-cut for cut in cuts] if DIMENSIONS[dimension][1] else list(cuts)
        if len(cuts) != n_grades - 1 or not all(a < b for a, b in pairwise(rising)):
            faults.append(
                f"{dimension} thresholds: expected {n_grades - 1} values from the worst to the best, "
                f"received {', '.join(f'{cut:g}' for cut in cuts) or 'none'}"
            )
    if faults:
        raise InputError("RFM grades cannot be given:\n" + "\n".join(f"  - {fault}" for fault in faults))
