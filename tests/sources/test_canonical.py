"""Canonical tables: the known facts of complete_journey, and contracts of both sources."""

import pandas as pd
import pytest

from dangol import sources, tables
from dangol.warehouse import books

NAME = "complete_journey"


@pytest.fixture(scope="module")
def raw_lines(fetched) -> pd.DataFrame:
    """The order lines as they came in."""
    return pd.read_parquet(fetched / "data" / "raw" / NAME / "transactions.parquet")


def faults_of(warehouse) -> dict[str, tuple[int, float]]:
    """Rows and money per fault of the order lines."""
    faults = warehouse.faults[warehouse.faults["table"] == "transactions"]
    return {row.fault: (row.n_rows, round(row.amount, 2)) for row in faults.itertuples()}


def test_the_known_totals_are_kept(warehouse):
    lines = warehouse.tables["transactions"]
    assert len(lines) == 1_469_307 - 5_834
    assert lines["customer_id"].nunique() == 2_469
    assert round(float(lines["amount"].sum()), 2) == 4_596_039.58
    assert len(warehouse.tables["customers"]) == 2_469
    assert len(warehouse.tables["campaigns"]) == 27
    assert len(warehouse.tables["contacts"]) == 6_589
    assert len(warehouse.tables["responses"]) == 2_102


def test_every_basket_that_moves_money_is_kept(warehouse, raw_lines):
    money = raw_lines[["sales_value", "retail_disc", "coupon_disc", "coupon_match_disc"]]
    moves = (raw_lines["quantity"] != 0) | (money != 0).any(axis=1)
    assert raw_lines["basket_id"].nunique() == 155_848
    kept = set(warehouse.tables["transactions"]["order_id"])
    assert kept == set(raw_lines.loc[moves, "basket_id"])


def test_the_known_dirt_is_counted(warehouse, raw_lines):
    found = faults_of(warehouse)
    assert found["product not in products"] == (4_836, 172.57)
    assert found["line with quantity 0 that moves no money"] == (5_834, 0.0)
    assert found["quantity 0 on a line that moves money"][0] == 3_035
    assert (raw_lines["quantity"] == 0).sum() == 5_834 + 3_035 == 8_869


def test_no_quantity_is_0_and_only_those_of_money_lines_are_missing(warehouse):
    quantity = warehouse.tables["transactions"]["quantity"]
    assert (quantity == 0).sum() == 0
    assert quantity.isna().sum() == 3_035


def test_fuel_is_counted_in_gallons_and_nothing_else_is_touched(warehouse, raw_lines):
    assert raw_lines["quantity"].max() == 89_638
    lines = warehouse.tables["transactions"].merge(warehouse.tables["products"], on="product_id")
    fuel = lines["product_type"].str.contains("GASOLINE").fillna(False).astype("bool")
    gallons = lines[fuel & lines["quantity"].notna()]
    assert 2 < gallons["amount"].sum() / gallons["quantity"].sum() < 4
    assert lines.loc[~fuel, "quantity"].max() < 1_000


def test_quarantined_rows_are_those_of_the_raw_file(warehouse, raw_lines):
    aside = warehouse.quarantine[warehouse.quarantine["table"] == "transactions"]
    rows = raw_lines.iloc[aside["source_row"]]
    assert len(rows) == 5_834
    assert (rows["quantity"] == 0).all()
    assert (rows["sales_value"] == 0).all()


def test_the_books_close_to_the_cent(warehouse):
    assert books.is_reconciled(warehouse.reconciliation)
    row = warehouse.reconciliation.set_index("table").loc["transactions"]
    assert row["n_rows_in"] == 1_469_307
    assert round(row["amount_in"], 2) == 4_596_039.58


def test_no_key_points_nowhere(warehouse):
    keys = books.foreign_keys(warehouse.tables)
    assert len(keys) == 11
    assert keys["n_orphans"].sum() == 0


def test_discounts_and_coupons_are_sums_of_the_raw_ones(warehouse, raw_lines):
    lines = warehouse.tables["transactions"]
    assert round(lines["discount_amount"].sum(), 2) == round(raw_lines["retail_disc"].sum(), 2)
    raw_coupons = raw_lines["coupon_disc"].sum() + raw_lines["coupon_match_disc"].sum()
    assert round(lines["coupon_amount"].sum(), 2) == round(raw_coupons, 2)


def test_contacts_carry_type_start_and_cost_of_their_campaign(warehouse):
    contacts = warehouse.tables["contacts"].sample(200, random_state=1)
    campaigns = warehouse.tables["campaigns"].set_index("campaign_id")
    for contact in contacts.itertuples():
        campaign = campaigns.loc[contact.campaign_id]
        assert contact.arm == campaign["campaign_type"]
        assert contact.contact_ts == campaign["start_date"]
        assert contact.contact_cost == campaign["contact_cost"] == 0.5
    assert not warehouse.tables["contacts"]["is_randomized"].any()
    assert set(campaigns["campaign_type"]) == {"A", "B", "C"}


def test_demographics_are_known_for_801_households(warehouse):
    customers = warehouse.tables["customers"]
    assert customers["age_band"].notna().sum() == 801
    assert customers["first_seen_date"].notna().all()


@pytest.mark.parametrize("dataset", [NAME, "simulator-60-3"])
def test_every_table_keeps_its_contract(dataset, warehouse, home):
    if dataset != NAME:
        sources.fetch(dataset)
        warehouse = sources.to_canonical(dataset, 0.5)
    for name, frame in warehouse.tables.items():
        if name != "promotions":  # 20.9 million rows are checked when they are written
            getattr(tables, name.upper()).check(frame)
    tables.QUARANTINE.check(warehouse.quarantine)
    tables.RECONCILIATION.check(warehouse.reconciliation)
    tables.DATA_FAULTS.check(warehouse.faults)
    assert books.is_reconciled(warehouse.reconciliation)
    assert books.foreign_keys(warehouse.tables)["n_orphans"].sum() == 0


def test_the_planted_dirt_of_the_simulator_is_found(home):
    manifest = sources.fetch("simulator-200-3")
    warehouse = sources.to_canonical("simulator-200-3", 0.0)
    truth = pd.read_parquet(home / "data/raw/simulator-200-3/truth/dirt.parquet").set_index("fault")["n_rows"]
    found = faults_of(warehouse)
    assert found["product not in products"][0] == truth["unknown product"] > 0
    zero = [n for fault, (n, _) in found.items() if "quantity 0" in fault]
    assert sum(zero) == truth["zero quantity"] > 0
    assert (warehouse.tables["transactions"]["amount"] < 0).sum() == truth["refund"] > 0
    n_rows = {file.file: file.n_rows for file in manifest.files}
    for book in warehouse.reconciliation.itertuples():
        assert book.n_rows_in == n_rows[book.source_file]
