"""Deliveries: the same files change nothing, a grown export adds only what is new, history is kept."""

import pandas as pd
import pytest
from own_shop import CUSTOMERS, ORDERS, customers, transactions

from dangol import sources, tables
from dangol.errors import InputError
from dangol.sources.people import identify

pytestmark = pytest.mark.usefixtures("home")


def lines_of(name: str = "toy_shop") -> pd.DataFrame:
    return sources.to_canonical(name, 0.5).tables["transactions"]


def test_the_same_files_twice_change_nothing(write_spec, home):
    path = write_spec()
    first = sources.fetch(str(path))
    again = sources.fetch(str(path))
    assert again == first
    assert len(first.loads) == 1
    assert sources.fetch("toy_shop").digest == first.digest
    kept = home / "data" / "raw" / "toy_shop" / "load-0001" / "orders.csv"
    assert kept.read_text() == ORDERS
    assert (first.first_ts, first.last_ts, first.default_as_of) == ("2024-01-05", "2024-03-15", "2024-02-16")


def test_a_grown_export_adds_only_its_new_rows(write_spec, place):
    path = write_spec()
    digest = sources.fetch(str(path)).digest
    before = lines_of()
    (place / "orders.csv").write_text(ORDERS + "1005;7;2024-04-01;A;1;9.00\n")
    manifest = sources.fetch(str(path))
    assert [load.folder for load in manifest.loads] == ["load-0001", "load-0002"]
    assert manifest.digest != digest
    assert manifest.last_ts == "2024-04-01"
    after = lines_of()
    pd.testing.assert_frame_equal(after.iloc[:-1], before)
    assert after.iloc[-1]["amount"] == 9.0
    faults = sources.to_canonical("toy_shop", 0.5).faults.set_index("fault")
    known = faults.loc["row of an earlier or a later delivery as well"]
    assert (known["n_rows"], known["amount"]) == (6, 77.0)


def test_equal_rows_count_as_often_as_one_delivery_holds_them(write_spec, place):
    line = "1001;7;2024-01-05;A;2;10.50\n"
    head = ORDERS.splitlines(keepends=True)[0]
    (place / "orders.csv").write_text(head + line * 2)
    path = write_spec()
    sources.fetch(str(path))
    assert len(lines_of()) == 2
    (place / "orders.csv").write_text(head + line * 3)
    sources.fetch(str(path))
    assert len(lines_of()) == 3
    (place / "orders.csv").write_text(head + line)
    sources.fetch(str(path))
    assert len(lines_of()) == 3


def test_with_a_key_a_corrected_row_takes_the_place_of_the_old_one(write_spec, place):
    path = write_spec(transactions=transactions(key=["order_id", "product_id"]))
    sources.fetch(str(path))
    (place / "orders.csv").write_text(ORDERS.replace("1004;9;2024-03-15;A;4", "1004;9;2024-03-15;A;5"))
    sources.fetch(str(path))
    lines = lines_of()
    assert len(lines) == 5
    assert lines.loc[lines["order_id"] == "1004", "amount"].tolist() == [50.0]


def test_attributes_that_change_keep_their_history(write_spec, place, monkeypatch):
    path = write_spec(transactions=transactions(), customers=customers())
    sources.fetch(str(path))
    assert "customer_history" not in sources.to_canonical("toy_shop", 0.5).tables
    (place / "customers.csv").write_text(CUSTOMERS.replace("7;north", "7;west") + "11;east;2000\n")
    manifest = sources.fetch(str(path))
    found = sources.to_canonical("toy_shop", 0.5).tables
    tables.CUSTOMER_HISTORY.check(found["customer_history"])
    day = pd.Timestamp(manifest.loads[1].date)
    history = found["customer_history"]
    assert history[["customer_id", "attribute", "attribute_value"]].to_numpy().tolist() == [
        [7, "region", "north"],
        [7, "region", "west"],
    ]
    assert history["valid_to"].iloc[0] == day == history["valid_from"].iloc[1]
    assert history["valid_from"].isna().tolist() == [True, False]
    assert history["valid_to"].isna().tolist() == [False, True]
    people = found["customers"].set_index("customer_id")
    assert people.loc[7, "region"] == "west"
    assert people.loc[11, "region"] == "east"


def test_one_changed_raw_byte_is_refused(write_spec, home):
    sources.fetch(str(write_spec()))
    raw = home / "data" / "raw" / "toy_shop" / "load-0001" / "orders.csv"
    raw.write_text(raw.read_text().replace("10.50", "10.51", 1))
    with pytest.raises(InputError, match=r"load-0001/orders.csv: changed since it came in"):
        sources.fetch("toy_shop")


def test_what_a_dead_process_left_is_replaced(write_spec, place, home):
    path = write_spec()
    sources.fetch(str(path))
    left = home / "data" / "raw" / "toy_shop" / "load-0002"
    left.mkdir()
    (left / "half.csv").write_text("x")
    (place / "orders.csv").write_text(ORDERS + "1005;7;2024-04-01;A;1;9.00\n")
    sources.fetch(str(path))
    assert sorted(p.name for p in left.iterdir()) == ["orders.csv", "spec.yaml"]


def test_a_changed_spec_counts_for_all_deliveries(write_spec):
    first = sources.fetch(str(write_spec()))
    second = sources.fetch(
        str(write_spec(transactions=transactions(lines_without_customer="one_customer_per_order")))
    )
    assert second.digest != first.digest
    assert len(lines_of()) == 6


def test_faults_that_block_are_all_named_and_nothing_is_copied(write_spec, place, home):
    (place / "customers.csv").write_text("customer;region\n")
    table = transactions()
    table["columns"]["quantity"] = "unitz"
    with pytest.raises(InputError) as caught:
        sources.fetch(
            str(write_spec(transactions=table, customers=customers(columns={"customer_id": "customer"})))
        )
    text = str(caught.value)
    assert "there is no column 'unitz' (for quantity); did you mean 'units'?" in text
    assert "customers, customers.csv: holds no rows, only a header" in text
    assert not (home / "data" / "raw" / "toy_shop").exists()


def test_names_of_data_sets_that_come_along_are_taken(write_spec):
    path = write_spec()
    path.write_text(path.read_text().replace("toy_shop", "simulator"))
    for look in (sources.refuse_taken_name, lambda spec: sources.fetch(str(spec))):
        with pytest.raises(InputError, match="'simulator' is the name of a data set that comes along"):
            look(path)


def test_people_are_known_as_each_delivery_left_them(write_spec, place):
    head = "system;no;who;born;tel;client\n"
    first = "till;1;김민수;1980년 3월 2일;010-1234-5678;7\ntill;2;Ann Lee;02.04.1990;;8\n"
    (place / "people.csv").write_text(head + first, encoding="utf-8")
    columns = {"source": "system", "source_key": "no", "name": "who", "birth_date": "born", "phone": "tel"}
    given = {"file": "people.csv", "columns": {**columns, "customer_id": "client"}}
    path = write_spec(transactions=transactions(), people=given)
    sources.fetch(str(path))
    assert sources.to_canonical("toy_shop", 0.5).earlier_people == ()
    moved = first.replace("010-1234-5678", "010-9999-0000")
    (place / "people.csv").write_text(head + moved + "till;3;Bo Ray;;;\n", encoding="utf-8")
    sources.fetch(str(path))
    warehouse = sources.to_canonical("toy_shop", 0.5)
    (before,) = warehouse.earlier_people
    assert before[["source", "source_key", "phone"]].fillna("").to_numpy().tolist() == [
        ["till", "1", "010-1234-5678"],
        ["till", "2", ""],
    ]
    now = warehouse.tables["people"].sort_values("source_key")
    assert now["phone"].fillna("").tolist() == ["010-9999-0000", "", ""]
    found = identify(warehouse, 0.9, "KR", 1)
    tables.PEOPLE.check(found.warehouse.tables["people"])
    birth = found.warehouse.tables["people"].set_index("source_key")["birth_date"]
    assert birth["1"] == pd.Timestamp("1980-03-02")
    ids = found.table("customer_identity").set_index("source_key")["customer_id"].astype("str")
    assert ids[["1", "2"]].tolist() == ["7", "8"]


def test_a_name_in_use_by_another_company_is_refused_before_anything_is_mixed(write_spec, place, tmp_path):
    sources.fetch(str(write_spec()))
    other = tmp_path / "other"
    other.mkdir()
    (other / "orders.csv").write_text(ORDERS.replace("1001", "2001"))
    spec = write_spec().read_text().replace("made up", "another company")
    (other / "shop.yaml").write_text(spec)
    message = r"'toy_shop' is the name of other data, .* \(origin: made up; files: orders.csv\).* toy_shop_2"
    for look in (sources.refuse_taken_name, lambda path: sources.fetch(str(path))):
        with pytest.raises(InputError, match=message):
            look(other / "shop.yaml")
    assert len(lines_of()) == 5
    (other / "shop.yaml").write_text(spec.replace("toy_shop", "toy_shop_2"))
    assert sources.fetch(str(other / "shop.yaml")).dataset == "toy_shop_2"


def test_a_spec_that_only_moved_goes_on_with_its_data(write_spec, place, tmp_path):
    sources.fetch(str(write_spec()))
    moved = place.rename(tmp_path / "moved")
    (moved / "orders.csv").write_text(ORDERS + "1005;7;2024-04-01;A;1;9.00\n")
    assert len(sources.fetch(str(moved / "shop.yaml")).loads) == 2
    spec = (moved / "shop.yaml").read_text().replace("made up", "made up, June")
    (moved / "shop.yaml").write_text(spec)  # where it lies it is the same spec, whatever it says
    assert sources.fetch(str(moved / "shop.yaml")).origin == "made up, June"


def test_a_draft_takes_a_name_that_is_free(write_spec, place):
    from dangol.sources.own.starting import start

    spec = write_spec().read_text()
    write_spec().write_text(spec.replace("toy_shop", "exports"))
    sources.fetch(str(place / "shop.yaml"))
    (place / "customers.csv").write_text(CUSTOMERS)
    drafted = start([str(place)], None, "", force=False).path
    assert drafted.name == "exports.yaml"
    assert "dataset: exports_2\n" in drafted.read_text()


def test_an_unknown_name_is_answered_with_the_data_there_are(write_spec):
    sources.fetch(str(write_spec()))
    with pytest.raises(
        InputError, match=r"known are complete_journey, simulator, toy_shop .*mean 'toy_shop'"
    ):
        sources.fetch("toy_shp")
