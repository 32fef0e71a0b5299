"""`dangol status`: what a change makes stale, downstream of it alone, and where tables come from."""

import pandas as pd
import pytest
import runner_toys as toys

from dangol.errors import InputError
from dangol.files import sha256_of_file
from dangol.runner.cache import FileDigests
from dangol.runner.notebook import discover
from dangol.runner.status import (
    LINEAGE_COLUMNS,
    find_runs,
    lineage,
    stale_inputs,
    standings,
    status_lines,
)
from dangol.sources.erased import mark_erased
from dangol.sources.raw import read_manifest
from dangol.workspace import raw_folder


def found(home):
    (run,) = find_runs(toys.DATASET, None, None)
    return {one.notebook.number: one for one in standings(run, discover(home / "nb"), FileDigests())}


def words(home):
    return {number: one.word for number, one in found(home).items()}


@pytest.fixture
def fresh(home, run_here):
    """The toys, run; the first one opens the raw files."""
    path = home / "nb" / "01_integrate.ipynb"
    text = path.read_text().replace("import pandas as pd", "import pandas as pd\\nfrom dangol import sources")
    path.write_text(text)
    run_here()
    return home


def test_what_has_just_run_is_fresh(fresh):
    assert set(words(fresh).values()) == {"fresh"}
    assert all(one.reasons == () for one in found(fresh).values())


def test_one_changed_raw_byte_makes_everything_downstream_stale(fresh):
    path = next(raw_folder(toys.DATASET).glob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    standing = found(fresh)
    assert {one.word for one in standing.values()} == {"stale"}
    assert standing["01"].why.startswith(f"raw file {path.name}: ")
    assert standing["02"].why == "notebook 01 is stale"
    assert standing["08"].why == "notebook 02 is stale"


def test_changed_code_makes_its_own_result_and_its_readers_stale(fresh):
    path = fresh / "nb" / "02_understand.ipynb"
    path.write_text(path.read_text().replace("[seed]", "[seed + 1]"))
    assert words(fresh) == {"01": "fresh", "02": "stale", "06": "fresh", "08": "stale"}
    assert found(fresh)["02"].why == "code of the notebook changed"


def test_a_table_altered_by_hand_is_named_and_so_are_its_readers(fresh):
    (run,) = find_runs(None, None, None)
    stores = pd.read_parquet(run.path / "stores.parquet").assign(channel="shop")
    stores.to_parquet(run.path / "stores.parquet")
    (run.path / "products.parquet").unlink()
    standing = found(fresh)
    assert standing["01"].why == ("products.parquet is gone; stores.parquet was altered after it was written")
    assert standing["02"].why == "table stores changed; notebook 01 is stale"
    assert "table products changed" in standing["06"].why


def test_status_agrees_with_what_the_next_run_executes(fresh, run_here):
    path = fresh / "nb" / "06_crosssell.ipynb"
    path.write_text(path.read_text().replace("'fine'", "'finer'"))
    stale = sorted(number for number, word in words(fresh).items() if word == "stale")
    toys.EXECUTED.clear()
    run_here()
    assert sorted(toys.EXECUTED) == stale == ["06"]
    assert set(words(fresh).values()) == {"fresh"}


def test_what_has_not_run_is_missing(home, run_here):
    run_here(only=("01",))
    assert words(home) == {"01": "fresh", "02": "missing", "06": "missing", "08": "missing"}


def test_every_table_has_a_lineage_to_raw_files_run_and_code(fresh):
    rows = pd.concat([lineage(one) for one in found(fresh).values()])
    assert tuple(rows.columns) == LINEAGE_COLUMNS
    (run,) = find_runs(None, None, None)
    tables = {path.stem: path for path in run.path.glob("*.parquet")}
    assert dict(zip(rows["table"], rows["sha256"], strict=True)) == {
        name: sha256_of_file(path) for name, path in tables.items()
    }
    assert set(rows["raw_sha256"]) == {read_manifest(toys.DATASET).digest}
    assert set(rows["run_id"]) == {
        "run-of-01_integrate",
        "run-of-02_understand",
        "run-of-08_plan",
    }


def test_the_lines_name_run_notebooks_and_on_demand_tables(fresh):
    (run,) = find_runs(None, None, None)
    everything = standings(run, discover(fresh / "nb"), FileDigests())
    lines = list(status_lines(everything, with_tables=False))
    assert lines[0] == f"{toys.DATASET} as of {toys.AS_OF}: 4 fresh"
    assert lines[1].split() == ["01_integrate", "fresh", "2", "tables"]
    assert len(lines) == 5
    detailed = list(status_lines(everything, with_tables=True))
    assert sum("sha256" in line and ", raw " in line for line in detailed) == 4


def test_nothing_there_is_said(home):
    with pytest.raises(InputError, match="no run of shop 2017-01-01 is there"):
        find_runs("shop", "2017-01-01", None)


def test_a_part_of_the_flow_says_which_of_its_inputs_are_stale(fresh, home):
    (run,), flow = find_runs(None, None, None), discover(home / "nb")
    reader = [notebook for notebook in flow if notebook.number == "08"]
    digest = read_manifest(toys.DATASET).digest
    assert stale_inputs(reader, flow, run, digest) == ""
    path = home / "nb" / "02_understand.ipynb"
    path.write_text(path.read_text().replace("[seed]", "[seed + 1]"))
    changed = discover(home / "nb")
    said = stale_inputs([notebook for notebook in changed if notebook.number == "08"], changed, run, digest)
    assert said.startswith("stale inputs are used as they are: tables of 02 (code of the notebook changed).")
    assert stale_inputs(changed, changed, run, digest) == ""


def test_a_run_that_is_not_there_is_answered_with_those_that_are(fresh):
    with pytest.raises(InputError, match=rf"no run of toi is there\.[\s\S]*--dataset {toys.DATASET} --as-of"):
        find_runs("toi", None, None)
    with pytest.raises(InputError, match=rf"Did you mean --dataset {toys.DATASET}\?"):
        find_runs(f"{toys.DATASET}s", None, None)


def test_a_person_who_was_erased_is_given_as_the_reason(fresh):
    mark_erased(toys.DATASET, ["customer:7"])
    assert found(fresh)["01"].why == "a person was erased"
    assert found(fresh)["02"].why == "notebook 01 is stale"
