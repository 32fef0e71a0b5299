"""AUC, log loss and seconds of the network beside simpler models, on public customer tables.

    python benchmarks/networks.py [TABLE ...] [--data ../shared/data] [--seeds 0 1 2] [--models MODEL ...]

Split: 80 % of the rows to learn from, 20 % to test on, stratified, one split per seed; nobody sees the
test rows. Models that need validation rows (the network stops early) take them out of their own 80 %.
Every model runs in this process, one after the other, on the same frame with dates and numbers parsed.
Peers that are not installed are left out and named.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# a busy machine otherwise turns .1 s of histogram gradient boosting into a minute
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from dangol.networks import NetworkClassifier
from dangol.networks.backend import load_tensorflow

Table = tuple[pd.DataFrame, np.ndarray]


def telco(folder: Path) -> Table:
    frame = pd.read_csv(folder / "telco_churn.csv", na_values=[" "])
    return frame.drop(columns=["customerID", "Churn"]), (frame["Churn"] == "Yes").to_numpy(int)


def shoppers(folder: Path) -> Table:
    frame = pd.read_csv(folder / "online_shoppers_intention.csv", sep=";")
    return frame.drop(columns="Revenue"), frame["Revenue"].to_numpy(int)


def ifood(folder: Path) -> Table:
    frame = pd.read_csv(folder / "ifood_campaign.csv", parse_dates=["Dt_Customer"])
    return frame.drop(columns=["ID", "Response"]), frame["Response"].to_numpy(int)


def hillstrom(folder: Path) -> Table:
    frame = pd.read_csv(folder / "hillstrom.csv")
    return frame.drop(columns=["visit", "conversion", "spend"]), frame["visit"].to_numpy(int)


TABLES: dict[str, Callable[[Path], Table]] = {
    "telco": telco,
    "shoppers": shoppers,
    "ifood": ifood,
    "hillstrom": hillstrom,
}


def peer_ready(frame: pd.DataFrame) -> pd.DataFrame:
    """Dates as days and text as categories: what the peers need, and the network is given too."""
    dates = frame.select_dtypes("datetime").columns
    days = {name: (frame[name] - pd.Timestamp(0)) / pd.Timedelta(days=1) for name in dates}
    categories = {name: frame[name].astype("category") for name in frame.select_dtypes("str").columns}
    return frame.assign(**days, **categories)


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
        max_iter=1000,
        learning_rate=0.05,
        early_stopping=True,
        n_iter_no_change=50,
        random_state=seed,
    ).fit(X, y)


def lightgbm(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    import lightgbm

    X, X_val, y, y_val = validation_rows(X, y, seed)
    stop = lightgbm.early_stopping(50, verbose=False)
    model = lightgbm.LGBMClassifier(n_estimators=1000, learning_rate=0.05, random_state=seed, verbose=-1)
    return model.fit(X, y, eval_X=X_val, eval_y=y_val, callbacks=[stop])


def xgboost(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    from xgboost import XGBClassifier

    X, X_val, y, y_val = validation_rows(X, y, seed)
    model = XGBClassifier(
        enable_categorical=True, n_estimators=1000, learning_rate=0.05, early_stopping_rounds=50, seed=seed
    )
    return model.fit(X, y, eval_set=[(X_val, y_val)], verbose=False)


def catboost(X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    from catboost import CatBoostClassifier

    X, X_val, y, y_val = validation_rows(X, y, seed)
    levels = X.select_dtypes("category").columns.tolist()
    model = CatBoostClassifier(
        verbose=0, allow_writing_files=False, random_seed=seed, cat_features=levels, early_stopping_rounds=50
    )
    return model.fit(X, y, eval_set=(X_val, y_val))


def validation_rows(X: pd.DataFrame, y: np.ndarray, seed: int) -> list[Any]:
    """60 % of all rows to learn from and 20 % to stop on, out of the 80 % given."""
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)


MODELS: dict[str, Callable[[pd.DataFrame, np.ndarray, int], Any]] = {
    "base rate": lambda X, y, seed: DummyClassifier(strategy="prior").fit(X, y),
    "logistic": logistic,
    "HistGradientBoosting": hist_gradient_boosting,
    "lightgbm": lightgbm,
    "xgboost": xgboost,
    "catboost": catboost,
    "network, fast": lambda X, y, seed: NetworkClassifier(effort="fast").fit(X, y),
    "network": lambda X, y, seed: NetworkClassifier().fit(X, y),
    "network, shared kernels": lambda X, y, seed: NetworkClassifier(kernels="shared").fit(X, y),
}
OPTIONAL = ("lightgbm", "xgboost", "catboost")


def trials(table: str, data: Path, seeds: list[int], models: list[str]) -> Iterator[dict[str, Any]]:
    """One row per model and seed: table, model, seed, auc, log_loss, seconds (fit and predict)."""
    frame, target = TABLES[table](data)
    frame = peer_ready(frame)
    for seed in seeds:
        rows, test_rows = train_test_split(
            np.arange(len(target)), test_size=0.2, stratify=target, random_state=seed
        )
        for name in models:
            started = time.perf_counter()
            model = MODELS[name](frame.iloc[rows], target[rows], seed)
            prob = model.predict_proba(frame.iloc[test_rows])[:, 1]
            yield {
                "table": table,
                "model": name,
                "seed": seed,
                "auc": roc_auc_score(target[test_rows], prob),
                "log_loss": log_loss(target[test_rows], prob),
                "seconds": time.perf_counter() - started,
            }


def summary(results: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds, and the standard error of the paired AUC gain over HistGradientBoosting."""
    trees = results.query("model == 'HistGradientBoosting'").set_index(["table", "seed"])["auc"]
    paired = results.join(trees.rename("auc_trees"), on=["table", "seed"])
    paired = paired.assign(gain=paired["auc"] - paired["auc_trees"])
    return paired.groupby(["table", "model"], sort=False).agg(
        auc=("auc", "mean"),
        log_loss=("log_loss", "mean"),
        seconds=("seconds", "mean"),
        auc_gain=("gain", "mean"),
        gain_se=("gain", "sem"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", default=list(TABLES), help=f"any of {', '.join(TABLES)}")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--models", nargs="+", default=None, help=f"any of {', '.join(MODELS)}")
    arguments = parser.parse_args()
    installed = [name for name in MODELS if name not in OPTIONAL or find_spec(name)]
    models = [name for name in installed if arguments.models is None or name in arguments.models]
    unknown = sorted(set(arguments.tables) - set(TABLES))
    if unknown:
        parser.error(f"unknown table(s) {unknown}; choose from {list(TABLES)}")
    load_tensorflow()  # outside the clock: importing takes longer than the fast network
    packages = ("scikit-learn", "keras", *(name for name in OPTIONAL if find_spec(name)))
    print("versions:", ", ".join(f"{name} {version(name)}" for name in packages))
    print("not installed, left out:", ", ".join(name for name in OPTIONAL if not find_spec(name)) or "none")
    results = []
    for table in arguments.tables:
        results += list(trials(table, arguments.data, arguments.seeds, models))
        print(f"\n{table}: mean over seeds {arguments.seeds}")
        print(summary(pd.DataFrame(results).query("table == @table")).droplevel(0).round(4).to_string())


if __name__ == "__main__":
    main()
