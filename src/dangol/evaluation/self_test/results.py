"""What the last full self-test measured, as a file of the package."""

from pathlib import Path
from typing import Any

import yaml

from dangol.files import replacing

_PATH = Path(__file__).with_name("measured.yaml")
_HEAD = "# Written by benchmarks/interval_coverage.py; not to be edited by hand.\n"


def measured_coverage() -> dict[str, Any] | None:
    """Date, seed, version and figures of the last full self-test; None if none was kept.

    Returns:
        ``date``, ``seed``, ``version``; ``coverage``: one mapping per case and kind of interval;
        ``null_p_values``, ``false_wins`` and ``safeguards``.
    """
    if not _PATH.is_file():
        return None
    found: dict[str, Any] = yaml.safe_load(_PATH.read_text(encoding="utf-8"))
    return found


def write_coverage(measured: dict[str, Any]) -> None:
    """Keep the figures of a full self-test."""
    with replacing(_PATH) as path:
        path.write_text(_HEAD + yaml.safe_dump(measured, sort_keys=False), encoding="utf-8")
