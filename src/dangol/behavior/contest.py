"""The behaviour network against its rivals: scores with intervals, and paired verdicts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.behavior.metrics import (
    integrated_brier_loss,
    labels_log_loss,
    named_hit_rate,
    poisson_deviance_loss,
)
from dangol.behavior.outcomes import Outcomes
from dangol.behavior.rivals import Forecasts
from dangol.evaluation.classification import bootstrap_scores, paired_difference, verdict
from dangol.value import leaderboard, mean_absolute_error, normalized_gini, paired_bootstrap, total_bias

NETWORK = "network"
_BINARY = {"lapse": "is_lapsed", "upsell": "is_upsold"}
_COLUMNS = {"orders": "n_orders", "spend": "spend", "typical_spend": "spend"}
_METRICS: dict[str, tuple[Callable[..., Any], ...]] = {
    "orders": (poisson_deviance_loss, mean_absolute_error, total_bias),
    "spend": (normalized_gini, total_bias),
    "typical_spend": (mean_absolute_error,),
    "next_order": (integrated_brier_loss,),
    "categories": (labels_log_loss, named_hit_rate),
}
"""The first one decides; binary labels are decided by log loss."""
_LOSSES = ("_loss", "_error")
_FIGURES = {
    "lapse_log_loss": ("lapse", NETWORK, "log_loss"),
    "lapse_logistic_auc_score": ("lapse", "logistic regression", "auc"),
    "lapse_logistic_log_loss": ("lapse", "logistic regression", "log_loss"),
    "lapse_boosting_auc_score": ("lapse", "boosted trees", "auc"),
    "lapse_boosting_log_loss": ("lapse", "boosted trees", "log_loss"),
    "lapse_no_weeks_log_loss": ("lapse", "network without weeks", "log_loss"),
    "spend_gini_score": ("spend", NETWORK, "normalized_gini"),
    "spend_boosting_gini_score": ("spend", "boosted trees", "normalized_gini"),
    "spend_mae_error": ("typical_spend", NETWORK, "mean_absolute_error"),
    "spend_naive_mae_error": ("typical_spend", "recent-spend rule", "mean_absolute_error"),
    "next_order_brier_loss": ("next_order", NETWORK, "integrated_brier_loss"),
    "next_order_naive_brier_loss": ("next_order", "Kaplan-Meier rule", "integrated_brier_loss"),
    "categories_hit_rate": ("categories", NETWORK, "named_hit_rate"),
    "categories_naive_hit_rate": ("categories", "bought-lately rule", "named_hit_rate"),
    "upsell_auc_score": ("upsell", NETWORK, "auc"),
}


def key_figures(board: pd.DataFrame) -> dict[str, float]:
    """The figures of a leaderboard that reports name; those of labels that are not there are left out.

    Args:
        board: ``label``, ``model``, ``metric``, ``estimate``.
    """
    places = zip(board["label"], board["model"], board["metric"], strict=True)
    found = dict(zip(places, board["estimate"], strict=True))
    return {name: float(found[place]) for name, place in _FIGURES.items() if place in found}


def claim(verdicts: pd.DataFrame, label: str, name: str) -> tuple[str, str]:
    """Verdict against the best model that is no network, and the sentence that says so.

    Args:
        verdicts: from `Contest.verdicts`.
        label: which label.
        name: of the label, as the sentence begins.
    """
    best = _best_rival(verdicts, label)
    words = {"wins": "is better than", "ties": "is as good as", "loses": "is worse than"}[best["verdict"]]
    return str(best["verdict"]), f"{name}: the network {words} the best simpler model ({best['rival']})"


def verdict_figures(verdicts: pd.DataFrame) -> dict[str, str]:
    """``<label>_verdict`` against the best model that is no network, and its name ``<label>_rival``.

    Args:
        verdicts: from `Contest.verdicts`, of any labels.
    """
    best = {label: _best_rival(verdicts, label) for label in verdicts["label"].unique()}
    words = ("verdict", "rival")
    return {f"{label}_{word}": str(row[word]) for label, row in best.items() for word in words}


def _best_rival(verdicts: pd.DataFrame, label: str) -> pd.Series:
    rows = verdicts[(verdicts["label"] == label) & ~verdicts["rival"].str.contains(NETWORK)]
    is_loss = str(rows["metric"].iloc[0]).endswith(_LOSSES)
    gaps = rows["difference"].to_numpy()
    return rows.iloc[int(gaps.argmax() if is_loss else gaps.argmin())]


def lost_sentence(verdicts: pd.DataFrame) -> str:
    """Where others are better than the network beyond chance, its simpler twins among them, in one sentence.

    Args:
        verdicts: from `Contest.verdicts`, of all labels.

    >>> rows = [("orders", "boosted trees", "loses"), ("lapse", "recency rule", "wins")]
    >>> lost_sentence(pd.DataFrame(rows, columns=["label", "rival", "verdict"]))
    'Of 2 questions other models beat the network on 1: orders (boosted trees)'
    """
    labels = verdicts["label"].nunique()
    lost = verdicts[verdicts["verdict"] == "loses"].groupby("label", sort=False)["rival"].agg(", ".join)
    if lost.empty:
        return f"No other model beats the network on any of {labels} questions"
    told = "; ".join(f"{label} ({who})" for label, who in lost.items())
    return f"Of {labels} questions other models beat the network on {len(lost)}: {told}"


def plain_words(board: pd.DataFrame) -> str:
    """What the verdicts do not show: how far total spend was off, and how many named categories were bought.

    Args:
        board: from `Contest.scores`, of all labels.
    """
    of_spend = (board["label"] == "spend") & (board["model"] == NETWORK)
    bias = board[of_spend & (board["metric"] == total_bias.__name__)].iloc[0]
    told = [
        f"In total the network foresaw {bias['estimate']:.1%} of the spend that came (95 % interval "
        f"{bias['low']:.1%} to {bias['high']:.1%})"
    ]
    rates = board[board["metric"] == named_hit_rate.__name__]
    if len(rates):
        each = ", ".join(f"{row.model} {row.estimate:.1%}" for row in rates.itertuples())
        told.append(f"Of the three categories named per customer, so many were bought: {each}")
    return ". ".join(told)


@dataclass(frozen=True)
class Contest:
    """Forecasts of several models for the same customers, and what came.

    Attributes:
        outcomes: of the test rows and others.
        test: mask of the test rows.
        customer_id: of the test rows.
        forecasts: label to model to forecast, shapes as in `naive_forecasts`; one model of each
            label is ``network``.
        horizon_days: length of the label window.
        n_boot: bootstrap resamples.
        seed: of the resampling.
    """

    outcomes: Outcomes
    test: pd.Series
    customer_id: pd.Series
    forecasts: Forecasts
    horizon_days: int
    n_boot: int
    seed: int

    def truth(self, label: str) -> np.ndarray:
        """What came, in the shape of the forecasts of that label."""
        labels = self.outcomes.labels[self.test]
        if label == "categories":
            return self.outcomes.categories[self.test].to_numpy()
        if label == "next_order":
            days = np.arange(1, self.horizon_days + 1)
            waited = (labels["days_to_next_order"] + 1).where(labels["is_censored"] == 0, np.inf)
            return (waited.to_numpy()[:, None] > days).astype("float64")
        column = (_BINARY | _COLUMNS)[label]
        return labels[column].to_numpy("float64")

    def scores(self, label: str) -> pd.DataFrame:
        """``label``, ``model``, ``metric``, ``estimate``, ``low``, ``high`` of every model."""
        truth, models = self.truth(label), self.forecasts[label]
        if label in _BINARY:
            board = bootstrap_scores(truth, models, self.customer_id, self.n_boot, self.seed)
        else:
            board = leaderboard(truth, models, _METRICS[label], n_boot=self.n_boot, seed=self.seed)
        return board.assign(label=label)

    def verdicts(self, label: str) -> pd.DataFrame:
        """The network against every other model on the metric that decides, on the same resamples.

        Returns:
            ``label``, ``rival``, ``metric``, ``difference`` (network minus rival) with its 95 %
            interval ``low``, ``high``, and ``verdict``: the network ``wins``, ``ties`` or ``loses``.
        """
        truth, models = self.truth(label), self.forecasts[label]
        metric = "log_loss" if label in _BINARY else _METRICS[label][0].__name__
        rows = []
        for rival in models:
            if rival != NETWORK:
                gap = self._gap(label, truth, models[NETWORK], models[rival])
                better = verdict(*gap, higher_is_better=not metric.endswith(_LOSSES))
                rows.append((label, rival, metric, *gap, better))
        columns = ["label", "rival", "metric", "difference", "low", "high", "verdict"]
        return pd.DataFrame(rows, columns=columns)

    def _gap(
        self, label: str, truth: np.ndarray, mine: np.ndarray, theirs: np.ndarray
    ) -> tuple[float, float, float]:
        draws = {"n_boot": self.n_boot, "seed": self.seed}
        if label in _BINARY:
            return paired_difference(truth, mine, theirs, "log_loss", self.customer_id, **draws)
        estimate, low, high = paired_bootstrap(_METRICS[label][0], truth, mine, theirs, **draws)
        return estimate, low, high
