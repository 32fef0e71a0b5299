"""What both estimators share: parameters, the way of the data through fit, scoring, saving."""

import time
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from dangol.networks.backend import load_keras
from dangol.networks.drifting import DriftGuard
from dangol.networks.encoders import statistic_folds
from dangol.networks.heads import Head
from dangol.networks.inputs import row_groups, row_weight, scoring_frame, training_frame
from dangol.networks.parameters import RULES, Rule, check_parameters
from dangol.networks.persistence import load_estimator, save_estimator
from dangol.networks.preprocess import TablePreprocessor
from dangol.networks.sequence import SequencePreprocessor
from dangol.networks.training import (
    N_FOLDS,
    HeldOut,
    OutOfFold,
    Rows,
    Schedule,
    batch_size,
    stratified_folds,
    train,
)
from dangol.networks.trust import input_trust, starting_scale

# time is short with many rows: on 51,200 of an e-mail test ten members lost as little as fifteen
LARGE_ROWS, LARGE_MEMBERS = 30_000, 10
SHARED_DROPOUT, PER_FOLD_DROPOUT = 0.4, 0.2
USUAL_BATCH = 128
SHARED_LEARNING_RATE, PER_FOLD_LEARNING_RATE = 3e-3, 1e-3
PATIENCE, FAST_PATIENCE = 10, 5


class NetworkEstimator(BaseEstimator):
    """A network ensemble on a table; subclasses say what the target is and what head reads it."""

    def __init__(
        self,
        *,
        kernels: Literal["per_fold", "shared"],
        effort: Literal["full", "fast"],
        n_members: int | None,
        hidden: tuple[int, ...],
        dropout: float | None,
        learning_rate: float | None,
        max_epochs: int,
        patience: int | None,
        time_budget_s: float | None,
        random_state: int | np.random.RandomState | None,
        verbose: int,
        on_epoch: Callable[[int, float, float], None] | None,
        warn_drift: bool,
    ) -> None:
        self.kernels = kernels
        self.effort = effort
        self.n_members = n_members
        self.hidden = hidden
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.patience = patience
        self.time_budget_s = time_budget_s
        self.random_state = random_state
        self.verbose = verbose
        self.on_epoch = on_epoch
        self.warn_drift = warn_drift

    @abstractmethod
    def _target(self, y: Any, frame: pd.DataFrame, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Checked training target (n,) and the strata (n,) its folds are balanced over."""

    @abstractmethod
    def _later_target(self, y: Any, frame: pd.DataFrame) -> np.ndarray:
        """Checked target (n,) of rows that come after the training rows."""

    @abstractmethod
    def _make_head(self, target: np.ndarray, weight: np.ndarray) -> Head:
        """The head, fitted to the training target."""

    def fit(
        self,
        X: Any,
        y: Any,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Self:
        """Train on a raw frame or array.

        Args:
            X: (n, columns); gaps, categories, booleans, dates and text levels are read as they are. Later
                frames are matched by name where all names are text, by position otherwise.
            y: (n,) target without gaps, or as the class says. Rows are matched by position, not by index;
                so are those of ``sample_weight`` and ``groups``.
            X_val: rows for early stopping; by default every row is validated out of fold instead.
            y_val: their target.
            sample_weight: (n,) not negative; rows of weight 0 are left out.
            groups: (n,) what may not be split between training and validation, such as the customer
                of each row when customers appear several times. None treats rows as independent.

        Raises:
            ValueError: for unusable parameters or data; the message says what to change.
        """
        check_parameters(self, self._rules())
        load_keras()  # before the clock starts: importing is not training
        started = time.monotonic()
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        rows, strata, grouped = self._training_rows(X, y, sample_weight, groups, seed)
        folds = stratified_folds(strata, N_FOLDS, np.random.default_rng(seed), grouped)
        self._train(rows, self._validation(rows, folds, X_val, y_val), seed, started)
        return self

    def _training_rows(
        self, X: Any, y: Any, sample_weight: Any, groups: Any, seed: int
    ) -> tuple[Rows, np.ndarray, np.ndarray | None]:
        """Encoded rows of positive weight, their strata and, where there are any, their groups."""
        frame = training_frame(self, X)
        weight = row_weight(sample_weight, frame)
        kept = weight > 0
        target, strata = self._target(y, frame, kept)
        frame, target, strata, weight = frame[kept], target[kept], strata[kept], weight[kept]
        weight = weight / weight.mean()
        self.head_ = self._make_head(target, weight)
        encoded = self.head_.encode(target)
        self.drift_guard_ = DriftGuard(frame)
        self.preprocessor_ = self._make_preprocessor()
        grouped = None if groups is None else row_groups(groups, kept)
        folds = statistic_folds(len(frame), seed, grouped)
        n_cases = len(frame) if grouped is None else int(grouped.max()) + 1
        statistics = self.head_.statistics(encoded)
        matrix = self.preprocessor_.fit_transform(frame, statistics, weight, folds, n_cases)
        return Rows(matrix, encoded, weight), strata, grouped

    def _make_preprocessor(self) -> TablePreprocessor | SequencePreprocessor:
        return TablePreprocessor()

    def _train(self, rows: Rows, validation: OutOfFold | HeldOut, seed: int, started: float) -> None:
        left = None if self.time_budget_s is None else self.time_budget_s - (time.monotonic() - started)
        rate = self.learning_rate or self._usual_rate(len(rows.matrix))
        patience = self.patience or (FAST_PATIENCE if self.effort == "fast" else PATIENCE)
        schedule = Schedule(rate, self.max_epochs, patience, left, seed, self._report)
        scale = self._starting_scale(rows)
        result = train(self._architecture(rows), self.head_, rows, validation, schedule, scale)
        if not self._shares_kernel or isinstance(validation, HeldOut):
            # a shared kernel has seen every row: its out-of-fold outputs cannot judge it
            self.head_.calibrate(validation.rows.target, result.validation_raw, validation.rows.weight)
        self.ensemble_ = result.ensemble
        is_out_of_fold = isinstance(validation, OutOfFold)
        self.out_of_fold_raw_: Any = result.validation_raw if is_out_of_fold else None
        self.best_epoch_ = result.best_epoch
        self.history_ = pd.DataFrame(result.history, columns=["epoch", "train_loss", "val_loss"])

    def _starting_scale(self, rows: Rows) -> np.ndarray | None:
        if not self._shares_kernel:
            return None  # members with a kernel of their own have no adapters
        is_evidence = self.preprocessor_.is_evidence_
        trust = input_trust(rows.matrix, self.head_.statistics(rows.target), rows.weight, is_evidence)
        return starting_scale(trust, is_evidence, self._architecture(rows)["n_members"])

    def _usual_rate(self, n_rows: int) -> float:
        if not self._shares_kernel:
            return PER_FOLD_LEARNING_RATE
        # small batches are noisy: the rate falls with the root of their size
        return SHARED_LEARNING_RATE * min(1.0, batch_size(n_rows) / USUAL_BATCH) ** 0.5

    def _validation(self, rows: Rows, folds: np.ndarray, X_val: Any, y_val: Any) -> OutOfFold | HeldOut:
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val belong together; received one of them. Pass both or none.")
        if X_val is None:
            return OutOfFold(rows, folds, self._architecture(rows)["n_members"])
        frame = scoring_frame(self, X_val)
        encoded = self.head_.encode(self._later_target(y_val, frame))
        held_out = Rows(self.preprocessor_.transform(frame), encoded, np.ones(len(frame)))
        return HeldOut(held_out, rows)

    def _architecture(self, rows: Rows) -> dict[str, Any]:
        shared = self._shares_kernel
        usual = LARGE_MEMBERS if len(rows.matrix) > LARGE_ROWS else 15 if shared else 20
        n_members = N_FOLDS if self.effort == "fast" else self.n_members or usual
        dropout = SHARED_DROPOUT if shared else PER_FOLD_DROPOUT
        return {
            "n_inputs": rows.matrix.shape[1],
            "n_outputs": self.head_.n_outputs,
            "n_members": n_members,
            "n_kernels": 1 if shared else N_FOLDS,
            "hidden": tuple(self.hidden),
            "dropout": dropout if self.dropout is None else self.dropout,
        }

    @property
    def _shares_kernel(self) -> bool:
        return self.kernels == "shared"

    def _report(self, epoch: int, train_loss: float, val_loss: float) -> None:
        if self.verbose:
            print(f"epoch {epoch:3d}  train loss {train_loss:.5f}  validation loss {val_loss:.5f}")
        if self.on_epoch is not None:
            self.on_epoch(epoch, train_loss, val_loss)

    def _rules(self) -> dict[str, Rule]:
        return dict(RULES)

    def _raw_output(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        frame = scoring_frame(self, X)
        matrix = self.preprocessor_.transform(frame)
        if self.warn_drift:
            self.drift_guard_.warn(frame)
        return self.ensemble_.raw_output(matrix)

    def drift(self, X: Any) -> pd.DataFrame:
        """Hold rows against the training rows, column by column; predictions warn by the same measure.

        Returns:
            As `dangol.drift.drift_of`: one row per column, largest shift first.

        Raises:
            ValueError: if a training column is missing.
        """
        check_is_fitted(self)
        return self.drift_guard_.drift(scoring_frame(self, X))

    def predict_frame(self, X: Any) -> pd.DataFrame:
        """Predictions as named float64 columns, one row per row of ``X``, with its index.

        Raises:
            ValueError: if a training column is missing or holds values of another kind.
        """
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(self._named_predictions(X), index=index)

    def _named_predictions(self, X: Any) -> dict[str, np.ndarray]:
        return {"prediction": self.predict(X)}

    def save(self, path: str | Path) -> Path:
        """Write the fitted estimator to one file, whole or not at all; ``load`` predicts identically."""
        check_is_fitted(self)
        return save_estimator(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read an estimator written by ``save``; open only files you trust.

        Raises:
            ValueError: if the file is no saved network of this class.
        """
        return load_estimator(path, cls)

    def __getstate__(self) -> dict[str, Any]:
        # progress callbacks are often closures, which do not pickle; they are of no use after fit, and
        # neither are outputs for rows the file does not hold
        return super().__getstate__() | {"on_epoch": None, "out_of_fold_raw_": None}

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "ensemble_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
