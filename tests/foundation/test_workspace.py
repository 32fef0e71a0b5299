"""Where things lie, whatever the current folder is."""

from pathlib import Path

import pytest

from dangol import errors
from dangol.workspace import RunFolder, home, project_root, raw_folder, reports_folder


def test_the_project_root_holds_the_notebooks_and_the_sources():
    assert (project_root() / "notebooks").is_dir()
    assert (project_root() / "pyproject.toml").is_file()


def test_home_is_the_project_root_unless_the_environment_names_another(monkeypatch, tmp_path):
    monkeypatch.delenv("DANGOL_HOME", raising=False)
    assert home() == project_root()
    monkeypatch.setenv("DANGOL_HOME", "")
    assert home() == project_root()
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    assert home() == tmp_path.resolve()


def test_paths_do_not_depend_on_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("DANGOL_HOME", raising=False)
    before = raw_folder("toy_shop")
    monkeypatch.chdir(tmp_path)
    assert raw_folder("toy_shop") == before
    assert before.is_absolute()


def test_a_run_has_its_folders_below_home(folder: RunFolder, tmp_path: Path):
    assert folder.path == tmp_path / "data" / "processed" / "toy_shop" / "2017-12-03" / "full"
    assert folder.records == folder.path / "records" / "03"
    assert folder.of("05").records == folder.path / "records" / "05"
    assert folder.of("05").path == folder.path


def test_runs_with_changed_parameters_report_below_the_date(tmp_path, home):
    plain = tmp_path / "reports" / "toy_shop" / "2017-12-03"
    assert reports_folder("toy_shop", "2017-12-03") == plain
    assert reports_folder("toy_shop", "2017-12-03", "full") == plain
    assert reports_folder("toy_shop", "2017-12-03", "smoke") == plain / "smoke"


def test_naming_a_place_makes_no_folder(folder: RunFolder, tmp_path: Path):
    assert folder.records and raw_folder("toy_shop") and reports_folder("toy_shop", "2017-12-03")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.DangolError, 1),
        (errors.InputError, 2),
        (errors.MissingTableError, 1),
        (errors.ContractError, 1),
        (errors.SkipNotebookError, 1),
    ],
)
def test_every_stop_on_purpose_has_its_exit_code(kind, code):
    assert issubclass(kind, errors.DangolError)
    assert kind("stop").exit_code == code
