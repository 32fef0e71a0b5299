"""Erasing a person: nothing names them afterwards, nobody else loses a row, and they stay out."""

import csv
import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from dangol.cli import app
from dangol.erasure.erase import erase, preview
from dangol.erasure.pages import mentions_in_page
from dangol.erasure.person import Person, find_person
from dangol.erasure.traces import n_hits
from dangol.errors import InputError
from dangol.files import sha256_of_file, write_json
from dangol.sources.erased import Marks, mark_erased, marks_file, read_marks, without_erased
from dangol.warehouse.intake import Intake
from dangol.warehouse.integrate import Delivery

SHOP, RUN = "toy_shop", "2024-06-01/full"
KEY = "W000000-00027"


@pytest.fixture
def shop(home: Path) -> Path:
    """A run of a data set in which customer 24 has two records and was known as 58 as well."""
    run = home / "data" / "processed" / SHOP / RUN
    run.mkdir(parents=True)
    tables = {
        "customers": {"customer_id": [7, 24, 240], "first_seen_date": pd.to_datetime(["2024-01-01"] * 3)},
        "transactions": {
            "order_id": [1, 24, 3, 4],
            "customer_id": [7, 7, 24, 240],
            "amount": [24.0, 1, 2, 3],
        },
        "customer_identity": {
            "source": ["shop", "web", "web"],
            "source_key": ["S1", KEY, "W9"],
            "customer_id": [24, 24, 7],
            "match_prob": [0.9, 0.9, 0.9],
        },
        "golden_record": {"customer_id": [24, 7], "household_id": [24, 24], "n_records": [2, 1]},
        "identity_log": {
            "event": ["merged", "new"],
            "customer_id": [24, 7],
            "previous_customer_id": pd.array([58, None], "Int64"),
            "n_records": [1, 1],
            "reason": ["a link", "nobody before"],
        },
        "events": {"customer_id": [7, 240], "text": [f"a friend of {KEY}, she says", "came late"]},
    }
    for name, columns in tables.items():
        pd.DataFrame(columns).to_parquet(run / f"{name}.parquet", index=False)
    write_json({"n_customers": 24, "top": "Gold"}, run / "records" / "01" / "metrics.json")
    reports = home / "reports" / SHOP / RUN.split("/")[0]
    (reports / "exports").mkdir(parents=True)
    (reports / "01_integrate.html").write_text(f"<p>record {KEY} joins two</p>")
    (reports / "06_crosssell.html").write_text("<table><tr><td>24</td><td>tea</td></tr></table>")
    (reports / "02_understand.html").write_text('<p width="24">24 % of 24,000 and 24.5 for 124</p>')
    contacts = reports / "exports" / "contact_list.csv"
    contacts.write_text("customer_id,campaign_type\n7,A\n24,B\n240,24\n")
    manifest = {"n_rows": 3, "sha256": sha256_of_file(contacts), "file": contacts.name}
    write_json(manifest, contacts.with_suffix(".json"))
    _track(home, f"customer {KEY} failed")
    return home


def _track(home: Path, tag: str) -> None:
    """A tracking database with one run of the shop and one of another data set."""
    kept = home / "mlruns" / "artifacts" / "1" / "run" / "artifacts"
    kept.mkdir(parents=True)
    output = {
        "output_type": "display_data",
        "data": {"text/html": ["<table><tr><td>24</td>\n", "<td>tea</td>"]},
    }
    cells = [{"cell_type": "code", "source": ["print(24)"], "outputs": [output]}]
    (kept / "06_crosssell.ipynb").write_text(json.dumps({"cells": cells}))
    (kept / "02_understand.ipynb").write_text(json.dumps({"cells": [{**cells[0], "outputs": []}]}))
    with sqlite3.connect(home / "mlruns" / "mlflow.db") as database:
        database.execute("create table experiments (experiment_id int, name text, artifact_location text)")
        database.execute("create table runs (run_uuid text, experiment_id int)")
        for table in ("params", "tags"):
            database.execute(f"create table {table} (run_uuid text, key text, value text)")
        for number, name in enumerate((SHOP, "other"), start=1):
            place = f"mlruns/artifacts/{number}"
            database.execute("insert into experiments values (?, ?, ?)", (number, name, place))
            database.execute("insert into runs values (?, ?)", (f"run{number}", number))
            database.execute("insert into tags values (?, 'note', ?)", (f"run{number}", tag))


def rows(home: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(home / "data" / "processed" / SHOP / RUN / f"{name}.parquet")


@pytest.mark.parametrize("name", ["24", KEY, f"web:{KEY}", "S1", "shop:S1"])
def test_the_same_person_is_found_by_every_name(shop, name):
    person = find_person(SHOP, name)
    assert person.customer_ids == {"24", "58"}
    assert person.records == {("shop", "S1"), ("web", KEY)}


def test_their_rows_go_and_nobody_elses(shop):
    erase(SHOP, KEY)
    assert rows(shop, "customers")["customer_id"].tolist() == [7, 240]
    assert rows(shop, "transactions").to_numpy().tolist() == [[1, 7, 24], [24, 7, 1], [4, 240, 3]]
    assert rows(shop, "customer_identity")["source_key"].tolist() == ["W9"]
    assert rows(shop, "identity_log")["customer_id"].tolist() == [7]
    assert rows(shop, "events")["customer_id"].tolist() == [240]
    assert rows(shop, "golden_record")[["customer_id", "household_id"]].to_numpy().tolist() == [[7, 7]]


def test_lists_lose_their_line_and_the_manifest_says_so(shop):
    erase(SHOP, "24")
    path = shop / "reports" / SHOP / "2024-06-01" / "exports" / "contact_list.csv"
    with path.open() as stream:
        assert list(csv.reader(stream)) == [["customer_id", "campaign_type"], ["7", "A"], ["240", "24"]]
    manifest = json.loads(path.with_suffix(".json").read_text())
    assert manifest == {"n_rows": 2, "sha256": sha256_of_file(path), "file": path.name}


def test_pages_and_notebooks_that_name_them_go_and_the_others_stay(shop):
    erase(SHOP, "24")
    pages = {path.name: path.read_text() for path in (shop / "reports").rglob("*.html")}
    told = {name for name, text in pages.items() if "The next run of this data set makes it anew" in text}
    assert told == {"01_integrate.html", "06_crosssell.html"}
    assert "24 %" in pages["02_understand.html"]
    assert {path.name for path in (shop / "mlruns").rglob("*.ipynb")} == {"02_understand.ipynb"}
    assert (shop / "data" / "processed" / SHOP / RUN / "records" / "01" / "metrics.json").is_file()


def test_the_tracking_database_forgets_them_in_this_data_set_alone(shop):
    erase(SHOP, "24")
    with sqlite3.connect(shop / "mlruns" / "mlflow.db") as database:
        notes = [value for (value,) in database.execute("select value from tags order by run_uuid")]
    assert notes == ["customer [erased] failed", f"customer {KEY} failed"]


def test_everything_is_searched_again_and_the_search_can_find(shop):
    person = find_person(SHOP, "24")
    files = [path for path in shop.rglob("*") if path.is_file() and path.name not in ("mlflow.db", ".lock")]
    assert sum(n_hits(path, person) > 0 for path in files) == 10
    done = erase(SHOP, "24")
    assert done.left == ()
    assert done.treated == {("rows dropped", ".parquet"): 6, ("rows dropped", ".csv"): 1} | {
        ("replaced by a note", ".html"): 2,
        ("removed", ".ipynb"): 1,
    }
    assert done.n_searched == {".parquet": 6, ".csv": 1, ".json": 2, ".html": 3, ".ipynb": 1}
    text = "\n".join(done.lines())
    assert "1 .csv, 3 .html, 1 .ipynb, 2 .json, 6 .parquet; 0 hits remain" in text
    assert KEY not in text


def test_what_cannot_be_removed_is_named(shop, monkeypatch):
    monkeypatch.setattr("dangol.erasure.erase.remove", lambda path, person: "left alone")
    done = erase(SHOP, "24")
    assert len(done.left) == 10
    assert "; hits remain in 10 place(s)" in "\n".join(done.lines())
    assert f"data/processed/{SHOP}/{RUN}/customers.parquet" in done.left


@pytest.mark.parametrize("name", ["24", "58", KEY, f"web:{KEY}"])
def test_erasing_again_searches_again_and_finds_nothing(shop, name):
    erase(SHOP, "24")
    again = erase(SHOP, name)
    assert (again.treated, again.left) == ({}, ())
    with pytest.raises(InputError, match="no customer '25' in data set 'toy_shop'"):
        erase(SHOP, "25")


def test_faults_are_clear_and_erase_nothing(shop):
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    for dataset, name, said in (
        (
            SHOP,
            "999",
            r"no customer '999' in data set 'toy_shop' \(1 run\(s\) searched\); nothing was erased",
        ),
        ("elsewhere", "24", "data set 'elsewhere' has no run here"),
    ):
        with pytest.raises(InputError, match=said):
            erase(dataset, name)
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before


def test_a_key_of_several_people_must_be_told_apart(shop):
    path = shop / "data" / "processed" / SHOP / RUN / "customer_identity.parquet"
    identity = pd.read_parquet(path)
    extra = identity.tail(1).assign(source="shop", source_key=KEY)
    pd.concat([identity, extra]).to_parquet(path, index=False)
    with pytest.raises(InputError, match="a record of several sources, and they are different people"):
        find_person(SHOP, KEY)
    assert find_person(SHOP, f"shop:{KEY}").customer_ids == {"7"}


PANDAS_TABLE = (
    "<table><thead><tr><th></th><th>customer_id</th><th>n_orders</th></tr></thead>"
    "<tbody><tr><th>8</th><td>{id}</td><td>{n}</td></tr></tbody></table>"
)


@pytest.mark.parametrize(
    ("page", "hits"),
    [
        (PANDAS_TABLE.format(id=8, n=3), 1),
        (PANDAS_TABLE.format(id=5, n=8), 0),
        ("<table><tr><th>segment</th><th>n</th></tr><tr><td>8</td><td>8</td></tr></table>", 0),
        ("<table><tr><th>n_customers</th></tr><tr><td>8</td></tr></table>", 0),
        ("<table><tr><th>고객</th></tr><tr><td>8</td></tr></table>", 1),
        ("<table><tr><th>Customer</th><td>8</td></tr><tr><th>orders</th><td>8</td></tr></table>", 1),
        ("<table><tr><td>8</td><td>tea</td></tr></table>", 1),
        ("<p>Why is customer 8 gone?</p>", 1),
        ("<p>Customers 5, 17 and 8 placed 8 orders.</p>", 1),
        ("<p>고객 8 님</p>", 1),
        ("<p>In 8 weeks 8 % of 1,500 customers came 8 times.</p>", 0),
        ("<pre>   customer_id  n\n0            8  1</pre>", 1),
        ('<div class="highlight"><div><pre>customer_id = 8</pre></div></div><p>8</p>', 0),
        ("<style>p {width: 8}</style><p width='8'>customers</p>", 0),
    ],
)
def test_a_plain_number_counts_where_the_page_speaks_of_customers(page, hits):
    assert mentions_in_page(page, frozenset({"8"})) == hits


def test_values_under_a_customers_key_count_in_records(shop, tmp_path):
    path = tmp_path / "figure.json"
    person = find_person(SHOP, "24")
    write_json({"rows": [{"customer_id": 24, "n": 24}, {"customer_id": [7, 58]}], "n": 24}, path)
    assert n_hits(path, person) == 2
    write_json({"rows": [{"customer_id": 240, "n": 24}], "n_customers": 24}, path)
    assert n_hits(path, person) == 0


def everything(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_a_preview_says_who_is_meant_and_how_much_would_go_and_changes_nothing(shop):
    raw = shop / "data" / "raw" / SHOP / "load-0001"
    raw.mkdir(parents=True)
    (raw / "orders.csv").write_text("customer_id\n24\n")
    households = pd.DataFrame({"customer_id": [7], "household_id": [24]})
    households.to_parquet(shop / "data" / "processed" / SHOP / RUN / "golden_record.parquet")
    before = everything(shop)
    place = f"data/processed/{SHOP}/{RUN}"
    assert list(preview(SHOP, KEY)) == [
        f"'{KEY}' is customer 24, 58 of '{SHOP}'; records: shop:S1, web:{KEY}",
        f"would mark the person in data/erased/{SHOP}.json: later loads leave them out",
        f"{place}/customer_identity.parquet: would lose 2 row(s)",
        f"{place}/customers.parquet: would lose 1 row(s)",
        f"{place}/events.parquet: would lose 1 row(s)",
        f"{place}/golden_record.parquet: would keep its rows: a household gets another name",
        f"{place}/identity_log.parquet: would lose 1 row(s)",
        f"{place}/transactions.parquet: would lose 1 row(s)",
        f"reports/{SHOP}/2024-06-01/01_integrate.html: would be replaced by a note: 1 mention(s)",
        f"reports/{SHOP}/2024-06-01/06_crosssell.html: would be replaced by a note: 1 mention(s)",
        f"reports/{SHOP}/2024-06-01/exports/contact_list.csv: would lose 1 row(s)",
        "mlruns/artifacts/1/run/artifacts/06_crosssell.ipynb: would be removed: 1 mention(s)",
        "in all 7 row(s) of 7 table(s) and list(s), 2 page(s), 1 other file(s)",
        "would lose the name: 1 parameter(s) and tag(s) of tracked runs",
        f"0 of 1 raw file(s) in data/raw/{SHOP} would go: they stay as they came, yours to clear",
    ]
    assert everything(shop) == before


COMMAND = ["erase", "24", "--dataset", SHOP]


@pytest.mark.parametrize("options", [["--dry-run"], ["--dry-run", "--yes"], ["--yes", "--dry-run"]])
def test_a_dry_run_changes_nothing_whatever_else_is_said(shop, options):
    before = everything(shop)
    shown = CliRunner().invoke(app, [*COMMAND, *options])
    assert shown.exit_code == 0
    assert shown.output.splitlines() == list(preview(SHOP, "24"))
    assert everything(shop) == before


def test_the_command_erases_only_when_told_to(shop, monkeypatch):
    before = everything(shop)
    unasked = CliRunner().invoke(app, COMMAND)
    assert isinstance(unasked.exception, InputError)
    assert "nobody can be asked here. Confirm with --yes" in str(unasked.exception)
    monkeypatch.setattr("dangol.upkeep._can_be_asked", lambda: True)
    declined = CliRunner().invoke(app, COMMAND, input="n\n")
    assert (declined.exit_code, declined.output.splitlines()[-1]) == (0, "nothing was erased")
    assert everything(shop) == before
    assert CliRunner().invoke(app, COMMAND, input="y\n").exit_code == 0
    assert 24 not in rows(shop, "customers")["customer_id"].tolist()


def test_yes_erases_without_asking(shop):
    assert CliRunner().invoke(app, [*COMMAND, "--yes"]).exit_code == 0
    assert 24 not in rows(shop, "customers")["customer_id"].tolist()


def test_marks_can_be_compared_but_not_read(home):
    path = mark_erased(SHOP, find_marks(["24", KEY]))
    mark_erased(SHOP, find_marks(["x"]))
    assert path == marks_file(SHOP)
    assert KEY not in path.read_text()
    marks = read_marks(SHOP)
    assert all(marks.holds(f"customer:{name}") for name in ("24", KEY, "x"))
    assert not marks.holds("customer:240")
    assert Marks("00").with_names(["customer:24"]).digests != Marks("01").with_names(["customer:24"]).digests


def find_marks(ids: list[str]) -> list[str]:
    return Person(SHOP, frozenset(ids)).marks


def test_marked_people_do_not_come_in_again_and_the_books_still_agree(home):
    lines = pd.DataFrame({"customer_id": [7, 24, 24, 58], "amount": [1.0, 2.0, 3.0, 4.0]})
    people = pd.DataFrame({"source": ["shop", "web"], "source_key": ["S1", "S1"], "customer_id": [None, 7]})
    history = pd.DataFrame({"customer_id": [7, 24], "attribute": ["region", "region"]})
    mark_erased(SHOP, Person(SHOP, frozenset({"24", "58"}), frozenset({("shop", "S1")})).marks)
    delivery = Delivery(
        (
            Intake("transactions", "orders.csv", lines, amount="amount"),
            Intake("people", "people.csv", people),
        ),
        {"customer_history": history},
        earlier_people=(people,),
    )
    kept = without_erased(delivery, SHOP)
    orders, records = kept.intakes
    assert orders.frame["customer_id"].tolist() == [7]
    assert records.frame["source"].tolist() == kept.earlier_people[0]["source"].tolist() == ["web"]
    assert kept.derived["customer_history"]["customer_id"].tolist() == [7]
    book = orders.reconciliation()
    assert (book["n_rows_in"], book["n_rows_out"], book["n_rows_quarantined"]) == (4, 1, 3)
    assert (book["amount_in"], book["amount_out"], book["amount_quarantined"]) == (10.0, 1.0, 9.0)
    assert orders.quarantine()["reason"].unique().tolist() == ["erased on request"]


def test_without_marks_a_delivery_is_left_as_it_is(home):
    delivery = Delivery(())
    assert without_erased(delivery, SHOP) is delivery
