"""Customer features: right to the cent, blind to the future, indifferent to order."""

import copy
import math
import re
from datetime import datetime, timedelta

import pandas as pd
import pytest
from toy_log import DAY, SECOND, Tables, slow_features

from dangol.errors import InputError
from dangol.features import CORE_PARTS
from dangol.features.snapshot import features_as_of

AS_OFS = ["2017-06-05", "2017-09-18"]
EXACT = (
    "n_",
    "amount_",
    "recency",
    "tenure",
    "active_span",
    "monetary",
    "largest",
    "gap_max",
    "gap_last",
    "days_",
    "as_of_",
    "weeks_",
)


@pytest.fixture(scope="module", params=[1, 2])
def tables(request) -> Tables:
    return Tables(request.param, AS_OFS)


@pytest.fixture(scope="module")
def features(tables) -> pd.DataFrame:
    return features_as_of(tables.log(), AS_OFS)


def as_bytes(frame: pd.DataFrame) -> bytes:
    return frame.to_json(orient="split", double_precision=15).encode()


@pytest.mark.parametrize("as_of", AS_OFS)
def test_every_feature_equals_a_plain_loop_over_the_customer(tables, features, as_of):
    expected = slow_features(tables, as_of, AS_OFS[0])
    rows = features[features["as_of"] == as_of].set_index("customer_id").drop(columns="as_of")
    assert rows.index.tolist() == sorted(expected)
    assert set(rows.columns) == set(expected[0])
    for customer, truth in expected.items():
        for name, value in truth.items():
            tolerance = 1e-9 if name.startswith(EXACT) else 6e-5
            found = float(rows.loc[customer, name])
            if name.endswith("_ratio") or name in ("orders_per_week", "price_level_84d"):
                tolerance = 1e-3 * max(1.0, abs(value))  # a ratio of rounded numbers
            assert math.isclose(found, value, rel_tol=0, abs_tol=tolerance) or (
                math.isnan(found) and math.isnan(value)
            ), (customer, name, found, value)


def test_the_log_really_has_the_cases_that_go_wrong(tables, features):
    amounts = [line["amount"] for line in tables.transactions]
    assert min(amounts) < 0
    assert (features["n_orders"] == 1).any()
    assert (features["n_orders"] > features["n_order_days"]).any()
    assert (features["recency_days"] == 1).any()
    assert features["gap_mean_days"].isna().any()
    assert features["days_since_contact"].isna().any()
    assert 902 not in set(features["customer_id"])
    assert 900 not in set(features.loc[features["as_of"] == AS_OFS[0], "customer_id"])
    assert 901 in set(features.loc[features["as_of"] == AS_OFS[0], "customer_id"])


def test_nothing_at_or_after_the_snapshot_changes_a_byte(tables):
    as_of = datetime.fromisoformat(AS_OFS[0])
    before = as_bytes(features_as_of(tables.log(), AS_OFS[:1]))
    changed = copy.deepcopy(tables)
    for customer in range(20):
        changed.add_order(customer, as_of)
        changed.add_order(customer, as_of + 30 * DAY, is_refund=True)
    for line in changed.transactions:
        if line["order_ts"] >= as_of:
            line["amount"] = line["amount"] * 7 + 100
    changed.contacts += [
        {"customer_id": n, "campaign_id": 7, "contact_ts": as_of, "arm": "A"} for n in range(20)
    ]
    changed.responses += [{"customer_id": n, "campaign_id": 7, "response_ts": as_of} for n in range(20)]
    changed.events += [{"customer_id": n, "event_kind": "complaint", "event_date": as_of} for n in range(20)]
    changed.events.append({"customer_id": 1, "event_kind": "strike", "event_date": as_of})
    for row in changed.promotions:
        if row["week_date"] >= as_of:
            row |= {"is_displayed": True, "is_mailed": True}
    assert as_bytes(features_as_of(changed.log(), AS_OFS[:1])) == before


def test_a_later_refund_under_the_number_of_an_old_order_changes_nothing(tables):
    as_of = datetime.fromisoformat(AS_OFS[0])
    before = as_bytes(features_as_of(tables.log(), AS_OFS[:1]))
    changed = copy.deepcopy(tables)
    old = [line for line in tables.transactions if line["order_ts"] < as_of]
    changed.transactions += [
        {**line, "order_ts": as_of + 3 * DAY, "amount": -abs(line["amount"])} for line in old[:40]
    ]
    assert as_bytes(features_as_of(changed.log(), AS_OFS[:1])) == before


def test_an_event_one_second_before_the_snapshot_does_count(tables):
    as_of = datetime.fromisoformat(AS_OFS[0])
    before = features_as_of(tables.log(), AS_OFS[:1]).set_index("customer_id")
    changed = copy.deepcopy(tables)
    changed.add_order(5, as_of - SECOND)
    after = features_as_of(changed.log(), AS_OFS[:1]).set_index("customer_id")
    assert after.loc[5, "n_orders"] == before.loc[5, "n_orders"] + 1
    assert after.loc[5, "recency_days"] == 1
    # what others paid is the yardstick of everybody's price level
    others = [frame.drop(index=5, columns="price_level_84d") for frame in (after, before)]
    pd.testing.assert_frame_equal(*others)


@pytest.mark.parametrize("shuffle", [1, 2])
def test_the_order_of_rows_is_irrelevant(tables, features, shuffle):
    assert as_bytes(features_as_of(tables.log(shuffled_by=shuffle), AS_OFS)) == as_bytes(features)


def test_several_snapshots_at_once_equal_one_at_a_time(tables, features):
    one, other = (features_as_of(tables.log(), [as_of]) for as_of in AS_OFS)
    first = features[features["as_of"] == AS_OFS[0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, first)
    # departments are chosen by sales before the first snapshot, so only the common ones can be compared
    second = features[features["as_of"] == AS_OFS[1]].reset_index(drop=True)
    common = [name for name in second if name in other]
    assert len(common) >= len(second.columns) - 2
    pd.testing.assert_frame_equal(other[common], second[common])


def test_the_order_and_repetition_of_snapshot_dates_is_irrelevant(tables, features):
    again = features_as_of(tables.log(), [AS_OFS[1], AS_OFS[0], AS_OFS[1]])
    pd.testing.assert_frame_equal(again, features)


@pytest.mark.parametrize(
    ("missing", "theirs"),
    [
        (("contacts", "responses"), "contacts?(_84d)?$|responses?$|n_campaigns_answered"),
        (("promotions",), "(displayed|mailed|promoted)_line_share"),
        (("events",), "birthday|contract_end|complaint|late_delivery"),
        (("products",), "_share_84d$|n_departments|n_categories|category|price_level"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_without_a_table_only_its_columns_are_missing(tables, features, missing, theirs):
    bare = features_as_of(tables.log(without=missing), AS_OFS)
    gone = sorted(set(features) - set(bare))
    assert gone
    assert all(re.search(theirs, name) for name in gone)
    if missing != ("products",):
        assert not [name for name in bare if re.search(theirs, name)]
        pd.testing.assert_frame_equal(bare, features[list(bare)])
    else:
        same = [name for name in bare if name not in ("private_brand_share_84d", "mean_categories_84d")]
        pd.testing.assert_frame_equal(bare[same], features[same])


@pytest.mark.parametrize("parts", [(), CORE_PARTS, ("events",), ("promotions", "calendar")])
def test_parts_choose_columns_and_change_none(tables, features, parts):
    some = features_as_of(tables.log(), AS_OFS, parts)
    pd.testing.assert_frame_equal(some, features[list(some)])
    assert len(some.columns) < len(features.columns)


def test_an_unknown_part_is_refused_by_name(tables):
    with pytest.raises(InputError, match="no feature part weather; there are purchases, departments"):
        features_as_of(tables.log(), AS_OFS, ("purchases", "weather"))


def test_two_departments_that_read_alike_share_one_column(tables):
    changed = copy.deepcopy(tables)
    for product in changed.products:
        product["department"] = ("Fish & Meat", "FISH / MEAT")[product["product_id"] % 2]
    shares = features_as_of(changed.log(), AS_OFS)["fish___meat_share_84d"]
    assert shares.dropna().isin([0.0, 1.0]).all()
    assert (shares == 1.0).any()


@pytest.mark.parametrize("name", ["Coupon", "DISCOUNT", "private brand", "weekend"])
def test_a_department_named_like_another_feature_has_columns_of_its_own(tables, features, name):
    changed = copy.deepcopy(tables)
    for product in changed.products:
        product["department"] = name if product["department"] == "FRUIT" else product["department"]
    renamed = features_as_of(changed.log(), AS_OFS)
    own = f"{name.lower().replace(' ', '_')}_department_share_84d"
    again = renamed.rename(columns={own: "fruit_share_84d"})
    pd.testing.assert_frame_equal(again[list(features)], features)


def test_named_departments_have_columns_whoever_sells_most(tables):
    found = features_as_of(tables.log(), AS_OFS, ("departments",), ["GARDEN", "nothing of the kind"])
    departments = [name for name in found if name.endswith("_share_84d")]
    assert {"garden_share_84d", "nothing_of_the_kind_share_84d"} <= set(departments)
    assert "fruit_share_84d" not in departments
    assert found["nothing_of_the_kind_share_84d"].dropna().eq(0).all()


def test_the_rows_are_sorted_unique_and_typed(features):
    key = features[["as_of", "customer_id"]]
    assert not key.duplicated().any()
    pd.testing.assert_frame_equal(key, key.sort_values(["as_of", "customer_id"], ignore_index=True))
    assert all(features[name].dtype == "int64" for name in features if name.startswith("n_"))
    shares = features.filter(regex="_share_")
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)


def test_a_snapshot_before_the_first_order_has_no_rows(tables):
    assert len(features_as_of(tables.log(), ["2016-01-01"])) == 0


def test_windows_are_nested(features):
    for short, long in ((7, 28), (28, 84), (84, 364)):
        assert (features[f"n_orders_{short}d"] <= features[f"n_orders_{long}d"]).all()
        assert (features[f"n_lines_{short}d"] <= features[f"n_lines_{long}d"]).all()


def test_an_order_across_midnight_is_known_only_up_to_the_snapshot():
    tables = Tables(1, [])
    night = datetime(2017, 6, 4, 23, 59, 59)
    tables.add_order(500, night)
    n_before = sum(line["customer_id"] == 500 for line in tables.transactions)
    tables.transactions.append({**tables.transactions[-1], "order_ts": night + timedelta(seconds=2)})
    row = features_as_of(tables.log(), ["2017-06-05"]).set_index("customer_id").loc[500]
    assert row["n_lines_7d"] == n_before
    assert row["monetary"] == round(
        sum(line["amount"] for line in tables.transactions[-1 - n_before : -1]), 2
    )
