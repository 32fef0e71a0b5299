"""A file too large for a frame is judged in DuckDB by the same books."""

import hashlib
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.errors import ContractError
from dangol.warehouse import books
from dangol.warehouse.intake import Intake
from dangol.warehouse.integrate import Delivery, integrate
from dangol.warehouse.lazy_intake import LazyIntake, open_parquet
from dangol.workspace import RunFolder

PROMOTIONS = pd.DataFrame(
    {
        "product_id": [10, None, 11, 99, 10],
        "store_id": [5, 5, None, 5, 6],
        "week_date": pd.to_datetime(["2017-01-02", "2017-01-02", "2017-01-09", "2017-01-09", "2017-01-02"]),
        "is_displayed": [True, False, True, False, True],
        "is_mailed": False,
    }
).astype({"product_id": "Int64", "store_id": "Int64"})
PRODUCTS = pd.DataFrame({"product_id": [10, 11], "department": "D", "category": "C", "brand": "B"})
STORES = pd.DataFrame({"store_id": [5, 6], "channel": "shop"})


def taken(path: Path, frame: pd.DataFrame):
    frame.to_parquet(path / "promotions.parquet")
    lazy = LazyIntake("promotions", "promotions.parquet", open_parquet(path / "promotions.parquet"))
    others = (
        Intake("products", "products.csv", PRODUCTS),
        Intake("stores", "stores.csv", STORES),
    )
    return integrate(Delivery((*others, lazy)), 0.5)


def test_bad_rows_are_quarantined_and_the_books_close(tmp_path):
    warehouse = taken(tmp_path, PROMOTIONS)
    aside = warehouse.quarantine[["source_file", "source_row", "reason"]].to_numpy().tolist()
    assert aside == [
        ["promotions.parquet", 1, "product_id missing"],
        ["promotions.parquet", 2, "store_id missing"],
    ]
    book = warehouse.reconciliation.set_index("table").loc["promotions"]
    assert (book["n_rows_in"], book["n_rows_out"], book["n_rows_quarantined"]) == (5, 3, 2)
    assert books.is_reconciled(warehouse.reconciliation)
    tables.QUARANTINE.check(warehouse.quarantine)


def test_products_only_promoted_are_counted_and_inferred(tmp_path):
    warehouse = taken(tmp_path, PROMOTIONS)
    found = books.faults_found(warehouse)[["rule", "fault", "n_rows"]].to_numpy().tolist()
    assert ["unknown_product", "product not in products", 1] in found
    assert len(found) == 3
    assert warehouse.tables["products"]["product_id"].tolist() == [10, 11, 99]
    assert books.foreign_keys(warehouse.tables)["n_orphans"].sum() == 0


def test_the_books_count_what_was_looked_for_and_not_found(tmp_path):
    clean = PROMOTIONS.iloc[[0, 4]]
    warehouse = taken(tmp_path, clean)
    assert books.faults_found(warehouse).empty
    looked_for = warehouse.faults[warehouse.faults["table"] == "promotions"]
    assert looked_for["fault"].tolist()[:2] == ["product_id missing", "store_id missing"]
    assert (looked_for["n_rows"] == 0).all()


def test_a_lazy_table_is_written_as_it_is_and_twice_as_the_same_bytes(tmp_path, home):
    rng = np.random.default_rng(3)
    large = pd.DataFrame(
        {
            "product_id": rng.integers(10, 12, 300_000),
            "store_id": rng.integers(5, 7, 300_000),
            "week_date": pd.Timestamp("2017-01-02"),
            "is_displayed": rng.random(300_000) < 0.5,
            "is_mailed": rng.random(300_000) < 0.5,
        }
    )
    promotions = taken(tmp_path, large).tables["promotions"]
    folder = RunFolder("toy_shop", "2017-12-03", "full", "01")
    digests = set()
    for _ in range(3):
        tables.PROMOTIONS.write(promotions, folder)
        digests.add(hashlib.sha256(tables.PROMOTIONS.path(folder).read_bytes()).hexdigest())
    assert len(digests) == 1
    pd.testing.assert_frame_equal(tables.PROMOTIONS.read(folder), large, check_dtype=False)


def test_a_lazy_table_that_breaks_its_contract_is_not_written(tmp_path, home):
    folder = RunFolder("toy_shop", "2017-12-03", "full", "01")
    PROMOTIONS.drop(columns="is_mailed").to_parquet(tmp_path / "raw.parquet")
    rows = open_parquet(tmp_path / "raw.parquet").mutate(is_displayed=ibis.literal("yes"))
    with pytest.raises(ContractError) as refusal:
        tables.PROMOTIONS.write(rows, folder)
    assert str(refusal.value) == (
        "table 'promotions' breaks its contract in 4 place(s):\n"
        "  - product_id: 1 missing values\n"
        "  - store_id: 1 missing values\n"
        "  - is_displayed: string, expected bool\n"
        "  - is_mailed: column missing\n"
        "Re-run notebook 01, which writes it."
    )
    assert list(folder.path.iterdir()) == []
