"""Trial after trial until the budget is spent; the defaults come first and every trial is kept."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dangol.evaluation.classification import classification_scores, paired_difference, verdict
from dangol.networks import NetworkClassifier
from dangol.progress import epoch_bar
from dangol.tuning.rows import SearchRows
from dangol.tuning.space import DEFAULTS, as_arguments, distributions

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """One way to train the network, and how it did on the judging rows.

    Attributes:
        number: from 0, the defaults.
        settings: in the terms of `dangol.tuning.space`.
        log_loss: on the judging rows, smaller is better.
        run_id: where it is kept.
    """

    number: int
    settings: Mapping[str, Any]
    log_loss: float
    run_id: str


class Keeper(Protocol):
    """Keeps trials, for people and for a search that goes on later."""

    def keep(
        self, number: int, settings: Mapping[str, Any], scores: Mapping[str, float], history: Any
    ) -> str:
        """Store one trial; its run id."""
        ...


@dataclass(frozen=True)
class Budget:
    """When to stop: ``n_trials`` over all sessions, ``seconds`` of this one, and bounds of a trial."""

    n_trials: int
    seconds: float
    max_epochs: int
    seed: int
    n_boot: int = 500


@dataclass(frozen=True)
class Finding:
    """What a search came to.

    Attributes:
        trials: all of them, in order.
        best: the one with the smallest log loss.
        again: its log loss when trained once more from what was kept of it.
        difference: log loss of the best less that of the defaults, judging rows.
        low: lower end of its 95 % interval over resampled customers.
        high: upper end.
        verdict: the best against the defaults: ``wins``, ``ties`` or ``loses``.
    """

    trials: Sequence[Trial]
    best: Trial
    again: float
    difference: float
    low: float
    high: float
    verdict: str


def fitted_probs(
    settings: Mapping[str, Any], rows: SearchRows, budget: Budget, name: str
) -> tuple[NetworkClassifier, Array]:
    """Train with one set of settings and score the judging rows; the same settings give the same scores."""
    arguments = as_arguments(settings)
    with epoch_bar(name, budget.max_epochs) as on_epoch:
        model = NetworkClassifier(
            **arguments,
            max_epochs=budget.max_epochs,
            random_state=budget.seed,
            on_epoch=on_epoch,
            warn_drift=False,
        ).fit(rows.X_fit, rows.y_fit)
    return model, np.asarray(model.predict_proba(rows.X_judge)[:, 1])


def search(
    rows: SearchRows, budget: Budget, keeper: Keeper, known: Sequence[Trial], tell: Callable[[Trial], None]
) -> list[Trial]:
    """Try settings until the budget is spent.

    Args:
        rows: to learn from and to be judged on.
        budget: when to stop; a trial that would not end in time, going by the mean so far, is not begun.
        keeper: takes every trial as soon as it has ended.
        known: trials of earlier sessions, which count and from which the search goes on.
        tell: called with every new trial.

    Returns:
        All trials, the known ones first.

    Source:
        Bergstra, Bardenet, Bengio & Kégl (2011), NeurIPS 24, for the tree-structured Parzen estimator.
    """
    study = _study(budget.seed + len(known), known)
    trials, started = list(known), time.monotonic()
    while len(trials) < budget.n_trials and _is_time_left(started, len(trials) - len(known), budget):
        asked = study.ask(distributions())
        model, prob = fitted_probs(asked.params, rows, budget, f"trial {len(trials)}")
        scores = classification_scores(rows.y_judge, prob)
        study.tell(asked, scores["log_loss"])
        run_id = keeper.keep(len(trials), asked.params, scores, model.history_)
        trials.append(Trial(len(trials), dict(asked.params), scores["log_loss"], run_id))
        tell(trials[-1])
    return trials


def judge(trials: Sequence[Trial], kept: Mapping[str, Any], rows: SearchRows, budget: Budget) -> Finding:
    """Train the best trial again from what was kept of it, and hold it against the defaults.

    Args:
        trials: from `search`, at least the defaults.
        kept: settings of the best trial as the keeper gives them back.
        rows: as in `search`.
        budget: as in `search`.
    """
    best = min(trials, key=lambda trial: (trial.log_loss, trial.number))
    _, prob = fitted_probs(kept, rows, budget, "best trial again")
    plain = prob if dict(kept) == DEFAULTS else fitted_probs(DEFAULTS, rows, budget, "defaults again")[1]
    draws = {"n_boot": budget.n_boot, "seed": budget.seed}
    gap = paired_difference(rows.y_judge, prob, plain, "log_loss", rows.customer_id, **draws)
    again = classification_scores(rows.y_judge, prob)["log_loss"]
    return Finding(trials, best, again, *gap, verdict(*gap, higher_is_better=False))


def _study(seed: int, known: Sequence[Trial]) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=seed))
    for trial in known:
        study.add_trial(
            optuna.trial.create_trial(
                params=dict(trial.settings), distributions=distributions(), value=trial.log_loss
            )
        )
    if not known:
        study.enqueue_trial(dict(DEFAULTS))
    return study


def _is_time_left(started: float, n_done: int, budget: Budget) -> bool:
    elapsed = time.monotonic() - started
    return n_done == 0 or elapsed * (n_done + 1) / n_done <= budget.seconds
