"""What the behaviour network learns and sees beside features, against plain loops over the order log."""

import ibis
import numpy as np
import pandas as pd
import pytest

from dangol.behavior import behavior_outcomes, category_history, sequence_history, waiting_times
from dangol.behavior.outcomes import WATCHED_DAYS
from dangol.features import EventLog
from dangol.warehouse.rules import UNKNOWN

HORIZON_DAYS = 28


@pytest.fixture(scope="module")
def outcomes(shop, shop_log):
    return behavior_outcomes(shop_log, shop, HORIZON_DAYS)


def purchases(lines: pd.DataFrame, customer_id: int) -> pd.Series:
    return lines.loc[
        (lines["customer_id"] == customer_id) & (lines["amount"] >= 0), "order_ts"
    ].dt.normalize()


def test_waiting_times_equal_a_plain_loop_and_know_nothing_after_their_day(shop, shop_lines, shop_log):
    until = pd.Timestamp(shop.dates.test)
    waits = waiting_times(shop_log, shop, shop.dates.test)
    assert waits[shop.train].notna().all(axis=None)
    assert waits[shop.test].isna().all(axis=None)
    for place in shop.rows[shop.train].index:
        start = pd.Timestamp(shop.rows.loc[place, "as_of"])
        end = min(until, start + pd.Timedelta(days=WATCHED_DAYS))
        days = purchases(shop_lines, shop.rows.loc[place, "customer_id"])
        later = days[(days >= start) & (days < end)]
        expected = ((later.min() - start).days + 1, 1.0) if len(later) else ((end - start).days, 0.0)
        assert tuple(waits.loc[place]) == expected


def test_customers_who_did_not_come_back_are_watched_beyond_the_horizon(shop, shop_log):
    waits = waiting_times(shop_log, shop, shop.dates.test)[shop.train]
    assert (waits["duration_days"] > HORIZON_DAYS).any()
    assert set(waits["is_observed"]) == {0.0, 1.0}


def test_category_history_equals_a_plain_sum(shop, shop_lines, shop_log):
    found = category_history(shop_log, shop, ["tea", "김치"])
    assert list(found) == ["category_tea_amount_84d", "category_김치_amount_84d"]
    for place in shop.rows.sample(30, random_state=1).index:
        end = pd.Timestamp(shop.rows.loc[place, "as_of"])
        mine = shop_lines[shop_lines["customer_id"] == shop.rows.loc[place, "customer_id"]]
        past = mine[(mine["order_ts"] < end) & (mine["order_ts"] >= end - pd.Timedelta(days=84))]
        for name, remainder in (("tea", 0), ("김치", 3)):
            total = past.loc[past["product_id"] % 4 == remainder, "amount"].sum()
            assert found.loc[place, f"category_{name}_amount_84d"] == pytest.approx(total, abs=1e-6)


def test_sequences_are_aligned_and_zero_where_nothing_was_bought(shop, shop_lines, shop_log):
    weeks = sequence_history(shop_log, shop, 6)
    assert weeks.index.equals(shop.rows.index) and weeks.notna().all(axis=None)
    for place in shop.rows.sample(20, random_state=2).index:
        end = pd.Timestamp(shop.rows.loc[place, "as_of"])
        days = purchases(shop_lines, shop.rows.loc[place, "customer_id"])
        for week in range(1, 7):
            inside = (days < end - pd.Timedelta(days=7 * (week - 1))) & (
                days >= end - pd.Timedelta(days=7 * week)
            )
            assert weeks.loc[place, f"orders_w{week:02d}"] == inside.sum()


def test_every_task_has_a_target_for_every_training_row(shop, shop_log, outcomes):
    targets = outcomes.targets(shop.train, waiting_times(shop_log, shop, shop.dates.test))
    assert list(targets) == list(outcomes.tasks)
    assert {len(np.asarray(target)) for target in targets.values()} == {int(shop.train.sum())}
    assert outcomes.tasks["next_order"] == "hazard" and outcomes.tasks["categories"] == "multilabel"
    spend = targets["spend"] * outcomes.expected.loc[shop.train, "spend"]
    np.testing.assert_allclose(spend, outcomes.labels.loc[shop.train, "spend"])
    np.testing.assert_allclose(targets["typical_spend"][:, 0], outcomes.labels.loc[shop.train, "spend"])
    assert (targets["lapse"] == (targets["orders"][:, 0] == 0)).all()


def test_a_single_known_category_is_nothing_to_foresee(shop, shop_log):
    products = shop_log.products.mutate(
        category=ibis.cases((shop_log.products.category == "tea", "tea"), else_=UNKNOWN)
    )
    found = behavior_outcomes(EventLog(shop_log.transactions, products), shop, HORIZON_DAYS)
    assert "categories" not in found.tasks and "upsell" in found.tasks


def test_a_shop_without_products_has_no_categories_and_no_upsell(shop, shop_log):
    bare = behavior_outcomes(EventLog(shop_log.transactions), shop, HORIZON_DAYS)
    assert list(bare.tasks) == ["lapse", "orders", "spend", "typical_spend", "next_order"]
    assert category_history(shop_log, shop, []).shape == (len(shop.rows), 0)
