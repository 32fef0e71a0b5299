import io

import pandas as pd
import pytest
import runner_toys as toys
from rich.console import Console

from dangol.errors import InputError
from dangol.runner.query import ask, find_run, tables_of
from dangol.runner.summary import show_rows
from dangol.workspace import RunFolder


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run with one table of three rows, and an older one."""
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    stores = pd.DataFrame({"store_id": [1, 2, 3], "channel": ["shop", "web", "web"]})
    for as_of in ("2017-06-01", "2017-12-03"):
        folder = RunFolder(toys.DATASET, as_of, "full", "01")
        folder.path.mkdir(parents=True)
        stores.to_parquet(folder.path / "stores.parquet")
    return folder


def test_tables_are_asked_by_their_names(run):
    answer = ask("select channel, count(*) as n from stores group by 1 order by 1", run, 10)
    assert answer.rows.to_dict("list") == {"channel": ["shop", "web"], "n": [1, 2]}
    assert not answer.is_cut


def test_long_answers_are_cut_and_it_is_said(run):
    answer = ask("from stores", run, 2)
    assert len(answer.rows) == 2 and answer.is_cut


def test_a_wrong_query_is_answered_with_the_reason(run):
    with pytest.raises(InputError, match=r"DuckDB cannot answer: .*chanel"):
        ask("select chanel from stores", run, 10)


def test_the_tables_of_a_run_are_listed(run):
    listed = tables_of(run)
    assert listed[["table", "n_rows", "notebook"]].values.tolist() == [["stores", 3, "01"]]


def test_without_a_date_the_latest_run_is_taken(run):
    assert find_run(toys.DATASET, None, "full").as_of == "2017-12-03"
    assert find_run(toys.DATASET, "2017-06-01", "full").as_of == "2017-06-01"


def test_a_run_that_is_not_there_is_answered_with_those_that_are(run):
    with pytest.raises(
        InputError, match=r"(?s)no run of data set 'other'.*--as-of 2017-06-01 --variant full"
    ):
        find_run("other", None, "full")


def test_a_damaged_table_is_named_with_the_notebook_that_writes_it_anew(run):
    (run.path / "stores.parquet").write_text("no parquet")
    for look in (tables_of, lambda folder: ask("from stores", folder, 2)):
        with pytest.raises(InputError, match=r"table 'stores' of .*2017-12-03.* is damaged.*notebook 01"):
            look(run)


@pytest.mark.parametrize(
    "query",
    [
        "select content from read_text('{secret}')",
        "select * from read_csv('{secret}')",
        "select * from '{secret}'",
        "select * from glob('{folder}/*')",
        "select * from read_parquet('{folder}/../../../../other.parquet')",
        "select * from read_csv('https://example.org/data.csv')",
        "select getenv('HOME') as home",
    ],
)
def test_nothing_but_the_tables_of_the_run_can_be_read(run, tmp_path, query):
    secret = tmp_path / "secret.csv"
    secret.write_text("password\n1234\n")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(InputError, match="DuckDB cannot answer"):
        ask(query.format(secret=secret, folder=run.path), run, 10)
    assert len(ask("from stores", run, 10).rows) == 3


def test_the_gate_cannot_be_opened_again(run):
    for query in ("set enable_external_access = true", "copy stores to 'x.csv'", "attach 'x.duckdb'"):
        with pytest.raises(InputError, match="expected a select"):
            ask(query, run, 10)


def test_of_two_selects_none_is_silently_left_out(run):
    with pytest.raises(InputError, match=r"expected one select, received 2; ask them one after the other"):
        ask("select 1; select 2", run, 10)
    assert ask("select 1 as one;", run, 10).rows["one"].tolist() == [1]


def test_rows_are_whole_where_they_go_to_another_program():
    out = Console(file=io.StringIO(), width=40)
    show_rows(pd.DataFrame({f"a_rather_long_column_{k}": ["some text that is long"] for k in range(9)}), out)
    shown = out.file.getvalue()
    assert shown.count("some text that is long") == 9
    assert "a_rather_long_column_8" in shown and "…" not in shown
