"""Names, dates, phones, e-mails and addresses in one form; garbage never raises."""

from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol.errors import InputError
from dangol.identity.contact_data import mailbox, plain_address, plain_email, plain_phone
from dangol.identity.dates import parse_birth_dates
from dangol.identity.names import given_sound, split_name, surname_sound
from dangol.identity.standard import standardise

LATEST = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("text", "given_name", "surname"),
    [
        ("Kim Min-su", "minsu", "kim"),
        ("Minsu Kim", "minsu", "kim"),
        ("Lee, Jung-hee", "junghee", "lee"),
        ("김 민수", "민수", "김"),
        ("김민수 고객님", "민수", "김"),
        ("남궁민수", "민수", "남궁"),
        ("Dr. José García Jr.", "jose", "garcia"),
        ("Ludwig van Beethoven", "ludwig", "vanbeethoven"),
        ("Bob O’Brien", "bob", "obrien"),
        ("Smith, John Michael", "john", "smith"),
        ("김", "", "김"),
        ("%%%", "", ""),
    ],
)
def test_a_name_is_taken_apart_whatever_its_script_and_order(text, given_name, surname):
    assert split_name(text) == (given_name, surname)


@pytest.mark.parametrize(
    ("one", "other"),
    [("민수", "minsoo"), ("영희", "younghee"), ("은우", "eunwoo"), ("robert", "bob"), ("준호", "joonho")],
)
def test_one_given_name_sounds_the_same_in_all_spellings(one, other):
    assert given_sound(one) == given_sound(other)


@pytest.mark.parametrize(
    ("one", "other"), [("이", "rhee"), ("정", "chung"), ("최", "choi"), ("박", "pak"), ("lee", "yi")]
)
def test_one_surname_sounds_the_same_in_all_spellings(one, other):
    assert surname_sound(one) == surname_sound(other)


def test_other_names_sound_different():
    assert given_sound("민수") != given_sound("지연")
    assert surname_sound("kim") != surname_sound("park")


@pytest.mark.parametrize(
    "text",
    [
        "1990-02-03", "19900203", "'90.2.3", "1990년 2월 3일", "90년2월3일", "32907", "1990. 2. 3.",
        "1990/2/3", "3 Feb 1990", "February 3, 1990", "1990-02-03 00:00:00", "19900203.0", "１９９０.２.３",
        "900203", "90.02.03",
    ],
)  # fmt: skip
def test_a_birth_date_is_read_in_any_format(text):
    assert parse_birth_dates([text], LATEST)[0].first == date(1990, 2, 3)


@pytest.mark.parametrize(
    "text", ["1990-13-45", "1990-02-30", "2050-01-01", "1900-01-01", "yesterday", "", "0", "99999999"]
)
def test_an_impossible_birth_date_is_missing(text):
    assert parse_birth_dates([text], LATEST) == [None]


def test_an_ambiguous_birth_date_is_kept_both_ways_and_the_source_decides_the_first():
    day_first = parse_birth_dates(["03/02/1990", "31/12/1985"], LATEST)
    month_first = parse_birth_dates(["03/02/1990", "12/31/1985"], LATEST)
    assert day_first[0] == (date(1990, 2, 3), date(1990, 3, 2))
    assert month_first[0] == (date(1990, 3, 2), date(1990, 2, 3))
    assert day_first[1].other is None
    assert parse_birth_dates(["03/02/1990"], LATEST, day_first=False)[0].first == date(1990, 3, 2)


@pytest.mark.parametrize(
    "text",
    [
        "010-1234-5678",
        "+82 10 1234 5678",
        "01012345678",
        "82-10-1234-5678",
        "0082 10 1234 5678",
        "1012345678",
    ],
)
def test_a_phone_number_is_one_number_in_any_spelling(text):
    assert plain_phone(text, "KR") == "+821012345678"


def test_a_phone_number_without_country_belongs_to_the_region_given():
    assert plain_phone("(415) 555-2671", "US") == "+14155552671"
    assert plain_phone("+14155552671", "KR") == "+14155552671"


@pytest.mark.parametrize("text", ["", "12", "call me", "000-0000-0000", "010-1234-5678-9999-1234-555"])
def test_what_is_no_phone_number_is_missing(text):
    assert plain_phone(text, "KR") == ""


def test_one_mailbox_has_many_addresses():
    assert mailbox(plain_email(" Kim.Min+shop@GoogleMail.com ")) == "kimmin@gmail.com"
    assert mailbox("kim.min@example.com") == "kim.min@example.com"
    assert plain_email("nobody") == ""


def test_an_address_gives_up_postcode_and_number():
    assert plain_address("서울특별시 강남구 테헤란로 123 (역삼동) 06234") == (
        "서울 강남구 테헤란로 123 역삼동",
        "123",
        "06234",
    )
    assert plain_address("(06234) 서울시 강남구 테헤란로 123") == ("서울 강남구 테헤란로 123", "123", "06234")
    assert plain_address("10 Downing Street, London SW1A 2AA") == ("10 downing st london", "10", "sw1a2aa")


def test_columns_are_mapped_and_joined_and_rows_come_in_the_order_of_their_keys():
    raw = pd.DataFrame({"id": [2, 1], "first": ["Ann", "Bob"], "no": [5, 7], "road": ["High St", "Low Rd"]})
    frame = standardise(raw, {"source_key": "id", "given_name": "first", "address": ["no", "road"]})
    assert frame["source_key"].tolist() == ["1", "2"]
    assert frame["given_name"].tolist() == ["bob", "ann"]
    assert frame["street"].tolist() == ["7 low rd", "5 high st"]
    assert raw["id"].tolist() == [2, 1]


def test_every_fault_of_the_mapping_is_named_at_once():
    with pytest.raises(InputError, match=r"(?s)3 fault.*unknown field.*shoe.*b not found.*no source_key"):
        standardise(pd.DataFrame({"a": [1]}), {"shoe": "a", "phone": "b"})


def test_keys_missing_or_used_twice_are_named_at_once():
    raw = pd.DataFrame({"source_key": ["1", "1", None], "name": "Ann"})
    with pytest.raises(InputError, match=r"(?s)1 record.*without one.*used more than once"):
        standardise(raw)


ANYTHING = st.one_of(
    st.text(max_size=30),
    st.none(),
    st.floats(),
    st.integers(),
    st.datetimes(datetime(1800, 1, 1)),
    st.binary(max_size=6),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING), max_size=4))
def test_garbage_never_raises_and_loses_no_record(rows):
    raw = pd.DataFrame(rows, columns=["name", "birth_date", "phone", "email", "address"], dtype="object")
    frame = standardise(raw.assign(source_key=[str(i) for i in range(len(raw))]), latest=LATEST)
    assert len(frame) == len(raw)
    assert (frame["birth_date"].dropna() <= pd.Timestamp(LATEST)).all()
    assert frame["phone"].dropna().str.startswith("+").all()
