"""The architecture holds: imports go one way, modules and functions stay small, imports are silent."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import ROOT

PACKAGE = ROOT / "src" / "dangol"
MODULES = sorted(PACKAGE.rglob("*.py"))

# from low to high; a unit imports units of lower layers only
LAYERS = (
    ("errors", "workspace"),
    (
        "bootstrap",
        "breaches",
        "customer_rules",
        "drift",
        "files",
        "fonts",
        "jupyter",
        "plain_yaml",
        "power",
        "small_cells",
    ),
    ("contracts", "params", "progress", "records", "stages"),
    ("currency",),
    ("enough", "forms", "tables", "networks"),
    (
        "baselines",
        "features",
        "identity",
        "plots",
        "simulator",
        "understand",
        "value",
        "warehouse",
    ),
    ("crosssell", "evaluation", "planning", "segments", "sources"),
    ("modelcard",),
    ("behavior", "response", "scorecard"),
    ("reports", "tracking"),
    ("runner",),
    ("erasure", "scoring", "sweeps"),
    ("tuning",),
    ("upkeep",),
    ("cli",),
)
LAYER = {unit: number for number, layer in enumerate(LAYERS) for unit in layer}
MAY_IMPORT = {"papermill": {"runner"}, "nbconvert": {"reports", "runner"}, "mlflow": {"tracking"}}
HEAVY = ("tensorflow", "keras", "mlflow", "papermill")
LATE = (
    "dangol.networks.layers",
    "dangol.networks.model",
)  # stands on Keras' classes; functions import it when needed


def unit_of(path: Path) -> str:
    """The package or top-level module a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_by(path: Path) -> Iterator[str]:
    """Dotted names, from the whole file: an import inside a function counts as well."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            if node.module == "dangol":
                yield from (f"dangol.{alias.name}" for alias in node.names)
            elif node.module:
                yield node.module


def for_types(node: ast.Assert) -> bool:
    """``assert x is not None`` tells the type checker something; input is checked with errors."""
    return ast.unparse(node.test).endswith(" is not None")


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_unit_has_its_layer_and_every_layer_its_units():
    units = {unit_of(path) for path in MODULES} - {"__init__"}
    assert units == set(LAYER)


def test_imports_go_down_only():
    upward = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in MODULES
        for name in imported_by(path)
        if name.startswith("dangol.")
        and (unit := name.split(".")[1]) != unit_of(path)
        and unit_of(path) != "__init__"
        and LAYER[unit] >= LAYER[unit_of(path)]
    ]
    assert upward == []


def test_no_module_imports_in_a_circle_within_its_package():
    names = {path: ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in MODULES}
    modules = set(names.values())
    needs = {
        name: {found for found in imported_by(path) if found in modules and found != name}
        for path, name in names.items()
        if path.name != "__init__.py"
    }
    while needs:
        free = {name for name, others in needs.items() if not others & set(needs)}
        assert free, f"in a circle: {sorted(needs)}"
        needs = {name: others for name, others in needs.items() if name not in free}


@pytest.mark.parametrize("library", MAY_IMPORT)
def test_a_library_of_the_machinery_stays_in_its_package(library):
    users = {unit_of(path) for path in MODULES for name in imported_by(path) if name.split(".")[0] == library}
    assert users <= MAY_IMPORT[library]


def test_the_sources_do_not_know_the_notebooks_by_name():
    for path in MODULES:
        assert "notebooks/0" not in "".join(
            line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")
        )


@pytest.mark.slow
def test_importing_everything_is_silent_light_and_changes_nothing():
    code = f"""
import importlib, logging, os, pkgutil, sys, warnings
import matplotlib, numpy as np
rc, state, environment = dict(matplotlib.rcParams), np.random.get_state()[1].tolist(), dict(os.environ)
filters, handlers, folder = list(warnings.filters), list(logging.getLogger().handlers), os.getcwd()
import dangol
for module in pkgutil.walk_packages(dangol.__path__, "dangol."):
    if module.name not in {LATE!r}:
        importlib.import_module(module.name)
assert dict(matplotlib.rcParams) == rc, "style"
assert np.random.get_state()[1].tolist() == state, "random state"
changed = set(dict(os.environ).items()) ^ set(environment.items())
assert all(name.startswith("KMP_") for name, _ in changed), changed  # scikit-learn sets these
assert logging.getLogger().handlers == handlers, "logging"
assert os.getcwd() == folder, "folder"
sys.stderr.write(" ".join(sorted(set({HEAVY!r}) & set(sys.modules))))
"""
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert made.returncode == 0, made.stderr
    assert made.stdout == ""
    assert made.stderr == ""


@pytest.mark.parametrize("module", ["dangol.runner.run", "dangol.reports", "dangol.cli", "dangol.networks"])
def test_the_entry_points_are_silent_and_start_no_tensorflow_or_mlflow(module):
    code = f"import sys, {module}; print(sorted({{'tensorflow', 'mlflow'}} & set(sys.modules)))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (made.stdout, made.stderr) == ("[]\n", "")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_modules_and_functions_are_small(path):
    assert len(path.read_text().splitlines()) <= 300
    for function in functions_of(path):
        has_text = ast.get_docstring(function, clean=False) is not None
        text = function.body[0].end_lineno - function.body[0].lineno + 1 if has_text else 0
        assert function.end_lineno - function.lineno + 1 - text <= 40, function.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_says_what_it_is_for_and_hides_nothing(path):
    source = path.read_text()
    tree = ast.parse(source)
    assert ast.get_docstring(tree), "no docstring"
    assert "TYPE_" + "CHECKING" not in source
    assert path.stem not in ("utils", "util", "helpers", "misc", "common")
    bare = [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    asserts = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert) and not for_types(node)]
    stars = [name for name in imported_by(path) if name == "*"]
    assert (bare, asserts, stars) == ([], [], [])


def test_public_functions_are_described_and_typed():
    bare = [
        f"{path.relative_to(PACKAGE)}: {function.name}"
        for path in MODULES
        for function in ast.parse(path.read_text()).body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and (not ast.get_docstring(function) or function.returns is None)
    ]
    assert bare == []
