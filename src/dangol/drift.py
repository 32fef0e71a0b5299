"""Whether rows to be scored look like the rows a model has learnt from: one index per column.

The reference holds counts per bin, never a row, so that it can travel with the model.
"""

import math
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

N_BINS = 10
LEVEL_SHARE = 0.02  # the bin of a rarer level would tell more of chance than of drift
MICROSECONDS_PER_DAY = 86_400 * 10**6
N_GROUPS = 8  # rarer and new levels share these bins, by a checksum: no rare value has to be kept
_BIN_ROWS = 20  # the share of a bin with fewer training rows is known too badly to be held against
MODERATE, LARGE = 0.1, 0.25
# Of flagging any column where nothing has shifted. A fifth of the 1 % that is promised: in small frames
# the index has a heavier tail than the chi-squared distribution.
_CHANCE = 0.002
_PRIOR = 0.5  # pseudo-count of every bin, so that an empty one says something finite


class DriftWarning(UserWarning):
    """Rows to be scored look unlike the rows the model has learnt from."""


def reference_of(frame: pd.DataFrame) -> dict[str, Any]:
    """Counts per bin of every column of the rows a model learns from.

    Numbers, booleans and dates are cut at their tenths (ties fall together; below the smallest and
    above the largest value is a bin of its own), other columns by the levels that hold at least 2 % of
    the rows; all other levels fall into eight groups by chance. Missing values are a bin. Where a bin
    would hold fewer than 20 rows, there are fewer.

    Args:
        frame: model inputs, one row per training row.

    Returns:
        Plain content for a JSON file: ``columns``, name to ``edges`` or ``levels`` and ``counts``.
    """
    return {"n_rows": len(frame), "columns": {str(name): _bins_of(frame[name]) for name in frame}}


def drift_of(reference: Mapping[str, Any], frame: pd.DataFrame) -> pd.DataFrame:
    """Hold rows against a reference, column by column.

    A column counts as shifted where its population stability index reaches 0.1, the customary bound
    of a moderate shift, *and* lies above what sampling alone would give in one of a hundred frames.

    Args:
        reference: from `reference_of`.
        frame: rows to be scored, with the columns of the reference; others are ignored.

    Returns:
        One row per column of the reference, largest index first: ``column``, ``psi``,
        ``psi_by_chance`` (bound of what sampling gives), ``is_shifted``, ``change`` (the bin whose
        share moved most, in words).

    Raises:
        ValueError: if the frame has no rows or lacks a column.

    Source:
        Siddiqi (2006), Credit Risk Scorecards, ch. 9, for the index and its bounds; Yurdakul & Naranjo
        (2020), Journal of Risk Model Validation 14(4), for its chi-squared distribution.
    """
    missing = [name for name in reference["columns"] if name not in frame]
    if missing or not len(frame):
        raise ValueError(f"expected rows with the columns of the reference; missing: {missing or 'rows'}")
    return _table(_shifts(reference, frame))


def shift_sentence(reference: Mapping[str, Any], columns: Mapping[str, pd.Series]) -> str:
    """`drift_sentence` if any column has shifted, else empty; quick enough to be asked at every prediction.

    Args:
        reference: from `reference_of`.
        columns: name to values, at least one each, of every column of the reference.
    """
    found = _shifts(reference, columns)
    return drift_sentence(_table(found)) if any(_is_shifted(*row[1:3]) for row in found) else ""


def _shifts(reference: Mapping[str, Any], columns: Any) -> list[tuple[str, float, float, str]]:
    """Column, index, its bound by chance, and the bin that moved most."""
    known: Mapping[str, Any] = reference["columns"]
    return [(name, *_shift(bins, columns[name], len(known))) for name, bins in known.items()]


def _is_shifted(psi: float, psi_by_chance: float) -> bool:
    return psi >= MODERATE and psi > psi_by_chance


def _table(rows: list[tuple[str, float, float, str]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["column", "psi", "psi_by_chance", "change"])
    found["is_shifted"] = [_is_shifted(*row[1:3]) for row in rows]
    return found.sort_values(["psi", "column"], ascending=[False, True], ignore_index=True)


def drift_sentence(drift: pd.DataFrame, n_named: int = 3) -> str:
    """What `drift_of` found, in one sentence that names the columns shifted most."""
    shifted = drift[drift["is_shifted"]]
    if shifted.empty:
        return f"none of {len(drift)} columns has shifted against the training rows"
    named = "; ".join(
        f"{row['column']} ({row['change']}; {'large' if row['psi'] >= LARGE else 'moderate'}, "
        f"index {row['psi']:.2f})"
        for row in shifted.head(n_named).to_dict("records")
    )
    more = len(shifted) - n_named
    verb = "has" if len(shifted) == 1 else "have"
    rest = f"; and {more} more" if more > 0 else ""
    return f"{len(shifted)} of {len(drift)} columns {verb} shifted against the training rows: {named}{rest}"


def _bins_of(column: pd.Series) -> dict[str, Any]:
    if _is_number(column):
        values = _numbers(column)
        bins: dict[str, Any] = {"edges": _edges(values[~np.isnan(values)])}
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            bins["unit"] = "date"
    else:
        texts, codes = _levels(column)
        counts = pd.Series(texts[codes[codes >= 0]]).value_counts()
        frequent = counts[counts >= max(_BIN_ROWS, LEVEL_SHARE * len(column))]
        bins = {"levels": sorted(frequent.index)}
    return {**bins, "counts": _counts(bins, column).tolist()}


def _is_number(column: pd.Series) -> bool:
    kind = pd.api.types
    return kind.is_numeric_dtype(column.dtype) or kind.is_datetime64_any_dtype(column.dtype)


def _numbers(column: pd.Series) -> np.ndarray:
    """Values as float64, missing and unreadable ones as NaN; dates in days since 1970-01-01."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        # whole microseconds: in nanoseconds no contract without an end (year 9999) has a date
        times = pd.to_datetime(column, utc=True).dt.tz_localize(None).astype("datetime64[us]")
        return np.where(times.isna(), np.nan, times.to_numpy().astype("int64") / MICROSECONDS_PER_DAY)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("object")
    if not _is_number(column):
        column = pd.to_numeric(column, errors="coerce")
    return column.to_numpy("float64", na_value=np.nan)


def _text(value: object) -> str:
    """A level as stripped text; a whole number is one level, whether it is stored as 1 or 1.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _levels(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Texts, and which one each row holds; -1 where it is missing or blank."""
    codes, distinct = pd.factorize(column)
    texts = np.array([*map(_text, distinct), ""], dtype="object")
    return texts, np.where(texts[codes] == "", -1, codes)


def _edges(values: np.ndarray) -> list[float]:
    """Upper bounds (inclusive) of the bins: just below the smallest value, then the distinct tenths."""
    if not len(values):
        return []
    n_bins = min(max(len(values) // _BIN_ROWS, 2), N_BINS)
    tenths = np.quantile(values, np.arange(1, n_bins + 1) / n_bins, method="inverted_cdf")
    return [math.nextafter(values.min(), -math.inf), *np.unique(tenths).tolist()]


def _counts(bins: Mapping[str, Any], column: pd.Series) -> np.ndarray:
    """Rows per bin: those of the edges or levels, what lies beyond them, and last what is missing."""
    if "edges" in bins:
        values = _numbers(column)
        is_missing = np.isnan(values)
        place = np.searchsorted(bins["edges"], values[~is_missing], side="left")
        n_bins = len(bins["edges"]) + 1
    else:
        texts, codes = _levels(column)
        is_missing = codes < 0
        known = {level: number for number, level in enumerate(bins["levels"])}
        bin_of = [known.get(text, len(known) + zlib.crc32(text.encode()) % N_GROUPS) for text in texts]
        place = np.array(bin_of, dtype="int64")[codes[~is_missing]]
        n_bins = len(known) + N_GROUPS
    return np.append(np.bincount(place, minlength=n_bins), is_missing.sum())


def _shift(bins: Mapping[str, Any], column: pd.Series, n_columns: int) -> tuple[float, float, str]:
    """Index of one column, its bound by chance, and the bin that moved most."""
    before, now = np.asarray(bins["counts"], dtype="float64"), _counts(bins, column).astype("float64")
    used = (before + now) > 0
    n_used, n_before, n_now = int(used.sum()), before.sum(), now.sum()
    old, new = ((counts[used] + _PRIOR) / (counts.sum() + _PRIOR * n_used) for counts in (before, now))
    psi = float(((new - old) * np.log(new / old)).sum())
    bound = _chance_bound(n_columns, max(n_used - 1, 1)) * (1 / n_before + 1 / n_now)
    shares = now / n_now - before / n_before
    most = int(np.abs(shares).round(9).argmax())
    old_share, new_share = before[most] / n_before, now[most] / n_now
    words = f"{_name_of(bins, most, len(now))}: {old_share:.0%} of training rows, {new_share:.0%} now"
    return psi, float(bound), words


@lru_cache(maxsize=1024)
def _chance_bound(n_columns: int, n_free: int) -> float:
    """What a chi-squared variable exceeds in two of a thousand frames, in any of its columns."""
    from scipy.stats import chi2

    return float(chi2.isf(_CHANCE / n_columns, n_free))


def _name_of(bins: Mapping[str, Any], place: int, n_bins: int) -> str:
    bounds = bins.get("edges", bins.get("levels"))
    if place == n_bins - 1:
        return "missing"
    if "levels" in bins:
        return bounds[place] if place < len(bounds) else "rare or new levels"
    told = _told_dates if bins.get("unit") == "date" else "{:g}".format
    if place == len(bounds):
        return f"above {told(bounds[-1])}" if bounds else "any value"
    if place == 0:
        return f"below {told(math.nextafter(bounds[0], math.inf))}"
    return f"up to {told(bounds[1])}" if place == 1 else f"{told(bounds[place - 1])} to {told(bounds[place])}"


def _told_dates(days: float) -> str:
    return str(np.datetime64(int(np.floor(days)), "D"))
