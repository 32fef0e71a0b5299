"""A table keeps its contract, or the reader learns everything that is wrong at once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dangol.contracts import Table
from dangol.errors import ContractError, DangolError, MissingTableError, SkipNotebookError
from dangol.files import write_json

SNAPSHOT = Table(
    name="customer_snapshot",
    owner="03",
    grain="one customer",
    key=("customer_id",),
    columns={
        "customer_id": "id",
        "recency_days": "int",
        "monetary": "float",
        "online_share": "float?",
        "is_member": "bool",
        "region": "str?",
        "first_ts": "datetime",
    },
    ranges={"recency_days": (0, 400), "monetary": (None, 1_000)},
)
OFFER = Table(
    "customer_offer", "06", "one offer", ("customer_id", "rank"), {"customer_id": "id", "rank": "int"}
)


@pytest.fixture
def frame() -> pd.DataFrame:
    """Three rows that keep every promise."""
    return pd.DataFrame(
        {
            "customer_id": [1, 2, 3],
            "recency_days": [0, 7, 400],
            "monetary": [12.5, -3.0, 1_000.0],
            "online_share": [0.0, None, 1.0],
            "is_member": [True, False, True],
            "region": ["north", None, "south"],
            "first_ts": pd.to_datetime(["2017-01-01", "2017-02-01", "2017-03-01"]),
            "further": ["columns", "are", "welcome"],
        }
    )


def message_of(table: Table, frame: pd.DataFrame) -> str:
    with pytest.raises(ContractError) as stop:
        table.check(frame)
    return str(stop.value)


def test_a_frame_that_keeps_its_contract_passes_and_is_left_as_it_was(frame):
    before = frame.copy(deep=True)
    SNAPSHOT.check(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_frame_of_the_right_kinds_passes(frame):
    SNAPSHOT.check(frame.iloc[:0])


def test_the_message_is_the_one_of_the_house_style(frame):
    broken = frame.assign(recency_days=frame["recency_days"].astype("float64"), customer_id=[1, 1, 2])
    assert message_of(SNAPSHOT, broken) == (
        "table 'customer_snapshot' breaks its contract in 2 place(s):\n"
        "  - recency_days: float64, expected int\n"
        "  - key (customer_id): 1 duplicate rows\n"
        "Re-run notebook 03, which writes it."
    )


def test_all_breaches_are_listed_at_once_in_the_order_of_the_contract(frame):
    broken = frame.assign(
        customer_id=[5, 5, 5],
        recency_days=[-1, 3, 401],
        monetary=["1", "2", "3"],
        online_share=[0.5, 1.5, None],
        region=[1, 2, 3],
    ).drop(columns=["first_ts"])
    broken["is_member"] = broken["is_member"].astype("object").where([True, False, True])
    lines = message_of(SNAPSHOT, broken).splitlines()
    assert lines[0] == "table 'customer_snapshot' breaks its contract in 9 place(s):"
    assert lines[1] == "  - recency_days: 1 rows break greater_than_or_equal_to(0), for example -1"
    assert lines[2] == "  - recency_days: 1 rows break less_than_or_equal_to(400), for example 401"
    assert "  - monetary: str, expected float" in lines
    assert "  - online_share: 1 rows break less_than_or_equal_to(1.0), for example 1.5" in lines
    assert "  - is_member: object, expected bool" in lines
    assert "  - is_member: 1 missing values" in lines
    assert "  - region: int64, expected str" in lines
    assert sum("monetary" in line for line in lines) == 1  # text cannot be out of range
    assert lines[-3:] == [
        "  - first_ts: column missing",
        "  - key (customer_id): 2 duplicate rows",
        "Re-run notebook 03, which writes it.",
    ]


def test_a_key_of_two_columns_is_one_breach(frame):
    offers = pd.DataFrame({"customer_id": [1, 1, 1, 2], "rank": [1, 2, 1, 1]})
    assert "  - key (customer_id, rank): 1 duplicate rows\n" in message_of(OFFER, offers)
    OFFER.check(offers.drop_duplicates())


def test_a_key_with_a_missing_column_is_not_called_duplicate():
    message = message_of(OFFER, pd.DataFrame({"customer_id": [1, 1]}))
    assert "in 1 place(s):\n  - rank: column missing\n" in message


def test_breaches_are_found_whatever_the_index(frame):
    broken = frame.assign(customer_id=[5, 5, 5], recency_days=[-1, 3, 4]).set_axis([9, 9, 9])
    assert "in 2 place(s)" in message_of(SNAPSHOT, broken)


@pytest.mark.parametrize("ids", [["a", "b", "c"], np.array([1, 2, 3], dtype="int32")])
def test_identifiers_are_whole_numbers_or_text(frame, ids):
    SNAPSHOT.check(frame.assign(customer_id=ids))


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("customer_id", np.array([1, 2, 3], dtype="uint64"), "uint64, expected id"),
        ("customer_id", [1.0, 2.0, 3.0], "float64, expected id"),
        ("recency_days", [True, False, True], "bool, expected int"),
        ("monetary", [1, 2, 3], "int64, expected float"),
        ("is_member", [0, 1, 1], "int64, expected bool"),
        ("first_ts", ["2017-01-01", "2017-01-02", "2017-01-03"], "str, expected datetime"),
    ],
)
def test_a_column_of_another_kind_is_named_with_both_kinds(frame, column, values, kind):
    assert f"  - {column}: {kind}\n" in message_of(SNAPSHOT, frame.assign(**{column: values}))


@pytest.mark.parametrize("name", ["lapse_prob", "online_share", "hit_rate"])
def test_shares_rates_and_probabilities_lie_between_0_and_1_without_saying_so(name):
    table = Table("t", "03", "row", (), {name: "float"})
    table.check(pd.DataFrame({name: [0.0, 1.0]}))
    assert "greater_than_or_equal_to(0.0)" in message_of(table, pd.DataFrame({name: [-1e-9]}))
    assert "less_than_or_equal_to(1.0)" in message_of(table, pd.DataFrame({name: [1 + 1e-9]}))


def test_what_is_written_is_read_back_equal(frame, folder):
    SNAPSHOT.write(frame, folder)
    pd.testing.assert_frame_equal(SNAPSHOT.read(folder), frame)
    assert SNAPSHOT.exists(folder)
    assert SNAPSHOT.expr(folder).count().execute() == 3


def test_writing_twice_gives_identical_bytes(frame, folder):
    SNAPSHOT.write(frame, folder)
    first = SNAPSHOT.path(folder).read_bytes()
    SNAPSHOT.write(frame, folder)
    assert SNAPSHOT.path(folder).read_bytes() == first


def test_only_the_owner_may_write(frame, folder):
    with pytest.raises(
        ContractError, match="notebook 05 may not write 'customer_snapshot': notebook 03 owns"
    ):
        SNAPSHOT.write(frame, folder.of("05"))
    assert not SNAPSHOT.exists(folder)


def test_every_notebook_may_read(frame, folder):
    SNAPSHOT.write(frame, folder)
    assert len(SNAPSHOT.read(folder.of("09"))) == 3


def test_a_breach_is_not_written_and_the_old_table_stays(frame, folder):
    SNAPSHOT.write(frame, folder)
    with pytest.raises(ContractError, match="column missing"):
        SNAPSHOT.write(frame.drop(columns="region"), folder)
    pd.testing.assert_frame_equal(SNAPSHOT.read(folder), frame)


def test_a_table_edited_by_hand_is_refused_on_reading(frame, folder):
    SNAPSHOT.write(frame, folder)
    frame.assign(recency_days=-5).to_parquet(SNAPSHOT.path(folder))
    with pytest.raises(ContractError, match="Re-run notebook 03, which writes it"):
        SNAPSHOT.read(folder.of("05"))


def test_reading_some_columns_checks_their_part_of_the_contract(frame, folder):
    SNAPSHOT.write(frame, folder)
    frame.assign(recency_days=-5, customer_id=1).to_parquet(SNAPSHOT.path(folder))
    assert SNAPSHOT.read(folder, ["monetary"]).shape == (3, 1)
    with pytest.raises(ContractError, match="recency_days: 3 rows break"):
        SNAPSHOT.read(folder, ["monetary", "recency_days"])
    with pytest.raises(ContractError, match=r"key \(customer_id\): 2 duplicate rows"):
        SNAPSHOT.read(folder, ["customer_id"])


@pytest.mark.parametrize("method", ["read", "expr"])
def test_a_missing_table_names_the_notebook_and_the_command(folder, method):
    expected = (
        r"table 'customer_snapshot' of data set 'toy_shop' as of 2017-12-03 is not there yet. Run notebook "
        r"03 first, or: dangol run --only 03 --dataset toy_shop --set as_of=2017-12-03$"
    )
    with pytest.raises(MissingTableError, match=expected):
        getattr(SNAPSHOT, method)(folder.of("05"))


@pytest.mark.parametrize("method", ["read", "expr"])
def test_a_table_the_owner_did_not_write_lets_the_reader_skip(folder, method):
    write_json({}, folder.of("03").records / "done.json")
    expected = r"data set 'toy_shop' has no customer_snapshot \(one customer\), which this notebook needs"
    with pytest.raises(SkipNotebookError, match=expected):
        getattr(SNAPSHOT, method)(folder.of("05"))


@pytest.mark.parametrize("method", ["read", "expr"])
@pytest.mark.parametrize("harm", ["truncated", "emptied", "no parquet"])
def test_a_damaged_table_is_one_sentence_with_the_command(frame, folder, harm, method):
    SNAPSHOT.write(frame, folder)
    path = SNAPSHOT.path(folder)
    content = path.read_bytes()
    path.write_bytes({"truncated": content[:-100], "emptied": b"", "no parquet": b"text" * 100}[harm])
    expected = r"^table 'customer_snapshot' cannot be read \(\w+\); the file is damaged. .* --only 03$"
    with pytest.raises(DangolError, match=expected):
        getattr(SNAPSHOT, method)(folder)


def test_a_table_damaged_in_the_middle_is_never_an_unexpected_error(frame, folder):
    rows = pd.concat([frame] * 200, ignore_index=True).assign(customer_id=range(600))
    SNAPSHOT.write(rows, folder)
    path = SNAPSHOT.path(folder)
    content = path.read_bytes()
    n_refused = 0
    for place in range(4, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            SNAPSHOT.read(folder)
        except DangolError:
            n_refused += 1
    assert n_refused > 10


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_a_full_disk_keeps_the_old_table(frame, folder, monkeypatch):
    SNAPSHOT.write(frame, folder)
    to_parquet = pd.DataFrame.to_parquet
    monkeypatch.setattr(
        pd.DataFrame, "to_parquet", lambda self, _, **how: to_parquet(self, "/dev/full", **how)
    )
    with pytest.raises(DangolError, match=r"could not write customer_snapshot.parquet: the disk is full"):
        SNAPSHOT.write(frame.head(1), folder)
    assert len(SNAPSHOT.read(folder)) == 3
    assert [path.name for path in folder.path.iterdir()] == ["customer_snapshot.parquet"]
