"""What a notebook leaves behind beside its tables: metrics, epoch losses, figures, models.

All of it lies in ``<run>/records/<notebook>/``; the runner passes it on to MLflow and the reports
read it, so a number in a report is the number in MLflow. A notebook opened by hand needs neither.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.drift import reference_of
from dangol.errors import DangolError
from dangol.files import replacing, write_json
from dangol.workspace import RunFolder

MetricValue = float | int | str | bool
_N_EXAMPLES = 5


def record(metrics: Mapping[str, Any], folder: RunFolder) -> None:
    """Write a notebook's figures and mark its work as done; the last cell calls it.

    Args:
        metrics: name to number (or short text, for a verdict or a model's name). Names carry
            their unit: ``lapse_auc_score``, ``n_customers``, ``amount``.
        folder: the run.

    Raises:
        DangolError: if a number is missing or not finite; a report could not show it.
    """
    plain = {name: getattr(value, "item", lambda v=value: v)() for name, value in metrics.items()}
    broken = [name for name, value in plain.items() if not _can_be_shown(value)]
    if broken:
        raise DangolError(f"metrics without a finite value: {', '.join(broken)}")
    write_json(plain, folder.records / "metrics.json")
    write_json({"dataset": folder.dataset, "as_of": folder.as_of}, folder.records / "done.json")


def _can_be_shown(value: Any) -> bool:
    return isinstance(value, MetricValue) and (not isinstance(value, float) or math.isfinite(value))


def metrics_of(folder: RunFolder) -> dict[str, MetricValue]:
    """The recorded figures of one notebook; empty if it has not run."""
    path = folder.records / "metrics.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def record_history(name: str, history: pd.DataFrame, folder: RunFolder) -> None:
    """Keep a network's losses per epoch.

    Args:
        name: of the model, such as ``lapse_network``.
        history: one row per epoch; ``epoch`` from 0 and one float column per loss.
        folder: the run.
    """
    with replacing(folder.records / "history" / f"{name}.csv") as temporary:
        history.to_csv(temporary, index=False)


def record_figure(figure: Any, name: str, title: str, folder: RunFolder) -> None:
    """Keep a matplotlib figure for the stakeholder report, its letters as letters.

    Args:
        figure: the figure; it stays open so that the notebook can show it.
        name: file name without ending.
        title: what the figure shows, one sentence computed from the data.
        folder: the run.
    """
    from matplotlib import rc_context

    # the report translates texts, and screen readers read them; a fixed salt gives the same ids again;
    # the ground is that of the page, whose shadows tell where a wide figure goes on
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": name}
    with rc_context(settings), replacing(folder.records / "figures" / f"{name}.svg") as temporary:
        figure.savefig(
            temporary, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None}
        )
    write_json({"title": title}, folder.records / "figures" / f"{name}.json")


def record_model(
    name: str,
    model: Any,
    training: pd.DataFrame,
    folder: RunFolder,
    *,
    constants: Mapping[str, float] | None = None,
) -> Path:
    """Save a fitted Dangol network with what whoever serves it needs.

    Args:
        name: of the model, such as ``lapse_network``.
        model: an estimator with ``save(path)`` and ``predict_frame(rows)``.
        training: the rows it has learnt from, without identifiers. The first five are kept as an
            example, from which MLflow takes its signature; of the others only counts per bin, against
            which drift is measured (see `dangol.drift`).
        folder: the run.
        constants: further numbers without which its predictions cannot be used.

    Returns:
        The folder that holds ``model.dangol``, ``example.parquet``, ``example_output.parquet`` and
        ``reference.json``.
    """
    target = folder.records / "models" / name
    target.mkdir(parents=True, exist_ok=True)
    model.save(target / "model.dangol")
    example = training.head(_N_EXAMPLES)
    for file, rows in (("example", example), ("example_output", model.predict_frame(example))):
        with replacing(target / f"{file}.parquet") as temporary:
            rows.to_parquet(temporary, index=False)
    write_json({**reference_of(training), "constants": dict(constants or {})}, target / "reference.json")
    return target


def record_card(name: str, text: str, folder: RunFolder) -> None:
    """Keep the card of a recorded model, Markdown; MLflow shows it with the model's versions.

    Args:
        name: of a model recorded with `record_model`.
        text: from `dangol.modelcard.model_card`.
        folder: the run.
    """
    with replacing(folder.records / "models" / name / "card.md") as temporary:
        temporary.write_text(text, "utf-8")


def record_holdout(
    name: str,
    losses: pd.DataFrame,
    truth: npt.ArrayLike,
    inputs: pd.DataFrame,
    folder: RunFolder,
    *,
    holdout_date: str,
    task: str = "",
) -> None:
    """Keep how a recorded model did on rows it had not seen, beside its simpler rivals.

    The runner decides by it whether the model becomes the champion of the registry.

    Args:
        name: of a model recorded with `record_model`.
        losses: one row per holdout row; a column ``network`` and one per simpler model, each the
            log loss of that row.
        truth: 0 or 1 of each row.
        inputs: what the models saw, aligned, without identifiers: a later champion is scored on them.
        folder: the run.
        holdout_date: snapshot of the holdout; no model that knows more may be scored on it.
        task: task of a ``BehaviorNetwork`` that was judged; empty for a classifier.
    """
    target = folder.records / "models" / name
    with replacing(target / "holdout.parquet") as temporary:
        losses.assign(truth=np.asarray(truth, dtype="float64")).to_parquet(temporary, index=False)
    with replacing(target / "holdout_inputs.parquet") as temporary:
        inputs.to_parquet(temporary, index=False)
    about = {"holdout_date": holdout_date, "task": task, "known_until": folder.as_of}
    write_json(about, target / "holdout.json")
