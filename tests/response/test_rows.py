"""What is known at a contact, held to plain loops."""

import pandas as pd
import pytest

from dangol.response.rows import describe_contacts


@pytest.fixture(scope="module")
def pairs(world):
    rows = world["contacts"].loc[
        world["contacts"]["campaign_id"] > 1, ["customer_id", "campaign_id", "contact_ts"]
    ]
    return rows.rename(columns={"contact_ts": "contact_date"}).iloc[::7].reset_index(drop=True)


@pytest.fixture(scope="module")
def described(world, pairs, log_of):
    return describe_contacts(log_of(world), pairs)


def test_affinity_matches_a_plain_loop(world, pairs, described, log_of):
    lines, offers = world["transactions"], world["campaign_products"]
    for row, found in zip(pairs.itertuples(), described.itertuples(), strict=True):
        offered = offers.loc[offers["campaign_id"] == row.campaign_id]
        amount, kinds, coupons, coupon_lines = 0.0, set(), set(), 0
        for line in lines.loc[lines["customer_id"] == row.customer_id].itertuples():
            if line.order_ts >= row.contact_date:
                continue
            coupon_lines += line.coupon_amount > 0
            if line.product_id in set(offered["product_id"]):
                amount += line.amount
                kinds.add(line.product_id)
                coupons |= set(offered.loc[offered["product_id"] == line.product_id, "coupon_id"])
        assert found.offered_amount == pytest.approx(amount, abs=0.011)
        assert found.n_offered_bought == len(kinds)
        assert found.n_familiar_coupons == len(coupons)
        assert found.n_coupon_lines == coupon_lines
    counts = described[["offered_amount", "n_offered_bought", "n_familiar_coupons", "n_coupon_lines"]]
    assert (counts.max() > 0).all()


def test_answers_to_the_same_type_match_a_plain_loop(world, pairs, described, log_of):
    kind = world["campaigns"].set_index("campaign_id")["campaign_type"]
    sent = world["contacts"].loc[world["contacts"]["arm"] != "control"]
    answers = world["responses"]
    for row, found in zip(pairs.itertuples(), described.itertuples(), strict=True):
        past = sent.loc[(sent["customer_id"] == row.customer_id) & (sent["contact_ts"] < row.contact_date)]
        same = [k for k in past["campaign_id"] if kind[k] == kind[row.campaign_id]]
        answered = [
            k
            for k in same
            if (
                (answers["customer_id"] == row.customer_id)
                & (answers["campaign_id"] == k)
                & (answers["response_ts"] < row.contact_date)
            ).any()
        ]
        assert found.n_contacts_same_type == len(same)
        assert found.n_answered_same_type == len(answered)
    assert described["n_answered_same_type"].max() > 0


def test_nothing_on_or_after_the_day_of_contact_is_seen(world, pairs, log_of):
    day = pairs["contact_date"].max()
    last = pairs.loc[pairs["contact_date"] == day]
    cut = {
        **world,
        "transactions": world["transactions"].loc[world["transactions"]["order_ts"] < day],
        "responses": world["responses"].loc[world["responses"]["response_ts"] < day],
        "contacts": world["contacts"].loc[world["contacts"]["contact_ts"] < day],
    }
    pd.testing.assert_frame_equal(
        describe_contacts(log_of(world), last), describe_contacts(log_of(cut), last)
    )


def test_a_data_set_without_offered_products_has_no_affinity_columns(world, pairs, described, log_of):
    bare = describe_contacts(log_of({k: v for k, v in world.items() if k != "campaign_products"}), pairs)
    assert set(described) - set(bare) >= {"offered_amount", "n_coupons", "category_amount_84d"}
    assert "n_coupon_lines" in bare


def test_attributes_become_categories_and_may_be_missing(described):
    assert isinstance(described["age_band"].dtype, pd.CategoricalDtype)
    assert described["age_band"].isna().any()
