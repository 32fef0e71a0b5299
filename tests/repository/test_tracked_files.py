"""What git holds: no machine's paths, no package index, no leftovers, nothing a run produces."""

import re

import pytest
from checkout import ROOT, text_of, tracked

TEXTS = [name for name in tracked() if name != "requirements.lock"]
# written in two pieces, so that this file does not find itself
LEFTOVERS = re.compile(
    r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|<<<<" r"<<<|>>>>" r">>>|breakpoint\(\)|import p" r"db"
)
INDEXES = re.compile(
    r"https?://\S*(py"
    r"pi\b|python"
    r"hosted|arti"
    r"factory|ne"
    r"xus|dev"
    r"pi)|--(extra-)?index-url[ =]|PIP_\w*INDEX"
)
MACHINES = re.compile(
    r"(?:^|[\s\"'(=])(?:/(?:work|root|mnt|private)/|/home/(?!kim\b)\w|/Users/(?!kim\b)\w|C:\\\\?Users\\\\?(?!kim\b)\w)",
    re.M,
)
SECRETS = re.compile(
    r"(?i)(api[_-]?key|secret|password|token)\s*=\s*[\"'][A-Za-z0-9_\-]{12,}[\"']|BEGIN [A-Z ]*PRIVATE "
    r"KEY"
)
PRODUCED = re.compile(
    r"^(data/(raw|processed)|reports|mlruns)/(?!README\.md$)|(^|/)(__pycache__|\.ipynb_checkpoints)/|\.(pyc|db|part)$"
)


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_holds_no_leftovers_machine_paths_or_secrets(name):
    text = text_of(name)
    for pattern in (LEFTOVERS, INDEXES, MACHINES, SECRETS):
        found = pattern.search(text)
        assert not found, found and text[max(0, found.start() - 60) : found.end() + 40]
    assert str(ROOT) not in text


def test_nothing_a_run_produces_is_tracked():
    assert [name for name in tracked() if PRODUCED.search(name)] == []


def test_files_are_small():
    large = [
        name
        for name in TEXTS
        if (ROOT / name).stat().st_size > (1_250_000 if name.endswith(".otf") else 1_000_000)
    ]
    assert large == []


def test_the_root_holds_only_what_belongs_there():
    files = {name for name in tracked() if "/" not in name}
    expected = {".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "LICENSE", "Makefile", "README.md"}
    assert files <= expected | {"environment.yml", "pyproject.toml", "requirements.lock", ".gitattributes"}


def test_names_of_files_are_plain():
    assert [name for name in tracked() if not re.fullmatch(r"[A-Za-z0-9._/-]+", name)] == []
