"""The form of a notebook: stripped, thin, one cell of parameters, tables that flow forward."""

import ast
import json
import re
from functools import cached_property
from pathlib import Path

import pytest
from checkout import ROOT

from dangol import params, tables
from dangol.contracts import Table
from dangol.runner.notebook import parse

FOLDER = ROOT / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
COMMON = ["dataset", "as_of", "seed", "variant"]
N_CODE_CELLS, N_LINES, N_LINES_OF_A_LIST, N_BYTES = 25, 20, 60, 40_000


class Sheet:
    """A notebook as plain JSON; independent of how the runner reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = json.loads(path.read_text())
        self.cells = self.content["cells"]

    @property
    def code(self) -> list[str]:
        return ["".join(cell["source"]) for cell in self.cells if cell["cell_type"] == "code"]

    @property
    def prose(self) -> list[str]:
        return ["".join(cell["source"]) for cell in self.cells if cell["cell_type"] == "markdown"]

    @cached_property
    def trees(self) -> list[ast.Module]:
        return [ast.parse(source) for source in self.code]

    @property
    def nodes(self) -> list[ast.AST]:
        return [node for tree in self.trees for node in ast.walk(tree)]

    @property
    def parameters(self) -> list[str]:
        """The sources of the cells tagged as parameters."""
        tagged = [cell for cell in self.cells if "parameters" in cell["metadata"].get("tags", ())]
        return ["".join(cell["source"]) for cell in tagged]

    @property
    def params_calls(self) -> list[ast.Call]:
        calls = [
            node for node in self.nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        return [call for call in calls if call.func.id.endswith("Params")]

    def tables_with(self, *methods: str) -> list[Table]:
        """Tables on which one of these methods is called."""
        found = []
        for node in self.nodes:
            if (
                isinstance(node, ast.Attribute)
                and node.attr in methods
                and isinstance(node.value, ast.Attribute)
            ):
                owner = node.value
                if isinstance(owner.value, ast.Name) and owner.value.id == "tables":
                    found.append(getattr(tables, owner.attr))
        return found


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def sheet(request) -> Sheet:
    return Sheet(request.param)


def test_the_notebooks_are_numbered_without_a_gap():
    assert len(PATHS) >= 9
    assert [path.name[:2] for path in PATHS] == [f"{number:02}" for number in range(1, len(PATHS) + 1)]
    assert all(re.fullmatch(r"\d{2}_[a-z]+\.ipynb", path.name) for path in PATHS)
    assert [
        path.name for path in FOLDER.iterdir() if path.suffix != ".ipynb" and not path.name.startswith(".")
    ] == []


def test_the_file_is_stripped_and_small(sheet):
    assert sheet.path.stat().st_size < N_BYTES
    for cell in sheet.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert set(cell["metadata"]) <= {"tags"}
        assert cell["id"]
    assert set(sheet.content["metadata"]) <= {"kernelspec", "language_info"}
    assert sheet.content["nbformat"] == 4


def test_the_first_cell_is_the_title_and_the_question(sheet):
    number, verb = sheet.path.stem.split("_")
    assert sheet.cells[0]["cell_type"] == "markdown"
    first_line = sheet.prose[0].splitlines()[0]
    assert re.match(rf"# {number} {verb}(?!\w)", first_line, re.IGNORECASE), first_line
    assert ":" in first_line
    assert len(sheet.prose[0].splitlines()) > 2


def test_the_last_cell_says_the_limits(sheet):
    assert sheet.cells[-1]["cell_type"] == "markdown"
    assert sheet.prose[-1].startswith("## Limits")


def test_sections_are_numbered_in_order(sheet):
    numbers = [int(n) for text in sheet.prose for n in re.findall(r"^## (\d+) ", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 3


def test_cells_are_few_and_thin(sheet):
    assert len(sheet.code) <= N_CODE_CELLS
    for place, (source, tree) in enumerate(zip(sheet.code, sheet.trees, strict=True)):
        is_list = (
            source in sheet.parameters
            or any(call in list(ast.walk(tree)) for call in sheet.params_calls)
            or all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
            or place == len(sheet.code) - 1
        )
        assert len(source.splitlines()) <= (N_LINES_OF_A_LIST if is_list else N_LINES), source


def test_a_good_part_is_prose(sheet):
    """Prose is text, or a sentence computed by the last expression of a cell."""
    n_sentences = sum(
        isinstance(tree.body[-1], ast.Expr) and "Markdown(" in ast.unparse(tree.body[-1])
        for tree in sheet.trees
    )
    assert 0.35 <= (len(sheet.prose) + n_sentences) / len(sheet.cells) <= 0.75


def test_there_is_one_cell_of_plain_parameters_with_a_comment_each(sheet):
    (source,) = sheet.parameters
    statements = ast.parse(source).body
    assert all(isinstance(statement, ast.AnnAssign) for statement in statements)
    names = [statement.target.id for statement in statements]
    assert names[:4] == COMMON
    lines = source.splitlines()
    for statement in statements:
        value = ast.literal_eval(statement.value)
        assert type(value).__name__ == statement.annotation.id, statement.target.id
        own_lines = lines[statement.lineno - 1 : statement.end_lineno]
        assert any("# " in line.split('"')[-1] for line in own_lines), f"{statement.target.id} has no comment"


def test_the_parameters_are_exactly_those_of_the_class(sheet):
    (call,) = sheet.params_calls
    kind = getattr(params, call.func.id)
    names = [statement.target.id for statement in ast.parse(sheet.parameters[0]).body]
    assert kind.notebook == sheet.path.stem[:2]
    assert sorted(names) == sorted(kind.model_fields)
    assert call.args == []
    assert {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords} == {
        name: name for name in names
    }


def test_the_defaults_are_valid_and_common_ones_are_common(sheet):
    defaults = {s.target.id: ast.literal_eval(s.value) for s in ast.parse(sheet.parameters[0]).body}
    (call,) = sheet.params_calls
    made = getattr(params, call.func.id)(**defaults)
    assert (made.dataset, made.as_of, made.variant) == ("complete_journey", "2017-12-03", "full")


def test_parameters_are_used_through_the_typed_object_only(sheet):
    names = {s.target.id for s in ast.parse(sheet.parameters[0]).body}
    allowed = [id(node) for call in sheet.params_calls for node in ast.walk(call)]
    loaded = {
        node.id
        for node in sheet.nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in allowed
    }
    assert not loaded & (names - {"seed"}), "use params.<name>"


def test_logic_lives_in_the_package(sheet):
    forbidden = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Global | ast.Try | ast.While
    assert [type(node).__name__ for node in sheet.nodes if isinstance(node, forbidden)] == []


def test_there_is_no_magic_no_shell_no_path_and_no_silenced_warning(sheet):
    for source in sheet.code:
        assert not re.search(r"^\s*[%!?]", source, re.MULTILINE)
        assert not re.search(r"\b(get_ipython|filterwarnings|simplefilter|catch_warnings|print)\(", source)
    for node in sheet.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.match(r"(/|~|[A-Z]:\\|\.\./)\w", node.value), node.value


def test_the_tracker_is_the_runners_business(sheet):
    modules = [node.module or "" for node in sheet.nodes if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in sheet.nodes if isinstance(node, ast.Import) for alias in node.names]
    roots = {name.split(".")[0] for name in modules}
    assert not roots & {"mlflow", "papermill", "nbconvert", "warnings", "os", "sys", "pathlib"}
    assert not any(name.startswith(("dangol.runner", "dangol.tracking", "dangol.cli")) for name in modules)


def test_imports_stand_in_one_cell_before_the_parameters(sheet):
    with_imports = [
        place
        for place, tree in enumerate(sheet.trees)
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))
    ]
    assert with_imports == [0]
    assert sheet.code[1] == sheet.parameters[0]


def test_tables_flow_forward(sheet):
    number = sheet.path.stem[:2]
    for table in sheet.tables_with("read", "expr", "exists"):
        assert table.owner <= number, f"{table.name} is written later, by {table.owner}"
    for table in sheet.tables_with("write"):
        assert table.owner == number, f"{table.name} belongs to {table.owner}"


def test_everything_the_notebook_owns_is_written(sheet):
    number = sheet.path.stem[:2]
    if number == "01":  # the canonical tables are written in a loop
        return
    assert {table.name for table in sheet.tables_with("write", "write_if_any")} == {
        t.name for t in tables.ALL if t.owner == number
    }


def test_tables_are_written_in_the_last_cell_and_metrics_recorded_there(sheet):
    for source in sheet.code[:-1]:
        assert not re.search(r"\.write\(|\brecord(_\w+)?\(", source)
    calls = [node for node in ast.walk(sheet.trees[-1]) if isinstance(node, ast.Call)]
    last = sheet.trees[-1].body[-1]
    assert isinstance(last, ast.Expr)
    assert last.value in calls
    assert last.value.func.id == "record"


def test_the_runner_finds_no_fault(sheet):
    assert parse(sheet.path).faults == ()
