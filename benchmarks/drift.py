"""Where the last fifth differs from the past: the network beside logistic regression, and what it warns of.

    python benchmarks/drift.py [--data FOLDER] [--seeds 0 1]

Rows are sorted by time, or by what stands for it (tenure, seniority): the first four fifths to learn from,
the rest to be judged on. The column sorted by stays among the inputs, so that the test rows lie beyond what
training has shown; of the shoppers the month is taken out, since a new month is a level nobody has seen.
The last world is simulated: its logit is linear, and in the last fifth one input moves away by up to two
standard deviations, another spreads threefold and the level jumps. Both models have their defaults.
"""

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from customer_tables import Table, load
from networks import peer_ready
from peers import MODELS
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score
from tqdm import tqdm

SHARE_LEARNT = 0.8
MODELS_HERE = ("logistic", "network")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class World:
    """A table in the order of time.

    Attributes:
        name: with what it is sorted by.
        frame: (n, columns) inputs.
        target: (n,) 0 or 1.
    """

    name: str
    frame: pd.DataFrame
    target: np.ndarray


def sorted_by(column: str, name: str, table: Table, time: pd.Series, drop: tuple[str, ...] = ()) -> World:
    """The table's rows by ``time`` (n,), ties as they come."""
    order = np.argsort(time.to_numpy(), kind="stable")
    frame = peer_ready(table.frame.drop(columns=list(drop))).iloc[order].reset_index(drop=True)
    return World(f"{name} by {column}", frame, table.target[order])


def worlds(data: Path) -> Iterator[World]:
    """Those whose file or package is there, and the simulated one."""
    tables = {name: load(name, data) for name in ("ifood", "shoppers", "telco", "bank credit")}
    if table := tables["ifood"]:
        yield sorted_by("sign-up date", "food retail", table, table.frame["Dt_Customer"])
    if table := tables["shoppers"]:
        month = table.frame["Month"].map(MONTHS.index)
        yield sorted_by("month", "online shoppers", table, month, drop=("Month",))
    if table := tables["telco"]:
        yield sorted_by("tenure", "telecom contracts", table, table.frame["tenure"])
    if table := tables["bank credit"]:
        yield sorted_by("seniority", "bank credit", table, table.frame["Seniority"].fillna(0))
    yield simulated()


def simulated(n: int = 6000, seed: int = 0) -> World:
    """Eight normal inputs, a linear logit; the last fifth is another world."""
    rng = np.random.default_rng(seed)
    late = np.maximum(np.arange(n) / n - SHARE_LEARNT, 0)
    X = pd.DataFrame(rng.normal(size=(n, 8)), columns=list("abcdefgh"))
    X["a"] += 10 * late
    X["b"] *= 1 + 2 * (late > 0)
    logit = X["a"] - 0.8 * X["b"] + 0.5 * X["c"] - 1 + 0.6 * (late > 0)
    return World("simulated, linear", X, (rng.random(n) < expit(logit)).astype("int64"))


def judged(world: World, seeds: list[int]) -> dict[str, float | str]:
    """Scores of both models on the last fifth, and how many columns the network calls shifted."""
    cut = int(len(world.target) * SHARE_LEARNT)
    past, last = world.frame.iloc[:cut], world.frame.iloc[cut:]
    row: dict[str, float | str] = {"world": world.name}
    for model in MODELS_HERE:
        fitted = [MODELS[model](past, world.target[:cut], seed) for seed in seeds]
        probs = [each.predict_proba(last)[:, 1] for each in fitted]
        row[f"{model}_auc"] = np.mean([roc_auc_score(world.target[cut:], prob) for prob in probs])
        row[f"{model}_log_loss"] = np.mean([log_loss(world.target[cut:], prob) for prob in probs])
    row["n_shifted"] = int(fitted[0].drift(last)["is_shifted"].sum())  # of the network, the last one fitted
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # the drift warning is counted instead
    rows = [judged(world, arguments.seeds) for world in tqdm(list(worlds(arguments.data)))]
    print(pd.DataFrame(rows).round(4).to_string(index=False))


if __name__ == "__main__":
    main()
