"""`BehaviorNetwork`: one shared tower over features and weekly sequences, several outcomes at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from dangol.networks.base import NetworkEstimator
from dangol.networks.explain import contributions_by_column
from dangol.networks.hazard import HazardHead
from dangol.networks.heads import Head
from dangol.networks.inputs import (
    checked_level,
    checked_task,
    checked_times,
    labels_as_trained,
    scoring_frame,
)
from dangol.networks.parameters import Rule
from dangol.networks.sequence import SequencePreprocessor
from dangol.networks.tasks import HEAD_OF, MultiTaskHead, TaskTargets
from dangol.networks.training import Rows
from dangol.networks.ziln import ZeroInflatedLognormalHead

STRATA = 20


@dataclass(frozen=True)
class TaskOutput:
    """What the network says about one task, for the rows it was asked about."""

    head: Head
    raw: np.ndarray

    def predict(self) -> np.ndarray:
        """Probability, count, amount or mean time (rows,); for ``"multilabel"`` (rows, labels)."""
        return self.head.predict(self.raw)

    def quantile(self, q: float) -> np.ndarray:
        """The ``q`` quantile (rows,) of spend (``"ziln"``) or of the time to the event (``"hazard"``)."""
        if not isinstance(self.head, (ZeroInflatedLognormalHead, HazardHead)):
            raise ValueError("quantile needs a task of kind 'ziln' or 'hazard'.")
        return self.head.quantile(self.raw, checked_level(q))

    def survival(self, times: np.ndarray) -> np.ndarray:
        """Probability (rows, times) that the event of a ``"hazard"`` task comes later than each time."""
        if not isinstance(self.head, HazardHead):
            raise ValueError("survival needs a task of kind 'hazard'.")
        return self.head.survival(self.raw, checked_times(times))


class BehaviorNetwork(NetworkEstimator):
    """Several outcomes of a customer by one ensemble of networks with a shared tower.

    Ordinary columns enter as in `NetworkClassifier`. Columns ``<channel>_w01`` (latest week),
    ``<channel>_w02``, … enter as a sequence, through two causal convolutions with kernels of their own
    per fold, so that the losses in ``history_`` are honest out-of-fold losses.

    ``y`` of ``fit`` maps each task to its target: (n,) numbers, for ``"multilabel"`` a frame of 0 and 1, for
    ``"hazard"`` (n, 2) duration and whether the event came, for ``"rate"`` (n, 2) count and exposure, for
    ``"scaled_median"`` (n, 2) amount and scale. A gap means that the row says nothing about that task.

    Args:
        tasks: name to kind: ``"binary"``, ``"multilabel"``, ``"mean"``, ``"poisson"`` (counts),
            ``"ziln"`` (spend), ``"hazard"`` (time to an event, censored or not), ``"rate"`` (count and
            exposure) or ``"scaled_median"`` (amount and scale); the last two predict per unit of exposure.
        sequence_channels: channels whose columns form the weekly sequence; empty for none.
        effort: ``"full"`` or ``"fast"`` (five members), as all further arguments in `NetworkClassifier`.
        n_members: multiple of five, or None.
        hidden: units of each hidden layer.
        dropout: share of hidden units silenced while training, or None.
        learning_rate: constant rate of AdamW, or None.
        max_epochs: at most so many passes over the rows.
        patience: epochs without a better validation loss before stopping; None is 10, or 5 if fast.
        time_budget_s: seconds ``fit`` may take, imports aside.
        random_state: same number, same predictions.
        verbose: 1 prints one line per epoch.
        on_epoch: called with (epoch, train_loss, val_loss); not pickled.
        warn_drift: whether predictions warn of columns that have shifted, as in `NetworkClassifier`.

    Attributes:
        history_: one row per epoch; columns epoch, train_loss, val_loss (sum of the tasks' losses).
        labels_: names of the labels of each ``"multilabel"`` task.

    Source:
        Caruana (1997), Multitask Learning; Bai, Kolter & Koltun (2018), arXiv:1803.01271, for causal
        convolutions in place of recurrent layers; otherwise as `NetworkClassifier`.
    """

    def __init__(
        self,
        tasks: Mapping[str, str],
        sequence_channels: tuple[str, ...] = (),
        *,
        effort: Literal["full", "fast"] = "full",
        n_members: int | None = None,
        hidden: tuple[int, ...] = (128, 128),
        dropout: float | None = None,
        learning_rate: float | None = None,
        max_epochs: int = 80,
        patience: int | None = None,
        time_budget_s: float | None = None,
        random_state: int | np.random.RandomState | None = 0,
        verbose: int = 0,
        on_epoch: Callable[[int, float, float], None] | None = None,
        warn_drift: bool = True,
    ) -> None:
        super().__init__(
            kernels="per_fold",
            effort=effort,
            n_members=n_members,
            hidden=hidden,
            dropout=dropout,
            learning_rate=learning_rate,
            max_epochs=max_epochs,
            patience=patience,
            time_budget_s=time_budget_s,
            random_state=random_state,
            verbose=verbose,
            on_epoch=on_epoch,
            warn_drift=warn_drift,
        )
        self.tasks = tasks
        self.sequence_channels = sequence_channels

    head_: MultiTaskHead
    preprocessor_: SequencePreprocessor

    def _rules(self) -> dict[str, Rule]:
        kinds = tuple(HEAD_OF)
        own: dict[str, Rule] = {
            "tasks": (
                lambda value: len(value) > 0 and all(kind in kinds for kind in value.values()),
                f"name to kind, at least one, each one of {kinds}",
            ),
            "sequence_channels": (
                lambda value: not isinstance(value, str) and len(set(value)) == len(value),
                "names of channels, each once, such as ('orders', 'amount')",
            ),
        }
        return super()._rules() | own

    def _target(self, y: Any, frame: pd.DataFrame, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        columns, start = {}, 0
        blocks = self._blocks(y, frame, kept)
        self.labels_: dict[str, list[Any]] = {}
        for name, block in blocks.items():
            if self.tasks[name] == "multilabel":
                self.labels_[name] = list(getattr(y[name], "columns", range(block.shape[1])))
            columns[name] = slice(start, start + block.shape[1])
            start += block.shape[1]
        self._targets = TaskTargets(dict(self.tasks), columns)
        target = np.concatenate(list(blocks.values()), axis=1)
        first = np.nan_to_num(target[:, 0], nan=-1.0)
        rank = first.argsort(kind="stable").argsort(kind="stable")
        is_code = len(np.unique(first)) <= STRATA
        return target, first if is_code else rank * STRATA // len(first)

    def _blocks(self, y: Any, frame: pd.DataFrame, kept: np.ndarray) -> dict[str, np.ndarray]:
        """Target columns of every task; a gap in a task's target means: no label for this row."""
        if not isinstance(y, (Mapping, pd.DataFrame)):
            raise ValueError(
                f"y: expected a target for each task, {{name: target}}, received {type(y).__name__}. "
                f"Pass {{{', '.join(f'{name!r}: ...' for name in self.tasks)}}}."
            )
        missing = [name for name in self.tasks if name not in y]
        if missing:
            raise ValueError(f"y has no target for task(s) {missing}; received {list(y)}. Add them to y.")
        return {name: checked_task(name, kind, y[name], frame, kept) for name, kind in self.tasks.items()}

    def _later_target(self, y: Any, frame: pd.DataFrame) -> np.ndarray:
        try:
            if isinstance(y, Mapping):
                known = {name: own for name, own in self.labels_.items() if name in y}
                y = {**y} | {name: labels_as_trained(y[name], own) for name, own in known.items()}
            blocks = self._blocks(y, frame, np.ones(len(frame), dtype=bool))
        except ValueError as error:
            raise ValueError(f"y_val: {error}") from None
        return np.concatenate(list(blocks.values()), axis=1)

    def _make_head(self, target: np.ndarray, weight: np.ndarray) -> Head:
        return MultiTaskHead(target, weight, self._targets)

    def _make_preprocessor(self) -> SequencePreprocessor:
        return SequencePreprocessor(tuple(self.sequence_channels))

    def _architecture(self, rows: Rows) -> dict[str, Any]:
        sequences = {"n_weeks": self.preprocessor_.n_weeks_, "n_channels": len(self.sequence_channels)}
        return super()._architecture(rows) | sequences

    def outputs(self, X: Any) -> dict[str, TaskOutput]:
        """Task name to what the network says about the rows of ``X``; computed once for all tasks.

        Raises:
            ValueError: if a training column is missing or holds values of another kind.
        """
        raw = self._raw_output(X)
        return {
            name: TaskOutput(head, raw[..., self.head_.outputs[name]])
            for name, head in self.head_.heads.items()
        }

    def _named_predictions(self, X: Any) -> dict[str, np.ndarray]:
        named: dict[str, np.ndarray] = {}
        found = self.predict(X)
        for task, values in found.items():
            if values.ndim == 1:
                named[task] = values
            else:
                names = [f"{task}_{label}" for label in self.labels_[task]]
                named |= dict(zip(names, values.T, strict=True))
        n_columns = sum(values.shape[-1] if values.ndim > 1 else 1 for values in found.values())
        if len(named) < n_columns:
            raise ValueError(
                f"tasks and labels share names: {list(named)} for {n_columns} predictions. Rename."
            )
        return named

    def predict(self, X: Any) -> dict[str, np.ndarray]:
        """Task name to its prediction, see `TaskOutput.predict`."""
        return {name: output.predict() for name, output in self.outputs(X).items()}

    def explain(self, X: Any, task: str) -> pd.DataFrame:
        """What each column adds to the logit of a ``"binary"`` task, against the average training row.

        One row per row of ``X``, one column per training column and ``baseline_logit``; each row sums to
        the logit of the task's probability, as in `NetworkClassifier.explain`.

        Raises:
            ValueError: if there is no such task, or it is of another kind.
        """
        check_is_fitted(self)
        if self.tasks.get(task) != "binary":
            known = [name for name, kind in self.tasks.items() if kind == "binary"]
            raise ValueError(f"explain needs a task of kind 'binary', one of {known}; received {task!r}.")
        output = range(self.head_.n_outputs)[self.head_.outputs[task]][0]
        return contributions_by_column(self.ensemble_, self.preprocessor_, scoring_frame(self, X), output)
