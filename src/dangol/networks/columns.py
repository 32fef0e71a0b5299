"""What a raw column is (number, date, level, nothing) and how its values are read: pure pandas."""

import re
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["number", "date", "level", "empty"]

# A text column of numbers with fewer distinct values than this is a code list, not a measurement.
MIN_DISTINCT_NUMERIC_TEXT = 20
MISSING = "(missing)"
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?")
SECONDS_PER_DAY = 86_400
MICROSECONDS_PER_DAY = SECONDS_PER_DAY * 10**6


def kind_of(column: pd.Series) -> Kind:
    """Kind of a raw column, from its dtype and, for text, from its values.

    Text that is all numbers with many distinct values (blanks allowed) is a number: exports write
    numbers as text. Text that is all ISO dates is a date. Everything else that is not numeric is a level.

    >>> kind_of(pd.Series(["2024-01-31", None, "2024-02-29"]))
    'date'
    """
    if pd.api.types.is_bool_dtype(column.dtype):
        return "number"
    if pd.api.types.is_complex_dtype(column.dtype):
        raise ValueError(
            f"Complex data not supported: column {column.name!r}. Split it into two real columns."
        )
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "date" if column.notna().any() else "empty"
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_timedelta64_dtype(column.dtype):
        return "number" if column.notna().any() else "empty"
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "level" if column.notna().any() else "empty"
    return _kind_of_objects(column)


def _kind_of_objects(column: pd.Series) -> Kind:
    texts = _distinct_texts(column)
    if texts.size == 0:
        return "empty"
    values = column.dropna()
    if values.map(lambda value: isinstance(value, (bool, np.bool_))).all():
        return "number"
    if not values.map(lambda value: isinstance(value, str)).any():
        plain = values.map(lambda value: isinstance(value, (int, float, np.number))).all()
        dates = values.map(lambda value: hasattr(value, "year")).all()
        return "number" if plain else "date" if dates else "level"
    if all(ISO_DATE.fullmatch(text) for text in texts):
        return "date"
    as_numbers = pd.to_numeric(pd.Series(texts), errors="coerce")
    many = len(texts) >= MIN_DISTINCT_NUMERIC_TEXT
    return "number" if many and bool(as_numbers.notna().all()) else "level"


def _distinct_texts(column: pd.Series) -> np.ndarray:
    """Distinct values as stripped text, missing and blank ones left out."""
    try:
        distinct = column.dropna().unique()
    except TypeError as error:
        raise _unreadable(column, error) from error
    texts = pd.unique(np.array([_text(value) for value in distinct], dtype=object))
    return texts[texts != ""]


def _text(value: object) -> str:
    # 1, 1.0 and "1" are one level: files and databases disagree on how a code is typed
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def read_numbers(column: pd.Series, kind: Kind) -> np.ndarray:
    """Values as float64, missing as NaN; dates and durations in days (dates since 1970-01-01 UTC).

    Raises:
        ValueError: if a value is infinite or cannot be read as a number or date.
    """
    if kind == "empty":
        return np.full(len(column), np.nan)
    if kind == "date":
        return _read_days(column)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise ValueError(f"column {column.name!r} holds dates; expected numbers. Clean the column or refit.")
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        return (column.dt.total_seconds() / SECONDS_PER_DAY).to_numpy("float64", na_value=np.nan)
    if not pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        blank_to_gap = column.astype(object).map(
            lambda v: np.nan if isinstance(v, str) and not v.strip() else v
        )
        try:
            column = pd.to_numeric(blank_to_gap)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"column {column.name!r} held numbers in training; now: {error}. Clean the column or refit."
            ) from error
    numbers = column.to_numpy("float64", na_value=np.nan)
    if np.isinf(numbers).any():
        raise ValueError(
            f"column {column.name!r} has {int(np.isinf(numbers).sum())} infinity value(s); expected finite "
            "numbers or gaps (NaN). Replace infinity by NaN or a bound."
        )
    return numbers


def _read_days(column: pd.Series) -> np.ndarray:
    stamped = pd.api.types.is_datetime64_any_dtype(column.dtype)
    if not stamped:
        column = column.map(lambda v: None if isinstance(v, str) and not v.strip() else v)
    try:
        stamps = pd.to_datetime(column, utc=True, format=None if stamped else "ISO8601")
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"column {column.name!r} held dates in training; now: {str(error).splitlines()[0]} "
            "Write dates as YYYY-MM-DD or refit."
        ) from error
    # microseconds reach the year 9999 that contracts without an end carry, nanoseconds only 2262
    microseconds = stamps.dt.tz_localize(None).astype("datetime64[us]").to_numpy().astype("int64")
    return np.where(stamps.isna(), np.nan, microseconds / MICROSECONDS_PER_DAY)


def read_levels(column: pd.Series) -> np.ndarray:
    """Values as stripped text (object array); missing and blank ones share the level ``MISSING``.

    >>> read_levels(pd.Series(["a ", None, ""])).tolist()
    ['a', '(missing)', '(missing)']
    """
    try:
        codes, distinct = pd.factorize(column)
    except TypeError as error:
        raise _unreadable(column, error) from error
    texts = np.array([*(_text(value) or MISSING for value in distinct), MISSING], dtype=object)
    return texts[codes]


def _unreadable(column: pd.Series, error: Exception) -> ValueError:
    return ValueError(
        f"column {column.name!r} holds values that are neither numbers, text nor dates ({error}). "
        "Spread such objects into plain columns or leave the column out."
    )
