import datetime

import numpy as np
import pandas as pd
import pytest

from dangol.networks.columns import kind_of, read_levels, read_numbers


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3], "number"),
        ([True, False, None], "number"),
        ([1.5, None, "2"], "level"),
        (["2024-01-31", None, ""], "date"),
        (["2024-01-31 10:15:00"], "date"),
        ([datetime.date(2024, 1, 31), None], "date"),
        (["a", "b"], "level"),
        (["1", "2", "3"], "level"),
        ([f"{number / 8}" for number in range(40)] + [" "], "number"),
        ([None, None], "empty"),
        (["", " "], "empty"),
        ([np.nan, np.nan], "empty"),
    ],
)
def test_a_column_is_recognised_by_its_values(values, expected):
    assert kind_of(pd.Series(values, name="c")) == expected


def test_dates_become_days_since_1970_whatever_they_are_stored_as():
    stamps = pd.Series(pd.to_datetime(["1970-01-03 12:00", None]))
    expected = [2.5, np.nan]
    np.testing.assert_array_equal(read_numbers(stamps, "date"), expected)
    np.testing.assert_array_equal(read_numbers(stamps.dt.tz_localize("UTC"), "date"), expected)
    np.testing.assert_array_equal(read_numbers(pd.Series(["1970-01-03 12:00", ""]), "date"), expected)
    np.testing.assert_array_equal(read_numbers(pd.Series([datetime.date(1970, 1, 3)]), "date"), [2.0])


def test_durations_become_days():
    np.testing.assert_array_equal(read_numbers(pd.Series(pd.to_timedelta(["36h"])), "number"), [1.5])


def test_a_code_is_one_level_whether_typed_as_integer_float_or_text():
    levels = [read_levels(pd.Series([value], dtype=object)).tolist() for value in (1, 1.0, "1", " 1")]
    assert levels == [["1"]] * 4


def test_infinite_numbers_are_refused_by_column_name():
    with pytest.raises(ValueError, match="'spend' has 2 infinity"):
        read_numbers(pd.Series([1.0, np.inf, -np.inf], name="spend"), "number")


def test_text_in_a_number_column_is_refused_by_column_name():
    with pytest.raises(ValueError, match=r"'spend' held numbers in training.*refit"):
        read_numbers(pd.Series(["12", "many"], name="spend"), "number")


def test_text_in_a_date_column_is_refused_by_column_name():
    with pytest.raises(ValueError, match=r"'first_date' held dates in training.*YYYY-MM-DD"):
        read_numbers(pd.Series(["soon"], name="first_date"), "date")


def test_nested_objects_are_refused_by_column_name():
    with pytest.raises(ValueError, match="'basket' holds values that are neither"):
        kind_of(pd.Series([[1], [2]], name="basket"))
