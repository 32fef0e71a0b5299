"""A tiny company with three campaigns, as a campaign log."""

import ibis
import numpy as np
import pandas as pd
import pytest

from dangol.evaluation import CampaignLog
from dangol.features import EventLog

N_CUSTOMERS = 60


def _campaigns():
    rows = [
        (1, "A", "mail", "2017-02-01", "2017-02-28"),
        (2, "B", "mail", "2017-03-01", "2017-04-30"),
        (3, "A", "mail", "2017-04-10", "2017-05-10"),
        (4, "A", "mail", "2017-06-01", "2017-06-30"),
    ]
    frame = pd.DataFrame(rows, columns=["campaign_id", "campaign_type", "channel", "start_date", "end_date"])
    dates = {
        name: pd.to_datetime(frame[name]).astype("datetime64[ns]") for name in ("start_date", "end_date")
    }
    return frame.assign(**dates, contact_cost=0.5)


def _frames(seed=0):
    """The canonical tables of the tiny company."""
    rng = np.random.default_rng(seed)
    n = 1500
    products = pd.DataFrame(
        {"product_id": range(1, 21), "department": "D", "category": list("abcd") * 5, "brand": "National"}
    )
    days = pd.Timestamp("2017-01-01") + pd.to_timedelta(rng.integers(0, 181 * 24 * 60, n), unit="min")
    lines = pd.DataFrame(
        {
            "order_id": range(n),
            "customer_id": rng.integers(1, N_CUSTOMERS + 1, n),
            "product_id": rng.integers(1, 21, n),
            "store_id": 1,
            "order_ts": days.astype("datetime64[ns]"),
            "quantity": 1.0,
            "amount": rng.uniform(1, 20, n).round(2),
            "discount_amount": 0.0,
            "coupon_amount": np.where(rng.uniform(size=n) < 0.2, 0.5, 0.0),
        }
    )
    plan = _campaigns()
    pairs = [(c, k) for k in plan["campaign_id"] for c in range(1, N_CUSTOMERS + 1) if rng.uniform() < 0.7]
    contacts = pd.DataFrame(pairs, columns=["customer_id", "campaign_id"])
    contacts = contacts.assign(
        contact_ts=contacts["campaign_id"].map(plan.set_index("campaign_id")["start_date"]),
        arm=np.where(rng.uniform(size=len(contacts)) < 0.2, "control", "treatment"),
        is_randomized=True,
        contact_cost=0.5,
    )
    reached = contacts.loc[contacts["arm"] != "control"].sample(frac=0.35, random_state=seed)
    after = pd.to_timedelta(rng.integers(1, 28, len(reached)), unit="D")
    responses = reached[["customer_id", "campaign_id"]].assign(
        response_ts=reached["contact_ts"] + after, response_kind="redemption", value=np.nan
    )
    customers = pd.DataFrame({"customer_id": range(1, N_CUSTOMERS + 1)}).assign(
        first_seen_date=pd.Timestamp("2017-01-01").as_unit("ns"),
        age_band=np.where(np.arange(N_CUSTOMERS) % 3 == 0, "young", None),
    )
    offers = pd.DataFrame(
        [(k, p, 100 * k + p % 3) for k in (1, 2, 3, 4) for p in range(k, k + 6)],
        columns=["campaign_id", "product_id", "coupon_id"],
    )
    return {
        "transactions": lines,
        "products": products,
        "contacts": contacts,
        "responses": responses.reset_index(drop=True),
        "customers": customers,
        "campaigns": plan,
        "campaign_products": offers,
    }


def _log_of(world):
    """The tables as a campaign log."""
    events = EventLog(
        *(ibis.memtable(world[name]) for name in ("transactions", "products", "contacts", "responses"))
    )
    names = ("customers", "campaigns", "contacts", "responses")
    return CampaignLog(events, *(world[name] for name in names), world.get("campaign_products"))


@pytest.fixture(scope="session")
def world():
    return _frames()


@pytest.fixture(scope="session")
def log_of():
    return _log_of
