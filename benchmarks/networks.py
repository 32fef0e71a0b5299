"""AUC, log loss and seconds of the networks beside their peers, on public customer tables.

    python benchmarks/networks.py [TABLE ...] [--data FOLDER] [--seeds 0 1 2] [--models MODEL ...] [--out CSV]

Split: 80 % of the rows to learn from, 20 % to test on, stratified, one split per seed; tables with time are
split by time, and the seeds are those of the models. Nobody sees the test rows. Models that need validation
rows take them out of their own 80 %. Every model runs in this process, one after the other, with its
defaults, on the same frame with dates and numbers parsed; only PyTorch has a process of its own, because
it and TensorFlow crash in one. What is not installed is left out and named.
Finished trials are kept in ``--out`` and not run again.
"""

import argparse
import os
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

# a busy machine otherwise turns .1 s of histogram gradient boosting into a minute
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
from customer_tables import NAMES, Table, load
from peers import MODELS, ON_TORCH, PACKAGES, import_torch, installed
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

from dangol.networks.backend import load_tensorflow

NETWORK = "network"
METRICS = {"auc": False, "log_loss": True}  # whether less is better
# our own other settings and the base rate take no rank
UNRANKED = ("base rate", "network, fast")


def peer_ready(frame: pd.DataFrame) -> pd.DataFrame:
    """Dates as days, text as categories with gaps as one of them: what peers need, the network gets too."""
    dates = frame.select_dtypes("datetime").columns
    days = {name: (frame[name] - pd.Timestamp(0)) / pd.Timedelta(days=1) for name in dates}
    texts = frame.select_dtypes(["str", "object", "category"]).columns
    levels = {name: frame[name].astype("str").fillna("(missing)").astype("category") for name in texts}
    return frame.assign(**days, **levels)


def split(table: Table, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of training and test rows."""
    rows = np.arange(len(table.target))
    if table.is_test is not None:
        return rows[~table.is_test], rows[table.is_test]
    return tuple(train_test_split(rows, test_size=0.2, stratify=table.target, random_state=seed))


def trial(table: Table, frame: pd.DataFrame, model: str, seed: int) -> dict[str, Any]:
    """AUC, log loss and seconds (fit and predict) of one model on one split."""
    rows, test_rows = split(table, seed)
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peers warn of what their own packages will change
        fitted = MODELS[model](frame.iloc[rows], table.target[rows], seed)
        prob = fitted.predict_proba(frame.iloc[test_rows])[:, 1]
    return {
        "auc": roc_auc_score(table.target[test_rows], prob),
        "log_loss": log_loss(table.target[test_rows], prob),
        "seconds": time.perf_counter() - started,
    }


def isolated_trial(*arguments: Any) -> dict[str, Any]:
    """A trial in a new process, what it needs imported outside the clock."""
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=import_torch) as process:
        return process.submit(trial, *arguments).result()


def run(names: list[str], models: list[str], seeds: list[int], data: Path, out: Path | None) -> pd.DataFrame:
    """One row per table, model and seed; rows already in ``out`` are taken from there."""
    results = pd.read_csv(out).to_dict("records") if out and out.exists() else []
    done = {(row["table"], row["model"], row["seed"]) for row in results}
    for name in names:
        table = load(name, data)
        if table is None:
            print(f"{name}: file, package or finished run is missing; left out")
            continue
        frame = peer_ready(table.frame)
        for seed in seeds:
            for model in models:
                if (name, model, seed) in done:
                    continue
                tried = isolated_trial if model in ON_TORCH else trial
                results.append(
                    {"table": name, "model": model, "seed": seed} | tried(table, frame, model, seed)
                )
                if out:
                    pd.DataFrame(results).to_csv(out, index=False)
        print(f"\n{name}: {len(frame):,} rows, {frame.shape[1]} columns, base rate {table.target.mean():.3f}")
        print(summary(asked(results, [name], models, seeds)).to_string())
    return asked(results, names, models, seeds)


def asked(
    results: list[dict[str, Any]], names: list[str], models: list[str], seeds: list[int]
) -> pd.DataFrame:
    """Trials that were asked for; the file may hold others."""
    chosen = pd.DataFrame(results)
    return chosen[chosen["table"].isin(names) & chosen["model"].isin(models) & chosen["seed"].isin(seeds)]


def summary(results: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds, and the network's paired gain on each model with its standard error."""
    wide = results.pivot_table(index="seed", columns="model", values=list(METRICS))
    means = results.groupby("model", sort=False)[[*METRICS, "seconds"]].mean()
    if NETWORK in means.index:
        for metric, less_is_better in METRICS.items():
            gain = wide[metric].sub(wide[metric][NETWORK], axis=0) * (1 if less_is_better else -1)
            means[f"{metric}_behind"], means[f"{metric}_se"] = gain.mean(), gain.sem()
    return means.round({"seconds": 1}).round(4)


def mean_ranks(results: pd.DataFrame) -> pd.DataFrame:
    """Rank 1 is best; ranked within table and seed, averaged over seeds, then over tables."""
    ranked = results[~results["model"].isin(UNRANKED)]
    ranks = pd.DataFrame(
        {
            f"{metric}_rank": ranked.groupby(["table", "seed"])[metric].rank(ascending=less_is_better)
            for metric, less_is_better in METRICS.items()
        }
    ).assign(table=ranked["table"], model=ranked["model"])
    by_table = ranks.groupby(["table", "model"]).mean().reset_index()
    return by_table.groupby("model")[["auc_rank", "log_loss_rank"]].mean().sort_values("log_loss_rank")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help=f"any of: {', '.join(NAMES)}; default all")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--models", nargs="+", help=f"any of: {', '.join(MODELS)}; default all")
    parser.add_argument("--out", type=Path, help="CSV of trials; finished ones are not run again")
    arguments = parser.parse_args()
    names, models = arguments.tables or list(NAMES), arguments.models or installed()
    unknown = sorted({*names} - {*NAMES}) + sorted({*models} - {*MODELS})
    if unknown:
        parser.error(f"unknown {unknown}; tables: {', '.join(NAMES)}; models: {', '.join(MODELS)}")
    load_tensorflow()  # outside the clock: importing takes longer than the fast network
    packages = ["scikit-learn", "keras", *sorted({PACKAGES[name] for name in models if name in PACKAGES})]
    print("versions:", ", ".join(f"{name} {version(name)}" for name in packages))
    print("not installed, left out:", ", ".join(sorted({*MODELS} - {*installed()})) or "none")
    results = run(names, models, arguments.seeds, arguments.data, arguments.out)
    print("\nmean rank over tables (1 is best)")
    print(mean_ranks(results).round(2).to_string())


if __name__ == "__main__":
    main()
