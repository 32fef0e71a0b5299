"""The models of campaign response: a rule, a regression, trees and the network, on the same rows."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.classification import (
    HIGHER_IS_BETTER,
    classification_scores,
    paired_difference,
    verdict,
)
from dangol.networks import NetworkClassifier

# what they are called where people read
MODEL_NAMES = {"naive": "answer-rate rule", "logistic": "logistic regression", "boosting": "boosted trees"}
BASELINES = tuple(MODEL_NAMES)
OnEpoch = Callable[[int, float, float], None]


class PastAnswerRule:
    """Naive rule: the share of past campaigns a customer answered, drawn towards the rate of the type.

    Args:
        prior_contacts: how many contacts the rate of the type is worth.
    """

    def __init__(self, prior_contacts: float = 5.0) -> None:
        self.prior_contacts = prior_contacts

    def fit(self, X: pd.DataFrame, y: pd.Series) -> Self:
        """Take the response rate of each campaign type from the training rows."""
        self.overall_rate_ = float(np.mean(y))
        answers = pd.Series(np.asarray(y, dtype=float), index=X["campaign_type"].astype(str))
        self.type_rates_ = answers.groupby(level=0).mean().to_dict()
        return self

    def predict_proba(self, X: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Probabilities of no answer and of an answer, shape (rows, 2)."""
        rate = X["campaign_type"].astype(str).map(self.type_rates_).fillna(self.overall_rate_)
        contacts, answered = X["n_contacts"].fillna(0), X["n_campaigns_answered"].fillna(0)
        share = (answered + self.prior_contacts * rate) / (contacts + self.prior_contacts)
        prob = share.clip(0, 1).to_numpy(dtype="float64")
        return np.column_stack([1 - prob, prob])


def fit_model(
    name: str, X: pd.DataFrame, y: pd.Series, seed: int, max_epochs: int, on_epoch: OnEpoch | None = None
) -> Any:
    """Fit one of the models of campaign response.

    Args:
        name: ``naive``, ``logistic``, ``boosting`` or ``network``.
        X: one row per contact, from `describe_all`; numbers and categories, missing allowed.
        y: whether the contact was answered, aligned with ``X``.
        seed: of everything random.
        max_epochs: bound for the network.
        on_epoch: called after each epoch of the network, see `dangol.progress.epoch_bar`.

    Returns:
        A fitted model with ``predict_proba``.
    """
    if name == "network":
        return response_network(seed, max_epochs, on_epoch).fit(X, y)
    builders = {"naive": PastAnswerRule, "logistic": _logistic, "boosting": lambda: _boosting(seed)}
    return builders[name]().fit(X, y)


def response_network(seed: int, max_epochs: int, on_epoch: OnEpoch | None = None) -> NetworkClassifier:
    """The network of campaign response, not yet fitted.

    One kernel per fold, since cut-offs are chosen by its out-of-fold probabilities.
    """
    settings: dict[str, Any] = {"random_state": seed, "max_epochs": max_epochs, "on_epoch": on_epoch}
    return NetworkClassifier(kernels="per_fold", **settings, warn_drift=False)


def predicted_probs(models: dict[str, Any], X: pd.DataFrame) -> dict[str, npt.NDArray[np.float64]]:
    """Probability of an answer by each model, aligned with ``X``."""
    return {name: np.asarray(model.predict_proba(X))[:, 1] for name, model in models.items()}


def compare_with_best_baseline(
    y: pd.Series, probs: dict[str, npt.NDArray[np.float64]], groups: pd.Series, n_boot: int, seed: int
) -> pd.DataFrame:
    """The network against the best baseline in each metric, on the same resampled customers.

    Returns:
        One row per metric: ``metric``, ``baseline`` (the best one), ``difference`` (network minus
        baseline), ``low``, ``high``, ``verdict``.
    """
    scores = {name: classification_scores(y, probs[name]) for name in BASELINES}
    rows = []
    for metric, up in HIGHER_IS_BETTER.items():
        best = max(BASELINES, key=lambda name: scores[name][metric] * (1 if up else -1))
        difference, low, high = paired_difference(
            y, probs["network"], probs[best], metric, groups, n_boot, seed
        )
        rows.append((metric, best, difference, low, high, verdict(difference, low, high, up)))
    return pd.DataFrame(rows, columns=["metric", "baseline", "difference", "low", "high", "verdict"])


def _logistic() -> Any:
    """Logistic regression on numbers made normal and one-hot categories.

    Penalised harder than `dangol.baselines.logistic`: answers are few, and on the time splits inside
    the training period this rival was the stronger one.
    """
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(n_quantiles=100, output_distribution="normal", random_state=0),
        StandardScaler(),
    )
    levels = OneHotEncoder(handle_unknown="ignore", min_frequency=20)
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (levels, make_column_selector(dtype_include="category")),
    )
    return make_pipeline(columns, LogisticRegression(C=0.02, max_iter=3000))


def _boosting(seed: int) -> Any:
    """Smaller, slower trees than `dangol.baselines`, for the same reason: answers are few."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=0.03,
        max_iter=150,
        max_leaf_nodes=8,
        min_samples_leaf=30,
        categorical_features="from_dtype",
        random_state=seed,
    )
