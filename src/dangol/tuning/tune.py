"""Settings of the response network, searched on contacts before the holdout of notebook 07, and kept."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from dangol import tables
from dangol.errors import InputError, MissingTableError, SkipNotebookError
from dangol.files import sha256_of_text
from dangol.scoring.recipes import campaign_log
from dangol.tracking.tuning import TuningRuns
from dangol.tuning.rows import SearchRows, search_rows
from dangol.tuning.search import Budget, Finding, Trial, judge, search
from dangol.tuning.space import as_call, distributions, parsed
from dangol.workspace import RunFolder

_STUDY_LENGTH = 16
_SAME = 1e-6


@dataclass(frozen=True)
class TuneResult:
    """What a search came to, in words and in runs.

    Attributes:
        finding: trials, the best one, and what it is worth.
        lines: what a person should know, one sentence each.
        parent_id: MLflow run that holds the trials.
    """

    finding: Finding
    lines: tuple[str, ...]
    parent_id: str

    @property
    def is_repeated(self) -> bool:
        """Whether the best trial, trained again from its logged parameters, gave its logged score."""
        return abs(self.finding.again - self.finding.best.log_loss) < _SAME


def tune(
    folder: RunFolder, test_days: int, budget: Budget, resume: bool, tell: Callable[[str], None]
) -> TuneResult:
    """Search settings of the response network.

    Args:
        folder: run whose notebook 01 has written the tables.
        test_days: as in notebook 07; the campaigns it judges by take no part.
        budget: trials, seconds, epochs, seed.
        resume: go on with the latest search of the same rows, seed and bounds.
        tell: takes one line per trial.

    Raises:
        InputError: if the run's tables are missing or hold too little to search by.
    """
    rows = _rows(folder, test_days, budget.seed)
    place = f"{folder.dataset}/{folder.as_of}/{folder.variant}"
    told = {
        "dataset": folder.dataset,
        "as_of": folder.as_of,
        "variant": folder.variant,
        "test_days": test_days,
        "seed": budget.seed,
        "max_epochs": budget.max_epochs,
        "known_before": rows.known_before,
    }
    runs = TuningRuns(folder.dataset, _study(told, rows), f"tune response_network {place}", told)
    known = [
        Trial(number, parsed(texts), loss, run_id)
        for number, (texts, loss, run_id) in enumerate(runs.open(resume))
    ]
    tell(_rows_line(rows, len(known)))
    try:
        trials = search(rows, budget, runs, known, lambda trial: tell(_trial_line(trial)))
        best = min(trials, key=lambda trial: (trial.log_loss, trial.number))
        finding = judge(trials, parsed(runs.settings_of(best.run_id)), rows, budget)
    except BaseException:  # also when stopped from the keyboard: the trials so far are kept
        runs.close({}, {}, "KILLED")
        raise
    tags = {"dangol.best_trial": finding.best.run_id, "dangol.verdict": finding.verdict}
    runs.close(_figures(finding), tags)
    return TuneResult(finding, _lines(finding), runs.parent_id)


def _figures(finding: Finding) -> dict[str, float]:
    return {
        "n_trials": len(finding.trials),
        "log_loss": finding.best.log_loss,
        "default_log_loss": finding.trials[0].log_loss,
        "again_log_loss": finding.again,
        "difference": finding.difference,
        "difference_low": finding.low,
        "difference_high": finding.high,
    }


def _rows(folder: RunFolder, test_days: int, seed: int) -> SearchRows:
    place = f"data set '{folder.dataset}' as of {folder.as_of} ({folder.variant})"
    if not tables.CUSTOMERS.exists(folder):
        raise InputError(
            f"{place} has no tables yet. Run notebook 01: dangol run --only 01 --dataset {folder.dataset} "
            f"--set as_of={folder.as_of}"
        )
    try:
        return search_rows(campaign_log(folder), folder.as_of, test_days, seed)
    except (MissingTableError, SkipNotebookError) as error:
        raise InputError(f"{place} cannot be tuned on: {error}") from None


def _study(told: dict[str, object], rows: SearchRows) -> str:
    """Equal for two sessions only if their trials can be compared."""
    space = {name: str(bounds) for name, bounds in distributions().items()}
    sizes = [*rows.X_fit.shape, *rows.X_judge.shape, int(rows.y_fit.sum()), int(rows.y_judge.sum())]
    return sha256_of_text(json.dumps([told, space, sizes], sort_keys=True))[:_STUDY_LENGTH]


def _rows_line(rows: SearchRows, n_known: int) -> str:
    later = "of later campaigns" if rows.is_by_time else "of other customers, drawn by lot"
    known = f"; {n_known} trials of an earlier session count" if n_known else ""
    return (
        f"learning from {len(rows.X_fit):,} contacts, judged on {len(rows.X_judge):,} {later}, all before "
        f"{rows.known_before}; notebook 07's holdout takes no part{known}"
    )


def _trial_line(trial: Trial) -> str:
    told = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in trial.settings.items()
    )
    return f"trial {trial.number}: log loss {trial.log_loss:.5f} ({told})"


def _lines(finding: Finding) -> tuple[str, ...]:
    best, plain = finding.best, finding.trials[0]
    n_trials = len(finding.trials)
    gap = f"{finding.difference:+.5f}, 95 % interval {finding.low:+.5f} to {finding.high:+.5f}"
    repeat = f"trained again from its logged parameters it gives {finding.again:.5f}"
    if best.number == plain.number:
        return (
            f"none of {n_trials} trials beats the defaults (log loss {plain.log_loss:.5f}): keep them",
            repeat,
        )
    if finding.verdict != "wins":
        return (
            f"tuning brings nothing over the defaults beyond chance: the best of {n_trials} trials has log "
            f"loss {best.log_loss:.5f}, the defaults {plain.log_loss:.5f} ({gap}); keep the defaults",
            repeat,
        )
    return (
        f"trial {best.number} is better than the defaults: log loss {best.log_loss:.5f} against "
        f"{plain.log_loss:.5f} ({gap}; the best of {n_trials} looks better than it is, so judge it on later "
        "campaigns before you use it)",
        repeat,
        f"as Python: {as_call(best.settings)}",
    )
