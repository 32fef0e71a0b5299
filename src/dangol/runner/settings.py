"""The parameters of a run: defaults, preset and ``--set`` become one checked set per notebook."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from pydantic import ValidationError

from dangol.errors import InputError
from dangol.files import sha256_of_text
from dangol.params import Params
from dangol.runner.changes import Change, parse_changes, typed, unknown_name
from dangol.runner.notebook import Notebook
from dangol.runner.presets import Preset, read_presets
from dangol.workspace import DEFAULT_VARIANT

RUN_FIELDS = ("dataset", "as_of", "variant")
_HASH_LENGTH = 8
_UNKNOWN = "unknown"


class Manifest(Protocol):
    """What the runner needs to know of a data set."""

    @property
    def dataset(self) -> str:
        """Name of the data set; a spec's path was given, it is the name in the spec."""

    @property
    def first_ts(self) -> str:
        """Date of the first transaction."""

    @property
    def last_ts(self) -> str:
        """Date of the last transaction."""

    @property
    def default_as_of(self) -> str:
        """Snapshot date where the caller names none."""

    @property
    def digest(self) -> str:
        """One name for the content of all raw files."""


@dataclass(frozen=True)
class Request:
    """What the caller asked for.

    Attributes:
        dataset: name of the data set or path of a spec; ``None`` for the preset's or the notebooks' own.
        preset: name in ``presets.yaml``.
        changes: texts ``name=value`` or ``NN.name=value``.
    """

    dataset: str | None = None
    preset: str = "full"
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """The checked parameters of a run.

    Attributes:
        dataset: name of the data set.
        as_of: snapshot date, exclusive.
        variant: short name of what differs from the notebooks' defaults.
        preset: name of the preset.
        raw_digest: one name for the content of the raw files.
        params: by notebook number.
        injected: by notebook number, what papermill puts after the parameters cell.
    """

    dataset: str
    as_of: str
    variant: str
    preset: str
    raw_digest: str
    params: Mapping[str, Params]
    injected: Mapping[str, dict[str, Any]]


@dataclass
class _Draft:
    """Values on the way to becoming settings, and every fault met."""

    notebooks: Sequence[Notebook]
    faults: list[str] = field(default_factory=list)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def apply(self, changes: Sequence[Change]) -> None:
        """Put typed values in; a change that fits no notebook becomes a fault."""
        for change in changes:
            targets = [nb for nb in self.notebooks if change.number in (None, nb.number)]
            holders = [nb for nb in targets if change.name in nb.fields]
            if not holders:
                self.faults += [] if change.is_optional else [unknown_name(change, self.notebooks)]
            for notebook in holders:
                try:
                    self.values[notebook.number][change.name] = typed(change, notebook)
                except ValueError as error:
                    self.faults.append(str(error))


def resolve(
    request: Request,
    notebooks: Sequence[Notebook],
    fetch: Callable[[str], Manifest],
    presets: Mapping[str, Preset] | None = None,
) -> Settings:
    """Check everything the caller asked for before anything is executed.

    Args:
        request: data set, preset and changes.
        notebooks: all notebooks of the flow, selected or not: the variant's name covers them all.
        fetch: brings the raw files of a data set and describes them.
        presets: by name; ``None`` for those of ``presets.yaml``.

    Raises:
        InputError: listing every fault at once.
    """
    draft = _Draft(notebooks)
    preset = _preset(request.preset, read_presets() if presets is None else presets, draft.faults)
    changes = parse_changes(request.changes, draft.faults)
    draft.values = {nb.number: dict(nb.defaults) for nb in notebooks}
    draft.apply(preset.changes)
    of_preset = {number: dict(values) for number, values in draft.values.items()}
    draft.apply([change for change in changes if change.name not in RUN_FIELDS])
    dataset = _dataset(request, preset, changes, notebooks, draft.faults)
    manifest = _fetched(dataset, fetch, draft.faults)
    dataset = manifest.dataset if manifest else _UNKNOWN  # a spec's path is no name of a data set
    as_of = _as_of(dataset, changes, notebooks, manifest, draft.faults)
    variant = _variant(preset.name, of_preset, draft.values)
    for values in draft.values.values():
        values.update(dataset=dataset, as_of=as_of, variant=variant)
    params = _checked(draft)
    if draft.faults or manifest is None:
        raise InputError(_listed(draft.faults))
    injected = {nb.number: _injected(nb, draft.values[nb.number]) for nb in notebooks}
    return Settings(dataset, as_of, variant, preset.name, manifest.digest, params, injected)


def _preset(name: str, known: Mapping[str, Preset], faults: list[str]) -> Preset:
    if name not in known:
        faults.append(f"there is no preset '{name}'; known are {', '.join(known)}")
    return known.get(name, Preset("full"))


def _injected(notebook: Notebook, values: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the parameters cell, and always which run it is."""
    own = {name: value for name, value in notebook.defaults.items() if name not in RUN_FIELDS}
    return _differing(values, own)


def _listed(faults: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(faults))
    lines = "\n".join(f"  - {fault}" for fault in distinct)
    return f"nothing was run: {len(distinct)} unusable argument(s)\n{lines}"


def _dataset(
    request: Request,
    preset: Preset,
    changes: Sequence[Change],
    notebooks: Sequence[Notebook],
    faults: list[str],
) -> str:
    named = [change.text for change in changes if change.name == "dataset"]
    if request.dataset is not None:
        named.append(request.dataset)
    if len(set(named)) > 1:
        faults.append(f"dataset: one at a time, received {' and '.join(named)}")
    own = next((nb.defaults["dataset"] for nb in notebooks if "dataset" in nb.defaults), "")
    return named[0] if named else preset.dataset or own


def _fetched(dataset: str, fetch: Callable[[str], Manifest], faults: list[str]) -> Manifest | None:
    try:
        return fetch(dataset)
    except InputError as error:
        faults.append(str(error))
        return None


def _as_of(
    dataset: str,
    changes: Sequence[Change],
    notebooks: Sequence[Notebook],
    manifest: Manifest | None,
    faults: list[str],
) -> str:
    """The date named, else the notebooks' own for their own data set, else the source's."""
    named = [change.text for change in changes if change.name == "as_of"]
    own = [
        nb.defaults for nb in notebooks if nb.defaults.get("dataset") == dataset and "as_of" in nb.defaults
    ]
    if named:
        as_of = named[-1]
    elif own:
        as_of = own[0]["as_of"]
    else:
        as_of = manifest.default_as_of if manifest else "2000-01-01"
    try:
        as_of = date.fromisoformat(as_of).isoformat()
    except ValueError:
        return as_of  # the notebooks' classes say what is wrong with it
    if manifest is None:
        return as_of
    last = f"{date.fromisoformat(manifest.last_ts) + timedelta(days=1)}"  # exclusive: all the data are seen
    if not manifest.first_ts < as_of <= last:
        advised = manifest.default_as_of if manifest.first_ts < manifest.default_as_of <= last else last
        faults.append(
            f"as_of: {as_of} lies outside the data of '{dataset}'; choose a date after "
            f"{manifest.first_ts} and up to {last}, like {advised}"
        )
    return as_of


def _variant(preset: str, of_preset: Mapping[str, dict], values: Mapping[str, dict]) -> str:
    """``full``, ``smoke``, or either with a hash of what was changed against it."""
    changed = [
        f"{number}.{name}={value!r}"
        for number in sorted(values)
        for name, value in sorted(_differing(values[number], of_preset[number]).items())
        if name not in RUN_FIELDS
    ]
    base = preset or DEFAULT_VARIANT
    return f"{base}-{sha256_of_text(*changed)[:_HASH_LENGTH]}" if changed else base


def _differing(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}


def _checked(draft: _Draft) -> dict[str, Params]:
    """Each notebook's typed parameters; breaches become faults that name all notebooks concerned."""
    params: dict[str, Params] = {}
    breaches: dict[str, list[str]] = {}
    for notebook in draft.notebooks:
        if notebook.params_class is None:
            continue
        values = draft.values[notebook.number]
        known = {name: value for name, value in values.items() if name in notebook.fields}
        try:
            params[notebook.number] = notebook.params_class(**known)
        except ValidationError as error:
            for detail in error.errors():
                breaches.setdefault(_breach(detail), []).append(notebook.number)
    draft.faults += [f"{text} (notebook {', '.join(numbers)})" for text, numbers in breaches.items()]
    return params


def _breach(detail: Any) -> str:
    name = ".".join(str(part) for part in detail["loc"]) or "parameters"
    if detail["type"] == "missing":
        return f"{name}: has no default in the parameters cell"
    message = str(detail["msg"]).removeprefix("Value error, ")
    message = message.replace("Input should", "should").replace("String should", "should")
    return (
        f"{name}: {message}" if "received" in message else f"{name}: {message}, received {detail['input']!r}"
    )
