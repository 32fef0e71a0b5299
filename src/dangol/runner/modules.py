"""Which code of the package a notebook reaches, found in the text of the import statements."""

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from dangol.files import sha256_of_text

PACKAGE = Path(__file__).resolve().parents[1]


def digest_of_modules(names: Iterable[str]) -> str:
    """Digest of all dangol code reachable from some modules; comments and docstrings do not count.

    Args:
        names: dotted names; what is not a module of dangol (a function, a class) is ignored.
    """
    files = sorted(reachable_files(names))
    return sha256_of_text(*(f"{path.relative_to(PACKAGE)}\n{_digest(path)}" for path in files))


def reachable_files(names: Iterable[str]) -> set[Path]:
    """Source files some modules import, directly or through others, late imports included.

    Other files of a reached package (SQL, templates, catalogues) belong to it, in folders of it as well.
    """
    reached: set[Path] = set()
    waiting = [path for name in names for path in _files_of(name)]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        waiting += [file for name in _imports(path) for file in _files_of(name)]
    packages = {path.parent for path in reached if path.name == "__init__.py" and path.parent != PACKAGE}
    folders = {folder for package in packages for folder in (package, *_folders_of_data(package))}
    data = {file for folder in folders for file in folder.iterdir() if file.is_file() and _is_data(file)}
    return reached | data


def _folders_of_data(package: Path) -> list[Path]:
    return [path for path in package.iterdir() if path.is_dir() and not (path / "__init__.py").exists()]


def _is_data(path: Path) -> bool:
    return path.suffix not in {".py", ".pyc"} and not path.name.startswith(".")


@functools.cache
def _files_of(name: str) -> tuple[Path, ...]:
    """The file of a dotted name and the ``__init__`` files on the way to it; empty if it is no module."""
    parts = name.split(".")[1:]
    base = PACKAGE.joinpath(*parts)
    module, package = base.with_suffix(".py"), base / "__init__.py"
    own = package if package.is_file() else module
    if not own.is_file():
        return ()
    parents = (PACKAGE.joinpath(*parts[:depth], "__init__.py") for depth in range(len(parts)))
    return (own, *(parent for parent in parents if parent.is_file()))


@functools.cache
def _parsed(path: Path) -> ast.Module:
    """The code of a file without its docstrings."""
    tree = ast.parse(path.read_bytes(), path.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _drop_docstring(node)
    return tree


@functools.cache
def _imports(path: Path) -> tuple[str, ...]:
    return tuple(_imported_names(path)) if path.suffix == ".py" else ()


def _imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "dangol")
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, path)
            if base.split(".")[0] == "dangol":
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    if not node.level:
        return node.module or ""
    package = ("dangol", *path.parent.relative_to(PACKAGE).parts)
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


@functools.cache
def _digest(path: Path) -> str:
    if path.suffix != ".py":
        return sha256_of_text(path.read_bytes().hex())
    return sha256_of_text(ast.dump(_parsed(path)))


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    first = node.body[0] if node.body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        node.body = node.body[1:]
