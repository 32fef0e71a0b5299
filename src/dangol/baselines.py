"""The simpler models that stand beside every network: logistic or linear, and boosted trees."""

from typing import Any

import pandas as pd

_LEVELS_AT_MOST = 200  # boosted trees take up to 254 levels of a category


def logistic(frame: pd.DataFrame) -> Any:
    """Logistic regression on quantile-normal numbers and one-hot categories, unfitted.

    Args:
        frame: rows like those it will be fitted on; only its column kinds are looked at.
    """
    from sklearn.linear_model import LogisticRegression

    return _on_normal_inputs(frame, LogisticRegression(C=0.1, max_iter=1_000))


def ridge(frame: pd.DataFrame) -> Any:
    """Ridge regression on quantile-normal numbers and one-hot categories, unfitted.

    Args:
        frame: rows like those it will be fitted on; only its column kinds are looked at.
    """
    from sklearn.linear_model import Ridge

    return _on_normal_inputs(frame, Ridge(alpha=10.0))


def poisson(frame: pd.DataFrame) -> Any:
    """Poisson regression on quantile-normal numbers and one-hot categories, unfitted.

    Args:
        frame: rows like those it will be fitted on; only its column kinds are looked at.
    """
    from sklearn.linear_model import PoissonRegressor

    return _on_normal_inputs(frame, PoissonRegressor(alpha=1e-3, max_iter=1_000))


def boosting_classifier(seed: int) -> Any:
    """Histogram gradient boosting with slow, small trees, unfitted; takes categories and gaps as they are."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return _on_filled_columns(HistGradientBoostingClassifier(**_boosting_settings(seed)))


def boosting_regressor(seed: int, loss: str = "squared_error") -> Any:
    """Histogram gradient boosting for amounts, unfitted; takes categories and gaps as they are."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return _on_filled_columns(HistGradientBoostingRegressor(loss=loss, **_boosting_settings(seed)))


def as_model_input(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with texts as categories, as boosted trees want them; the argument is untouched."""
    texts = [name for name in frame if pd.api.types.is_string_dtype(frame[name].dtype)]
    few = [name for name in texts if frame[name].nunique() <= _LEVELS_AT_MOST]
    return frame.drop(columns=[name for name in texts if name not in few]).astype(
        dict.fromkeys(few, "category")
    )


def _boosting_settings(seed: int) -> dict[str, Any]:
    return {
        "learning_rate": 0.05,
        "max_iter": 150,
        "max_leaf_nodes": 15,
        "categorical_features": "from_dtype",
        "random_state": seed,
    }


def _on_filled_columns(model: Any) -> Any:
    """Leave out columns without a single value among the rows it is fitted on: trees refuse them."""
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline

    filled = ColumnTransformer([("filled", "passthrough", _filled_columns)], verbose_feature_names_out=False)
    return make_pipeline(filled.set_output(transform="pandas"), model)


def _filled_columns(frame: pd.DataFrame) -> list[str]:
    return list(frame.columns[frame.notna().any()])


def _on_normal_inputs(frame: pd.DataFrame, model: Any) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

    numbers = list(frame.select_dtypes(["number", "bool"]).columns)
    categories = [name for name in frame if name not in numbers]
    n_quantiles = min(1_000, len(frame))
    normal = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        QuantileTransformer(n_quantiles=n_quantiles, output_distribution="normal", random_state=0),
    )
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20, sparse_output=False)
    inputs = ColumnTransformer([("numbers", normal, numbers), ("categories", levels, categories)])
    return make_pipeline(inputs, model)
