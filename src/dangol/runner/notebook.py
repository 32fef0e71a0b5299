"""A notebook as the runner sees it without executing it: parameters, tables, modules.

Notebook files are JSON; they are read as such, because importing nbformat takes over a second and
nothing here needs its validation (papermill validates before it executes).
"""

import ast
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dangol import params as params_module
from dangol import tables as tables_module
from dangol.contracts import Table
from dangol.errors import InputError
from dangol.params import Params

REMEMBERED = {
    "earlier_lifetime_values": tables_module.CUSTOMER_VALUE,
    "forecast_against_outcome": tables_module.CAMPAIGN_PLAN,
    "measured_effects": tables_module.CAMPAIGN_EFFECT,
    "remembered_lessons": tables_module.CAMPAIGN_LESSON,
}  # functions that read what runs of earlier dates have left, and the table
FILE_NAME = re.compile(r"(\d{2})_([a-z0-9]+(?:_[a-z0-9]+)*)\.ipynb")


@dataclass(frozen=True)
class Cell:
    """One cell of the source: its kind (``code``, ``markdown``), text and tags."""

    kind: str
    source: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Notebook:
    """What the text of a notebook says about it.

    Attributes:
        path: the source file; never executed in place.
        number: two digits, the place in the flow.
        verb: rest of the file name.
        cells: all cells in order.
        defaults: the parameters cell, name to literal.
        params_class: the class of ``dangol.params`` it calls; ``None`` if it calls none.
        reads: tables of other notebooks it cannot do without.
        optional_reads: tables it reads only if they exist (``.exists``, ``.read_if_any``, ``.expr_if_any``).
        writes: tables it writes.
        modules: dangol modules it imports.
        faults: what is wrong with its form; such a notebook cannot be run.
    """

    path: Path
    number: str
    verb: str
    cells: tuple[Cell, ...]
    defaults: dict[str, Any]
    params_class: type[Params] | None
    reads: tuple[Table, ...]
    optional_reads: tuple[Table, ...]
    writes: tuple[Table, ...]
    modules: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def name(self) -> str:
        """File name without ending: ``03_segment``."""
        return self.path.stem

    @property
    def title(self) -> str:
        """First heading, or the verb."""
        for cell in self.cells:
            if cell.kind == "markdown" and (
                found := re.search(r"^#+\s+(.+?)\s*$", cell.source, re.MULTILINE)
            ):
                return found.group(1)
        return self.verb

    @property
    def question(self) -> str:
        """What it answers: the title without number and verb."""
        return self.title.partition(": ")[2] or self.title

    @cached_property
    def code(self) -> str:
        """All code cells, as one text."""
        return "\n# %%\n".join(cell.source for cell in self.cells if cell.kind == "code")

    @property
    def inputs(self) -> tuple[Table, ...]:
        """All tables of other notebooks it may read."""
        return self.reads + self.optional_reads

    @property
    def fields(self) -> frozenset[str]:
        """Names of its parameters."""
        return frozenset(self.params_class.model_fields if self.params_class else ())

    @property
    def reads_raw(self) -> bool:
        """Whether it opens the raw files, through ``dangol.sources``."""
        return any(name.split(".")[:2] == ["dangol", "sources"] for name in self.modules)

    @property
    def names_currency(self) -> bool:
        """Whether it writes amounts with the sign of their currency, through ``currency_of``."""
        return "currency_of(" in self.code

    @property
    def remembers(self) -> tuple[Table, ...]:
        """Tables it may read from runs of earlier dates."""
        used = {name.rpartition(".")[2] for name in self.modules}
        return tuple(table for function, table in REMEMBERED.items() if function in used)


def discover(folder: Path) -> list[Notebook]:
    """All notebooks ``NN_verb.ipynb`` of a folder, in the order of their numbers.

    Raises:
        InputError: if there is none, or two share a number.
    """
    paths = sorted(path for path in folder.glob("*.ipynb") if FILE_NAME.fullmatch(path.name))
    if not paths:
        raise InputError(f"no notebook named like 03_segment.ipynb in {folder.name}/.")
    numbers = [path.name[:2] for path in paths]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        names = ", ".join(path.name for path in paths if path.name[:2] in twice)
        raise InputError(
            f"the number is the place in the flow, but notebooks share one: {names}. Rename one."
        )
    return [parse(path) for path in paths]


def parse(path: Path) -> Notebook:
    """Read one notebook; what is wrong with its form is kept in ``faults``."""
    number, verb = path.stem.split("_", 1)
    faults: list[str] = []
    cells = _cells(path, faults)
    trees = [tree for cell in cells if cell.kind == "code" and (tree := _tree(cell.source, faults))]
    uses = _TableUses(trees, faults)
    foreign = {name: table for name, table in uses.read.items() if table.owner != number}
    faults += [
        f"writes {table.name}, which notebook {table.owner} owns"
        for table in uses.written.values()
        if table.owner != number
    ]
    faults += [
        f"reads {table.name}, which notebook {table.owner} writes: data flow forward only"
        for table in foreign.values()
        if table.owner > number
    ]
    return Notebook(
        path=path,
        number=number,
        verb=verb,
        cells=cells,
        defaults=_defaults(cells, faults),
        params_class=_params_class(trees, number, faults),
        reads=tuple(table for name, table in foreign.items() if name not in uses.asked),
        optional_reads=tuple(table for name, table in foreign.items() if name in uses.asked),
        writes=tuple(uses.written.values()),
        modules=_modules(trees),
        faults=tuple(dict.fromkeys(faults)),
    )


def _cells(path: Path, faults: list[str]) -> tuple[Cell, ...]:
    try:
        content = json.loads(path.read_text())
        return tuple(
            Cell(
                kind=cell["cell_type"],
                source="".join(cell["source"]),
                tags=tuple(cell.get("metadata", {}).get("tags", ())),
            )
            for cell in content["cells"]
        )
    except (ValueError, KeyError, TypeError):
        faults.append("is not a notebook file (version 4)")
        return ()


def _tree(source: str, faults: list[str]) -> ast.Module | None:
    lines = ["pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError as error:
        line = source.splitlines()[(error.lineno or 1) - 1].strip() if source else ""
        faults.append(f"has a syntax error: {error.msg} in `{line}`")
        return None


def _defaults(cells: tuple[Cell, ...], faults: list[str]) -> dict[str, Any]:
    """The parameters cell by value: plain literals only."""
    tagged = [cell for cell in cells if "parameters" in cell.tags]
    if len(tagged) != 1:
        faults.append(f"has {len(tagged)} cells tagged `parameters`, expected 1")
        return {}
    defaults: dict[str, Any] = {}
    try:
        statements = ast.parse(tagged[0].source).body
    except SyntaxError:
        return {}  # already among the faults
    for statement in statements:
        targets: list[ast.expr] = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        target = targets[0]
        value = getattr(statement, "value", None)
        try:
            if len(targets) != 1 or not isinstance(target, ast.Name) or value is None:
                raise ValueError
            defaults[target.id] = ast.literal_eval(value)
        except ValueError:
            faults.append(
                f"has more than `name: type = literal` among its parameters: {ast.unparse(statement)}"
            )
    return defaults


def _params_class(trees: list[ast.Module], number: str, faults: list[str]) -> type[Params] | None:
    names = [_called_name(node) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = list(dict.fromkeys(name for name in names if name.endswith("Params")))
    if len(called) != 1:
        faults.append(
            f"calls {' and '.join(called) or 'no ...Params(...) class'}, expected one class of dangol.params"
        )
        return None
    found = getattr(params_module, called[0], None)
    if found is None:
        faults.append(f"calls {called[0]}, which dangol.params does not have")
        return None
    if found.notebook != number:
        faults.append(f"calls {called[0]}, which belongs to notebook {found.notebook}")
    return found


def _called_name(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


class _TableUses:
    """Every ``tables.NAME.method`` of a notebook, by what is done with it."""

    def __init__(self, trees: list[ast.Module], faults: list[str]) -> None:
        self.read: dict[str, Table] = {}
        self.written: dict[str, Table] = {}
        self.asked: set[str] = set()
        nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        methods = {id(node.value): node.attr for node in nodes if _is_table(node.value)}
        for node in filter(_is_table, nodes):
            table = getattr(tables_module, node.attr, None)
            if not isinstance(table, Table):
                faults.append(f"names tables.{node.attr}, which dangol.tables does not have")
                continue
            method = methods.get(id(node))
            if method in ("write", "write_if_any"):
                self.written[table.name] = table
            elif method == "exists":
                self.asked.add(table.name)
            else:
                self.read[table.name] = table
                if str(method).endswith("_if_any"):
                    self.asked.add(table.name)


def _is_table(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "tables"
        and node.attr.isupper()
    )


def _modules(trees: list[ast.Module]) -> tuple[str, ...]:
    """Dotted names imported from dangol; ``from dangol.x import y`` gives ``dangol.x`` and ``dangol.x.y``."""
    names: list[str] = []
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(dict.fromkeys(name for name in names if name.split(".")[0] == "dangol"))
