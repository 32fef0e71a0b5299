"""Records become customers: found, guarded, explained, stable."""

import numpy as np
import pandas as pd
import pytest
from people_toys import planted

from dangol import tables
from dangol.errors import InputError
from dangol.identity import (
    accuracy_by_threshold,
    explain_pair,
    kpi_by_threshold,
    pair_scores,
    people_table,
    resolve,
    with_resolved_ids,
)
from dangol.identity.linkage import FEWEST_SURE_PAIRS, prior_of


def records(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).assign(source="shop", source_key=[str(i) for i in range(len(rows))])


def truth_of(people):
    return people[["source", "source_key", "person_id"]]


def test_planted_persons_are_found_and_exact_matching_is_beaten_by_far(people, resolution):
    curve = accuracy_by_threshold(resolution, truth_of(people), [0.9])
    known = resolution.people.merge(truth_of(people), on=["source", "source_key"])
    exact = pd.factorize(
        pd.MultiIndex.from_frame(known[["name", "birth_date", "phone", "email"]].astype("str"))
    )[0]
    assert resolution.linkage.method == "weights"
    assert curve["f1_score"].iloc[0] > 0.97
    assert pair_scores(exact, known["person_id"].to_numpy())["f1_score"] < 0.3


def test_the_tables_keep_their_contracts(resolution):
    tables.PEOPLE.check(people_table(resolution))
    tables.CUSTOMER_IDENTITY.check(resolution.customer_identity)
    tables.GOLDEN_RECORD.check(resolution.golden_record)
    tables.GOLDEN_REASON.check(resolution.golden_reason)
    tables.IDENTITY_LOG.check(resolution.identity_log)


def test_pair_scores_match_counting_by_hand():
    scores = pair_scores(np.array([0, 0, 0, 1, 1]), np.array([7, 7, 8, 8, 8]))
    # found 01 02 12 34; true 01 23 24 34; both 01 34
    assert scores == {"precision_rate": 0.5, "recall_rate": 0.5, "f1_score": 0.5}


def test_the_curve_trades_recall_for_precision(people, resolution):
    curve = accuracy_by_threshold(resolution, truth_of(people), [0.1, 0.9, 0.99999])
    assert curve["recall_rate"].is_monotonic_decreasing
    assert curve["n_customers"].is_monotonic_increasing
    assert curve["n_customers"].iloc[1] == resolution.golden_record.shape[0]


def test_the_weights_of_a_pair_add_up_to_its_probability(resolution):
    pair = resolution.linkage.pairs.iloc[0]
    keys = [
        tuple(resolution.people.loc[int(pair[side]), ["source", "source_key"]]) for side in ("left", "right")
    ]
    reasons = explain_pair(resolution, *keys)
    odds = 2 ** reasons["weight_bits"].sum()
    assert odds / (1 + odds) == pytest.approx(pair["match_prob"], abs=1e-6)
    assert "surname" in set(reasons["field"])


def test_the_share_of_matches_equals_the_mean_probability():
    weights = np.array([20.0, 20.0, -5.0, 12.0])
    share = prior_of(weights, n_pairs=1000, start=0.2)
    odds = 2**weights * share / (1 - share)
    assert share == pytest.approx((odds / (1 + odds)).sum() / 1000, rel=1e-4)


def test_row_order_and_reruns_change_nothing(people, resolution):
    again = resolve(people.sample(frac=1, random_state=5))
    pd.testing.assert_frame_equal(again.customer_identity, resolution.customer_identity)
    pd.testing.assert_frame_equal(again.golden_record, resolution.golden_record)


@pytest.mark.slow
def test_two_percent_new_rows_leave_the_ids_and_the_log_explains_the_rest(people, resolution):
    old = people.sample(frac=0.98, random_state=1)
    first = resolve(old)
    second = resolve(people, first.customer_identity)
    both = first.customer_identity.merge(
        second.customer_identity, on=["source", "source_key"], suffixes=("", "_new")
    )
    moved = both[both["customer_id"] != both["customer_id_new"]]
    log = second.identity_log
    assert len(moved) <= 0.005 * len(both)
    assert set(moved["customer_id"]) <= set(log["previous_customer_id"].dropna())
    n_new = log.loc[log["event"].isin(["joined", "new"]), "n_records"].sum()
    assert n_new == len(people) - len(old)


def test_two_members_of_a_household_stay_two():
    home = {"phone": "010-2222-3333", "email": "home@example.com", "address": "12 Main Street"}
    family = [
        {"name": "Ann Kim", "birth_date": "1960-05-05"},
        {"name": "Minsu Kim", "birth_date": "1988-01-09"},
    ]
    found = resolve(pd.concat([planted(300, seed=8), records(*({**home, **member} for member in family))]))
    ours = found.customer_identity.query("source == 'shop' and source_key in ('0', '1')")
    assert ours["customer_id"].nunique() == 2
    homes = found.golden_record.set_index("customer_id")["household_id"]
    assert len(set(homes[ours["customer_id"]])) == 1


@pytest.mark.parametrize("n_same", [1, 2, 3])
def test_few_records_are_linked_by_rules_that_say_so(n_same):
    one = {"name": "김민수", "phone": "010-1234-5678", "birth_date": "1990-02-03"}
    found = resolve(records(*[one] * n_same, {"name": "박지연"}))
    assert found.linkage.method == "rules"
    assert found.golden_record["n_records"].tolist().count(n_same) >= 1
    assert len(found.golden_record) == 2
    assert found.customer_identity["match_prob"].isna().all()
    assert "linked" in found.linkage.reason


def test_a_name_alone_links_nobody():
    found = resolve(records(*[{"name": "김민수"}] * 2))
    assert len(found.golden_record) == 2


@pytest.mark.parametrize("n_rows", [0, 1])
def test_no_records_or_one_are_no_problem(n_rows):
    found = resolve(records({"name": "Ann Lee"})[:n_rows])
    assert len(found.golden_record) == n_rows


def test_a_field_that_is_all_missing_is_left_out(people, resolution):
    assert "identifier" not in {comparison.field for comparison in resolution.linkage.comparisons}
    assert resolution.people["identifier"].isna().all()


@pytest.mark.slow
def test_a_company_without_duplicates_keeps_every_customer():
    clean = planted(600, seed=4, repeat_share=0.0)
    found = resolve(clean)
    assert len(found.golden_record) >= 0.998 * len(clean)


def test_fewer_customers_at_a_lower_threshold_and_more_revenue_each(people, resolution):
    amount = pd.Series(10.0, index=resolution.people.index)
    band = kpi_by_threshold(resolution, amount)
    tables.IDENTITY_KPI.check(band)
    assert band["n_customers"].is_monotonic_increasing
    assert (band["amount"] == 10.0 * len(people)).all()
    assert band["amount_per_customer"].iloc[1] == round(10 * len(people) / band["n_customers"].iloc[1], 2)


def test_unusable_arguments_are_refused_all_at_once(people):
    with pytest.raises(
        InputError, match=r"(?s)threshold.*received 1\.5.*max_records.*previous lacks customer_id"
    ):
        resolve(people, people[["source", "source_key"]], threshold=1.5, max_records=0)


def test_tables_take_the_resolved_ids_and_no_row_or_money_is_lost():
    one = {"name": "Ann Lee", "phone": "010-1234-5678", "birth_date": "1990-02-03"}
    people = records(one, one, {"name": "Bob Ray"}).assign(customer_id=[11, 12, 13])
    found = resolve(people)
    given = {
        "people": people,
        "customers": pd.DataFrame({"customer_id": [11, 12, 13, 99], "region": [None, "n", "s", "w"]}),
        "transactions": pd.DataFrame({"customer_id": [11, 12, 12, 99], "amount": [1.0, 2.0, 3.0, 4.0]}),
    }
    mapped, faults = with_resolved_ids(given, found)
    assert mapped["customers"]["customer_id"].tolist() == [11, 13, 99]
    assert mapped["customers"]["region"].tolist() == ["n", "s", "w"]
    assert mapped["transactions"]["customer_id"].tolist() == [11, 11, 11, 99]
    assert mapped["transactions"]["amount"].sum() == 10.0
    assert faults.set_index(["table", "treatment"])["n_rows"].to_dict() == {
        ("customers", "kept: customer id replaced"): 1,
        ("customers", "folded into the row kept"): 1,
        ("transactions", "kept: customer id replaced"): 2,
    }


def test_the_keys_of_the_sources_find_their_customer_too():
    found = resolve(records({"name": "Ann Lee"}, {"name": "Bob Ray"}))
    lines = pd.DataFrame({"customer_id": ["shop:0", "1", "stranger"], "amount": 1.0})
    mapped, _ = with_resolved_ids({"transactions": lines}, found)
    ids = found.customer_identity["customer_id"].tolist()
    assert mapped["transactions"]["customer_id"].tolist() == [*ids, "stranger"]
    assert all(name.startswith("c") and len(name) == 17 for name in ids)


def test_too_few_sure_pairs_are_said():
    found = resolve(planted(15, seed=2))
    assert f"{FEWEST_SURE_PAIRS} are needed" in found.linkage.reason
