"""Clusters, golden records, households and ids, each against hand values."""

import numpy as np
import pandas as pd
import pytest

from dangol.errors import InputError
from dangol.identity.blocking import block_keys
from dangol.identity.clusters import cluster
from dangol.identity.households import households
from dangol.identity.stable_ids import assign_ids
from dangol.identity.standard import standardise
from dangol.identity.survivorship import COMPLETE, FREQUENT, RECENT, TRUSTED, golden_records


def standard(*rows: dict) -> pd.DataFrame:
    raw = pd.DataFrame(list(rows))
    return standardise(raw.assign(source_key=[f"{i:04}" for i in range(len(raw))]))


def links(*pairs: tuple[int, int, float]) -> pd.DataFrame:
    return pd.DataFrame(list(pairs), columns=["left", "right", "match_prob"])


def test_linked_records_form_one_group_through_others():
    people = standard(*[{"name": "Ann Lee"}] * 4)
    group, refused = cluster(people, links((0, 1, 0.99), (1, 2, 0.95)), max_records=9)
    assert group.tolist() == [0, 0, 0, 1]
    assert refused.empty


def test_father_and_son_are_not_joined_through_a_record_without_birth_date():
    people = standard(
        {"name": "Minsu Kim", "birth_date": "1950-01-01"},
        {"name": "Minsu Kim"},
        {"name": "Minsu Kim", "birth_date": "1985-06-15"},
    )
    group, refused = cluster(people, links((0, 1, 0.97), (1, 2, 0.95)), max_records=9)
    assert group.tolist() == [0, 0, 1]
    assert refused["refusal"].tolist() == ["what is personal to each conflicts"]


def test_a_birth_date_that_is_often_wrong_splits_nobody():
    people = standard(
        {"name": "Ann Lee", "birth_date": "1950-01-01"},
        {"name": "Ann Lee"},
        {"name": "Ann Lee", "birth_date": "1985-06-15"},
    )
    group, _ = cluster(people, links((0, 1, 0.97), (1, 2, 0.95)), 9, {"birth_date": -1.0, "given_name": -3.0})
    assert group.tolist() == [0, 0, 0]


def test_nobody_gets_more_records_than_the_cap_and_the_surest_links_come_first():
    people = standard(*[{"name": "Ann Lee"}] * 5)
    chain = links((0, 1, 0.91), (1, 2, 0.99), (2, 3, 0.98), (3, 4, 0.97))
    group, refused = cluster(people, chain, max_records=3)
    assert group.tolist() == [0, 1, 1, 1, 2]
    assert refused["refusal"].str.contains("more than 3 records").all()


def test_two_accounts_are_joined_by_a_sure_direct_link_only():
    people = standard(*[{"name": "Ann Lee", "customer_id": account} for account in (7, 8, None, 9)])
    through = links((0, 2, 0.95), (1, 2, 0.96), (1, 3, 0.9995))
    group, refused = cluster(people, through, 9, None, account_prob=0.999)
    assert group.tolist() == [0, 1, 1, 1], "the surest first: 8 and 9 are one, 7 stays apart"
    assert refused[["left", "right"]].to_numpy().tolist() == [[0, 2]]
    assert cluster(people, through, 9)[0].tolist() == [0, 0, 0, 0]
    ruled = links((0, 1, np.nan))
    assert cluster(people, ruled, 9, None, account_prob=0.999)[0].tolist() == [0, 0, 1, 2]


def test_a_key_that_everybody_shares_is_no_key():
    people = standard(*[{"name": "Ann Lee", "phone": "010-1234-5678"}] * 6)
    assert block_keys(people, largest_block=5).shape[1] == 0
    assert "phone" in block_keys(people, largest_block=6)


RECORDS = [
    {"source": "shop", "name": "Ann Lee", "phone": "010-1111-2222", "recorded_date": "2020-01-01"},
    {"source": "shop", "name": "Ann Lee", "phone": "010-1111-2222", "recorded_date": "2021-01-01"},
    {"source": "web", "name": "Ann Elizabeth Lee", "phone": "010-3333-4444", "recorded_date": "2024-01-01"},
]


@pytest.mark.parametrize(
    ("rule", "value", "source_key"),
    [
        (FREQUENT, "+821011112222", "0001"),
        (RECENT, "+821033334444", "0002"),
        (COMPLETE, "+821033334444", "0002"),
        (TRUSTED, "+821033334444", "0002"),
    ],
)
def test_each_rule_chooses_its_value_and_says_where_from(rule, value, source_key):
    people = standard(*RECORDS)
    golden, reason = golden_records(people, pd.Series(["c"] * 3), {"phone": rule}, ["web", "shop"])
    why = reason.set_index("field").loc["phone"]
    assert golden["phone"].item() == value
    assert (why["rule"], why["source_key"], why["n_values"]) == (rule, source_key, 2)
    assert why["reason"].startswith(f"{rule} of 2 values")


def test_changing_a_rule_moves_only_its_field():
    people, ids = standard(*RECORDS), pd.Series(["c"] * 3)
    before, reasons_before = golden_records(people, ids, {"name": FREQUENT})
    after, reasons_after = golden_records(people, ids, {"name": COMPLETE})
    assert (before["name"].item(), after["name"].item()) == ("Ann Lee", "Ann Elizabeth Lee")
    pd.testing.assert_frame_equal(before.drop(columns="name"), after.drop(columns="name"))
    pd.testing.assert_frame_equal(
        reasons_before.query("field != 'name'"), reasons_after.query("field != 'name'")
    )


def test_every_golden_value_stands_in_the_record_it_names(resolution):
    golden = resolution.golden_record.set_index("customer_id")
    record = resolution.people.set_index(["source", "source_key"])
    for row in resolution.golden_reason.head(300).itertuples():
        assert golden.loc[row.customer_id, row.field] == record.loc[(row.source, row.source_key), row.field]
    n_known = golden[["name", "birth_date", "phone", "email", "address"]].notna().sum().sum()
    assert len(resolution.golden_reason) == n_known


def test_unknown_survivorship_rules_are_refused_all_at_once():
    with pytest.raises(
        InputError, match=r"(?s)unknown field shoe.*unknown rule 'best'.*needs trusted_sources"
    ):
        golden_records(
            standard(*RECORDS), pd.Series(["c"] * 3), {"shoe": RECENT, "name": "best", "phone": TRUSTED}
        )


def test_households_share_address_and_surname_or_phone():
    people = standard(
        {"name": "Ann Lee", "address": "12 Main Street"},
        {"name": "Bob Lee", "address": "12 Main St."},
        {"name": "Carl Ray", "address": "12 Main Street", "phone": "010-1234-5678"},
        {"name": "Dan Lee", "address": "99 Main Street"},
        {"name": "Eve Poe", "address": "12 Main Street", "phone": "+82 10 1234 5678"},
    )
    home = households(people, pd.Series([1, 2, 3, 4, 5]), max_customers=4)
    assert home.tolist() == [1, 1, 3, 4, 3]


def test_an_office_is_no_household():
    people = standard(
        *[{"name": f"{name} Lee", "address": "1 Tower Road"} for name in ("Ann", "Bob", "Cid", "Dan")]
    )
    assert households(people, pd.Series([1, 2, 3, 4]), max_customers=3).tolist() == [1, 2, 3, 4]
    assert households(people, pd.Series([1, 2, 3, 4]), max_customers=4).tolist() == [1, 1, 1, 1]


def earlier(*ids: object) -> pd.DataFrame:
    keys = [f"{i:04}" for i in range(len(ids))]
    return pd.DataFrame({"source": "people", "source_key": keys, "customer_id": ids})


def assigned(groups: list[int], previous: pd.DataFrame | None) -> tuple[list, dict]:
    people = standard(*[{"name": "Ann Lee"}] * len(groups))
    ids, log = assign_ids(people, np.array(groups), previous)
    return ids.tolist(), log.set_index("event")["n_records"].to_dict()


def test_a_merge_keeps_the_id_of_most_records_and_is_logged():
    assert assigned([0, 0, 0], earlier("b", "b", "a")) == (["b", "b", "b"], {"merged": 1})


def test_a_split_leaves_the_id_with_most_records_and_is_logged():
    ids, log = assigned([0, 0, 1], earlier("a", "a", "a"))
    assert ids[:2] == ["a", "a"]
    assert ids[2] not in ("a", "")
    assert log == {"split": 1}


def test_new_records_join_or_become_new_customers():
    ids, log = assigned([0, 0, 1], earlier("a"))
    assert ids[:2] == ["a", "a"]
    assert log == {"joined": 1, "new": 1}


def test_an_id_that_went_is_given_to_nobody_else():
    ids, _ = assigned([0, 1], earlier(7, 7))
    assert ids[0] == 7
    assert ids[1] >= 2**52
    assert float(ids[1]) == ids[1]
