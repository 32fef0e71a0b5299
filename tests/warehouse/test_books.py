"""The books: whether they close, said in a sentence, and which keys point nowhere."""

import ibis
import pandas as pd
import pytest

from dangol.warehouse import books
from dangol.warehouse.intake import NO_CONTACT_COST, Intake, warehouse_of


@pytest.fixture
def closed() -> pd.DataFrame:
    """Two files whose rows and money add up."""
    return pd.DataFrame(
        {
            "source_file": ["lines.parquet", "stores.parquet"],
            "table": ["transactions", "stores"],
            "n_rows_in": [10, 3],
            "n_rows_out": [8, 3],
            "n_rows_quarantined": [2, 0],
            "amount_in": [0.3, 0.0],
            "amount_out": [0.1, 0.0],
            "amount_quarantined": [0.2, 0.0],
        }
    )


def test_books_that_close_say_so_with_the_totals(closed):
    assert books.is_reconciled(closed)
    assert books.reconciliation_sentence(closed) == (
        "**The books close:** 13 rows and 0.30 in money came in; every row "
        "and every cent is kept or quarantined."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n_rows_out": [7, 3]}, "1 rows and 0.00 in money"),
        ({"n_rows_out": [9, 2]}, "2 rows and 0.00 in money"),
        ({"amount_out": [0.11, 0.0]}, "0 rows and 0.01 in money"),
        ({"amount_out": [1.1, 0.0], "amount_in": [0.3, 1.0]}, "0 rows and 2.00 in money"),
    ],
    ids=["a row lost", "one lost and one gained", "a cent gained", "money moved between files"],
)
def test_the_sentence_flips_when_the_books_do_not_close(closed, change, sentence):
    open_books = closed.assign(**change)
    assert not books.is_reconciled(open_books)
    assert books.reconciliation_sentence(open_books) == (
        f"**The books do not close:** {sentence} are unaccounted for."
    )


def test_a_fraction_of_a_cent_is_rounding(closed):
    assert books.is_reconciled(closed.assign(amount_out=[0.1 + 1e-9, 0.0]))


def test_the_faults_in_one_sentence_name_the_most_frequent():
    frame = pd.DataFrame({"amount": [1.0, 2.0, 3.0]})
    intake = Intake("transactions", "lines.parquet", frame, "amount")
    assert books.faults_sentence(warehouse_of({}, [intake])).startswith("No rules apply to what came in")
    intake.note(pd.Series([True, True, False]), "odd", "kept")
    intake.note(pd.Series([False, False, False]), "absent", "kept")
    intake.set_aside(pd.Series([False, False, True]), "bad")
    assert books.faults_sentence(warehouse_of({}, [intake])) == (
        "2 of 3 checks found something, 3 rows in all; the most frequent is *odd* (2 rows, kept). "
        "1 rows are quarantined."
    )


def test_a_planted_orphan_per_relation_is_exactly_one_hit():
    tables = {
        "customers": pd.DataFrame({"customer_id": [1, 2]}),
        "products": pd.DataFrame({"product_id": [10]}),
        "stores": pd.DataFrame({"store_id": [5]}),
        "campaigns": pd.DataFrame({"campaign_id": [7]}),
        "transactions": pd.DataFrame(
            {"customer_id": [1, 2, 3], "product_id": [10, 10, 11], "store_id": [5, 6, 5]}
        ),
        "contacts": pd.DataFrame({"customer_id": [1, 4], "campaign_id": [8, 7]}),
        "responses": pd.DataFrame({"customer_id": [4, 1], "campaign_id": [7, 8]}),
        "campaign_products": pd.DataFrame({"campaign_id": [7, 8], "product_id": [11, 10]}),
        "events": pd.DataFrame({"customer_id": [2, 4]}),
        "promotions": ibis.memtable({"product_id": [10, 11, 10], "store_id": [5, 5, 6]}),
    }
    keys = books.foreign_keys(tables)
    assert len(keys) == 12
    assert keys["n_orphans"].tolist() == [1] * 12


def test_relations_of_tables_a_data_set_lacks_are_left_out():
    tables = {
        "customers": pd.DataFrame({"customer_id": [1]}),
        "transactions": pd.DataFrame({"customer_id": [1, 1], "product_id": [1, 2], "store_id": [3, 3]}),
    }
    keys = books.foreign_keys(tables)
    assert keys[["table", "key", "points_to", "n_orphans"]].to_numpy().tolist() == [
        ["transactions", "customer_id", "customers", 0]
    ]


def test_the_overview_counts_rows_and_says_what_one_is():
    overview = books.overview({"stores": pd.DataFrame({"store_id": [1, 2], "channel": "shop"})})
    assert overview.to_dict("records") == [
        {"table": "stores", "n_rows": 2, "n_columns": 2, "one row is": "one store or channel"}
    ]


def test_the_overview_counts_lazy_tables_where_they_lie():
    overview = books.overview({"promotions": ibis.memtable({"product_id": [1, 2, 3]})})
    assert overview[["table", "n_rows", "n_columns"]].to_numpy().tolist() == [["promotions", 3, 1]]


def test_the_metrics_equal_a_plain_count():
    lines = pd.DataFrame(
        {
            "order_id": [1, 1, 2],
            "customer_id": [7, 7, 8],
            "order_ts": pd.to_datetime(["2017-01-02", "2017-01-02", "2017-05-06"]),
            "amount": [1.105, 2.0, -0.5],
        }
    )
    intake = Intake("transactions", "lines.parquet", lines, "amount")
    intake.note(pd.Series([True, False, False]), "odd", "kept")
    tables = {
        "transactions": lines,
        "customers": pd.DataFrame({"customer_id": [1]}),
        "products": lines,
        "stores": lines,
    }
    metrics = books.metrics(warehouse_of(tables, [intake]))
    assert metrics == {
        "n_customers": 1,
        "n_orders": 1,
        "n_buyers": 1,
        "n_lines": 3,
        "n_products": 3,
        "n_stores": 3,
        "amount": 2.6,
        "first_order_date": "2017-01-02",
        "last_order_date": "2017-05-06",
        "n_rows_quarantined": 0,
        "n_checks": 1,
        "n_faults": 1,
        "n_fault_rows": 1,
        "is_reconciled": True,
    }


def test_sales_set_aside_are_told_and_stores_nobody_named_are_not_counted():
    lines = pd.DataFrame(
        {"order_id": [1], "customer_id": [1], "order_ts": pd.to_datetime(["2017-01-02"]), "amount": [4.0]}
    )
    intake = Intake(
        "transactions", "lines.csv", pd.concat([lines, lines.assign(amount=2.5)], ignore_index=True), "amount"
    )
    intake.set_aside(intake.frame["amount"] == 2.5, "no customer_id")
    found = {"transactions": lines, "stores": pd.DataFrame({"store_id": ["UNKNOWN"]})}
    metrics = books.metrics(warehouse_of(found, [intake]))
    assert metrics["amount_quarantined"] == 2.5
    assert "n_stores" not in metrics


def test_a_data_set_without_orders_records_what_it_has():
    contacts = pd.DataFrame({"customer_id": [1, 2]})
    found = {"customers": contacts, "contacts": contacts, "responses": contacts.iloc[:1]}
    metrics = books.metrics(warehouse_of(found, [Intake("contacts", "contacts.csv", contacts)]))
    assert {name: metrics[name] for name in metrics if name.startswith("n_") and metrics[name]} == {
        "n_customers": 2,
        "n_contacts": 2,
        "n_responses": 1,
    }
    assert "amount" not in metrics and "n_orders" not in metrics


def test_what_the_source_does_not_tell_is_no_fault_and_an_assumed_cost_is_named():
    contacts = Intake("contacts", "sent.csv", pd.DataFrame({"customer_id": [1, 2]}))
    contacts.note_absent(2, "no arm in the source", "kept: arm set to treatment")
    warehouse = warehouse_of({"contacts": contacts.frame, "customers": contacts.frame}, [contacts])
    assert books.faults_found(warehouse).empty
    assert books.metrics(warehouse)["n_checks"] == 0
    assert books.not_told(warehouse).to_numpy().tolist() == [
        ["contacts", "no arm in the source", 2, "kept: arm set to treatment"]
    ]
    assert books.assumed_cost(warehouse, 0.5) == {}
    contacts.note_absent(2, NO_CONTACT_COST, "kept: 0.50 assumed")
    assert books.assumed_cost(warehouse_of(warehouse.tables, [contacts]), 0.5) == {
        "assumed_contact_cost": 0.5
    }
