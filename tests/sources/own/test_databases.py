"""Tables of databases: read only, by name, views and hostile names included."""

import sqlite3

import duckdb
import ibis
import pandas as pd
import pytest

from dangol.errors import InputError
from dangol.sources.own.databases import duckdb_tables, export_postgres, sqlite_tables
from dangol.sources.own.guessing import guesses_of
from dangol.sources.own.opening import open_rows
from dangol.sources.own.sampling import sources_of_database
from dangol.sources.own.spec import Input

HOSTILE = 'x"; drop table "b'


def make_sqlite(path):
    with sqlite3.connect(path) as connection:
        connection.execute('create table b (id integer, amount real, "이름" text)')
        connection.executemany("insert into b values (?, ?, ?)", [(2, 1.5, "홍"), (1, 4.0, None)])
        connection.execute('create table "x""; drop table ""b" (a integer)')
        connection.execute("create view v as select * from b")
    connection.close()


def make_duckdb(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table b as select * from (values (2, 1.5, '홍'), (1, 4.0, null)) t(id, amount, \"이름\")"
        )
        connection.execute('create table "x""; drop table ""b" (a integer)')
        connection.execute("create view v as select * from read_text('/etc/hostname')")


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_table_is_read_in_its_order_and_nothing_is_changed(tmp_path, kind):
    path = tmp_path / f"shop.{kind}"
    {"sqlite": make_sqlite, "duckdb": make_duckdb}[kind](path)
    before = path.read_bytes()
    listed = {"sqlite": sqlite_tables, "duckdb": duckdb_tables}[kind](path)
    assert listed == ["b", HOSTILE]
    rows = open_rows(path, Input(file=(path.name,), table="b"))
    assert rows.names == ("id", "amount", "이름")
    read = rows.stream(["이름", "id"]).read_all()
    assert read["c0"].to_pylist() == ["홍", None]
    assert [int(value) for value in read["c1"].to_pylist()] == [2, 1]
    assert open_rows(path, Input(file=(path.name,), table=HOSTILE)).stream(["a"]).read_all().num_rows == 0
    for table, message in (
        (None, "state which table"),
        ("v", "no table 'v'"),
        ("c", "no table 'c'; it has b"),
    ):
        with pytest.raises(InputError, match=message):
            open_rows(path, Input(file=(path.name,), table=table))
    assert path.read_bytes() == before


def test_a_database_address_with_a_password_is_refused(tmp_path):
    with pytest.raises(InputError, match="without a password"):
        export_postgres("postgresql://me:secret@host/shop", "orders", tmp_path / "x.parquet")
    with pytest.raises(InputError) as caught:
        export_postgres("postgresql://me:secret@host/shop", "orders", tmp_path / "x.parquet")
    assert "secret" not in str(caught.value)


def test_postgres_without_its_extra_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(InputError, match="needs the extra 'postgres'"):
        export_postgres("postgresql://me@host/shop", "orders", tmp_path / "x.parquet")


class Database:
    """Stands in for a server: answers the same expressions."""

    def list_tables(self) -> list[str]:
        return ["orders"]

    def table(self, name: str):
        days = pd.date_range("2024-01-01", periods=50)
        rows = {"donor": [i % 9 for i in range(50)], "day": days, "gift_amount": [i * 1.5 for i in range(50)]}
        return ibis.memtable(pd.DataFrame(rows))


def test_a_postgres_database_is_drafted_from_its_content(monkeypatch):
    monkeypatch.setattr("dangol.sources.own.databases._postgres", lambda address: Database())
    (source,) = sources_of_database("postgresql://me@host/shop")
    (guess,) = guesses_of(source)
    assert guess.table == "transactions"
    assert guess.columns == {"customer_id": "donor", "order_ts": "day", "amount": "gift_amount"}
