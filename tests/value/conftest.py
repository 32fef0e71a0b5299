"""Simulated worlds with planted truth, written independently of the models: event by event."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

WEEK = 7.0
CDNOW = {
    "BetaGeo": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "ParetoNBD": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
    "GammaGamma": {"p": 6.25, "q": 3.74, "gamma": 15.44},
}
World = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def published() -> dict[str, dict[str, float]]:
    """Parameters published for the CDNOW sample, per week and US dollar."""
    return CDNOW


@pytest.fixture(scope="session")
def simulate_world() -> World:
    """A function making the frame of one simulated world; see `_simulate`."""
    return _simulate


@pytest.fixture(scope="session")
def cdnow_like(simulate_world: World) -> dict[str, pd.DataFrame]:
    """4,000 customers of either model, 39 weeks in and 39 out, at the published parameters."""
    names = ("BetaGeo", "ParetoNBD")
    return {name: simulate_world(name, 4_000, CDNOW[name], seed=7) for name in names}


@pytest.fixture
def orders() -> pd.DataFrame:
    """A small log with same-day orders, refunds, and customers that only refund."""
    rng = np.random.default_rng(3)
    n_orders = 600
    days = rng.integers(0, 200, n_orders)
    return pd.DataFrame(
        {
            "customer_id": rng.integers(0, 60, n_orders),
            "order_ts": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(days * 24 + rng.integers(0, 24, n_orders), "h"),
            "amount": np.round(rng.lognormal(3, 1, n_orders), 2)
            * np.where(rng.random(n_orders) < 0.1, -1, 1),
        }
    )


def _simulate(
    model: str, n: int, params: dict[str, float], *, seed: int, tenure_days: tuple[int, int] = (190, 273),
    horizon_days: float = 273.0,
) -> pd.DataFrame:  # fmt: skip
    """Frame of the models plus ``future_orders`` and ``future_spend`` in the horizon."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(params["r"], 1 / params["alpha"], n) / WEEK
    tenure = rng.integers(*tenure_days, n).astype(float)
    is_beta_geo = model == "BetaGeo"
    lapse = rng.beta(params["a"], params["b"], n) if is_beta_geo else np.zeros(n)
    life = np.full(n, np.inf)
    if not is_beta_geo:
        life = rng.exponential(1, n) / rng.gamma(params["s"], 1 / params["beta"], n) * WEEK
    n_repeats, last, future, now = np.zeros(n, dtype=int), np.zeros(n), np.zeros(n, dtype=int), np.zeros(n)
    living = np.arange(n)
    while len(living):
        now[living] += rng.exponential(1, len(living)) / np.maximum(rate[living], 1e-300)
        living = living[now[living] < np.minimum(tenure + horizon_days, life)[living]]
        is_past = now[living] < tenure[living]
        past = living[is_past]
        n_repeats[past] += 1
        last[past] = now[past]
        future[living[~is_past]] += 1
        living = living[rng.random(len(living)) >= lapse[living]]
    spend = CDNOW["GammaGamma"]
    level = rng.gamma(spend["q"], 1 / spend["gamma"], n)
    counted = np.maximum(n_repeats, 1)
    mean = rng.gamma(spend["p"] * counted) / level / counted
    bought = np.where(future > 0, rng.gamma(spend["p"] * np.maximum(future, 1)) / level, 0.0)
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "n_repeats": n_repeats,
            "active_span_days": last,
            "tenure_days": tenure,
            "mean_spend": np.where(n_repeats > 0, mean, np.nan),
            "first_spend": rng.gamma(spend["p"], size=n) / level,
            "future_orders": future,
            "future_spend": bought,
        }
    )
