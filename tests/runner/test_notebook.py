import pytest
import runner_toys as toys

from dangol.errors import InputError
from dangol.runner.notebook import discover, parse


def test_a_notebook_is_understood_without_being_executed(tmp_path):
    path = toys.write_notebook(tmp_path, "02_understand", "UnderstandParams", toys.understand("1 / 0"))
    notebook = parse(path)
    assert (notebook.number, notebook.verb, notebook.title) == ("02", "understand", "Toy 02_understand")
    assert notebook.params_class.__name__ == "UnderstandParams"
    assert notebook.defaults["dataset"] == toys.DATASET and notebook.defaults["seed"] == 1
    assert [table.name for table in notebook.reads] == ["stores"]
    assert [table.name for table in notebook.writes] == ["campaign_kpi"]
    assert {"dangol.tables", "dangol.records", "dangol.params"} <= set(notebook.modules)
    assert notebook.faults == () and not notebook.reads_raw


def test_a_table_asked_for_with_exists_is_optional(tmp_path):
    cell = "known = tables.STORES.read(params.folder) if tables.STORES.exists(params.folder) else None"
    notebook = parse(toys.write_notebook(tmp_path, "02_understand", "UnderstandParams", [cell]))
    assert notebook.reads == ()
    assert [table.name for table in notebook.optional_reads] == ["stores"]


def test_the_raw_files_are_read_through_sources(tmp_path):
    cells = ["from dangol import sources", *toys.integrate()]
    assert parse(toys.write_notebook(tmp_path, "01_integrate", "IntegrateParams", cells)).reads_raw


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("tables.CUSTOMER_VALUE.read(params.folder)", "reads customer_value, which notebook 04 writes"),
        ("tables.STORES.write(frame, params.folder)", "writes stores, which notebook 01 owns"),
        ("tables.STOERS.read(params.folder)", "names tables.STOERS, which dangol.tables does not have"),
        ("x = = 1", "has a syntax error"),
        ("PlanParams()", "calls UnderstandParams and PlanParams"),
    ],
)
def test_a_wrong_form_is_a_fault_of_the_notebook(tmp_path, cell, fault):
    notebook = parse(toys.write_notebook(tmp_path, "02_understand", "UnderstandParams", [cell]))
    assert len(notebook.faults) == 1 and fault in notebook.faults[0]


def test_parameters_are_plain_literals(tmp_path):
    path = toys.write_notebook(tmp_path, "02_understand", "UnderstandParams", [])
    path.write_text(path.read_text().replace("seed: int = 1", "seed: int = 2 * half"))
    assert any("more than `name: type = literal`" in fault for fault in parse(path).faults)


def test_a_params_class_belongs_to_its_notebook(tmp_path):
    path = toys.write_notebook(tmp_path, "03_segment", "UnderstandParams", [])
    assert parse(path).faults == ("calls UnderstandParams, which belongs to notebook 02",)


def test_what_is_no_notebook_is_said_so(tmp_path):
    (tmp_path / "02_understand.ipynb").write_text("{}")
    assert "is not a notebook file (version 4)" in parse(tmp_path / "02_understand.ipynb").faults


def test_notebooks_join_the_flow_by_existing_in_the_order_of_their_numbers(tmp_path):
    toys.write_toys(tmp_path)
    (tmp_path / "scratch.ipynb").write_text("{}")
    assert [notebook.number for notebook in discover(tmp_path)] == ["01", "02", "06", "08"]


def test_two_notebooks_with_one_number_are_refused(tmp_path):
    toys.write_toys(tmp_path)
    toys.write_notebook(tmp_path, "02_another", "UnderstandParams", [])
    with pytest.raises(InputError, match=r"02_another\.ipynb, 02_understand\.ipynb"):
        discover(tmp_path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no notebook named like"):
        discover(tmp_path)
