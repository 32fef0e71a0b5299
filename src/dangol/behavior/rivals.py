"""The simpler models that stand beside the behaviour network, on the same rows and columns."""

from typing import Any

import numpy as np
import pandas as pd

from dangol.baselines import boosting_classifier, boosting_regressor, logistic, poisson, ridge
from dangol.behavior.naive import recency_rule, recent_spend_rule
from dangol.behavior.outcomes import Outcomes
from dangol.behavior.snapshots import BehaviorData

Forecasts = dict[str, dict[str, np.ndarray]]
"""Label to model name to its forecast for the test rows."""


def naive_forecasts(
    data: BehaviorData, outcomes: Outcomes, waits: pd.DataFrame, bought: pd.DataFrame, horizon_days: int
) -> Forecasts:
    """Rules of thumb: what customers alike did, or the recent pace goes on.

    Args:
        data: from `behavior_data`.
        outcomes: from `behavior_outcomes`.
        waits: from `waiting_times` up to the test date.
        bought: from `category_history` of the outcomes' categories.
        horizon_days: length of the label window.

    Returns:
        One rule for every label of ``outcomes.tasks``; (customers,), for categories (customers,
        categories), for the next order (customers, days): the chance that it has not come yet.
    """
    train, test, features, labels = data.train, data.test, data.features, outcomes.labels
    recency, recent = features["recency_days"], features["n_orders_84d"]
    lapse = recency_rule(recency[train], labels.loc[train, "is_lapsed"], recency[test])
    spend = recent_spend_rule(features.loc[test, "amount_84d"], horizon_days)
    found: Forecasts = {
        "lapse": {"recency rule": lapse},
        "orders": {"recent-orders rule": _mean_by_tenth(recent, labels["n_orders"], train, test)},
        "spend": {"recent-spend rule": spend},
        "typical_spend": {"recent-spend rule": spend},
        "next_order": {"Kaplan-Meier rule": _kaplan_meier(waits[train], int(test.sum()), horizon_days)},
    }
    if "categories" in outcomes.tasks:
        found["categories"] = {"bought-lately rule": _bought_lately(data, outcomes, bought)}
    if "upsell" in outcomes.tasks:
        upsell = _mean_by_tenth(recent, labels["is_upsold"], train, test)
        found["upsell"] = {"recent-orders rule": upsell}
    return found


def fitted_forecasts(inputs: pd.DataFrame, data: BehaviorData, outcomes: Outcomes, seed: int) -> Forecasts:
    """Logistic, Poisson and ridge regression and boosted trees, one model per label.

    Args:
        inputs: what the models see, aligned with ``data.rows``.
        data: from `behavior_data`.
        outcomes: from `behavior_outcomes`.
        seed: of the trees.
    """
    train, labels = data.train, outcomes.labels
    X, X_test = inputs[train], inputs[data.test]
    models: dict[str, tuple[str, dict[str, Any]]] = {
        "lapse": ("is_lapsed", _classifiers(X, seed)),
        "upsell": ("is_upsold", _classifiers(X, seed)),
        "orders": (
            "n_orders",
            {"Poisson regression": poisson(X), "boosted trees": boosting_regressor(seed, "poisson")},
        ),
        "spend": ("spend", {"ridge regression": ridge(X), "boosted trees": boosting_regressor(seed)}),
    }
    found: Forecasts = {}
    for label in outcomes.tasks:
        if label in models:
            column, rivals = models[label]
            fitted = {name: model.fit(X, labels.loc[train, column]) for name, model in rivals.items()}
            found[label] = {name: _forecast(model, X_test) for name, model in fitted.items()}
    return found | {"typical_spend": dict(found["spend"])}


def _classifiers(X: pd.DataFrame, seed: int) -> dict[str, Any]:
    return {"logistic regression": logistic(X), "boosted trees": boosting_classifier(seed)}


def _forecast(model: Any, X: pd.DataFrame) -> np.ndarray:
    if hasattr(model, "predict_proba"):
        return model.predict_proba(X)[:, 1]
    return model.predict(X).clip(min=0)


def _kaplan_meier(waits: pd.DataFrame, n_rows: int, horizon_days: int) -> np.ndarray:
    """The same curve for everybody (rows, days): the share of past customers still waiting.

    Source:
        Kaplan & Meier (1958), J. American Statistical Association 53.
    """
    days = np.arange(1, horizon_days + 1)
    duration, came = waits["duration_days"].to_numpy(), waits["is_observed"].to_numpy()
    events = np.array([((duration == day) & (came == 1)).sum() for day in days])
    at_risk = np.array([(duration >= day).sum() for day in days])
    curve = np.cumprod(1 - events / np.maximum(at_risk, 1))
    return np.tile(curve, (n_rows, 1))


def _bought_lately(data: BehaviorData, outcomes: Outcomes, bought: pd.DataFrame) -> np.ndarray:
    """Rate (rows, categories) among past customers who had, or had not, bought the category lately."""
    rates = np.empty((int(data.test.sum()), outcomes.categories.shape[1]))
    for place in range(outcomes.categories.shape[1]):
        lately = bought.iloc[:, place] > 0
        label = outcomes.categories[data.train].iloc[:, place]
        base = label.mean()
        groups = label.groupby(lately[data.train]).agg(["sum", "size"])
        rate = (groups["sum"] + base) / (groups["size"] + 1)
        rates[:, place] = lately[data.test].map(rate).fillna(base)
    return rates


def _mean_by_tenth(score: pd.Series, label: pd.Series, train: pd.Series, test: pd.Series) -> np.ndarray:
    """Mean label among past customers in the same tenth of a score."""
    edges = np.unique(score[train].quantile(np.linspace(0.1, 0.9, 9)))
    base = float(label[train].mean())
    sums = label[train].groupby(np.digitize(score[train], edges)).agg(["sum", "size"])
    mean = (sums["sum"] + base) / (sums["size"] + 1)
    return pd.Series(np.digitize(score[test], edges)).map(mean).fillna(base).to_numpy()
