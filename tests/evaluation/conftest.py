"""A company with one campaign drawn by lot, one that chose its customers, and two odd ones."""

import sys
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from dangol.evaluation import CampaignLog, evaluate_campaigns, past_campaigns
from dangol.features import EventLog

sys.path.insert(0, str(Path(__file__).parent))
from evaluation_plan import AS_OF, DESIGN

N = 600
EFFECT = 30.0  # extra spend of each contacted customer of campaigns 1 and 2
_KEYS = ["customer_id", "campaign_id"]


def _stamp(values):
    return pd.to_datetime(values).astype("datetime64[ns]")


def _lines(rng, taste, contacted):
    """Weekly orders whose size is the customer's taste, and one extra order per contact."""
    weeks = pd.date_range("2017-01-02", "2017-08-28", freq="7D")
    customer = np.repeat(np.arange(N), len(weeks))
    usual = pd.DataFrame(
        {
            "customer_id": customer,
            "order_ts": np.tile(weeks, N)
            + pd.to_timedelta(rng.integers(0, 7 * 24, N * len(weeks)), unit="h"),
            "amount": taste[customer] * rng.gamma(4, 0.25, len(customer)),
        }
    )
    usual = usual.loc[rng.uniform(size=len(usual)) < 0.7]
    extra = [
        pd.DataFrame({"customer_id": who, "order_ts": pd.Timestamp(day), "amount": EFFECT})
        for day, who in contacted
    ]
    lines = pd.concat([usual, *extra], ignore_index=True)
    return lines.assign(
        order_id=range(len(lines)),
        product_id=1,
        store_id=1,
        order_ts=_stamp(lines["order_ts"]),
        quantity=1.0,
        amount=lines["amount"].round(2),
        discount_amount=0.0,
        coupon_amount=0.0,
    )


def _world():
    rng = np.random.default_rng(5)
    taste = rng.gamma(4, 5.0, N)
    drawn = np.flatnonzero(rng.uniform(size=N) < 0.7)
    chosen = np.flatnonzero(rng.uniform(size=N) < 1 / (1 + np.exp(-(taste - 25) / 6)))
    again = np.flatnonzero(rng.uniform(size=N) < 1 / (1 + np.exp(-(taste - 25) / 6)))
    few = np.arange(5)
    plan = [
        (1, "lot", "2017-05-01", "2017-05-28", drawn),
        (2, "choice", "2017-06-05", "2017-07-02", chosen),
        (3, "choice", "2017-07-10", "2017-07-20", few),
        (4, "choice", "2017-08-07", "2017-09-17", again),
    ]
    campaigns = pd.DataFrame([row[:4] for row in plan])
    campaigns.columns = ["campaign_id", "campaign_type", "start_date", "end_date"]
    campaigns = campaigns.assign(
        start_date=_stamp(campaigns["start_date"]),
        end_date=_stamp(campaigns["end_date"]),
        channel="mail",
        contact_cost=2.0,
    )
    sent = [pd.DataFrame({"customer_id": who, "campaign_id": k, "arm": "treatment"}) for k, *_, who in plan]
    held_out = pd.DataFrame(
        {"customer_id": np.setdiff1d(np.arange(N), drawn), "campaign_id": 1, "arm": "control"}
    )
    contacts = pd.concat([*sent, held_out], ignore_index=True)
    starts = contacts["campaign_id"].map(campaigns.set_index("campaign_id")["start_date"])
    contacts = contacts.assign(
        contact_ts=starts,
        is_randomized=contacts["campaign_id"] == 1,
        contact_cost=np.where(contacts["arm"] == "control", 0.0, 2.0),
    )
    responses = contacts.loc[contacts["arm"] != "control", _KEYS].iloc[::5]
    days = responses["campaign_id"].map(campaigns.set_index("campaign_id")["start_date"])
    return {
        "transactions": _lines(rng, taste, [("2017-05-10", drawn), ("2017-06-15", chosen)]),
        "products": pd.DataFrame(
            {"product_id": [1], "department": "D", "category": "c", "brand": "National"}
        ),
        "contacts": contacts,
        "responses": responses.assign(
            response_ts=days + pd.Timedelta(days=3), response_kind="redemption", value=np.nan
        ).reset_index(drop=True),
        "customers": pd.DataFrame({"customer_id": range(N), "first_seen_date": pd.Timestamp("2017-01-02")}),
        "campaigns": campaigns,
    }


def _log_of(world):
    events = EventLog(
        *(ibis.memtable(world[name]) for name in ("transactions", "products", "contacts", "responses"))
    )
    return CampaignLog(events, *(world[name] for name in ("customers", "campaigns", "contacts", "responses")))


@pytest.fixture(scope="session")
def world():
    return _world()


@pytest.fixture(scope="session")
def log_of():
    return _log_of


@pytest.fixture(scope="session")
def log(world, log_of):
    return log_of(world)


@pytest.fixture(scope="session")
def past(log):
    return past_campaigns(log, AS_OF)


@pytest.fixture(scope="session")
def results(log, past):
    return evaluate_campaigns(log, past, DESIGN)
