"""People of a delivery become customers: one id in every table, kept over deliveries, explained."""

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.sources.people import (
    accuracy,
    curve_claim,
    identify,
    identity_sentence,
    least_sure_link,
    with_accounts,
)
from dangol.warehouse.intake import Intake, Warehouse
from dangol.warehouse.integrate import Delivery, integrate

_GIVEN = ["minsu", "jiyeon", "hyunwoo", "robert", "maria", "peter", "yuna", "olga", "ivan", "sofia"]
_SURNAMES = ["kim", "lee", "park", "smith", "garcia", "novak", "rossi", "tanaka", "meyer", "dubois"]


def company(n=400, seed=5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accounts of a shop (source_key is the customer id) and records of a web site without one."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(n):
        given, surname = rng.choice(_GIVEN), rng.choice(_SURNAMES)
        birth = pd.Timestamp("1950-01-01") + pd.Timedelta(days=int(rng.integers(0, 20_000)))
        phone = f"010-{rng.integers(1000, 9999)}-{rng.integers(1000, 9999)}"
        email = f"{given}.{surname}{person}@example.com"
        if person % 20 != 19:  # the others have no account
            rows.append(("shop", f"{100 + person}", f"{given} {surname}", f"{birth:%Y.%m.%d}", phone, email))
        if person % 20 == 19 or person % 2 == 0:
            rows.append(
                ("web", f"w{person}", f"{surname.upper()}, {given}", f"{birth:%Y년 %m월 %d일}", phone, None)
            )
    columns = ["source", "source_key", "name", "birth_date", "phone", "email"]
    people = pd.DataFrame(rows, columns=columns).assign(address=None)
    accounts = [person for person in range(n) if person % 20 != 19]
    lines = pd.DataFrame({"customer_id": [100 + person for person in accounts], "amount": 10.0})
    lines = lines.assign(
        order_id=range(len(lines)), product_id=1, store_id=1, order_ts=pd.Timestamp("2024-01-05"),
        quantity=1.0, discount_amount=0.0, coupon_amount=0.0,
    )  # fmt: skip
    return people, lines


def warehouse_with(people: pd.DataFrame, lines: pd.DataFrame, earlier=()) -> Warehouse:
    intakes = (Intake("transactions", "t.csv", lines, "amount"), Intake("people", "p.csv", people))
    return integrate(Delivery(intakes, earlier_people=tuple(earlier)), 0.5)


@pytest.fixture(scope="module")
def found():
    return identify(warehouse_with(*company()), 0.9, "KR", 1)


def test_every_identity_table_keeps_its_contract(found):
    for table in (
        tables.CUSTOMER_IDENTITY, tables.GOLDEN_RECORD, tables.GOLDEN_REASON, tables.IDENTITY_LOG
    ):  # fmt: skip
        table.check(found.table(table.name))
    tables.IDENTITY_KPI.check(found.kpi)
    tables.PEOPLE.check(found.warehouse.tables["people"])
    tables.DATA_FAULTS.check(found.warehouse.faults)


def test_records_of_other_systems_get_the_id_of_the_account_and_no_account_moves(found):
    identity = found.table("customer_identity").set_index(["source", "source_key"])["customer_id"]
    for person in range(0, 400, 2):
        assert identity["web", f"w{person}"] == identity["shop", f"{100 + person}"] == 100 + person
    lines = company()[1]
    assert found.warehouse.tables["transactions"]["customer_id"].tolist() == lines["customer_id"].tolist()


def test_the_figures_at_each_threshold_hold_all_sales(found):
    assert found.kpi["threshold"].tolist() == [0.5, 0.9, 0.99]
    assert found.kpi["amount"].tolist() == [3_800.0] * 3
    assert found.metrics["n_golden_records"] == 400
    assert "600 records are 400 people" in identity_sentence(found)


def test_identifiers_stay_in_the_identity_tables(found):
    identifiers = {"name", "birth_date", "phone", "email", "address"}
    tables_with = {name for name, table in found.warehouse.tables.items() if identifiers & set(table.columns)}
    assert tables_with == {"people"}


def test_two_accounts_of_one_person_become_one_customer_in_every_table():
    people, lines = company()
    twice = people[people["source_key"] == "107"].assign(source_key="900")
    more = lines.iloc[:1].assign(customer_id=900, order_id=9_000, amount=5.0)
    warehouse = warehouse_with(pd.concat([people, twice], ignore_index=True), pd.concat([lines, more]))
    assert 900 in set(warehouse.tables["customers"]["customer_id"])
    found = identify(warehouse, 0.9, "KR", 1)
    spend = found.warehouse.tables["transactions"].groupby("customer_id")["amount"].sum()
    assert spend[107] == 15.0 and 900 not in spend.index
    assert 900 not in set(found.warehouse.tables["customers"]["customer_id"])
    assert spend.sum() == lines["amount"].sum() + 5.0
    moved = found.warehouse.faults.query("rule == 'identity' and table == 'transactions'")
    assert moved["n_rows"].tolist() == [1]


@pytest.mark.slow
def test_ids_are_kept_when_two_percent_new_rows_come_and_the_log_explains_the_rest(found):
    people, lines = company()
    grown, _ = company(n=408)  # two per cent more persons, the others as before
    both = identify(warehouse_with(grown, lines, [people]), 0.9, "KR", 1)
    before, after = found.table("customer_identity"), both.table("customer_identity")
    joined = before.merge(after, on=["source", "source_key"], suffixes=("_before", ""))
    kept = joined["customer_id"] == joined["customer_id_before"]
    assert len(joined) == len(people)
    assert (joined["customer_id"] > 10_000).sum() >= 20, "some ids are digests, not accounts"
    assert kept.mean() >= 0.995
    log = both.table("identity_log")
    assert log.loc[log["event"].isin(["new", "joined"]), "n_records"].sum() == len(grown) - len(people)
    assert log.loc[log["event"].isin(["merged", "split"]), "n_records"].sum() == (~kept).sum()


def test_accounts_are_found_by_key_and_given_ones_stay():
    people = pd.DataFrame(
        {
            "source": ["a", "a", "b", "b", "b"],
            "source_key": ["1", "7", "1", "9", "x"],
            "customer_id": pd.array([None, None, None, 5, None], dtype="Int64"),
        }
    )
    ids = pd.Series([7, 9, 5, 1])
    assert with_accounts(people, ids)["customer_id"].fillna(-1).tolist() == [-1, 7, -1, 5, -1]
    whole = pd.Series(["b:1"])
    assert with_accounts(people.assign(customer_id=None), whole)["customer_id"].tolist()[2] == "b:1"


def test_a_delivery_without_people_is_left_as_it_is():
    _, lines = company()
    warehouse = integrate(Delivery((Intake("transactions", "t.csv", lines, "amount"),)), 0.5)
    found = identify(warehouse, 0.9, "KR", 1)
    assert found.warehouse is warehouse
    assert (found.table("golden_record"), found.kpi, found.metrics) == (None, None, {})
    assert "no table `people`" in identity_sentence(found)
    assert least_sure_link(None).empty
    assert accuracy("none", None) is None


def test_the_least_sure_link_is_explained_without_a_value_of_anybody(found):
    why = least_sure_link(found.resolution)
    assert why["weight_bits"].sum() > 0
    words = " ".join(why[["field", "comparison", "verdict"]].astype("str").to_numpy().ravel()).lower()
    assert not any(name in words for name in (*_GIVEN, *_SURNAMES, "010", "example.com"))


def test_the_claim_of_the_curve_is_about_the_threshold_in_use():
    curve = pd.DataFrame({"threshold": [0.5, 0.9], "precision_rate": [0.9, 0.99], "recall_rate": [1.0, 0.8]})
    assert curve_claim(curve, 0.9) == "80.0% of the true pairs are found, 1.0% of the pairs found are wrong"
