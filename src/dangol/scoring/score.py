"""``dangol score``: a registered model on the customers of a date, with a check for drift."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dangol import tables
from dangol.drift import LARGE, drift_of, drift_sentence
from dangol.errors import InputError, MissingTableError, SkipNotebookError
from dangol.files import replacing
from dangol.runner.query import find_run
from dangol.scoring.recipes import RECIPES, Prepared
from dangol.tracking.fetching import FetchedModel, fetch_model
from dangol.workspace import DEFAULT_VARIANT, RunFolder, reports_folder

_NO_NOTEBOOK = "00"
_MASSIVE_SHARE = 1 / 3  # of the columns, from which on scores are advised against


@dataclass(frozen=True)
class ScoreResult:
    """What was scored, and where it lies.

    Attributes:
        scores: one row per row scored: keys, ``score``, further predictions, ``model_version``, ``run_id``.
        drift: one row per input column, see `dangol.drift.drift_of`.
        lines: what a person should know, one sentence each.
        path: the scores.
        drift_path: the drift.
    """

    scores: pd.DataFrame
    drift: pd.DataFrame
    lines: tuple[str, ...]
    path: Path
    drift_path: Path


def score(
    model: str, dataset: str, as_of: str | None, variant: str, target: Path | None = None
) -> ScoreResult:
    """Score the customers of a run with a registered model.

    Args:
        model: ``name``, ``name@alias`` or ``name/version``, see `fetch_model`.
        dataset: data set whose tables are scored; notebook 01 must have run on it.
        as_of: snapshot date, exclusive; None for the latest run.
        variant: of the run.
        target: file that takes the scores, ``.parquet`` or ``.csv``; None for
            ``<model>-v<version>.parquet`` in the folder ``scores`` of the run's reports. The drift lies
            beside it.

    Raises:
        InputError: if the model, the run, a column or the target is unusable; nothing is written then.
    """
    if target is not None and target.suffix not in (".parquet", ".csv"):
        raise InputError(f"--out: expected a name that ends in .parquet or .csv, received {target.name!r}")
    folder = _run(dataset, as_of, variant)
    with tempfile.TemporaryDirectory() as temporary:
        fetched = fetch_model(model, dataset, Path(temporary))
        prepared = _prepared(folder, fetched)
        drift = drift_of(fetched.reference, prepared.inputs)
        scores = _scores(prepared, fetched)
    path = target or _place(folder, fetched)
    drift_path = path.with_name(f"{path.stem}.drift.csv")
    with replacing(drift_path) as part:
        drift.to_csv(part, index=False)
    with replacing(path) as part:
        _write(scores, part, path.suffix)
    return ScoreResult(scores, drift, _told(scores, drift, prepared, fetched, folder), path, drift_path)


def _run(dataset: str, as_of: str | None, variant: str) -> RunFolder:
    """The run whose tables are scored."""
    if as_of is None:
        folder = find_run(dataset, None, variant)
    else:
        folder = RunFolder(dataset, as_of, variant, _NO_NOTEBOOK)
    if tables.CUSTOMERS.exists(folder):
        return folder
    preset = variant.partition("-")[0]
    options = f" --preset {preset}" if preset != DEFAULT_VARIANT else ""
    raise InputError(
        f"data set '{dataset}' as of {folder.as_of} ({variant}) has no tables yet. Run notebook 01: "
        f"dangol run --only 01 --dataset {dataset} --set as_of={folder.as_of}{options}"
    )


def _prepared(folder: RunFolder, fetched: FetchedModel) -> Prepared:
    kind = fetched.name.rpartition(".")[2]
    if kind not in RECIPES:
        raise InputError(
            f"--model: nothing is known of how the inputs of '{kind}' are made; models that can be "
            f"scored are {', '.join(RECIPES)}"
        )
    try:
        prepared = RECIPES[kind](folder, fetched)
    except (MissingTableError, SkipNotebookError) as error:
        raise InputError(f"{fetched.label} cannot score these data: {error}") from None
    missing = [name for name in fetched.inputs if name not in prepared.inputs]
    if missing:
        raise InputError(
            f"{fetched.label} expects {len(fetched.inputs)} columns; data set '{folder.dataset}' as of "
            f"{folder.as_of} lacks {len(missing)}: {', '.join(missing)}. Score data of the same make, or "
            f"train on this data set: dangol run --dataset {folder.dataset}"
        )
    if prepared.inputs.empty:
        raise InputError(f"data set '{folder.dataset}' has no customer to score as of {folder.as_of}")
    return prepared


def _scores(prepared: Prepared, fetched: FetchedModel) -> pd.DataFrame:
    try:
        found = prepared.predict(fetched.load())
    except ValueError as error:  # a column of another kind than in training
        raise InputError(f"{fetched.label} cannot read these rows: {error}") from None
    keys = [name for name in ("customer_id", "campaign_type") if name in found]
    rest = found.drop(columns=[*keys, prepared.score])
    return pd.concat([found[keys], found[prepared.score].rename("score"), rest], axis=1).assign(
        score_name=prepared.score,
        model=fetched.name,
        model_version=fetched.version,
        run_id=fetched.run_id,
    )


def _place(folder: RunFolder, fetched: FetchedModel) -> Path:
    name = f"{fetched.name}-v{fetched.version}.parquet"
    return reports_folder(folder.dataset, folder.as_of, folder.variant) / "scores" / name


def _write(scores: pd.DataFrame, part: Path, suffix: str) -> None:
    if suffix == ".csv":
        scores.to_csv(part, index=False)
    else:
        scores.to_parquet(part, index=False, compression="zstd")


def _told(
    scores: pd.DataFrame, drift: pd.DataFrame, prepared: Prepared, fetched: FetchedModel, folder: RunFolder
) -> tuple[str, ...]:
    found = scores["score"]
    lines = [
        f"{len(scores):,} rows of {folder.dataset} as of {folder.as_of} scored by {fetched.label}",
        f"score: probability of {prepared.meaning}; mean {found.mean():.3f}, one in ten below "
        f"{found.quantile(0.1):.3f}, one in ten above {found.quantile(0.9):.3f}",
        f"drift: {drift_sentence(drift)}",
    ]
    large_share = float((drift["psi"] >= LARGE).mean()) if len(drift) else 0.0
    if large_share >= _MASSIVE_SHARE:
        lines.append(
            f"advice: do not use these scores. {large_share:.0%} of the columns have shifted by much: these "
            "are hardly the customers the model has learnt from. Train on these: dangol run "
            f"--dataset {folder.dataset} --set as_of={folder.as_of}"
        )
    trained_as_of = str(fetched.parameters.get("as_of", ""))
    if folder.as_of < trained_as_of and fetched.name.startswith(f"{folder.dataset}."):
        lines.append(
            f"note: the model knows what happened until {trained_as_of}; do not judge it by scores as of "
            "an earlier date"
        )
    return tuple(lines)
