"""Taking a file in: whatever is set aside, rows and money add up."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol import tables
from dangol.warehouse.books import is_reconciled
from dangol.warehouse.intake import Intake, warehouse_of

AMOUNTS = st.lists(
    st.decimals(min_value=-1_000, max_value=1_000, places=2).map(float), min_size=0, max_size=30
)


def lines_of(amounts: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"line": range(len(amounts)), "amount": pd.Series(amounts, dtype="float64")})


@given(AMOUNTS, st.data())
def test_in_equals_out_plus_quarantined_whatever_is_set_aside(amounts, data):
    intake = Intake("transactions", "lines.parquet", lines_of(amounts), "amount")
    reasons: dict[int, str] = {}
    for reason in ("first", "second", "third"):
        size = len(intake.frame)
        mask = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
        bad = pd.Series(mask, index=intake.frame.index, dtype="bool")
        reasons |= dict.fromkeys(intake.frame.index[bad], reason)
        intake.set_aside(bad, reason)
    aside = intake.quarantine()
    book = intake.reconciliation()
    assert book["n_rows_in"] == len(amounts) == book["n_rows_out"] + book["n_rows_quarantined"]
    assert sorted([*intake.frame["line"], *aside["source_row"]]) == list(range(len(amounts)))
    assert dict(zip(aside["source_row"], aside["reason"], strict=True)) == reasons
    for row in aside.itertuples():
        assert row.amount == amounts[row.source_row]
    assert is_reconciled(pd.DataFrame([book]))
    assert book["amount_in"] == pytest.approx(sum(amounts), abs=1e-6)


@settings(max_examples=15)
@given(AMOUNTS, st.data())
def test_the_quarantine_and_the_books_keep_their_contracts(amounts, data):
    mask = data.draw(st.lists(st.booleans(), min_size=len(amounts), max_size=len(amounts)))
    intake = Intake("transactions", "lines.parquet", lines_of(amounts), "amount")
    intake.set_aside(pd.Series(mask, dtype="bool"), "bad")
    warehouse = warehouse_of({"transactions": intake.frame}, [intake, Intake("stores", "s", lines_of([1.0]))])
    tables.QUARANTINE.check(warehouse.quarantine)
    tables.RECONCILIATION.check(warehouse.reconciliation)
    tables.DATA_FAULTS.check(warehouse.faults)
    assert warehouse.faults["n_rows"].tolist() == [sum(mask)]


def test_noting_a_fault_keeps_the_rows_and_counts_their_money():
    intake = Intake("transactions", "lines.parquet", lines_of([1.0, 2.0, -0.5]), "amount")
    intake.note(pd.Series([True, False, True]), "odd", "kept")
    assert len(intake.frame) == 3
    assert intake.faults() == [
        {
            "table": "transactions",
            "rule": "source",
            "fault": "odd",
            "n_rows": 2,
            "amount": 0.5,
            "treatment": "kept",
        }
    ]


def test_a_file_without_money_reconciles_rows_only():
    intake = Intake("stores", "stores.parquet", pd.DataFrame({"store_id": [1, 2, 3]}))
    intake.set_aside(pd.Series([True, False, False]), "closed")
    assert intake.reconciliation() == {
        "source_file": "stores.parquet",
        "table": "stores",
        "n_rows_in": 3,
        "n_rows_out": 2,
        "n_rows_quarantined": 1,
        "amount_in": 0.0,
        "amount_out": 0.0,
        "amount_quarantined": 0.0,
    }


def test_row_numbers_are_those_of_the_file_whatever_the_index_was():
    frame = lines_of([1.0, 2.0, 3.0]).set_axis([7, 7, 9])
    intake = Intake("transactions", "lines.parquet", frame, "amount")
    intake.set_aside(intake.frame["amount"] == 3.0, "bad")
    assert intake.quarantine()["source_row"].tolist() == [2]
    assert frame.index.tolist() == [7, 7, 9]


def test_the_frame_given_is_left_as_it_was():
    frame = lines_of([1.0, 2.0])
    before = frame.copy(deep=True)
    intake = Intake("transactions", "lines.parquet", frame, "amount")
    intake.set_aside(pd.Series([True, False]), "bad")
    intake.frame = intake.frame.assign(amount=0.0)
    pd.testing.assert_frame_equal(frame, before)
