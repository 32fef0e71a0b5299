import numpy as np
import pandas as pd
import pytest

from dangol.behavior import BehaviorData, behavior_data
from dangol.features import EventLog, plan_snapshots

HORIZON_DAYS = 28


@pytest.fixture(scope="module")
def shop_lines() -> pd.DataFrame:
    """A year of orders of 60 customers, some of whom buy far more often than others."""
    rng = np.random.default_rng(4)
    n = 1_500
    return pd.DataFrame(
        {
            "order_id": np.arange(n),
            "customer_id": (60 * rng.random(n) ** 2).astype("int64"),
            "product_id": rng.integers(0, 12, n),
            "store_id": 1,
            "order_ts": pd.Timestamp("2017-01-01")
            + pd.to_timedelta(rng.integers(0, 360 * 86_400, n), unit="s").round("1s"),
            "quantity": 1.0,
            "amount": (rng.integers(-100, 5_000, n) / 100).round(2),
            "discount_amount": 0.0,
            "coupon_amount": 0.0,
        }
    )


@pytest.fixture(scope="module")
def shop_log(shop_lines) -> EventLog:
    import ibis

    products = pd.DataFrame(
        {
            "product_id": range(12),
            "department": list("AAAABBBBCCCC"),
            "category": ["tea", "coffee", "rice", "김치"] * 3,
            "brand": "Private",
        }
    )
    return EventLog(ibis.memtable(shop_lines), ibis.memtable(products))


@pytest.fixture(scope="module")
def shop(shop_lines, shop_log) -> BehaviorData:
    ends = shop_lines["order_ts"].min(), shop_lines["order_ts"].max()
    dates = plan_snapshots("2017-10-01", HORIZON_DAYS, 4, *ends)
    customers = pd.DataFrame({"customer_id": range(60), "age_band": ["19-24", "65+"] * 30})
    return behavior_data(shop_log, customers, dates, HORIZON_DAYS)
