"""Batch scoring: every customer once, with the model's name on it; one message where it cannot be."""

import re

import pandas as pd
import pytest

from dangol.errors import InputError
from dangol.scoring.score import score

AS_OF = "2017-12-03"


def change(home, **columns) -> pd.DataFrame:
    inputs = pd.read_parquet(home / "inputs.parquet").assign(**columns)
    inputs.to_parquet(home / "inputs.parquet")
    return inputs


def test_every_customer_is_scored_once_by_a_named_version(registered, home):
    result = score("toy", "toy_shop", AS_OF, "full")
    inputs = pd.read_parquet(home / "inputs.parquet")
    written = pd.read_parquet(result.path)
    assert result.path.relative_to(home).as_posix() == (
        f"reports/toy_shop/{AS_OF}/scores/toy_shop.toy-v3.parquet"
    )
    assert written["customer_id"].tolist() == list(range(500))
    assert (written["score"] == inputs["recency_days"] / 100).all()
    about = written[["score_name", "model", "model_version", "run_id"]].drop_duplicates()
    assert about.to_numpy().tolist() == [["toy_prob", "toy_shop.toy", 3, "abc123"]]
    assert not result.drift["is_shifted"].any()
    assert list(pd.read_csv(result.drift_path)) == list(result.drift)


def test_the_summary_is_computed_from_the_scores(registered):
    lines = score("toy", "toy_shop", AS_OF, "full").lines
    assert lines[0] == "500 rows of toy_shop as of 2017-12-03 scored by toy_shop.toy/3"
    shares = r"mean 0\.4\d\d, one in ten below 0\.\d+, one in ten above 0\.\d+"
    assert re.fullmatch(f"score: probability of nothing at all; {shares}", lines[1])
    assert lines[2] == "drift: none of 2 columns has shifted against the training rows"
    assert len(lines) == 3


def test_the_column_that_shifted_is_named_and_the_scores_are_written_all_the_same(registered, home):
    change(home, region="c")
    result = score("toy", "toy_shop", AS_OF, "full")
    assert result.drift.loc[result.drift["is_shifted"], "column"].tolist() == ["region"]
    assert result.lines[2].startswith("drift: 1 of 2 columns has shifted against the training rows: region (")
    assert result.lines[3].startswith(
        "advice: do not use these scores. 50% of the columns have shifted by much"
    )
    assert f"dangol run --dataset toy_shop --set as_of={AS_OF}" in result.lines[3]
    assert len(pd.read_parquet(result.path)) == 500


def test_the_latest_run_is_scored_where_no_date_is_named(registered):
    assert "as of 2017-12-03" in score("toy", "toy_shop", None, "full").lines[0]


def test_the_file_may_be_named_and_be_a_csv(registered, tmp_path):
    result = score("toy", "toy_shop", AS_OF, "full", tmp_path / "out" / "toy.csv")
    assert len(pd.read_csv(tmp_path / "out" / "toy.csv")) == 500
    assert result.drift_path.name == "toy.drift.csv"
    with pytest.raises(
        InputError, match=r"expected a name that ends in .parquet or .csv, received 'toy.xlsx'"
    ):
        score("toy", "toy_shop", AS_OF, "full", tmp_path / "toy.xlsx")


def test_a_model_that_knows_the_future_of_the_rows_is_said_to(registered):
    registered.parameters["as_of"] = "2018-01-01"
    assert (
        "note: the model knows what happened until 2018-01-01"
        in score("toy", "toy_shop", AS_OF, "full").lines[-1]
    )


def test_missing_columns_are_all_named_and_nothing_is_written(registered, home):
    pd.DataFrame({"other": [1]}).to_parquet(home / "inputs.parquet")
    with pytest.raises(InputError, match=r"expects 2 columns; .* lacks 2: recency_days, region\. Score data"):
        score("toy", "toy_shop", AS_OF, "full")
    assert not (home / "reports").exists()


def test_a_column_of_another_kind_is_one_message(registered, monkeypatch):
    def refuse(*_):
        raise ValueError("column 'region': expected levels")

    monkeypatch.setattr(type(registered.load()), "predict", refuse)
    with pytest.raises(InputError, match=r"toy_shop.toy/3 cannot read these rows: column 'region'"):
        score("toy", "toy_shop", AS_OF, "full")


def test_a_data_set_that_has_not_run_names_the_command(registered):
    with pytest.raises(InputError, match="dangol run --only 01 --dataset toy_shop --set as_of=2016-01-01"):
        score("toy", "toy_shop", "2016-01-01", "full")
    with pytest.raises(InputError, match="--set as_of=2016-01-01 --preset smoke"):
        score("toy", "toy_shop", "2016-01-01", "smoke-1a2b3c4d")
    with pytest.raises(InputError, match="no run of data set 'nobody'"):
        score("toy", "nobody", None, "full")


def test_a_model_without_a_recipe_is_refused(registered, monkeypatch):
    monkeypatch.setattr("dangol.scoring.score.RECIPES", {})
    with pytest.raises(InputError, match="nothing is known of how the inputs of 'toy' are made"):
        score("toy", "toy_shop", AS_OF, "full")


def test_a_table_the_data_set_lacks_is_one_message(registered, monkeypatch):
    from dangol import tables

    monkeypatch.setattr(
        "dangol.scoring.score.RECIPES", {"toy": lambda folder, _: tables.CONTACTS.read(folder)}
    )
    with pytest.raises(InputError, match=r"toy_shop.toy/3 cannot score these data: table 'contacts'"):
        score("toy", "toy_shop", AS_OF, "full")


def test_a_failing_write_leaves_the_earlier_scores(registered, monkeypatch):
    path = score("toy", "toy_shop", AS_OF, "full").path
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(Exception, match="the disk is full"):
        score("toy", "toy_shop", AS_OF, "full")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir() if file.name.endswith(".part")] == []
