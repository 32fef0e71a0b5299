"""Checks on what callers hand in: frames, arrays, targets and weights, with messages to act on."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import (
    _check_feature_names,
    _check_n_features,
    _check_sample_weight,
    assert_all_finite,
    check_array,
    check_consistent_length,
    column_or_1d,
)

MIN_ROWS = 5
ONE_COLUMN = ("binary", "mean", "poisson", "ziln")


def training_frame(estimator: Any, X: Any) -> pd.DataFrame:
    """``X`` as a frame; sets ``n_features_in_`` and, for text column names, ``feature_names_in_``."""
    frame = _as_frame(X)
    if len(frame) < MIN_ROWS:
        raise ValueError(
            f"n_samples = {len(frame)}: expected at least {MIN_ROWS} rows, since each of five folds holds "
            "out some. Collect more rows."
        )
    _refuse_twins(frame)
    _check_feature_names(estimator, X, reset=True)
    _check_n_features(estimator, frame, reset=True)
    return frame


def scoring_frame(estimator: Any, X: Any) -> pd.DataFrame:
    """``X`` with the training columns in their order; further columns of a frame are ignored.

    Raises:
        ValueError: if a training column is missing, or an array has another number of columns.
    """
    names = getattr(estimator, "feature_names_in_", None)
    frame = _as_frame(X)
    _refuse_twins(frame)
    if names is None or not isinstance(X, pd.DataFrame):
        _check_n_features(estimator, frame, reset=False)
        return frame if names is None else frame.set_axis(names, axis=1)
    missing = [name for name in names if name not in X.columns]
    if missing:
        raise ValueError(
            f"{len(missing)} column(s) seen in training are missing now: {missing}. "
            "Add them (empty, if unknown) or refit without them."
        )
    return X[list(names)]


def _refuse_twins(frame: pd.DataFrame) -> None:
    if frame.columns.has_duplicates:
        twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
        raise ValueError(f"column name(s) {twice} occur more than once. Rename or drop the copies.")


def _as_frame(X: Any) -> pd.DataFrame:
    if isinstance(X, pd.DataFrame):
        if X.shape[0] == 0 or X.shape[1] == 0:
            raise ValueError(
                f"Found array with 0 rows or columns: shape {X.shape}. Pass a table with content."
            )
        return X
    array = check_array(X, dtype=None, ensure_all_finite="allow-nan", input_name="X")
    frame = pd.DataFrame(array)
    return frame.infer_objects() if array.dtype == object else frame


def row_weight(sample_weight: Any, frame: pd.DataFrame) -> np.ndarray:
    """Row weights (n,) float64, not negative, some positive; ones when None."""
    return _check_sample_weight(sample_weight, frame, dtype=np.float64, ensure_non_negative=True)


def row_groups(groups: Any, kept: np.ndarray) -> np.ndarray:
    """Group of each kept row as numbers from 0 on; ``kept`` (n,) says which rows are trained on."""
    values = np.asarray(groups)
    if values.shape != kept.shape:
        raise ValueError(f"groups has shape {values.shape}; expected {kept.shape}, one entry per row of X.")
    if pd.isna(values[kept]).any():
        raise ValueError(
            f"groups has {int(pd.isna(values[kept]).sum())} gap(s); expected the group of every row. Give "
            "rows without one a group of their own."
        )
    numbered = pd.factorize(values[kept], sort=True)[0]
    if numbered.max() == 0:
        raise ValueError("groups holds 1 group only; expected at least 5, one per fold. Leave groups out.")
    return numbered


def class_labels(labels: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Sorted distinct labels of the rows with a positive weight (``kept``); at least two."""
    classes = np.unique(labels[kept])
    if len(classes) < 2:
        raise ValueError(
            f"y has 1 class only ({classes.tolist()}, rows of weight 0 left out); expected at least 2 "
            "classes. Check the label's definition and its time window."
        )
    return classes


def known_codes(classes: np.ndarray, labels: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Position of every label among ``classes``; a kept row with another label is an error."""
    codes = np.searchsorted(classes, labels).clip(0, len(classes) - 1)
    unknown = (classes[codes] != labels) & kept
    if unknown.any():
        raise ValueError(
            f"label(s) {sorted(set(labels[unknown].tolist()))[:5]} are not among the training classes "
            f"{classes.tolist()[:10]}. Validate on rows of the same classes."
        )
    return codes


def checked_target(estimator: Any, y: Any, frame: pd.DataFrame, numeric: bool = False) -> np.ndarray:
    """``y`` as a vector (n,) without gaps, of float64 if ``numeric``."""
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None. Pass the outcome."
        )
    vector = column_or_1d(y, warn=True)
    check_consistent_length(frame, vector)
    if vector.dtype == object and pd.isna(vector).any():
        raise ValueError(f"Input y contains NaN: {int(pd.isna(vector).sum())} missing. Drop those rows.")
    if numeric:
        vector = vector.astype("float64")
    if vector.dtype.kind in "fc":
        assert_all_finite(vector, input_name="y")
    return vector


def checked_labels(y: Any, frame: pd.DataFrame) -> np.ndarray:
    """``y`` as a matrix (n, labels) float64 of 0 and 1, one column per label.

    Raises:
        ValueError: if another value, a gap or a column without both values is met.
    """
    matrix = check_array(y, dtype="float64", input_name="y")
    check_consistent_length(frame, matrix)
    if not np.isin(matrix, (0, 1)).all():
        other = sorted(set(matrix[~np.isin(matrix, (0, 1))].tolist()))[:5]
        raise ValueError(f"y has several columns and holds {other}; expected 0 or 1 for every label.")
    return matrix


def labels_as_trained(y: Any, labels: Iterable[Any]) -> Any:
    """Label columns of validation rows, those of a frame in the order of training.

    Raises:
        ValueError: if they are not the labels learnt.
    """
    learnt = list(labels)
    by_name = isinstance(y, pd.DataFrame) and learnt != list(range(len(learnt)))
    received = list(y.columns) if by_name else list(range(np.atleast_2d(np.asarray(y)).shape[1]))
    if by_name and set(received) == set(learnt) and len(received) == len(learnt):
        return y[learnt]
    if by_name or len(received) != len(learnt):
        raise ValueError(f"expected the labels of training, {learnt}; received {received}.")
    return y


def checked_level(q: Any) -> float:
    """``q`` as the level of a quantile."""
    if not isinstance(q, (int, float, np.floating)) or not 0 < q < 1:
        raise ValueError(f"q={q!r}: expected one level in (0, 1).")
    return float(q)


def checked_times(times: Any) -> np.ndarray:
    """``times`` (n,) float64, or a single one, none below 0."""
    at = np.asarray(times, dtype="float64").reshape(-1)
    if not (at >= 0).all():
        raise ValueError("times: expected numbers of 0 or more, in the unit of the durations.")
    return at


def checked_durations(y: Any, frame: pd.DataFrame) -> np.ndarray:
    """``y`` as a matrix (n, 2) float64: duration above 0, and 1 for an event or 0 for censoring.

    Raises:
        ValueError: if ``y`` is not of that form.
    """
    matrix = check_array(y, dtype="float64", input_name="y")
    check_consistent_length(frame, matrix)
    faults = []
    if matrix.shape[1] != 2:
        faults.append(f"{matrix.shape[1]} column(s)")
    else:
        if (matrix[:, 0] <= 0).any():
            faults.append(f"{int((matrix[:, 0] <= 0).sum())} duration(s) of 0 or less")
        if not np.isin(matrix[:, 1], (0, 1)).all():
            faults.append("event flags other than 0 and 1")
    if faults:
        raise ValueError(
            f"head='hazard' expects y with two columns, a duration above 0 and an event flag; received "
            f"{' and '.join(faults)}. Pass pd.DataFrame({{'duration_days': ..., 'is_observed': ...}})."
        )
    return matrix


def checked_task(name: str, kind: str, y: Any, frame: pd.DataFrame, kept: np.ndarray) -> np.ndarray:
    """Target of one of several tasks as columns (n, k) float64; rows with a gap have no label.

    Raises:
        ValueError: naming the task, if a label is unusable or the kept rows have too little of it.
    """
    try:
        columns = y if np.ndim(y) == 2 else np.reshape(y, (-1, 1))
        matrix = check_array(columns, dtype="float64", ensure_all_finite="allow-nan")
        check_consistent_length(frame, matrix)
        known = kept & ~np.isnan(matrix).any(axis=1)
        values = matrix[known]
        if kind in ONE_COLUMN and values.shape[1] != 1:
            raise ValueError(f"kind {kind!r} takes one column, received {values.shape[1]}. Make them tasks.")
        if len(values) == 0:
            raise ValueError("no row has a label; expected at least some.")
        if kind == "hazard":
            check_events(checked_durations(values, frame[known]))
        elif kind in ("ziln", "poisson"):
            check_positive(kind, values[:, 0])
        elif kind in ("rate", "scaled_median"):
            check_exposure(values)
        elif kind == "multilabel":
            checked_labels(values, frame[known])
        elif kind == "binary" and not np.array_equal(np.unique(values), [0, 1]):
            raise ValueError(f"expected both 0 and 1, received {np.unique(values)[:5].tolist()}.")
    except (ValueError, TypeError) as error:
        raise ValueError(f"task {name!r}: {error}") from None
    return matrix


def check_positive(head: str, target: np.ndarray) -> None:
    """Refuse a target that counts or spend cannot be learnt from."""
    positive = np.unique(target[target > 0])
    least = 2 if head == "ziln" else 1
    if target.min() < 0 or len(positive) < least:
        raise ValueError(
            f"head={head!r} expects y >= 0 with at least {least} different positive value(s), got "
            f"a minimum of {target.min():g} and {len(positive)}. Net refunds out or choose head='mean'."
        )


def check_exposure(target: np.ndarray) -> None:
    """Refuse amounts beside exposures (n, 2) from which no multiple can be learnt."""
    if target.shape[1] != 2:
        raise ValueError(
            f"expected two columns, an amount and its exposure; received {target.shape[1]}. Add the exposure."
        )
    amount, exposure = target.T
    if exposure.min() <= 0 or amount.min() < 0 or amount.max() <= 0:
        raise ValueError(
            "expected exposures above 0 and amounts not negative, some above 0; received exposures from "
            f"{exposure.min():g} and amounts from {amount.min():g} to {amount.max():g}. Net refunds out."
        )


def check_events(durations: np.ndarray) -> None:
    """Refuse durations (n, 2) none of which ends in an event."""
    if not durations[:, 1].any():
        raise ValueError(
            f"head='hazard': none of {len(durations)} rows has an event; expected at least one. "
            "Follow the customers for longer."
        )
