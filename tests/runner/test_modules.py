import pytest

from dangol.runner import modules
from dangol.runner.modules import digest_of_modules, reachable_files


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in place of dangol: a -> b (late) -> sub.c, beside an unrelated d."""
    folder = tmp_path / "dangol"
    (folder / "sub").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "a.py").write_text("def f():\n    from dangol.b import g\n    return g\n")
    (folder / "b.py").write_text("from .sub import c\n\ndef g():\n    return c\n")
    (folder / "sub" / "__init__.py").write_text('"""Sub."""\n')
    (folder / "sub" / "c.py").write_text("VALUE = 1  # one\n")
    (folder / "sub" / "query.sql").write_text("select 1")
    (folder / "d.py").write_text("import dangol.a\n")
    monkeypatch.setattr(modules, "PACKAGE", folder)
    read_again()
    yield folder
    read_again()


def read_again() -> None:
    for cached in (modules._files_of, modules._parsed, modules._imports, modules._digest):
        cached.cache_clear()


def names(folder, reached):
    return {path.relative_to(folder).as_posix() for path in reached}


def test_imports_are_followed_through_functions_packages_and_dots(package):
    reached = names(package, reachable_files(["dangol.a.f"])) | names(package, reachable_files(["dangol.a"]))
    assert reached == {"__init__.py", "a.py", "b.py", "sub/__init__.py", "sub/c.py", "sub/query.sql"}


def test_only_reached_code_counts(package):
    before = digest_of_modules(["dangol.a"])
    (package / "d.py").write_text("changed = 1\n")
    read_again()
    assert digest_of_modules(["dangol.a"]) == before
    (package / "sub" / "c.py").write_text("VALUE = 2\n")
    read_again()
    assert digest_of_modules(["dangol.a"]) != before


def test_comments_and_docstrings_do_not_count_but_data_files_do(package):
    before = digest_of_modules(["dangol.a"])
    (package / "sub" / "c.py").write_text('"""Now explained."""\n\nVALUE = 1  # still one\n')
    read_again()
    assert digest_of_modules(["dangol.a"]) == before
    (package / "sub" / "query.sql").write_text("select 2")
    read_again()
    assert digest_of_modules(["dangol.a"]) != before


def test_the_real_package_can_be_walked():
    reached = names(modules.PACKAGE, reachable_files(["dangol.tables"]))
    expected = {"tables/__init__.py", "contracts.py", "errors.py", "files.py", "workspace.py"}
    assert expected <= reached


def test_a_changed_sentence_or_style_sheet_is_a_changed_report():
    reached = names(modules.PACKAGE, reachable_files(["dangol.reports"]))
    assert {"reports/messages/en.yaml", "reports/messages/ko.yaml", "reports/templates/report.css"} <= reached
