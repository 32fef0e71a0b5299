"""How much of a run's wall time is the runner's own: starting kernels, logging, drawing pages.

    python benchmarks/runner_overhead.py DATASET AS_OF [--variant full]

Reads what a finished `dangol run --force` has left: the times of every cell in the executed notebooks and the
wall time of the batch in MLflow. Two figures: the share of wall time in which no notebook was computing
anything, and the share of each notebook's own time that was not spent in its cells.
"""

import argparse
import json
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

from dangol.workspace import home, reports_folder

Span = tuple[datetime, datetime]


def cell_spans(notebook: Path) -> list[Span]:
    """When each cell of an executed notebook began and ended."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    times = [cell["metadata"].get("papermill", {}) for cell in cells if cell["cell_type"] == "code"]
    return [
        (datetime.fromisoformat(time["start_time"]), datetime.fromisoformat(time["end_time"]))
        for time in times
        if time.get("start_time") and time.get("end_time")
    ]


def covered_seconds(spans: list[Span]) -> float:
    """Seconds in which at least one span runs."""
    total, until = 0.0, None
    for begin, end in sorted(spans):
        start = begin if until is None else max(begin, until)
        total += max(0.0, (end - start).total_seconds())
        until = end if until is None else max(until, end)
    return total


def wall_seconds(run_ids: list[str]) -> float | None:
    """Of the batch that executed the notebooks with these MLflow runs; None if there was not just one."""
    marks = ", ".join("?" * len(run_ids))
    with sqlite3.connect(f"file:{home() / 'mlruns' / 'mlflow.db'}?mode=ro", uri=True) as database:
        found = database.execute(
            "select distinct m.value from tags t join metrics m on m.run_uuid = t.value"
            f" where t.key = 'mlflow.parentRunId' and m.key = 'seconds' and t.run_uuid in ({marks})",
            run_ids,
        ).fetchall()
    return float(found[0][0]) if len(found) == 1 else None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset")
    parser.add_argument("as_of")
    parser.add_argument("--variant", default="full")
    asked = parser.parse_args()
    place = f"{asked.dataset}/{asked.as_of}/{asked.variant}"
    records = home() / "data" / "processed" / place / "records"
    paths = sorted((reports_folder(asked.dataset, asked.as_of, asked.variant) / "notebooks").glob("*.ipynb"))
    spans, run_ids, own, computing = [], [], 0.0, 0.0
    print(f"{'notebook':<16} {'seconds':>8} {'in cells':>8} {'rest':>7}")
    for path in paths:
        state = json.loads((records / path.name[:2] / "state.json").read_text())
        cells = cell_spans(path)
        in_cells = covered_seconds(cells)
        print(
            f"{path.stem:<16} {state['seconds']:8.1f} {in_cells:8.1f} {1 - in_cells / state['seconds']:7.1%}"
        )
        spans += cells
        run_ids.append(state["run_id"])
        own, computing = own + state["seconds"], computing + in_cells
    wall, busy = wall_seconds(run_ids), covered_seconds(spans)
    print(f"{'all':<16} {own:8.1f} {computing:8.1f} {1 - computing / own:7.1%}")
    if wall is None:
        sys.exit("the notebooks come from several batches; execute them in one: dangol run --force")
    print(
        f"wall time {wall:.1f} s, of which no cell was running: {wall - busy:.1f} s ({1 - busy / wall:.1%})"
    )


if __name__ == "__main__":
    main()
