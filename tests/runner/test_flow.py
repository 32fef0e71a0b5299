import threading
import time

import pytest
import runner_toys as toys

from dangol.errors import InputError
from dangol.runner.batch import run_batch
from dangol.runner.cache import FileDigests
from dangol.runner.flow import by_urgency, check_inputs_exist, select, upstream
from dangol.runner.notebook import discover
from dangol.runner.stage import Outcome, Plan
from dangol.workspace import RunFolder


@pytest.fixture
def notebooks(tmp_path):
    return discover(toys.write_toys(tmp_path / "nb"))


@pytest.fixture
def run_fakes(notebooks, monkeypatch):
    """Runs the toys' flow with a function in place of the execution; returns outcomes and order."""

    def runner(work, workers=2):
        order = []

        def stage(plan, kernels, digests, force):
            order.append(plan.notebook.number)
            return work(plan.notebook.number)

        monkeypatch.setattr("dangol.runner.batch.run_stage", stage)
        plans = {nb.number: Plan(nb, None, {}, "") for nb in notebooks}
        return run_batch(plans, workers, False, FileDigests(), []), order

    return runner


def test_the_order_follows_from_who_writes_what(notebooks):
    assert upstream(notebooks) == {
        "01": frozenset(),
        "02": frozenset({"01"}),
        "06": frozenset({"01"}),
        "08": frozenset({"02"}),
    }


def test_what_others_wait_for_starts_first(notebooks):
    assert [notebook.number for notebook in by_urgency(notebooks)] == ["01", "02", "06", "08"]
    assert [notebook.number for notebook in by_urgency(notebooks[1:])] == ["02", "06", "08"]


def test_a_notebook_starts_when_what_it_reads_is_there(run_fakes):
    ended = []

    def work(number):
        assert {"01"} <= set(ended) or number == "01"
        assert "02" in ended or number != "08"
        ended.append(number)
        return Outcome("done")

    outcomes, order = run_fakes(work)
    assert order[0] == "01" and sorted(order) == ["01", "02", "06", "08"]
    assert {outcome.status for outcome in outcomes.values()} == {"done"}


def test_independent_notebooks_run_side_by_side(run_fakes):
    both = threading.Barrier(2, timeout=10)

    def work(number):
        if number in ("02", "06"):
            both.wait()
        return Outcome("done")

    assert len(run_fakes(work, workers=2)[0]) == 4


def test_never_more_notebooks_than_workers(run_fakes):
    running, most = [], []

    def work(number):
        running.append(number)
        most.append(len(running))
        time.sleep(0.02)
        running.remove(number)
        return Outcome("done")

    run_fakes(work, workers=1)
    assert max(most) == 1


def test_what_depends_on_a_failure_is_blocked_and_the_rest_runs(run_fakes):
    outcomes, order = run_fakes(lambda number: Outcome("failed" if number == "02" else "done"))
    assert {number: outcome.status for number, outcome in outcomes.items()} == {
        "01": "done",
        "02": "failed",
        "06": "done",
        "08": "blocked",
    }
    assert "08" not in order
    assert outcomes["08"].message == "needs notebook 02, which did not end well"


def test_a_failure_at_the_start_blocks_everything_after_it(run_fakes):
    outcomes, order = run_fakes(lambda number: Outcome("failed"))
    assert order == ["01"]
    assert [outcomes[number].status for number in ("02", "06", "08")] == ["blocked"] * 3


def test_what_needs_a_table_of_a_skipped_notebook_is_skipped_with_its_reason(run_fakes):
    outcomes, _ = run_fakes(
        lambda number: Outcome("skipped", message="no stores") if number == "02" else Outcome("done")
    )
    assert outcomes["08"].status == "skipped"
    assert outcomes["08"].message == "needs notebook 02, which was skipped: no stores"
    assert outcomes["06"].status == "done"


def test_only_names_notebooks_that_exist(notebooks):
    assert [nb.number for nb in select(notebooks, ("02", "6"))] == ["02", "06"]
    with pytest.raises(InputError, match="there is no notebook 05"):
        select(notebooks, ("05",))


def test_a_malformed_notebook_stops_only_runs_that_include_it(notebooks, tmp_path):
    toys.write_notebook(tmp_path / "nb", "03_segment", "SegmentParams", ["x = = 1"])
    with pytest.raises(InputError, match=r"03_segment\.ipynb has a syntax error"):
        select(discover(tmp_path / "nb"), ())
    assert len(select(discover(tmp_path / "nb"), ("01",))) == 1


def test_missing_inputs_are_named_with_the_command_that_makes_them(notebooks, monkeypatch, tmp_path):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    folder = RunFolder("d", "2017-01-05", "small", "00")
    with pytest.raises(InputError) as caught:
        check_inputs_exist(notebooks[1:], folder, " --preset small")
    assert str(caught.value).splitlines() == [
        "nothing was run: 2 table(s) of 'd' as of 2017-01-05 (small) are not there yet",
        "  - 02 needs stores, which 01 writes",
        "  - 06 needs products, which 01 writes",
        "Run: dangol run --only 01,02,06,08 --preset small",
    ]
    folder.of("01").records.mkdir(parents=True)
    (folder.of("01").records / "done.json").write_text("{}")
    check_inputs_exist(notebooks[1:], folder, "")
