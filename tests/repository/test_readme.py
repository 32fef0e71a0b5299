"""The README can be trusted: what it names is there."""

import re
import shlex
from pathlib import Path

import pytest
from checkout import ROOT, make_targets, text_of, tracked

from dangol.runner.notebook import discover
from dangol.runner.presets import read_presets

README = ROOT / "README.md"
PAGES = [name for name in tracked() if name.endswith(".md")]
MADE_BY_RUNS = ("data/raw/", "data/processed/", "reports/", "mlruns/", ".venv/")
TOPS = {name.split("/")[0] for name in tracked()}


def blocks(text: str) -> list[str]:
    """The code blocks of a page."""
    return re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def code_of(text: str) -> str:
    """Everything set as code: blocks and inline."""
    without = re.sub(r"^```[a-z]*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks(text), *re.findall(r"`([^`\n]+)`", without)])


def commands_of(text: str) -> list[list[str]]:
    """Every `dangol …` command as its words."""
    lines = re.findall(r"^dangol .*$", code_of(text), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def test_there_is_a_readme_without_anything_left_to_fill_in():
    text = README.read_text()
    assert text.startswith("# Dangol\n")
    assert "@@" not in text


def test_every_path_of_the_tree_exists():
    (tree,) = [
        block for block in blocks(README.read_text()) if re.search(r"^notebooks/", block, re.MULTILINE)
    ]
    lines = [line for line in tree.splitlines() if line.strip() and not line.startswith(" ")]
    assert len(lines) >= 8
    for line in lines:
        assert (ROOT / line.split()[0]).exists(), line


@pytest.mark.parametrize("page", PAGES)
def test_every_path_a_page_names_exists(page):
    for token in re.findall(r"^[\w.-]+/[\w./-]*$", code_of(text_of(page)), re.MULTILINE):
        if "NN" not in token and token.split("/")[0] in TOPS and not token.startswith(MADE_BY_RUNS):
            assert (ROOT / token).exists(), token


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if not re.match(r"[a-z]+:", target) and not target.startswith("#"):
            assert (ROOT / Path(page).parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_exists(page):
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", code_of(text_of(page)), re.MULTILINE))
    assert named <= make_targets()
    if page == "README.md":
        assert {"run", "test"} <= named


@pytest.mark.parametrize("page", PAGES)
def test_every_command_can_be_typed_as_it_stands(page):
    import typer.main

    from dangol.cli import app

    command = typer.main.get_command(app)
    notebooks = discover(ROOT / "notebooks")
    fields = {notebook.number: notebook.fields for notebook in notebooks}
    for words in commands_of(text_of(page)):
        if len(words) < 2 or "…" in words[1]:
            continue
        assert words[1] in command.commands, " ".join(words)
        if len(words) == 2 and any(field.required for field in command.commands[words[1]].params):
            continue  # the command's name in running text
        context = command.commands[words[1]].make_context(words[1], words[2:])
        assert context.params.get("preset", "full") in read_presets()
        for change in context.params.get("changes") or ():
            number, _, name = change.split("=")[0].rpartition(".")
            assert any(name in fields[n] for n in fields if number in ("", n)), change


def test_the_table_of_notebooks_has_a_row_for_each():
    text = README.read_text()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        assert path.stem in text or path.name in text, path.name


def test_the_licence_and_the_changelog_are_there():
    assert "Apache License" in text_of("LICENSE")
    assert text_of("CHANGELOG.md").startswith("# ")
