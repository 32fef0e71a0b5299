"""`NetworkClassifier`: probabilities of classes, or of several labels at once."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from dangol.networks.base import NetworkEstimator
from dangol.networks.explain import contributions_by_column
from dangol.networks.heads import BinaryHead, Head, MulticlassHead, MultilabelHead
from dangol.networks.inputs import (
    checked_labels,
    checked_target,
    class_labels,
    known_codes,
    labels_as_trained,
    scoring_frame,
)
from dangol.networks.preprocess import TablePreprocessor


class NetworkClassifier(ClassifierMixin, NetworkEstimator):
    """Probabilities of two or more classes from a customer table, by an ensemble of small networks.

    A target of several 0/1 columns makes it multi-label: any number of labels may be true of a row.

    The members are trained as one graph and bagged inside it: rows are cut into five stratified folds,
    no member is shown its own fold, so each row is validated out of fold and training stops on the
    out-of-fold loss of the ensemble. Averaged weights are validated and kept.

    Args:
        kernels: ``"shared"`` lets all members share one kernel (BatchEnsemble): less to learn by heart, so
            more accurate on most tables; ``history_`` is optimistic, since the kernel has seen every row.
            Inputs then start as strongly as their association with the target is beyond chance, and every
            second member of a two-class network also reads each column as its weight of evidence.
            ``"per_fold"`` gives each fold hidden kernels of its own: the losses in ``history_`` and the
            outputs in ``out_of_fold_raw_`` are honest, and probabilities are calibrated by them.
        effort: ``"fast"`` trains five members, one per fold, and is content sooner (``patience``).
        n_members: multiple of five; None is 15 shared, 20 per fold, and 10 above 30,000 rows.
        hidden: units of each hidden layer.
        dropout: share of hidden units silenced while training; None is .4 shared, .2 per fold.
        learning_rate: constant rate of AdamW; None is .003 shared, less where the table is so small that
            batches have fewer than 128 rows, .001 per fold.
        max_epochs: at most so many passes over the rows.
        patience: epochs without a better validation loss before stopping; None is 10, or 5 if fast.
        time_budget_s: seconds ``fit`` may take, imports aside; at least one epoch is run.
        random_state: same number, same predictions, in every process of one machine.
        verbose: 1 prints one line per epoch.
        on_epoch: called with (epoch, train_loss, val_loss), for progress bars and trackers; not pickled.
        warn_drift: whether predictions for 30 or more rows issue a ``DriftWarning`` that names the columns
            whose values have shifted against the training rows: population stability index of .1 or
            more, and more than chance gives in one of a hundred frames. ``drift(X)`` gives the table.

    Attributes:
        classes_: sorted labels; for a multi-label target the names (or numbers) of its columns.
        history_: one row per epoch; columns epoch, train_loss, val_loss (log loss).
        best_epoch_: epoch whose averaged weights were kept.
        preprocessor_: encoder of the columns; ``unused_`` lists those that gave the network nothing.
        ensemble_: the weights; ``ensemble_.keras_model()`` is a functional Keras model.

    Source:
        TabM (Gorishniy, Kotelnikov & Babenko 2025) and BatchEnsemble (Wen, Tran & Ba 2020) for the
        ensemble; piecewise-linear inputs (Gorishniy, Rubachev & Babenko 2022); tuned defaults for
        tables (RealMLP, Holzmüller, Grinsztajn & Steinwart 2024); weights of evidence (Good 1950).
    """

    def __init__(
        self,
        *,
        kernels: Literal["per_fold", "shared"] = "shared",
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
            kernels=kernels,
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

    def _target(self, y: Any, frame: pd.DataFrame, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shape = np.shape(np.asarray(y))
        self._is_multilabel = len(shape) == 2 and shape[1] > 1
        if self._is_multilabel:
            matrix = checked_labels(y, frame)
            self.classes_ = (
                np.asarray(y.columns) if isinstance(y, pd.DataFrame) else np.arange(matrix.shape[1])
            )
            return matrix, matrix.sum(axis=1)
        labels = checked_target(self, y, frame)
        check_classification_targets(labels)
        self.classes_ = class_labels(labels, kept)
        codes = known_codes(self.classes_, labels, kept)
        return codes, codes

    def _make_preprocessor(self) -> TablePreprocessor:
        return TablePreprocessor(values_as_edges=True, evidence=self._shares_kernel)

    def _later_target(self, y: Any, frame: pd.DataFrame) -> np.ndarray:
        if self._is_multilabel:
            return checked_labels(labels_as_trained(y, self.classes_), frame)
        labels = checked_target(self, y, frame)
        return known_codes(self.classes_, labels, np.ones(len(labels), dtype=bool))

    def _make_head(self, target: np.ndarray, weight: np.ndarray) -> Head:
        if self._is_multilabel:
            return MultilabelHead(target, weight)
        if len(self.classes_) == 2:
            return BinaryHead(target, weight)
        return MulticlassHead(target, weight, len(self.classes_))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (rows, classes) in the order of ``classes_``, float64.

        Rows sum to one, except for a multi-label target, where each column is a probability of its own.

        Raises:
            ValueError: if a training column is missing or holds values of another kind.
        """
        raw = self._raw_output(X)
        prob = self.head_.predict(raw)
        return np.stack([1 - prob, prob], axis=1) if prob.ndim == 1 else prob

    def predict(self, X: Any) -> np.ndarray:
        """Most probable label (rows,); for a multi-label target 0 or 1 (rows, labels), int64."""
        prob = self.predict_proba(X)
        if self._is_multilabel:
            return (prob > 0.5).astype("int64")
        return self.classes_[prob.argmax(axis=1)]

    def _named_predictions(self, X: Any) -> dict[str, np.ndarray]:
        names = [f"{label}_prob" for label in self.classes_]
        return dict(zip(names, self.predict_proba(X).T, strict=True))

    def explain(self, X: Any) -> pd.DataFrame:
        """What each column adds to the logit of the second class, against the average training row.

        One row per row of ``X``, one column per training column (0 where the network had no use for it)
        and ``baseline_logit``, the same everywhere; each row sums to the logit of ``predict_proba``.
        Two classes only.

        Raises:
            ValueError: if the model was fitted on more than two classes or on several labels.

        Source:
            Sundararajan, Taly & Yan (2017): integrated gradients, summed over a column's inputs.
        """
        check_is_fitted(self)
        if not isinstance(self.head_, BinaryHead):
            raise ValueError(
                f"explain needs two classes, the model has {len(self.classes_)}. Fit one against rest."
            )
        frame = scoring_frame(self, X)
        return contributions_by_column(self.ensemble_, self.preprocessor_, frame)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
