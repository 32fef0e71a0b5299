"""The single runs of a sweep, each checked before any of them starts."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from dangol.errors import InputError
from dangol.runner.notebook import Notebook
from dangol.runner.settings import Manifest, Request, Settings, resolve
from dangol.sweeps.spans import expand
from dangol.sweeps.spec import SweepSpec
from dangol.workspace import RunFolder

_RUN = "00"
_MOST = 1000
_DATED = re.compile(r"as_of: (\d{4}-\d\d-\d\d)( lies outside .*)", re.DOTALL)


@dataclass(frozen=True)
class Member:
    """One run of a sweep.

    Attributes:
        number: from 1.
        differs: the parameters in which the runs of the sweep differ, as written.
        request: what ``dangol run`` is asked for.
        settings: the checked parameters.
    """

    number: int
    differs: Mapping[str, str]
    request: Request
    settings: Settings

    @property
    def label(self) -> str:
        """What is particular about this run."""
        return " ".join(f"{name}={value}" for name, value in self.differs.items()) or self.place

    @property
    def folder(self) -> RunFolder:
        """Where its tables lie."""
        return RunFolder(self.settings.dataset, self.settings.as_of, self.settings.variant, _RUN)

    @property
    def place(self) -> str:
        """``dataset/as_of/variant``: no two members share it."""
        return f"{self.settings.dataset}/{self.settings.as_of}/{self.settings.variant}"


def members_of(
    spec: SweepSpec, notebooks: Sequence[Notebook], fetch: Callable[[str], Manifest]
) -> list[Member]:
    """All runs of a sweep, in the order of its data sets, runs and grid.

    Args:
        spec: the sweep.
        notebooks: all notebooks of the flow.
        fetch: brings the raw files of a data set and describes them; asked once for each.

    Raises:
        InputError: naming every fault of every run at once.
    """
    faults: list[str] = []
    combinations = _combinations(spec, faults)
    if faults:
        raise InputError(_listed(faults))
    once = cache(fetch)
    members: list[Member] = []
    for values in combinations:
        request = _request(spec, values)
        try:
            settings = resolve(request, notebooks, once)
        except InputError as error:
            faults += [line.strip(" -") for line in str(error).splitlines()[1:]]
            continue
        members.append(Member(len(members) + 1, _differing(values, combinations), request, settings))
    faults = [*_merged(faults), *_same_twice(members)]
    if faults:
        raise InputError(_listed(faults))
    return members


def _combinations(spec: SweepSpec, faults: list[str]) -> list[dict[str, str]]:
    """Each run's data set and parameters as texts."""
    shared = {name: _text(value) for name, value in spec.set.items()}
    axes: dict[str, list[str]] = {}
    if spec.dataset is not None:
        axes["dataset"] = [spec.dataset] if isinstance(spec.dataset, str) else spec.dataset
    for name, values in spec.grid.items():
        try:
            axes[name] = [part for value in _alternatives(values) for part in expand(_text(value))]
        except ValueError as error:
            faults.append(f"{name}: {error}")
    singles = [{name: _text(value) for name, value in run.items()} for run in spec.runs] or [{}]
    empty = [name for name, axis in axes.items() if not axis]
    faults += [f"{name}: has no value" for name in empty]
    n_runs = len(singles)
    for axis in axes.values():
        n_runs *= len(axis)
    if n_runs > _MOST:
        faults.append(f"these are {n_runs:,} runs; a sweep takes at most {_MOST:,}")
    if faults:
        return []
    return [
        {**shared, **single, **dict(zip(axes, point, strict=True))}
        for single in singles
        for point in itertools.product(*axes.values())
    ]


def _alternatives(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list) else [values]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def _request(spec: SweepSpec, values: Mapping[str, str]) -> Request:
    changes = tuple(f"{name}={value}" for name, value in values.items() if name != "dataset")
    return Request(values.get("dataset"), spec.preset, changes)


def _differing(values: Mapping[str, str], combinations: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {
        name: value
        for name, value in values.items()
        if any(other.get(name) != value for other in combinations)
    }


def _same_twice(members: Sequence[Member]) -> list[str]:
    first: dict[str, Member] = {}
    faults = []
    for member in members:
        known = first.setdefault(member.place, member)
        if known is not member:
            faults.append(f"runs {known.number} and {member.number} are the same: {member.label}")
    return faults


def _merged(faults: Sequence[str]) -> list[str]:
    """One line for faults that differ in a leading date alone, as those of a span do."""
    dates: dict[str, list[str]] = {}
    for fault in dict.fromkeys(faults):
        found = _DATED.fullmatch(fault)
        dates.setdefault(fault if found is None else f"as_of: {{}}{found[2]}", []).append(
            found[1] if found else ""
        )
    return [
        text.replace("{}", days[0] if len(days) == 1 else f"{days[0]} to {days[-1]} ({len(days)} dates)", 1)
        if days[0]
        else text
        for text, days in dates.items()
    ]


def _listed(faults: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(faults))
    lines = "\n".join(f"  - {fault}" for fault in distinct)
    return f"nothing was run: {len(distinct)} fault(s) in the sweep\n{lines}"
