import numpy as np
import pandas as pd
import pytest

NAMES = [f"c{number:02d}" for number in range(20)]


def frame_of(rows):
    """One row per order × category from (order, customer, day, category number, amount)."""
    order, customer, day, code, amount = (list(column) for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "order_id": np.array(order, dtype=np.int64),
            "customer_id": np.array(customer, dtype=np.int64),
            "category": pd.Categorical.from_codes(code, categories=NAMES),
            "order_ts": pd.Timestamp("2020-01-01") + pd.to_timedelta(day, unit="D"),
            "amount": np.array(amount, dtype=float),
        }
    )


@pytest.fixture(scope="session")
def make_orders():
    return frame_of


@pytest.fixture(scope="session")
def basket_world():
    """Simulated baskets: (seed, kind, planted pair's strength) -> orders of an earlier and a later period.

    flat: every basket draws from the same popularity. taste: every customer has tastes of their own,
    independent between categories. latent: baskets differ in how full they are, beyond their size.
    """

    def build(seed, kind="flat", planted=0.0, n_customers=150):
        rng = np.random.default_rng(seed)
        popularity = rng.lognormal(0, 0.8, len(NAMES))
        rows = []
        for customer in range(n_customers):
            weight = popularity * (rng.lognormal(0, 1, len(NAMES)) if kind != "flat" else 1)
            mean = rng.gamma(2, 2)
            for day in sorted(rng.integers(0, 200, 10)):
                order = len(rows)
                if kind == "latent":
                    logit = np.log(weight) - 2 + rng.normal(0.3 * np.log(mean + 0.1), 1)
                    codes = np.flatnonzero(rng.random(len(NAMES)) < 1 / (1 + np.exp(-logit)))
                else:
                    size = min(1 + rng.poisson(mean), 15)
                    codes = np.argsort(-(np.log(weight) + rng.gumbel(size=len(NAMES))))[:size]
                codes = set(codes.tolist())
                if 3 in codes and rng.random() < planted:
                    codes.add(7)
                rows += [(order, customer, day, code, 2.0) for code in sorted(codes)]
        orders = frame_of(rows)
        is_early = orders["order_ts"] < pd.Timestamp("2020-01-01") + pd.Timedelta(days=130)
        return orders[is_early], orders[~is_early]

    return build


@pytest.fixture(scope="session")
def habit_orders():
    """A year of orders in which buyers of c01 take up c02 four weeks later, while c00 is popular."""
    rng = np.random.default_rng(8)
    rows, order = [], 0
    for customer in range(300):
        has_habit = customer % 3 == 0
        start = int(rng.integers(100, 300))
        for day in range(int(rng.integers(0, 7)), 360, 7):
            order += 1
            codes = {int(code) for code in rng.choice(np.arange(3, 20), 2, replace=False)}
            if rng.random() < 0.02:
                codes.add(0)
            if has_habit and start <= day < start + 60:
                codes.add(1)
            if has_habit and start + 28 <= day < start + 60:
                codes.add(2)
            rows += [(order, customer, day, code, 1.0 + code) for code in sorted(codes)]
    return frame_of(rows)
