"""Kinds of campaigns and their calendar."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.simulator.clock import Clock

_DAY = 24 * 3600
CONTROL = "control"


@dataclass(frozen=True)
class CampaignType:
    """How a kind of campaign works.

    Attributes:
        name: value of ``campaign_type``, and of ``arm`` for the treated.
        channel: how the offer reaches the customer.
        contact_cost: cost of one contact, currency.
        coupon: face value of the coupon, currency.
        offer: what the customer reads.
        answer_logit: log odds of redeeming, for a customer with an order in the window.
        extra_orders_week: extra orders per business week of the window, by segment, for a
            customer of mean responsiveness.
        cancel_prob: probability that an order in the window is not placed because of the contact.
    """

    name: str
    channel: str
    contact_cost: float
    coupon: float
    offer: str
    answer_logit: float
    extra_orders_week: Mapping[str, float]
    cancel_prob: Mapping[str, float]


# Premium customers are the sleeping dogs: being written to makes them order less.
TYPES = (
    CampaignType(
        "Type A",
        "mail",
        contact_cost=0.60,
        coupon=1.5,
        offer="1.50 off any basket",
        answer_logit=-4.2,
        extra_orders_week={"families": 0.06, "bargain_hunters": 0.10, "premium": 0.0, "occasional": 0.03},
        cancel_prob={"premium": 0.12},
    ),
    CampaignType(
        "Type B",
        "email",
        contact_cost=0.10,
        coupon=4.0,
        offer="4.00 off one favourite product",
        answer_logit=-3.0,
        extra_orders_week={"families": 0.12, "bargain_hunters": 0.25, "premium": 0.0, "occasional": 0.15},
        cancel_prob={"premium": 0.16},
    ),
    CampaignType(
        "Type C",
        "app",
        contact_cost=0.05,
        coupon=3.0,
        offer="3.00 off an online basket",
        answer_logit=-3.2,
        extra_orders_week={"families": 0.10, "bargain_hunters": 0.08, "premium": 0.0, "occasional": 0.12},
        cancel_prob={"premium": 0.06},
    ),
)
_FIRST_START_DAY = 42
_DAYS_PER_CAMPAIGN = 57
_DURATIONS = (21, 28, 35)


def plan_campaigns(rng: np.random.Generator, clock: Clock) -> pd.DataFrame:
    """The calendar of campaigns: the types in turn, one at a time, windows never overlap.

    Because windows do not overlap, an order belongs to at most one campaign and effects add up.

    Returns:
        The canonical campaigns table (``end_date`` is the last day, inclusive) with
        ``start_s`` and ``end_s``, the window ``[start_s, end_s)`` in seconds since the start.
    """
    n = max((clock.n_days - _FIRST_START_DAY) // _DAYS_PER_CAMPAIGN, 0)
    kind = np.arange(n) % len(TYPES)
    first = _FIRST_START_DAY + _DAYS_PER_CAMPAIGN * np.arange(n) + rng.integers(0, 15, n)
    days = rng.choice(_DURATIONS, n)
    frame = pd.DataFrame(
        {
            "campaign_id": np.arange(1, n + 1, dtype=np.int64),
            "campaign_type": pd.array([TYPES[number].name for number in kind], dtype="str"),
            "channel": pd.array([TYPES[number].channel for number in kind], dtype="str"),
            "start_date": clock.timestamps(first * _DAY),
            "end_date": clock.timestamps((first + days - 1) * _DAY),
            "contact_cost": np.array([TYPES[number].contact_cost for number in kind], dtype=float),
            "offer": pd.array([TYPES[number].offer for number in kind], dtype="str"),
        }
    )
    return frame.assign(start_s=first * _DAY, end_s=(first + days) * _DAY, kind=kind)
