"""The simulated tables as an analyst gets them: contracts, dates, dirt, determinism."""

import json

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.errors import DangolError
from dangol.simulator import (
    Arguments,
    GammaGammaSpend,
    PurchaseProcess,
    blocks,
    company,
    simulate,
    simulate_to,
    write_world,
)

NAMES = ("customers", "products", "stores", "transactions", "campaigns", "contacts", "responses", "events")
RAW_NAMES = (*NAMES, "people")


@pytest.mark.parametrize("name", NAMES)
def test_every_table_keeps_its_contract(world, name):
    getattr(tables, name.upper()).check(world.tables[name])


def test_the_world_holds_exactly_the_canonical_tables(world):
    assert set(world.tables) == set(RAW_NAMES)


def test_same_arguments_give_bit_equal_tables(world):
    again = simulate(n_customers=400, seed=11)
    for mine, other in ((world.tables, again.tables), (world.truth, again.truth)):
        for name, frame in mine.items():
            pd.testing.assert_frame_equal(frame, other[name], check_exact=True)


def test_another_seed_gives_another_world(world):
    other = simulate(n_customers=400, seed=12)
    mine, theirs = world.tables["transactions"], other.tables["transactions"]
    assert len(mine) != len(theirs) or not mine.equals(theirs)


def test_global_random_state_is_left_alone():
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    simulate(n_customers=20, end="2016-06-01")
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_no_event_lies_outside_the_world(world):
    start, end = pd.Timestamp("2016-01-01"), pd.Timestamp("2018-01-01")
    columns = {
        "customers": ["first_seen_date"],
        "transactions": ["order_ts"],
        "campaigns": ["start_date", "end_date"],
        "contacts": ["contact_ts"],
        "responses": ["response_ts"],
    }
    for name, dates in columns.items():
        for date in dates:
            values = world.tables[name][date]
            assert values.min() >= start
            assert values.max() < end


def test_ids_are_whole_numbers_instants_have_seconds_and_amounts_have_cents(world):
    transactions = world.tables["transactions"]
    for name in ("order_id", "customer_id", "product_id", "store_id"):
        assert transactions[name].dtype == "int64"
    assert (transactions["order_ts"].dt.microsecond == 0).all()
    cents = transactions[["amount", "discount_amount", "coupon_amount"]] * 100
    assert np.allclose(cents, cents.round(), atol=1e-6)


def test_order_numbers_follow_time_and_belong_to_one_customer_store_and_instant(world):
    transactions = world.tables["transactions"]
    heads = transactions.drop_duplicates("order_id")
    per_order = ["order_id", "customer_id", "store_id", "order_ts"]
    assert len(transactions[per_order].drop_duplicates()) == len(heads)
    assert heads["order_ts"].is_monotonic_increasing
    assert (heads["order_id"].to_numpy() == np.arange(1, len(heads) + 1)).all()


def test_first_seen_date_is_the_day_of_the_first_order(world):
    first = world.tables["transactions"].groupby("customer_id")["order_ts"].min().dt.normalize()
    seen = world.tables["customers"].set_index("customer_id")["first_seen_date"]
    assert (first.reindex(seen.index) == seen).all()
    assert (seen < "2017-01-01").mean() > 0.75


def test_every_line_costs_list_price_times_units_less_reductions(world):
    lines = world.tables["transactions"].query("amount > 0")
    lines = lines.merge(world.tables["products"], on="product_id")
    full = lines[["amount", "discount_amount", "coupon_amount"]].sum(axis=1)
    assert np.allclose(full, lines["quantity"] * lines["list_price"], atol=1e-6)


def test_dirt_counts_equal_the_truth():
    world = simulate(n_customers=300, seed=2, dirt_dose=2.0)
    transactions, products = world.tables["transactions"], world.tables["products"]
    masks = {
        "unknown product": ~transactions["product_id"].isin(products["product_id"]),
        "zero quantity": transactions["quantity"] == 0,
        "refund": transactions["amount"] < 0,
    }
    dirt = world.truth["dirt"].set_index("fault")
    assert set(dirt.index) == set(masks)
    for fault, mask in masks.items():
        assert dirt.loc[fault, "n_rows"] == mask.sum() > 0
        assert dirt.loc[fault, "amount"] == pytest.approx(transactions.loc[mask, "amount"].sum(), abs=0.005)
    assert (transactions.loc[masks["zero quantity"], "amount"] == 0).all()


def test_no_dirt_at_dose_zero_and_no_refunds_at_share_zero(large_world):
    assert large_world.truth["dirt"]["n_rows"].sum() == 0
    assert (large_world.tables["transactions"]["amount"] > 0).all()


def test_a_refund_is_negative_and_later_than_what_it_refunds(world):
    transactions = world.tables["transactions"]
    refunds = world.truth["refunds"].merge(
        transactions[["order_id", "product_id", "order_ts", "amount"]].query("amount > 0"),
        on=["order_id", "product_id"],
        suffixes=("", "_paid"),
        # a refunded line may be among those whose product became unknown
        how="inner",
    )
    assert len(refunds) > 0.98 * len(world.truth["refunds"])
    heads = transactions.drop_duplicates("order_id").set_index("order_id")
    assert np.allclose(refunds["amount"], -refunds["amount_paid"])
    refunded_at = heads.loc[refunds["refund_order_id"], "order_ts"].to_numpy()
    assert (refunded_at > refunds["order_ts"].to_numpy()).all()
    assert (heads.loc[world.truth["refunds"]["refund_order_id"], "amount"] <= 0).all()
    assert 0.01 < len(world.truth["refunds"]) / len(heads) < 0.03


def test_demographics_are_known_for_a_part_and_go_with_the_segment(large_world):
    customers = large_world.tables["customers"].merge(large_world.truth["customers"], on="customer_id")
    assert 0.3 < customers["age_band"].isna().mean() < 0.5
    big = customers.dropna(subset="household_size").assign(
        is_big=lambda frame: frame["household_size"].isin(["4", "5+"])
    )
    share = big.groupby("planted_segment")["is_big"].mean()
    assert share["families"] > 2 * share["premium"]


def test_writing_gives_one_file_per_table_and_the_truth_below(world, tmp_path):
    write_world(world, tmp_path)
    assert {path.stem for path in tmp_path.glob("*.parquet")} == set(RAW_NAMES)
    assert {path.stem for path in (tmp_path / "truth").glob("*.parquet")} == set(world.truth)
    read = pd.read_parquet(tmp_path / "transactions.parquet")
    pd.testing.assert_frame_equal(read, world.tables["transactions"])
    parameters = json.loads((tmp_path / "truth" / "parameters.json").read_text())
    assert parameters["arguments"]["seed"] == 11


def test_streaming_writes_what_simulate_returns(tmp_path, monkeypatch):
    monkeypatch.setattr(company, "CUSTOMERS_PER_BLOCK", 60)
    arguments = Arguments(n_customers=150, seed=4, end="2016-12-01")
    simulate_to(tmp_path, arguments, customers_per_batch=120)
    world = simulate(n_customers=150, seed=4, end="2016-12-01")
    assert world.tables["customers"]["customer_id"].tolist() == list(range(1, 151))
    assert world.tables["transactions"]["order_id"].is_monotonic_increasing
    for below, frames in ((tmp_path, world.tables), (tmp_path / "truth", world.truth)):
        for name, frame in frames.items():
            pd.testing.assert_frame_equal(pd.read_parquet(below / f"{name}.parquet"), frame)


def test_interrupted_streaming_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(company, "CUSTOMERS_PER_BLOCK", 60)
    whole = blocks.BlockDraw.block

    def second_fails(draw):
        if draw.number:
            raise DangolError("power cut")
        return whole(draw)

    monkeypatch.setattr(blocks.BlockDraw, "block", second_fails)
    with pytest.raises(DangolError, match="power cut"):
        simulate_to(tmp_path, Arguments(n_customers=150, end="2016-06-01"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"n_customers": 1, "end": "2016-01-29"},
        {"n_customers": 5, "with_campaigns": False},
        {"n_customers": 40, "holdout_share": 0.0},
        {"n_customers": 40, "dirt_dose": 20.0, "start": "2019-03-05", "end": "2019-12-01"},
        {"n_customers": 40, "refund_share": 0.99, "process": "Pareto/NBD", "seasonality": "weekly"},
        {"n_customers": 40, "spend": GammaGammaSpend(), "price_response": 0.0},
    ],
)
def test_the_smallest_and_oddest_worlds_keep_the_contracts(arguments):
    world = simulate(**arguments)
    for name in NAMES:
        getattr(tables, name.upper()).check(world.tables[name])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_customers": 0}, "n_customers: expected a whole number from 1 to 10,000,000, received 0"),
        ({"n_customers": 2.5}, "n_customers: expected a whole number .* received 2.5"),
        ({"seed": -1}, "seed: expected a whole number from 0 on, received -1"),
        ({"start": "yesterday-ish"}, "start: expected a date like 2016-01-01, received 'yesterday-ish'"),
        ({"end": "2016-01-02"}, "end: expected 28 to 3660 days after start 2016-01-01, received 2016-01-02"),
        ({"holdout_share": 1.0}, "holdout_share: expected a share from 0 to below 1, received 1.0"),
        ({"dirt_dose": float("nan")}, "dirt_dose: expected a number from 0 to 20, received nan"),
        ({"process": PurchaseProcess(r=-1)}, "process.r: expected a number above 0, received -1"),
        ({"process": "fast"}, "process: expected BG/NBD or Pareto/NBD, received 'fast'"),
        ({"process": 3}, "process: expected a PurchaseProcess or ParetoProcess, received 3"),
        ({"seasonality": "monthly"}, "seasonality: expected True, False or one of none, .* 'monthly'"),
        ({"refund_share": 1}, "refund_share: expected a share from 0 to below 1, received 1"),
        ({"price_response": -1}, "price_response: expected a number from 0 to 3, received -1"),
        ({"spend": "much"}, "spend: expected a GammaGammaSpend or LognormalSpend, received 'much'"),
        ({"spend": GammaGammaSpend(q=0.9)}, "spend.q: expected a number above 1, else no mean exists"),
    ],
)
def test_an_unusable_argument_is_refused_with_what_was_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        simulate(**arguments)


def test_all_unusable_arguments_are_listed_at_once():
    with pytest.raises(ValueError, match=r"3 argument\(s\) are unusable(.|\n)*Change them and call again"):
        simulate(n_customers=-1, seed=-1, dirt_dose=-1)
