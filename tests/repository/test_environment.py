"""One choice of dependencies: pyproject.toml, the lock, conda's file and what is installed agree."""

import re
import sys
import tomllib
from importlib import metadata

import pytest
import yaml
from checkout import ROOT, make_targets
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()
ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>[^\n]*)", re.MULTILINE)
TEXTS = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
CHOSEN = [one for one in map(Requirement, TEXTS) if one.marker is None or one.marker.evaluate()]


def entries() -> dict[str, Requirement]:
    """Every entry of the lock, with its marker."""
    found = {}
    for entry in ENTRY.finditer(LOCK):
        text = f"{entry['name']}=={entry['version']}{entry['rest'].removesuffix(chr(92))}"
        found[canonicalize_name(entry["name"])] = Requirement(text)
    return found


def version_in_lock(name: str) -> Version:
    (specifier,) = entries()[canonicalize_name(name)].specifier
    return Version(specifier.version)


def test_the_lock_is_not_empty_and_names_each_package_once():
    names = [canonicalize_name(entry["name"]) for entry in ENTRY.finditer(LOCK)]
    assert len(names) == len(set(names)) > 100


@pytest.mark.parametrize("chosen", CHOSEN, ids=str)
def test_every_dependency_is_locked_at_a_version_that_fits(chosen):
    assert canonicalize_name(chosen.name) in entries()
    assert version_in_lock(chosen.name) in chosen.specifier


def test_every_dependency_has_a_range_or_is_a_tool():
    free = {requirement.name for requirement in CHOSEN if not requirement.specifier}
    assert free <= {"types-pyyaml"}


def test_every_entry_of_the_lock_has_a_hash():
    blocks = re.split(r"\n(?=[A-Za-z0-9])", LOCK.strip())
    without = [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block]
    assert without == []
    assert len(blocks) == len(entries())


def test_no_address_stands_in_the_lock():
    assert not re.search(r"https?:|index-url|find-links|trusted-host|@ file", LOCK)


def test_what_is_installed_is_what_the_lock_says():
    wanted = {n: r for n, r in entries().items() if r.marker is None or r.marker.evaluate()}
    others = {}
    for name, requirement in wanted.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "missing"
        if installed == "missing" or Version(installed) not in requirement.specifier:
            others[name] = f"{installed}, locked {requirement.specifier}"
    assert others == {}


def test_python_is_the_same_everywhere():
    wanted = SpecifierSet(PROJECT["requires-python"])
    assert f"{sys.version_info.major}.{sys.version_info.minor}.0" in wanted
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    (python,) = [item for item in conda["dependencies"] if str(item).startswith("python")]
    assert python == "python=3.11"
    assert Version(python.removeprefix("python=")) in wanted
    makefile = (ROOT / "Makefile").read_text()
    assert "--python-version 3.11" in makefile
    assert "== (3, 11)" in makefile.replace("v == ", "== ")


def test_conda_installs_exactly_the_lock():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    plain = [item for item in conda["dependencies"] if isinstance(item, str)]
    (through_pip,) = [item["pip"] for item in conda["dependencies"] if isinstance(item, dict)]
    assert through_pip == ["-r requirements.lock"]
    assert {item.split("=")[0] for item in plain} == {"python", "pip", "make"}


def test_make_installs_exactly_the_lock():
    makefile = (ROOT / "Makefile").read_text()
    assert "--require-hashes -r requirements.lock" in makefile
    assert {"install", "run", "test", "check", "lab", "ui", "bench", "help"} <= make_targets()
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_optional_parts_are_extras_and_not_on_the_main_path():
    main = {canonicalize_name(requirement.name) for requirement in CHOSEN}
    for extra in ("spark", "bench"):
        for text in PROJECT["optional-dependencies"][extra]:
            assert canonicalize_name(Requirement(text).name) not in main
    assert not {"pyspark", "catboost", "xgboost"} & set(entries())
