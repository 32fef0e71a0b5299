"""The two public estimators: `NetworkClassifier` and `NetworkRegressor`."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from dangol.networks.base import NetworkEstimator
from dangol.networks.explain import integrated_gradients
from dangol.networks.heads import BinaryHead, Head, MeanHead, MulticlassHead, PoissonHead, QuantileHead
from dangol.networks.inputs import checked_target, class_labels, known_codes, scoring_frame
from dangol.networks.ziln import ZeroInflatedLognormalHead

REGRESSION_STRATA = 20
HEADS = ("mean", "ziln", "poisson", "quantile")


class NetworkClassifier(ClassifierMixin, NetworkEstimator):
    """Probabilities of two or more classes from a customer table, by an ensemble of small networks.

    The members are trained as one graph and bagged inside it: rows are cut into five stratified folds,
    every member has no loss on its own fold, so each row is validated out of fold and training stops on
    the out-of-fold loss of the ensemble. Averaged weights are validated and kept.

    Args:
        kernels: ``"per_fold"`` gives each fold hidden kernels of its own: the losses in ``history_`` are
            honest out-of-fold losses. ``"shared"`` lets all members share one kernel (BatchEnsemble): as
            accurate, but ``history_`` is optimistic, since the kernel has seen every row.
        effort: ``"fast"`` trains five independent members, one per fold, whatever ``kernels`` says.
        n_members: multiple of five; None is 20 (10 above 30,000 rows) per fold, or 15 shared.
        hidden: units of each hidden layer.
        dropout: share of hidden units silenced while training; None is .2 per fold, .3 shared.
        learning_rate: constant rate of AdamW.
        max_epochs: at most so many passes over the rows.
        patience: epochs without a better validation loss before stopping.
        time_budget_s: seconds ``fit`` may take, imports aside; at least one epoch is run.
        random_state: same number, same predictions, in every process of one machine.
        verbose: 1 prints one line per epoch.
        on_epoch: called with (epoch, train_loss, val_loss), for progress bars and trackers; not pickled.

    Attributes:
        classes_: sorted labels.
        history_: one row per epoch; columns epoch, train_loss, val_loss (log loss).
        best_epoch_: epoch whose averaged weights were kept.
        preprocessor_: encoder of the columns; ``unused_`` lists those that gave the network nothing.
        ensemble_: the weights; ``ensemble_.keras_model()`` is a functional Keras model.

    Source:
        TabM (Gorishniy, Kotelnikov & Babenko 2025) and BatchEnsemble (Wen, Tran & Ba 2020) for the
        ensemble; piecewise-linear inputs (Gorishniy, Rubachev & Babenko 2022); tuned defaults for
        tables (RealMLP, Holzmüller, Grinsztajn & Steinwart 2024).
    """

    def __init__(
        self,
        *,
        kernels: Literal["per_fold", "shared"] = "per_fold",
        effort: Literal["full", "fast"] = "full",
        n_members: int | None = None,
        hidden: tuple[int, ...] = (128, 128),
        dropout: float | None = None,
        learning_rate: float = 1e-3,
        max_epochs: int = 80,
        patience: int = 10,
        time_budget_s: float | None = None,
        random_state: int | np.random.RandomState | None = 0,
        verbose: int = 0,
        on_epoch: Callable[[int, float, float], None] | None = None,
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
        )

    def _target(self, y: Any, frame: pd.DataFrame, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        labels = checked_target(self, y, frame)
        check_classification_targets(labels)
        self.classes_ = class_labels(labels, kept)
        codes = known_codes(self.classes_, labels, kept)
        return codes, codes

    def _later_target(self, y: Any, frame: pd.DataFrame) -> np.ndarray:
        labels = checked_target(self, y, frame)
        return known_codes(self.classes_, labels, np.ones(len(labels), dtype=bool))

    def _make_head(self, target: np.ndarray, weight: np.ndarray) -> Head:
        if len(self.classes_) == 2:
            return BinaryHead(target, weight)
        return MulticlassHead(target, weight, len(self.classes_))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (rows, classes) in the order of ``classes_``, float64.

        Raises:
            ValueError: if a training column is missing or holds values of another kind.
        """
        raw = self._raw_output(X)
        prob = self.head_.predict(raw)
        return np.stack([1 - prob, prob], axis=1) if prob.ndim == 1 else prob

    def predict(self, X: Any) -> np.ndarray:
        """Most probable label (rows,)."""
        prob = self.predict_proba(X)
        return self.classes_[prob.argmax(axis=1)]

    def explain(self, X: Any) -> pd.DataFrame:
        """What each column adds to the logit of the second class, against the average training row.

        One row per row of ``X``, one column per training column (0 where the network had no use for it)
        and ``baseline_logit``, the same everywhere; each row sums to the logit of ``predict_proba``.
        Two classes only.

        Source:
            Sundararajan, Taly & Yan (2017): integrated gradients, summed over a column's inputs.
        """
        check_is_fitted(self)
        if len(self.classes_) != 2:
            raise ValueError(
                f"explain needs two classes, the model has {len(self.classes_)}. Fit one against rest."
            )
        frame = scoring_frame(self, X)
        inputs, baseline = integrated_gradients(self.ensemble_, self.preprocessor_.transform(frame))
        by_input = pd.DataFrame(
            inputs, index=frame.index, columns=pd.Index(self.preprocessor_.sources_, dtype=object)
        )
        by_column = by_input.T.groupby(level=0).sum().T.reindex(columns=frame.columns, fill_value=0.0)
        return by_column.assign(baseline_logit=baseline)


class NetworkRegressor(RegressorMixin, NetworkEstimator):
    """Means, counts, quantiles or zero-inflated spend from a customer table, by the same ensemble.

    Args:
        head: ``"mean"`` (squared error), ``"poisson"`` (counts), ``"quantile"``, or ``"ziln"``, the
            zero-inflated lognormal for spend: will the customer buy, and for how much.
        quantiles: rising levels for ``head="quantile"``; ``predict`` gives the one nearest the median.
        kernels: see `NetworkClassifier`, as for all further arguments.
        effort: ``"full"`` or ``"fast"``.
        n_members: multiple of five, or None.
        hidden: units of each hidden layer.
        dropout: share of hidden units silenced while training, or None.
        learning_rate: constant rate of AdamW.
        max_epochs: at most so many passes over the rows.
        patience: epochs without a better validation loss before stopping.
        time_budget_s: seconds ``fit`` may take, imports aside.
        random_state: same number, same predictions.
        verbose: 1 prints one line per epoch.
        on_epoch: called with (epoch, train_loss, val_loss); not pickled.

    Attributes:
        history_: one row per epoch; columns epoch, train_loss, val_loss (the head's loss).
        best_epoch_: epoch whose averaged weights were kept.

    Source:
        Wang, Liu & Miao (2019), arXiv:1912.07753, for ``"ziln"``; otherwise as `NetworkClassifier`.
    """

    def __init__(
        self,
        head: Literal["mean", "ziln", "poisson", "quantile"] = "mean",
        quantiles: tuple[float, ...] = (0.1, 0.5, 0.9),
        *,
        kernels: Literal["per_fold", "shared"] = "per_fold",
        effort: Literal["full", "fast"] = "full",
        n_members: int | None = None,
        hidden: tuple[int, ...] = (128, 128),
        dropout: float | None = None,
        learning_rate: float = 1e-3,
        max_epochs: int = 80,
        patience: int = 10,
        time_budget_s: float | None = None,
        random_state: int | np.random.RandomState | None = 0,
        verbose: int = 0,
        on_epoch: Callable[[int, float, float], None] | None = None,
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
        )
        self.head = head
        self.quantiles = quantiles

    def _rules(self) -> list[tuple[str, bool, str]]:
        levels = np.asarray(self.quantiles, dtype="float64")
        rising = levels.ndim == 1 and len(levels) > 0 and bool(np.all(np.diff([0.0, *levels, 1.0]) > 0))
        return [
            *super()._rules(),
            ("head", self.head in HEADS, f"one of {HEADS}"),
            ("quantiles", rising, "rising levels in (0, 1)"),
        ]

    def _target(self, y: Any, frame: pd.DataFrame, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        target = checked_target(self, y, frame, numeric=True)
        self._check_range(target[kept])
        rank = target.argsort(kind="stable").argsort(kind="stable")
        return target, rank * REGRESSION_STRATA // len(target)

    def _check_range(self, target: np.ndarray) -> None:
        if self.head not in ("ziln", "poisson"):
            return
        positive = np.unique(target[target > 0])
        least = 2 if self.head == "ziln" else 1
        if target.min() < 0 or len(positive) < least:
            raise ValueError(
                f"head={self.head!r} expects y >= 0 with at least {least} different positive value(s), got "
                f"a minimum of {target.min():g} and {len(positive)}. Net refunds out or choose head='mean'."
            )

    def _later_target(self, y: Any, frame: pd.DataFrame) -> np.ndarray:
        target = checked_target(self, y, frame, numeric=True)
        if self.head in ("ziln", "poisson") and target.min() < 0:
            raise ValueError(f"y_val has a minimum of {target.min():g}; head={self.head!r} expects y >= 0.")
        return target

    def _make_head(self, target: np.ndarray, weight: np.ndarray) -> Head:
        if self.head == "quantile":
            return QuantileHead(target, weight, self.quantiles)
        if self.head == "ziln":
            return ZeroInflatedLognormalHead(target, weight)
        return PoissonHead(target, weight) if self.head == "poisson" else MeanHead(target, weight)

    def predict(self, X: Any) -> np.ndarray:
        """Mean (or, for ``head="quantile"``, the quantile nearest the median): (rows,) float64."""
        raw = self._raw_output(X)
        return self.head_.predict(raw)

    def predict_distribution(self, X: Any) -> pd.DataFrame:
        """Spend as one zero-inflated lognormal per row; ``head="ziln"`` only.

        Columns: ``buy_prob`` in [0, 1]; ``log_mean`` and ``log_sd`` of the log of spend, given a purchase.
        The ensemble is a mixture of lognormals; these are its log moments, so ``predict`` (the mixture's
        own mean) differs a little from ``buy_prob * exp(log_mean + log_sd**2 / 2)``.
        """
        raw = self._raw_output(X)
        if not isinstance(self.head_, ZeroInflatedLognormalHead):
            raise ValueError(f"predict_distribution needs head='ziln'; this is head={self.head!r}. Refit.")
        index = X.index if isinstance(X, pd.DataFrame) else None
        return self.head_.distribution(raw).set_axis(index if index is not None else range(raw.shape[1]))

    def predict_quantile(self, X: Any, q: float) -> np.ndarray:
        """The ``q`` quantile (rows,): any in (0, 1) for ``"ziln"``, a trained one for ``"quantile"``.

        For ``"ziln"`` it is the exact quantile of the members' mixture, 0 where ``q`` is within the
        share of non-buyers.
        """
        raw = self._raw_output(X)
        if not isinstance(self.head_, (ZeroInflatedLognormalHead, QuantileHead)):
            raise ValueError(f"predict_quantile needs head='ziln' or 'quantile', not {self.head!r}. Refit.")
        if not 0 < q < 1:
            raise ValueError(f"q={q}: expected a level in (0, 1).")
        return self.head_.quantile(raw, q)
