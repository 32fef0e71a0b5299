"""What a sweep is asked to do: a YAML file, or options of the command."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dangol.errors import InputError
from dangol.files import sha256_of_text
from dangol.plain_yaml import PlainYamlError, load_plain

Scalar = bool | int | float | date | str
_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
_HASH_LENGTH = 8


class SweepSpec(BaseModel):
    """A sweep: every combination of ``grid``, once for each of ``runs``, on top of ``set``.

    Attributes:
        name: of its folder ``reports/sweeps/<name>``.
        dataset: one data set or several; the preset's if left out.
        preset: set of parameters all runs start from.
        only: numbers of the notebooks, as in ``dangol run --only``.
        set: parameters all runs share.
        grid: parameter to a list, ``a|b``, or a span ``first..last/step``.
        runs: parameters of single runs.
    """

    model_config = ConfigDict(extra="forbid", strict=False)

    name: str = Field(pattern=_NAME)
    dataset: str | list[str] | None = None
    preset: str = "full"
    only: str = ""
    set: dict[str, Scalar | list[Scalar]] = {}
    grid: dict[str, Scalar | list[Scalar]] = {}
    runs: list[dict[str, Scalar | list[Scalar]]] = []


def read_sweep(path: Path) -> SweepSpec:
    """Read a sweep's YAML file; its name is the file's unless it says another.

    Raises:
        InputError: listing every fault of the file at once.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = load_plain(text)
    except FileNotFoundError:
        raise InputError(f"there is no sweep file {path.name}") from None
    except PlainYamlError as error:
        raise InputError(f"{path.name} is not valid YAML{_where(error, text)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read: {_one_line(error)}") from None
    if content is None:
        raise InputError(f"{path.name} is empty; expected keys such as dataset and grid")
    if not isinstance(content, dict):
        raise InputError(f"{path.name}: expected keys such as dataset and grid, received {content!r}")
    return _checked({"name": path.stem.lower(), **content}, path.name)


def sweep_of_options(dataset: str | None, preset: str, only: str, changes: Sequence[str]) -> SweepSpec:
    """The sweep that ``--set name=values`` describes; the same options give the same name.

    Raises:
        InputError: if an option is unusable.
    """
    wrong = [text for text in changes if "=" not in text]
    if wrong:
        raise InputError(f"--set {wrong[0]}: expected name=values, like as_of=2017-06-01..2017-12-01/1M")
    if not changes:
        raise InputError(
            "there is nothing to vary: name a sweep file, or values such as "
            "--set as_of=2017-06-01..2017-12-01/1M; one run alone is dangol run"
        )
    pairs = [text.partition("=") for text in changes]
    grid = {name.strip(): values for name, _, values in pairs}
    if len(grid) < len(pairs):
        raise InputError("--set names a parameter twice; join its values: --set n_segments=4|5")
    digest = sha256_of_text(dataset or "", preset, only, *sorted(changes))[:_HASH_LENGTH]
    content = {"name": f"sweep-{digest}", "dataset": dataset, "preset": preset, "only": only, "grid": grid}
    return _checked(content, "the options")


def _checked(content: dict[str, Any], source: str) -> SweepSpec:
    try:
        return SweepSpec(**content)
    except ValidationError as error:
        faults = {_fault(detail) for detail in error.errors()}
    except TypeError:
        faults = {"keys must be text"}
    listed = "\n".join(f"  - {fault}" for fault in sorted(faults))
    raise InputError(f"{source}: {len(faults)} fault(s)\n{listed}")


def _fault(detail: Any) -> str:
    where = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        return f"{where}: no such key; known are {', '.join(SweepSpec.model_fields)}"
    if where == "name":
        return f"name: expected small letters, digits, - and _, received {detail['input']!r}"
    return f"{where}: received {detail['input']!r}, which {detail['msg'].replace('Input should', 'should')}"


def _where(error: PlainYamlError, text: str) -> str:
    """The problem, and the line at which it was met, as it stands in the file."""
    if error.line is None:
        return f": {error.problem}"
    lines = text.splitlines()
    line = lines[error.line - 1].strip() if error.line <= len(lines) else "its end"
    return (
        f" at line {error.line}: {line!r} ({error.problem}). "
        "Expected `name: value` with the same indentation as its neighbours"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
