"""Starting with own data: look at files, a folder or a database, and write a draft of the spec."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dangol.errors import InputError
from dangol.files import replacing
from dangol.sources.own.alike import joined_alike
from dangol.sources.own.belonging import free_name
from dangol.sources.own.drafting import dataset_name, draft
from dangol.sources.own.fields import FIELDS
from dangol.sources.own.guessing import guesses_of
from dangol.sources.own.inputs import READABLE
from dangol.sources.own.sampling import Source, sources_of, sources_of_database

_DATABASE_FILE = re.compile(r"(?:duckdb|sqlite):///?(.+)")


@dataclass(frozen=True)
class Draft:
    """What was written.

    Attributes:
        path: of the spec.
        n_blanks: places to fill in.
        notes: files that could not be read, and why.
    """

    path: Path
    n_blanks: int
    notes: tuple[str, ...]


def start(given: Sequence[str], spec: Path | None, dataset: str, force: bool) -> Draft:
    """Draft a spec and write it, whole or not at all.

    Args:
        given: files, a folder, or database addresses.
        spec: where to write; ``None`` for beside the files.
        dataset: name of the data set; empty for one made from the files.
        force: overwrite a spec that is there.

    Raises:
        InputError: if nothing can be read, or a spec is there already.
    """
    paths, addresses = _taken_apart(given)
    folder = _folder(paths, spec)
    name = dataset or dataset_name(folder.name if len(paths) != 1 else paths[0].name)
    target = spec or folder / f"{name}.yaml"
    if target.exists() and not force:
        raise InputError(f"{target} is there already. Choose another --spec, or overwrite it with --force.")
    notes: list[str] = []
    sources = joined_alike(_sources(paths, addresses, folder, notes))
    if not sources:
        lines = "\n".join(f"  - {note}" for note in notes) or "  - no readable file"
        raise InputError(f"no table was found\n{lines}\nReadable are {', '.join(READABLE)}.")
    guesses = [guess for source in sources for guess in guesses_of(source)]
    order = ["campaign_file", *FIELDS]
    guesses.sort(key=lambda guess: order.index(guess.table))
    text = draft(dataset or free_name(name, target), target.name, guesses)
    with replacing(target) as temporary:
        temporary.write_text(text, "utf-8")
    return Draft(target, text.count("TO FILL IN:") + text.count("TO CHECK"), tuple(notes))


def _taken_apart(given: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Files (those of folders included) and database addresses."""
    paths: list[Path] = []
    addresses: list[str] = []
    for text in given:
        if text.startswith(("postgres://", "postgresql://")):
            addresses.append(text)
            continue
        in_file = _DATABASE_FILE.fullmatch(text)
        path = Path(in_file[1] if in_file else text)
        if not path.exists():
            raise InputError(f"there is no file or folder {path}. Check the path.")
        inside = (
            sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
            if path.is_dir()
            else [path]
        )
        paths += [p for p in inside if p.suffix.lower() not in (".yaml", ".yml")]
    return paths, addresses


def _folder(paths: Sequence[Path], spec: Path | None) -> Path:
    if spec is not None:
        return spec.resolve().parent
    return paths[0].resolve().parent if paths else Path.cwd()


def _sources(
    paths: Sequence[Path], addresses: Sequence[str], folder: Path, notes: list[str]
) -> Iterator[Source]:
    for path in paths:
        if not path.resolve().is_relative_to(folder):
            notes.append(f"{path.name}: lies outside {folder.name}/, where the spec is; copy it there")
            continue
        try:
            yield from sources_of(path, path.resolve().relative_to(folder).as_posix())
        except InputError as error:
            notes.append(str(error))
    for address in addresses:
        yield from sources_of_database(address)
