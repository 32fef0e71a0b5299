"""The stakeholders' report of a batch, written when something it shows has changed."""

import json
from collections.abc import Sequence
from pathlib import Path

from dangol.files import sha256_of_text, write_json
from dangol.runner.modules import digest_of_modules
from dangol.runner.troubles import trouble
from dangol.stages import StageResult
from dangol.workspace import RunFolder, reports_folder

_NOTE = "report.json"


def write_report_if_new(folder: RunFolder, stages: Sequence[StageResult], troubles: list[str]) -> Path | None:
    """Write ``index.html`` unless the one that is there shows the same.

    Args:
        folder: the run.
        stages: all notebooks of the flow that have run.
        troubles: a report that cannot be written is added here; it must not cost the results.
    """
    page = reports_folder(folder.dataset, folder.as_of, folder.variant) / "index.html"
    note = folder.path / "records" / _NOTE
    key = _key(stages)
    if page.is_file() and _noted(note) == key:
        return page
    note.unlink(missing_ok=True)
    try:
        from dangol.reports import write_report

        written = write_report(folder, list(stages))
    except Exception as error:
        troubles.append(trouble("no report", error))
        return None
    write_json({"key": key}, note)
    return written


def _key(stages: Sequence[StageResult]) -> str:
    """Everything the report shows; done now or earlier is the same."""
    seen = [
        (stage.name, stage.title, stage.status.replace("unchanged", "done"), stage.message, stage.run_id)
        for stage in stages
    ]
    return sha256_of_text(json.dumps(seen), digest_of_modules(["dangol.reports", "dangol.reports.report"]))


def _noted(path: Path) -> str:
    try:
        return str(json.loads(path.read_text())["key"])
    except (OSError, ValueError, KeyError):
        return ""
