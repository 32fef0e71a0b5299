"""`NetworkRegressor`: means, counts, quantiles, spend or time to an event."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin

from dangol.networks.base import NetworkEstimator
from dangol.networks.hazard import HazardHead
from dangol.networks.heads import Head, QuantileHead
from dangol.networks.inputs import (
    check_events,
    check_positive,
    checked_durations,
    checked_level,
    checked_target,
    checked_times,
)
from dangol.networks.parameters import Rule, is_rising_in_unit_interval
from dangol.networks.tasks import HEAD_OF
from dangol.networks.ziln import ZeroInflatedLognormalHead

REGRESSION_STRATA = 20
HEADS = ("mean", "ziln", "poisson", "quantile", "hazard")


class NetworkRegressor(RegressorMixin, NetworkEstimator):
    """Means, counts, quantiles, spend or time to an event from a customer table, by the same ensemble.

    Args:
        head: ``"mean"`` (squared error), ``"poisson"`` (counts), ``"quantile"``, or ``"ziln"``, the
            zero-inflated lognormal for spend: will the customer buy, and for how much. With
            ``"hazard"`` the target has two columns, a duration above 0 and 1 for an event or 0 for
            censoring, and the time to the event is learnt from both kinds of rows.
        quantiles: rising levels for ``head="quantile"``; ``predict`` gives the one nearest the median.
        kernels: see `NetworkClassifier`, as for all further arguments.
        effort: ``"full"`` or ``"fast"``.
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
        history_: one row per epoch; columns epoch, train_loss, val_loss (the head's loss).
        best_epoch_: epoch whose averaged weights were kept.

    Source:
        Wang, Liu & Miao (2019), arXiv:1912.07753, for ``"ziln"``; otherwise as `NetworkClassifier`.
    """

    def __init__(
        self,
        head: Literal["mean", "ziln", "poisson", "quantile", "hazard"] = "mean",
        quantiles: tuple[float, ...] = (0.1, 0.5, 0.9),
        *,
        kernels: Literal["per_fold", "shared"] = "per_fold",
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
        self.head = head
        self.quantiles = quantiles

    def _rules(self) -> dict[str, Rule]:
        own: dict[str, Rule] = {
            "head": (lambda value: value in HEADS, f"one of {HEADS}"),
            "quantiles": (is_rising_in_unit_interval, "rising levels in (0, 1)"),
        }
        return super()._rules() | own

    def _target(self, y: Any, frame: pd.DataFrame, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.head == "hazard":
            durations = checked_durations(y, frame)
            check_events(durations[kept])
            return durations, np.lexsort(
                (durations[:, 0], durations[:, 1])
            ).argsort() * REGRESSION_STRATA // len(durations)
        target = checked_target(self, y, frame, numeric=True)
        if self.head in ("ziln", "poisson"):
            check_positive(self.head, target[kept])
        rank = target.argsort(kind="stable").argsort(kind="stable")
        return target, rank * REGRESSION_STRATA // len(target)

    def _later_target(self, y: Any, frame: pd.DataFrame) -> np.ndarray:
        if self.head == "hazard":
            return checked_durations(y, frame)
        target = checked_target(self, y, frame, numeric=True)
        if self.head in ("ziln", "poisson") and target.min() < 0:
            raise ValueError(f"y_val has a minimum of {target.min():g}; head={self.head!r} expects y >= 0.")
        return target

    def _make_head(self, target: np.ndarray, weight: np.ndarray) -> Head:
        if self.head == "quantile":
            return QuantileHead(target, weight, self.quantiles)
        return HEAD_OF[self.head](target, weight)

    def predict(self, X: Any) -> np.ndarray:
        """Mean (rows,) float64; for ``head="quantile"`` the quantile nearest the median.

        For ``head="hazard"`` the mean time to the event, counted up to the longest training duration.
        """
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
        """The ``q`` quantile (rows,): any in (0, 1), but a trained one for ``head="quantile"``.

        For ``"ziln"`` it is the exact quantile of the members' mixture, 0 where ``q`` is within the
        share of non-buyers; for ``"hazard"`` the time by which the event has come with probability
        ``q``, infinite beyond the longest training duration.
        """
        raw = self._raw_output(X)
        if not isinstance(self.head_, (ZeroInflatedLognormalHead, QuantileHead, HazardHead)):
            raise ValueError(
                f"predict_quantile needs head='ziln', 'quantile' or 'hazard', not {self.head!r}. Refit."
            )
        return self.head_.quantile(raw, checked_level(q))

    def predict_survival(self, X: Any, times: Any) -> np.ndarray:
        """Probability (rows, times) that the event comes later than each time; ``head="hazard"`` only."""
        raw = self._raw_output(X)
        if not isinstance(self.head_, HazardHead):
            raise ValueError(f"predict_survival needs head='hazard'; this is head={self.head!r}. Refit.")
        return self.head_.survival(raw, checked_times(times))
