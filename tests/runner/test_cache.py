import json
from pathlib import Path

import pytest
import runner_toys as toys

from dangol.errors import InputError

RUN = f"data/processed/{toys.DATASET}/{toys.AS_OF}/full"
REPORTS = f"reports/{toys.DATASET}/{toys.AS_OF}"


def statuses(result):
    return {stage.number: stage.status for stage in result.stages}


def executed(run_here, *changes, **options):
    """Numbers of the notebooks a batch executed."""
    toys.EXECUTED.clear()
    run_here(*changes, **options)
    return sorted(toys.EXECUTED)


def edit(home, name, old, new):
    path = home / "nb" / f"{name}.ipynb"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_nothing_runs_twice(home, run_here):
    first, second = run_here(), run_here()
    assert set(statuses(first).values()) == {"done"} and set(statuses(second).values()) == {"unchanged"}
    assert sorted(toys.EXECUTED) == ["01", "02", "06", "08"]
    assert [stage.run_id for stage in second.stages] == [stage.run_id for stage in first.stages]
    assert second.exit_code == 0


def test_the_current_folder_does_not_matter_and_stays(home, run_here, monkeypatch):
    monkeypatch.chdir(home.parent)
    seen = []
    monkeypatch.setattr("dangol.runner.clerk.draw_page", lambda *_: seen.append(Path.cwd()))
    assert run_here(notebooks=Path(home.name) / "nb").exit_code == 0
    assert set(seen) == {home}, "MLflow's artifacts lie relative to the home folder"
    assert Path.cwd() == home.parent


def test_changed_code_runs_again_and_so_does_what_reads_its_new_tables(home, run_here):
    run_here()
    edit(home, "02_understand", "'n_responses': [seed]", "'n_responses': [seed + 1]")
    assert executed(run_here) == ["02", "08"]
    edit(home, "02_understand", "record({", "x = 1\\nrecord({")
    assert executed(run_here) == ["02"], "its tables are the same bytes as before"


def test_another_currency_runs_again_what_names_it(home, run_here):
    use = "from dangol.currency import currency_of\\ncurrency_of(params.folder)\\nrecord({"
    edit(home, "02_understand", "record({", use)
    run_here()
    edit(home, "01_integrate", "'cost_amount': 0.5", "'cost_amount': 0.5, 'currency': 'EUR'")
    assert executed(run_here) == ["01", "02"], "no table has changed"


def test_changed_prose_draws_the_page_but_runs_nothing(home, run_here, monkeypatch):
    run_here()
    edit(home, "02_understand", "Why?", "Because.")
    drawn = []
    monkeypatch.setattr("dangol.runner.clerk.draw_page", lambda plan, *_: drawn.append(plan.notebook.number))
    assert executed(run_here) == [] and drawn == ["02"]
    cells = json.loads((home / REPORTS / "notebooks" / "02_understand.ipynb").read_text())["cells"]
    assert "Because." in "".join(cells[0]["source"]) and len(cells) == 8
    assert executed(run_here) == [] and drawn == ["02"]


def test_a_missing_page_is_drawn_anew(home, run_here):
    run_here()
    (home / REPORTS / "06_crosssell.html").unlink()
    assert executed(run_here) == []
    assert (home / REPORTS / "06_crosssell.html").is_file()


def test_changed_parameters_make_a_variant_of_their_own(home, run_here):
    run_here()
    assert executed(run_here, "seed=2") == ["01", "02", "06", "08"]
    assert executed(run_here) == [], "the defaults' results are still there"
    assert (home / f"{RUN}/stores.parquet").is_file()


def test_changed_defaults_run_again(home, run_here):
    run_here()
    edit(home, "08_plan", "seed: int = 1", "seed: int = 2")
    assert executed(run_here) == ["08"]


def test_another_date_is_another_run(home, run_here):
    run_here()
    assert executed(run_here, "as_of=2017-06-01") == ["01", "02", "06", "08"]


def test_a_changed_input_table_runs_its_readers_again(home, run_here):
    run_here()
    assert executed(run_here, only=("02",)) == []
    edit(home, "01_integrate", "['shop', 'web']", "['shop', 'net']")
    assert executed(run_here, only=("01",)) == ["01"]
    assert executed(run_here, only=("02",)) == ["02"]


@pytest.mark.parametrize(
    "path",
    [f"{RUN}/stores.parquet", f"{RUN}/records/01/metrics.json", f"{REPORTS}/notebooks/01_integrate.ipynb"],
)
@pytest.mark.parametrize("harm", ["delete", "damage"])
def test_a_missing_or_damaged_output_is_made_again(home, run_here, path, harm):
    run_here()
    before = toys.digests_below(home / RUN)["stores.parquet"]
    if harm == "delete":
        (home / path).unlink()
    else:
        (home / path).write_bytes((home / path).read_bytes()[:-3])
    assert executed(run_here) == ["01"]
    assert toys.digests_below(home / RUN)["stores.parquet"] == before


def test_a_damaged_state_counts_as_none(home, run_here):
    run_here()
    (home / RUN / "records" / "06" / "state.json").write_text("{")
    assert executed(run_here) == ["06"]


def test_changed_raw_files_run_notebooks_that_read_them(home, run_here):
    edit(home, "01_integrate", "from dangol import tables", "from dangol import sources, tables")
    run_here()
    toys.write_raw(home, n_rows=4)
    assert executed(run_here) == ["01"], "its tables did not change, so the others hold"


def test_force_runs_everything(home, run_here):
    run_here()
    assert executed(run_here, force=True) == ["01", "02", "06", "08"]


def test_other_numbers_of_workers_change_nothing(home, run_here):
    run_here(workers=4)
    before = toys.digests_below(home / RUN)
    run_here(workers=1, force=True)
    assert {name for name in before if name.endswith("parquet")} == {
        name
        for name, digest in toys.digests_below(home / RUN).items()
        if name.endswith("parquet") and before[name] == digest
    }


def test_a_failed_notebook_leaves_nothing_that_counts_as_whole(home, run_here):
    run_here()
    edit(home, "01_integrate", "record({", "1 / 0\\nrecord({")
    result = run_here()
    assert statuses(result) == {"01": "failed", "02": "blocked", "06": "blocked", "08": "blocked"}
    assert result.exit_code == 1
    assert not (home / f"{RUN}/stores.parquet").exists()
    assert not (home / f"{RUN}/records/01/state.json").exists()
    with pytest.raises(InputError, match="02 needs stores, which 01 writes"):
        run_here(only=("02",))
    edit(home, "01_integrate", "1 / 0\\nrecord({", "record({")
    assert set(statuses(run_here()).values()) == {"done", "unchanged"}


def test_a_notebook_without_record_has_not_ended(home, run_here):
    edit(home, "06_crosssell", "record({'n_products'", "repr({'n_products'")
    edit(home, "06_crosssell", "}, params.folder)", "})")
    result = run_here()
    assert statuses(result)["06"] == "failed"
    assert "without record" in result.stages[2].message


def test_skipped_is_remembered_with_its_reason(home, run_here):
    toys.write_toys(
        home / "nb",
        understand=[
            "from dangol.errors import SkipNotebookError\nraise SkipNotebookError('no campaigns here')"
        ],
    )
    result = run_here()
    assert statuses(result) == {"01": "done", "02": "skipped", "06": "done", "08": "skipped"}
    question = result.stages[1].title.partition(": ")[2] or result.stages[1].title
    told = f"no campaigns here. It would have answered: {question}"
    assert question and result.stages[1].message == told and result.exit_code == 0
    assert executed(run_here) == []
    again = run_here()
    assert statuses(again)["02"] == "skipped" and again.stages[1].message == told


def test_two_batches_do_not_share_a_run_folder(home, run_here):
    from dangol.runner.lock import locked_run
    from dangol.workspace import RunFolder

    with (
        locked_run(RunFolder(toys.DATASET, toys.AS_OF, "full", "00")),
        pytest.raises(InputError, match="another dangol run is at work"),
    ):
        run_here()


def test_left_over_parts_of_a_killed_batch_are_cleared_away(home, run_here):
    run_here()
    part = home / RUN / ".stores.parquet.abc.part"
    part.write_text("half")
    run_here()
    assert not part.exists()


def test_the_report_is_written_again_only_when_it_shows_something_else(home, run_here):
    run_here()
    page = home / REPORTS / "index.html"
    page.write_text("kept")
    run_here()
    assert page.read_text() == "kept"
    run_here(only=("06",), force=True)
    assert page.read_text() == "kept", "the same results in the same runs"
    edit(home, "06_crosssell", "record({", "1 / 0\\nrecord({")
    run_here()
    assert page.read_text() == "unchanged unchanged failed unchanged"


def test_a_report_that_cannot_be_written_costs_no_result(home, run_here, monkeypatch):
    def broken(run, stages):
        raise KeyError("oops")

    monkeypatch.setattr("dangol.reports.write_report", broken)
    result = run_here()
    assert set(statuses(result).values()) == {"done"} and result.exit_code == 1
    assert result.troubles == ("no report: KeyError: 'oops'",)


def test_a_run_that_mlflow_refuses_costs_neither_result_nor_the_other_runs(home, run_here, monkeypatch):
    def refuse(self, child, record):
        if record.name == "02_understand":
            raise ValueError("too long\nfor one line")

    monkeypatch.setattr(toys.FakeTracker, "log", refuse)
    monkeypatch.setattr(toys.FakeTracker, "abandon", lambda self, child: None, raising=False)
    result = run_here()
    assert result.troubles == ("MLflow could not take 02_understand: ValueError: too long",)
    assert [stage.run_id is None for stage in result.stages] == [False, True, False, False]
    assert executed(run_here) == []


def test_an_unreachable_mlflow_costs_no_result(home, run_here, monkeypatch):
    def unreachable(self, record):
        raise ConnectionError("refused")

    monkeypatch.setattr(toys.FakeTracker, "begin", unreachable)
    result = run_here()
    assert set(statuses(result).values()) == {"done"} and result.exit_code == 1
    assert result.troubles == ("MLflow could not be written: ConnectionError: refused",)
    assert {stage.run_id for stage in result.stages} == {None}


def test_a_full_disk_is_one_sentence_and_a_rerun_recovers(home, run_here):
    full = (
        "from dangol.files import replacing\n"
        "with replacing(tables.STORES.path(params.folder)) as part:\n"
        "    raise OSError(28, 'No space left on device')"
    )
    toys.write_toys(home / "nb", integrate=[full])
    result = run_here()
    assert statuses(result)["01"] == "failed" and result.exit_code == 1
    assert result.stages[0].message.splitlines()[1] == (
        "DangolError: could not write stores.parquet: the disk is full. Nothing half-written is left; "
        "make room (or give permission) and run again."
    )
    assert not [path for path in (home / "data" / "processed").rglob("*") if "stores" in path.name]
    toys.write_toys(home / "nb")
    assert set(statuses(run_here()).values()) == {"done"}
