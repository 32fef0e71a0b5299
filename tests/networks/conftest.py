"""Shared worlds of the network tests: small, simulated, no file needed."""

import numpy as np
import pandas as pd
import pytest

QUICK = {"effort": "fast", "hidden": (16,), "max_epochs": 5}


@pytest.fixture
def quick() -> dict:
    """Constructor arguments for tests that ask about behaviour, not about quality."""
    return dict(QUICK)


@pytest.fixture(scope="session")
def customers() -> pd.DataFrame:
    """300 raw customers: numbers with gaps, levels, booleans, dates, text that holds dates or yes/no."""
    rng = np.random.default_rng(0)
    n = 300
    first_date = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    return pd.DataFrame(
        {
            "recency_days": rng.integers(0, 200, n),
            "monetary": np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(3, 1, n)),
            "region": rng.choice(["north", "south", "east", None], n),
            "is_member": rng.random(n) < 0.4,
            "first_date": first_date,
            "joined": first_date.strftime("%Y-%m-%d"),
            "newsletter": rng.choice(["yes", "no"], n),
            "grade": pd.Categorical(rng.choice(["A", "B"], n), categories=["A", "B", "C"]),
        }
    )


@pytest.fixture(scope="session")
def lapsed(customers: pd.DataFrame) -> np.ndarray:
    """Whether each customer lapsed, driven by recency and membership."""
    logit = 0.03 * (customers["recency_days"] - 100) - 1.5 * customers["is_member"]
    return np.random.default_rng(1).random(len(customers)) < 1 / (1 + np.exp(-logit.to_numpy()))
