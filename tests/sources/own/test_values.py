"""Cells to values: by hand, and whatever a number is written like, it comes back."""

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol.sources.own import values
from dangol.sources.own.spec import Format


def read(kind: str, cells: list, **form: object) -> list:
    table = ibis.memtable(pa.table({"cell": pa.array(cells)}))
    known = Format(**form)
    cell = values.written(table["cell"], known)
    made = values.plausible(values.READERS[kind](cell, known))
    found = table.select(value=made).execute()["value"].astype("object")
    return [None if pd.isna(value) else value for value in found]


def test_numbers_as_people_write_them():
    written = [
        "1",
        "1,234.50",
        "₩1,000",
        "1,000원",
        "(12.5)",
        "12-",
        "-₩5",
        "$ 3.20",
        "1e3",
        ".5",
        "1 234",
        " 7 ",
    ]
    assert read("number", written) == [1, 1234.5, 1000, 1000, -12.5, -12, -5, 3.2, 1000, 0.5, 1234, 7]
    assert read("number", ["1,5", "1.234,50", "12", "1.234"], decimal=",") == [1.5, 1234.5, 12, 1234]


def test_what_is_no_number_is_missing_and_never_guessed():
    assert read("number", ["abc", "1,5", "1,23,456", "nan", "inf", "-", "", "NA", "1.2.3"]) == [None] * 9
    assert read("number", [1.5, float("nan"), float("inf")]) == [1.5, None, None]


@settings(max_examples=40)
@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20), st.booleans())
def test_a_number_written_with_grouped_thousands_comes_back(numbers, is_german):
    texts = [f"{number:,.2f}" for number in numbers]
    if is_german:
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    assert read("number", texts, decimal="," if is_german else ".") == [float(number) for number in numbers]


def test_dates_iso_always_and_others_when_stated():
    day = pd.Timestamp("2017-01-02")
    assert read("date", ["2017-01-02", "2017/1/2", "2.1.2017", "2017-02-30", "0001-01-01", "9999-12-31"]) == [
        day,
        day,
        None,
        None,
        None,
        None,
    ]
    forms = ["%d.%m.%Y", "%Y-%m-%d %p %I:%M"]
    assert read(
        "date", ["2.1.2017", "2017-01-02 오후 3:04", "31.02.2017", "2.1.2017 x"], date_format=forms
    ) == [day, pd.Timestamp("2017-01-02 15:04"), None, None]
    seconds = ["1483315200", "1483315200000", "1483315200.5", "17", "99999999999999", "2017-01-02"]
    assert read("date", seconds, date_format=["unix"]) == [day, day, day, None, None, day]
    assert read("date", seconds[:1]) == [None]


@pytest.mark.parametrize(
    ("word", "value"), [("Yes", True), ("0", False), ("예", True), ("아니오", False), ("maybe", None)]
)
def test_flags(word, value):
    assert read("flag", [word]) == [value]
