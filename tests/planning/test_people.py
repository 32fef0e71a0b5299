"""Who is held out and who may be contacted."""

import pandas as pd
import pytest

from dangol.planning.eligibility import contact_rules, known_customers
from dangol.planning.holdout import draw_holdout

AS_OF = pd.Timestamp("2020-06-01")


@pytest.fixture
def customers():
    grades = ["Gold"] * 200 + ["Silver"] * 300 + ["Bronze"] * 510
    return pd.DataFrame({"customer_id": range(1, 1011), "customer_grade": grades})


def held_out(customers, share=0.1, seed=1):
    return set(customers.loc[draw_holdout(customers, share, seed), "customer_id"])


def test_the_same_seed_holds_out_the_same_people_in_any_order(customers):
    assert held_out(customers) == held_out(customers.sample(frac=1, random_state=3))
    assert held_out(customers) != held_out(customers, seed=2)


def test_every_grade_is_held_out_at_its_share(customers):
    is_held_out = draw_holdout(customers, 0.1, 1)
    assert is_held_out.groupby(customers["customer_grade"]).sum().to_dict() == {
        "Gold": 20,
        "Silver": 30,
        "Bronze": 51,
    }
    assert not draw_holdout(customers, 0.0, 1).any()
    assert draw_holdout(customers, 1.0, 1).all()


def test_most_of_the_held_out_stay_so_when_customers_are_added(customers):
    fewer = customers[customers["customer_id"] % 10 != 0]
    stayed = held_out(customers) & held_out(fewer)
    assert len(stayed) >= 0.9 * len(held_out(fewer))


def test_the_lot_does_not_follow_the_identifier(customers):
    n_low = sum(customer <= 505 for customer in held_out(customers, 0.5))
    assert 200 < n_low < 310


def test_customers_first_seen_on_or_after_the_date_are_not_known():
    customers = pd.DataFrame(
        {"customer_id": [3, 1, 2], "first_seen_date": pd.to_datetime(["2020-06-01", "2020-05-31", None])}
    )
    segments = pd.DataFrame({"customer_id": [1], "customer_grade": ["Gold"]})
    known = known_customers(customers, segments, AS_OF)
    assert known["customer_id"].tolist() == [1, 2]
    assert known["customer_grade"].tolist() == ["Gold", "no order yet"]


def test_without_segments_everybody_has_one_grade():
    customers = pd.DataFrame({"customer_id": [3, 1], "first_seen_date": pd.to_datetime([None, None])})
    known = known_customers(customers, None, AS_OF)
    assert known[["customer_id", "customer_grade"]].to_numpy().tolist() == [[1, "ungraded"], [3, "ungraded"]]


def contacts_of(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "contact_ts", "arm"])
    return frame.assign(contact_ts=pd.to_datetime(frame["contact_ts"]))


def test_the_contact_gap_counts_days_and_ignores_controls_and_the_future():
    known = pd.DataFrame({"customer_id": [1, 2, 3, 4, 5]})
    contacts = contacts_of(
        (1, "2020-05-04", "A"),  # 28 days ago: allowed
        (2, "2020-05-05", "A"),  # 27 days ago: too recent
        (3, "2020-05-30", "control"),
        (4, "2020-06-01", "A"),
    )
    rules = contact_rules(known, contacts, pd.Series(False, index=known.index), AS_OF, 28)
    assert rules["contact_gap"].tolist() == [False, True, False, False, False]
    assert not rules["consent"].any()


def test_missing_consent_is_no_consent():
    known = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4],
            "has_consent": pd.array([True, False, None, True], dtype="boolean"),
            "is_opted_out": [False, False, False, True],
        }
    )
    rules = contact_rules(known, contacts_of(), pd.Series(False, index=known.index), AS_OF, 28)
    assert rules["consent"].tolist() == [False, True, True, True]
