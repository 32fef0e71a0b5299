"""Spans and lists of values."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangol.sweeps.spans import expand


def test_months_are_counted_from_the_first_date_so_that_the_31st_returns():
    assert expand("2016-12-31..2017-05-31/1M") == [
        "2016-12-31", "2017-01-31", "2017-02-28", "2017-03-31", "2017-04-30", "2017-05-31",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2017-06-01..2017-08-01", ["2017-06-01", "2017-07-01", "2017-08-01"]),
        ("2017-06-01..2017-06-20/2W", ["2017-06-01", "2017-06-15"]),
        ("2016-02-29..2018-03-01/1Y", ["2016-02-29", "2017-02-28", "2018-02-28"]),
        ("3..3", ["3"]),
        ("-1..1", ["-1", "0", "1"]),
        ("a| b", ["a", "b"]),
        ("plain", ["plain"]),
        ("9999-11-30..9999-12-31/1M", ["9999-11-30", "9999-12-30"]),
        ("2017-01-01..9999-12-31/9999999999W", ["2017-01-01"]),
        ("0.5", ["0.5"]),
    ],
)
def test_hand_values(text, values):
    assert expand(text) == values


@pytest.mark.parametrize(
    "text",
    ["5..2", "2017-06-01..2017-05-01/1M", "2017-06-01..x", "1..9/0", "1..9/-1", "2017-01-01..2018-01-01/3"],
)
def test_what_cannot_be_a_span_is_said(text):
    with pytest.raises(ValueError, match="span"):
        expand(text)


def test_a_span_of_very_many_values_is_refused_without_making_them():
    with pytest.raises(ValueError, match="more than 1,000"):
        expand("1..1000000000")


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 60), st.integers(1, 9))
def test_days_step_evenly_and_stay_within_the_ends(first, n_days, step):
    last = first + timedelta(days=n_days)
    days = [date.fromisoformat(text) for text in expand(f"{first}..{last}/{step}D")]
    assert days == [first + timedelta(days=k) for k in range(0, n_days + 1, step)]


ENDS = st.integers().map(str) | st.dates().map(str) | st.text(max_size=4)
STEPS = st.just("") | st.builds("/{}{}".format, st.integers(-1, 10**12), st.sampled_from(["", *"DWMYx"]))


@given(st.text() | st.builds("{}..{}{}".format, ENDS, ENDS, STEPS))
def test_any_text_stands_for_values_or_is_refused_as_a_span(text):
    try:
        values = expand(text)
    except ValueError as error:
        assert "span" in str(error)
    else:
        assert 1 <= len(values) <= max(1000, text.count("|") + 1)
        assert all(isinstance(value, str) for value in values)
