"""Whose data a name stands for: a spec goes on with its own data set and takes no other company's."""

from itertools import count
from pathlib import Path

from dangol.errors import InputError
from dangol.files import sha256_of_text
from dangol.sources import raw
from dangol.sources.own.reading import read_spec
from dangol.sources.own.spec import Spec
from dangol.sources.raw import Manifest
from dangol.workspace import raw_folder

SPEC = "spec.yaml"  # name of the copy beside the files of a delivery
_N_SHOWN = 3


def place_of(path: Path) -> str:
    """One name for the place of a spec that does not tell the folders of the machine."""
    return sha256_of_text(str(path.resolve()))


def known_spec(manifest: Manifest) -> Spec:
    """The spec that holds for a data set now: that of its latest delivery with one."""
    folder = raw_folder(manifest.dataset)
    holder = [load.folder for load in manifest.loads if (folder / load.folder / SPEC).is_file()][-1]
    return read_spec(folder / holder / SPEC)


def refuse_other_owner(path: Path, spec: Spec, manifest: Manifest | None) -> None:
    """Stop if a spec has the name of a data set that is not its own.

    It is its own if it was made from a spec in the same place, or if the spec only moved: then the origin
    and what the columns mean are still the same.

    Raises:
        InputError: naming whose data have the name, and one that is free.
    """
    if manifest is None:
        return
    if not manifest.loads:
        raise InputError(f"data/raw/{spec.dataset} holds another source. {_advice(spec.dataset)}")
    if manifest.spec_place != place_of(path) and not _is_moved(spec, known_spec(manifest)):
        files = [file.file.partition("/")[2] for file in manifest.files if not file.file.endswith(SPEC)]
        shown = ", ".join([*files[:_N_SHOWN], *(["…"] if len(files) > _N_SHOWN else [])])
        raise InputError(
            f"{path.name}: '{spec.dataset}' is the name of other data, taken in on {manifest.loads[-1].date} "
            f"with another spec (origin: {manifest.origin}; files: {shown}). {_advice(spec.dataset)} "
            "If these are the same company's data, keep origin and columns of that spec."
        )


def free_name(name: str, path: Path) -> str:
    """A name no other data have: as wished, else with a number behind it.

    Args:
        name: as wished.
        path: of the spec that is to bear it; data that came from there are no others.
    """
    wishes = (name if number == 1 else f"{name}_{number}" for number in count(1))
    return next(wish for wish in wishes if _is_free(wish, path))


def _is_free(name: str, path: Path) -> bool:
    if not raw_folder(name).exists():
        return True
    try:
        manifest = raw.read_manifest(name)
    except InputError:  # damaged: nothing is known of it, so it is left alone
        return False
    return manifest is not None and manifest.spec_place == place_of(path)


def _advice(name: str) -> str:
    return f"Give the data set another name, such as {free_name(name, Path())}."


def _is_moved(spec: Spec, known: Spec) -> bool:
    """Whether two specs describe the same source: one origin, and no column with another meaning."""
    shared = set(spec.inputs) & set(known.inputs)
    both = [(spec.tables[name].columns, known.tables[name].columns) for name in shared if name in spec.tables]
    return (
        spec.origin == known.origin
        and bool(shared)
        and all(new.get(column, source) == source for new, old in both for column, source in old.items())
    )
