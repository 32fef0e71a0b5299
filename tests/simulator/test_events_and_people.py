"""Dated facts about customers, and the records of people that several systems hold."""

import re

import numpy as np
import pandas as pd
import pytest

from dangol.simulator import simulate
from dangol.simulator.events import birthday_in

START, END = pd.Timestamp("2016-01-01"), pd.Timestamp("2018-01-01")


@pytest.fixture(scope="module")
def wide_world():
    """Many customers with few orders each."""
    return simulate(5_000, 8, end="2016-12-31", with_campaigns=False)


# ------------------------------------------------------------------------------ events
def test_a_birthday_on_29_february_is_kept_on_the_28th_in_common_years(world):
    birthdays = world.tables["events"].query("event_kind == 'birthday'")
    day = birthdays["event_date"].dt.strftime("%m-%d")
    leapers = birthdays.loc[day == "02-29", "customer_id"]
    assert len(leapers) >= 1
    others = birthdays[birthdays["customer_id"].isin(leapers) & (birthdays["event_date"].dt.year != 2016)]
    assert set(others["event_date"].dt.strftime("%m-%d")) == {"02-28"}
    assert (birthdays.loc[day == "02-29", "event_date"].dt.year == 2016).all()


def test_every_day_of_birth_has_its_birthday_in_every_year():
    born = np.arange("1983-12-31", "1988-01-02", dtype="datetime64[D]")
    for year in (2015, 2016, 2100):
        kept = pd.DatetimeIndex(birthday_in(year, born))
        assert (kept.year == year).all()
        same = kept.strftime("%m-%d") == pd.DatetimeIndex(born).strftime("%m-%d")
        assert set(pd.DatetimeIndex(born[~same]).strftime("%m-%d")) <= {"02-29"}
        assert (year == 2016) == same.all()


def test_birthdays_tell_no_year_of_birth_and_go_with_the_age_band(world):
    birthdays = world.tables["events"].query("event_kind == 'birthday'")
    assert birthdays["event_date"].min() >= START
    assert birthdays["event_date"].max() < END + pd.Timedelta(days=365)
    per_year = birthdays.groupby(["customer_id", birthdays["event_date"].dt.year]).size()
    assert (per_year == 1).all()
    known = world.tables["customers"].dropna(subset="age_band")["customer_id"]
    assert set(birthdays["customer_id"]) == set(known)


def test_contracts_end_a_year_apart_and_are_not_renewed_by_those_who_left(world):
    ends = world.tables["events"].query("event_kind == 'contract_end'")
    assert 0.05 < ends["customer_id"].nunique() / 400 < 0.5
    gaps = ends.sort_values("event_date").groupby("customer_id")["event_date"].diff().dropna()
    assert len(gaps) > 10
    assert (gaps == pd.Timedelta(days=365)).all()
    dropout = ends["customer_id"].map(world.truth["customers"].set_index("customer_id")["dropout_ts"])
    assert not (ends["event_date"] - pd.Timedelta(days=365) > dropout).any()


def test_complaints_announce_that_a_customer_leaves(large_world):
    end = pd.Timestamp("2017-07-01")
    complaints = large_world.tables["events"].query("event_kind == 'complaint'")
    assert complaints["event_date"].max() < end
    assert complaints["text"].notna().all()
    truth = large_world.truth["customers"].set_index("customer_id")["dropout_ts"]
    gone = truth[complaints["customer_id"]].to_numpy()
    soon = np.abs((complaints["event_date"].to_numpy() - gone) / np.timedelta64(1, "D")) <= 10
    share = soon.mean()
    planted = large_world.truth["complaints"]
    assert share >= planted["is_leaving"].mean() > 0.05
    left = truth[(truth < end - pd.Timedelta(days=10)).to_numpy()].index
    complained = planted.loc[planted["is_leaving"], "customer_id"]
    error = np.sqrt(0.35 * 0.65 / len(left))
    assert abs(np.isin(left, complained).mean() - 0.35) < 4 * error


def test_complaints_are_in_korean_where_the_truth_says_so(large_world):
    text = large_world.tables["events"].query("event_kind == 'complaint'")["text"]
    is_hangul = text.str.contains("[가-힣]")
    language = large_world.truth["complaints"]["language"]
    assert is_hangul.sum() == (language == "ko").sum()
    assert 0.3 < is_hangul.mean() < 0.5
    assert large_world.truth["complaints"]["topic"].nunique() == 6


# ------------------------------------------------------------------------------ people
@pytest.fixture(scope="module")
def records(wide_world):
    people = wide_world.tables["people"].merge(wide_world.truth["identity"], on=["source", "source_key"])
    assert len(people) == len(wide_world.tables["people"]) == len(wide_world.truth["identity"])
    return people


def test_every_customer_has_one_account_and_many_have_more_records(records):
    accounts = records.dropna(subset="customer_id")
    assert sorted(accounts["customer_id"]) == list(range(1, 5_001))
    assert (accounts["customer_id"] == accounts["person_id"]).all()
    assert set(accounts["source"]) == {"shop", "web"}
    n_records = records[records["person_id"] <= 5_000].groupby("person_id").size()
    assert 0.3 < (n_records > 1).mean() < 0.6
    assert not records.duplicated(["source", "source_key"]).any()
    assert set(records["source"]) == {"shop", "web", "call_centre", "outside_list"}
    prospects = records[records["person_id"] > 1_000_000_000]
    assert set(prospects["source"]) == {"outside_list"}
    assert prospects["person_id"].is_unique
    assert 0.06 < len(prospects) / 5_000 < 0.10


def test_slips_are_as_frequent_as_planted_and_the_rest_is_exact(records):
    accounts = records[(records["source"] == "shop") & records["phone"].notna()]
    has_slip = accounts["slips"].str.contains("phone")
    assert has_slip.mean() == pytest.approx(0.03, abs=0.01)
    digits = records["phone"].str.replace(r"\D", "", regex=True).str.replace("^82", "", regex=True)
    records = records.assign(digits=digits)
    clean = records[~records["slips"].str.contains("phone") & records["phone"].notna()]
    # one number, or two for those who moved
    n_numbers = clean.groupby("person_id")["digits"].nunique()
    assert n_numbers.max() <= 2
    assert (n_numbers == 2).mean() < 0.03


def test_names_come_in_two_scripts_with_nicknames_and_capitals(records):
    is_hangul = records["name"].str.contains("[가-힣]")
    assert 0.25 < is_hangul.mean() < 0.5
    latin = records[~is_hangul]
    outside = latin["source"] == "outside_list"
    assert latin.loc[outside & (latin["slips"] == ""), "name"].str.isupper().all()
    assert latin.loc[latin["source"] == "web", "name"].str.contains(r"^(?:Bill|Liz|Bob|Kate|Tom)\b").any()
    of_person = records.assign(is_hangul=is_hangul).groupby("person_id")["is_hangul"].nunique()
    assert (of_person == 2).any()  # romanised in one system, not in another


def test_birth_dates_are_written_as_each_source_does(records):
    patterns = {
        "shop": r"\d{4}-\d\d-\d\d",
        "web": r"\d{8}",
        "call_centre": r"\d\d\.\d\d\.\d{4}",
        "outside_list": r"\d\d/\d\d/\d{4}",
    }
    dated = records.dropna(subset="birth_date")
    assert set(dated["source"]) == set(patterns)
    for source, texts in dated.groupby("source")["birth_date"]:
        assert texts.str.fullmatch(patterns[source]).all(), source


def test_addresses_of_mail_reach_nobody(records):
    mails = records.loc[~records["slips"].str.contains("email"), "email"].dropna()
    assert mails.str.fullmatch(r"[a-z.]+\d+@example\.(?:com|net|org)").all()


def test_people_of_one_household_share_an_address_and_mostly_a_name(wide_world, records):
    exact = records[(records["slips"] == "") & (records["source"] == "shop")].dropna(subset="address")
    before = exact.sort_values("recorded_date").groupby("person_id").first()
    homes = before.groupby("household_id")["address"].agg(["nunique", "size"])
    several = homes[homes["size"] > 1]
    assert len(several) > 200
    assert (several["nunique"] == 1).mean() > 0.9  # the others moved between two registrations
    assert before.groupby("address")["household_id"].nunique().max() <= 2  # chance alone


def test_linking_by_name_and_birth_date_alone_misses_many_and_confuses_few(records):
    rows = records.dropna(subset=["name", "birth_date"])
    digits = rows["birth_date"].map(lambda text: "".join(sorted(re.findall(r"\d+", text))))
    key = rows["name"].str.lower() + digits
    pairs = rows.assign(key=key).merge(rows.assign(key=key), on="key")
    found = pairs[pairs["source_key_x"] < pairs["source_key_y"]]
    right = (found["person_id_x"] == found["person_id_y"]).sum()
    n = records.groupby("person_id").size()
    true_pairs = (n * (n - 1) // 2).sum()
    assert right / len(found) > 0.9
    assert right / true_pairs < 0.5
