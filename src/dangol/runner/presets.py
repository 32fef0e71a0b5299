"""Presets: named sets of changes, kept in ``dangol/presets.yaml``."""

from dataclasses import dataclass
from pathlib import Path

from dangol.runner.changes import Change

PRESETS_FILE = Path(__file__).resolve().parents[1] / "presets.yaml"


@dataclass(frozen=True)
class Preset:
    """What one preset changes against the notebooks' defaults."""

    name: str
    about: str = ""
    dataset: str | None = None
    changes: tuple[Change, ...] = ()


def read_presets(path: Path = PRESETS_FILE) -> dict[str, Preset]:
    """All presets of a file, by name."""
    import yaml

    content = yaml.safe_load(path.read_text())
    return {
        name: Preset(name, entry.get("about", ""), entry.get("dataset"), _changes(entry.get("set", {})))
        for name, entry in content.items()
    }


def _changes(values: dict[str, object]) -> tuple[Change, ...]:
    changes = []
    for label, value in values.items():
        number, _, name = str(label).rpartition(".")
        changes.append(Change(number or None, name, str(value), is_optional=True))
    return tuple(changes)
