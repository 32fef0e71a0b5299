"""Orders and spend forecast by value models on CDNOW: 39 weeks to learn from, 39 weeks to be judged on.

    python benchmarks/value.py FILE [FILE ...] [--seeds 0 1 2] [--effort fast]
    python benchmarks/value.py --customers 1000000

FILE is CDNOW as its authors give it, the whole (23,570 customers: id, date, CDs, dollars) or the 1/10 sample
(one number more in front), blank-separated. Nothing on or after 1997-10-01 is looked at before the verdict.
Spend is at least 0. Every figure has a 95 % bootstrap interval over customers; the last lines hold the
network against each rival on the same resampled customers.

With --customers, as many are simulated at the parameters published for CDNOW, followed for up to 39 weeks;
measured is how long BG/NBD with Gamma-Gamma and the network take to learn and to score, and in what memory.
"""

import argparse
import resource
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from dangol.value import (
    BetaGeo,
    FitWarning,
    GammaGamma,
    LifetimeValue,
    ParetoNBD,
    ValueNetwork,
    interval_coverage,
    mean_absolute_error,
    normalized_gini,
    outcomes,
    paired_bootstrap,
    purchase_summary,
    root_mean_square_error,
    total_bias,
)
from dangol.value.leaderboard import bootstrap_interval

END, HORIZON_DAYS = pd.Timestamp("1997-10-01"), 273
LEVELS = (0.8, 0.9)
N_BOOT = 500
RIVALS = {"BG/NBD + GG": BetaGeo, "Pareto/NBD + GG": ParetoNBD}


def read_orders(path: Path) -> pd.DataFrame:
    """Order log of a CDNOW file; the sample's own running number, if there is one, is not needed."""
    raw = pd.read_csv(path, sep=r"\s+", header=None)
    names = ["customer_id", "date", "n_cds", "amount"]
    frame = raw.iloc[:, -4:].set_axis(names, axis=1)
    return frame.assign(order_ts=pd.to_datetime(frame["date"].astype(str)))


def rival(model: str, orders: pd.DataFrame) -> dict[float, pd.DataFrame]:
    summary = purchase_summary(orders, END)
    lifetime = LifetimeValue(RIVALS[model]().fit(summary), GammaGamma().fit(summary))
    return {level: lifetime.predict(summary, HORIZON_DAYS, level=level) for level in LEVELS}


def network(seed: int, effort: str, orders: pd.DataFrame) -> dict[float, pd.DataFrame]:
    fitted = ValueNetwork(effort=effort, random_state=seed).fit(orders, END)
    return {level: fitted.predict(HORIZON_DAYS, level=level) for level in LEVELS}


def cell(found: tuple[float, float, float]) -> str:
    return f"{found[0]:.3f} [{found[1]:.3f}, {found[2]:.3f}]"


def table_row(forecasts: dict[float, pd.DataFrame], truth: pd.DataFrame) -> dict[str, str]:
    one = forecasts[LEVELS[0]]
    counts, spend = (truth["n_orders"], one["expected_orders"]), (truth["spend"], one["expected_value"])
    asked = {
        "orders MAE": (mean_absolute_error, counts), "orders RMSE": (root_mean_square_error, counts),
        "orders bias": (total_bias, counts), "spend Gini": (normalized_gini, spend),
        "spend MAE": (mean_absolute_error, spend), "spend bias": (total_bias, spend),
    }  # fmt: skip
    row = {name: cell(bootstrap_interval(metric, *pair, N_BOOT)) for name, (metric, pair) in asked.items()}
    for level, forecast in forecasts.items():
        covered = interval_coverage(truth["spend"], forecast["value_low"], forecast["value_high"])
        row[f"{level:.0%} covers"] = f"{covered:.3f}"
    return row


def compare(path: Path, seeds: list[int], effort: str) -> None:
    orders = read_orders(path)
    truth = outcomes(orders, purchase_summary(orders, END)["customer_id"], END, HORIZON_DAYS)
    truth["spend"] = truth["spend"].clip(lower=0)
    jobs = {name: lambda name=name: rival(name, orders) for name in RIVALS}
    jobs |= {f"network, seed {seed}": lambda seed=seed: network(seed, effort, orders) for seed in seeds}
    rows, found = {}, {}
    for name, job in jobs.items():
        began = time.perf_counter()
        found[name] = job()
        seconds = f"{time.perf_counter() - began:.1f}"
        rows[name] = table_row(found[name], truth) | {"seconds": seconds}
    print(f"\n{path.name}: {len(truth):,} customers, {int(truth['n_orders'].sum()):,} orders in the holdout")
    print(pd.DataFrame(rows).to_string())
    print("\nnetwork less rival, paired: orders RMSE (lower is better), spend Gini (higher is better)")
    for name in list(jobs)[len(RIVALS) :]:
        for other in RIVALS:
            ours, theirs = found[name][LEVELS[0]], found[other][LEVELS[0]]
            pairs = (
                (root_mean_square_error, truth["n_orders"], "expected_orders"),
                (normalized_gini, truth["spend"], "expected_value"),
            )
            gaps = [cell(paired_bootstrap(m, t, ours[c], theirs[c], N_BOOT)) for m, t, c in pairs]
            print(f"  {name} - {other}: {'   '.join(gaps)}")


def simulated_orders(n: int, seed: int) -> pd.DataFrame:
    """Order log of customers who behave as BG/NBD and Gamma-Gamma say, won over 35 weeks."""
    rng, n_days = np.random.default_rng(seed), float(HORIZON_DAYS)
    rate, lapse = rng.gamma(0.243, 1 / 4.414, n) / 7, rng.beta(0.793, 2.426, n)
    level, now = 1 / rng.gamma(3.74, 1 / 15.44, n), rng.uniform(0, n_days - 28, n)
    who, visits = np.arange(n), []
    while len(who):
        visits.append((who, now[who]))
        if len(visits) > 1:
            who = who[rng.random(len(who)) >= lapse[who]]
        now[who] += rng.standard_exponential(len(who)) / np.maximum(rate[who], 1e-12)
        who = who[now[who] < n_days]
    customer, day = (np.concatenate(column) for column in zip(*visits, strict=True))
    amount = np.round(rng.gamma(6.25, 1.0, len(customer)) * level[customer], 2)
    order_ts = END - pd.Timedelta(days=n_days) + pd.to_timedelta((day * 86_400).astype(np.int64), unit="s")
    return pd.DataFrame({"customer_id": customer, "order_ts": order_ts, "amount": amount})


def measure(n_customers: int, effort: str) -> None:
    """Print seconds per step and the largest memory of the process."""
    orders = simulated_orders(n_customers, seed=0)
    print(f"{n_customers:,} customers, {len(orders):,} orders; effort {effort}")
    summary = purchase_summary(orders, END)
    lifetime = LifetimeValue(BetaGeo(), GammaGamma())
    fitted = ValueNetwork(effort=effort)
    steps = {
        "BG/NBD + GG fit": lambda: (lifetime.purchase_model.fit(summary), lifetime.spend_model.fit(summary)),
        "BG/NBD + GG score": lambda: lifetime.predict(summary, HORIZON_DAYS, n_draws=0),
        "network fit": lambda: fitted.fit(orders, END),
        "network score": lambda: fitted.predict(HORIZON_DAYS, n_draws=0),
        "network score, with intervals and due dates": lambda: fitted.predict(HORIZON_DAYS, LEVELS),
    }
    for name, step in steps.items():
        began = time.perf_counter()
        step()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"  {name:45s} {time.perf_counter() - began:7.1f} s, so far at most {peak:.2f} GiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--customers", type=int, help="measure speed and memory on so many simulated ones")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--effort", choices=["fast", "full"], default="fast")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", FitWarning)
    np.seterr(all="ignore")
    if not arguments.files and not arguments.customers:
        parser.error("name a file, or --customers N")
    if arguments.customers:
        measure(arguments.customers, arguments.effort)
    for path in arguments.files:
        compare(path, arguments.seeds, arguments.effort)


if __name__ == "__main__":
    main()
