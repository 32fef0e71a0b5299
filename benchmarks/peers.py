"""The models the networks are measured against, with the settings a careful analyst would start from.

Each takes (frame with categories and days, target, seed) and returns a fitted classifier. Those that stop
early take their validation rows (a quarter) out of what they are given.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from dangol.networks import NetworkClassifier

N_TREES, LEARNING_RATE, PATIENCE = 1000, 0.05, 50


def logistic(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include=["number", "bool"])),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=2000)).fit(X, y)


def hist_gradient_boosting(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    return HistGradientBoostingClassifier(
        categorical_features="from_dtype",
        max_iter=N_TREES,
        learning_rate=LEARNING_RATE,
        early_stopping=True,
        n_iter_no_change=PATIENCE,
        random_state=seed,
    ).fit(X, y)


def lightgbm(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    import lightgbm

    X, X_val, y, y_val = validation_rows(X, y, seed)
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    model = lightgbm.LGBMClassifier(
        n_estimators=N_TREES, learning_rate=LEARNING_RATE, random_state=seed, verbose=-1
    )
    return model.fit(X, y, eval_X=X_val, eval_y=y_val, callbacks=[stop])


def xgboost(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    from xgboost import XGBClassifier

    X, X_val, y, y_val = validation_rows(X, y, seed)
    model = XGBClassifier(
        enable_categorical=True,
        n_estimators=N_TREES,
        learning_rate=LEARNING_RATE,
        early_stopping_rounds=PATIENCE,
        seed=seed,
    )
    return model.fit(X, y, eval_set=[(X_val, y_val)], verbose=False)


def catboost(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    return fitted_catboost(*validation_rows(X, y, seed), seed)


def fitted_catboost(X: pd.DataFrame, X_val: pd.DataFrame, y: np.ndarray, y_val: np.ndarray, seed: int) -> Any:
    from catboost import CatBoostClassifier

    levels = X.select_dtypes("category").columns.tolist()
    model = CatBoostClassifier(
        verbose=0,
        allow_writing_files=False,
        random_seed=seed,
        cat_features=levels,
        early_stopping_rounds=PATIENCE,
    )
    return model.fit(X, y, eval_set=(X_val, y_val))


class Bagged:
    """Five CatBoost models, each stopped on another fifth of the rows; probabilities averaged."""

    def __init__(self, X: pd.DataFrame, y: np.ndarray, seed: int) -> None:
        folds = StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y)
        self.models = [
            fitted_catboost(X.iloc[rows], X.iloc[held], y[rows], y[held], seed) for rows, held in folds
        ]

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Mean probabilities (rows, 2) of the five."""
        return np.mean([model.predict_proba(X) for model in self.models], axis=0)


def realmlp(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    from pytabkit import RealMLP_TD_Classifier

    # it takes no gaps in numbers and no booleans
    columns = make_column_transformer(
        (SimpleImputer(strategy="median"), make_column_selector(dtype_include="number")),
        (OrdinalEncoder(), make_column_selector(dtype_include="bool")),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    # log loss decides when to stop, as for the others, not the classification error
    model = RealMLP_TD_Classifier(
        device="cpu", random_state=seed, n_cv=1, val_metric_name="cross_entropy", verbosity=0
    )
    return make_pipeline(columns, model).fit(X, y)


def validation_rows(X: pd.DataFrame, y: np.ndarray, seed: int) -> list[Any]:
    """60 % of all rows to learn from and 20 % to stop on, out of the 80 % given."""
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)


MODELS: dict[str, Callable[[pd.DataFrame, np.ndarray, int], Any]] = {
    "base rate": lambda X, y, seed: DummyClassifier(strategy="prior").fit(X, y),
    "logistic": logistic,
    "HistGradientBoosting": hist_gradient_boosting,
    "LightGBM": lightgbm,
    "XGBoost": xgboost,
    "CatBoost": catboost,
    "CatBoost, five bags": Bagged,
    "RealMLP-TD": realmlp,
    "network, fast": lambda X, y, seed: NetworkClassifier(effort="fast", random_state=seed).fit(X, y),
    "network": lambda X, y, seed: NetworkClassifier(random_state=seed).fit(X, y),
}
PACKAGES = {
    "LightGBM": "lightgbm",
    "XGBoost": "xgboost",
    "CatBoost": "catboost",
    "CatBoost, five bags": "catboost",
    "RealMLP-TD": "pytabkit",
}


ON_TORCH = ("RealMLP-TD",)


def import_torch() -> None:
    """What models on PyTorch import: takes longer than a small table."""
    import pytabkit  # noqa: F401


def installed() -> list[str]:
    """Models whose package is there."""
    return [name for name in MODELS if name not in PACKAGES or find_spec(PACKAGES[name])]
