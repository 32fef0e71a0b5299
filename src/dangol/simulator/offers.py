"""Kinds of campaigns, the offers they make, and their calendar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.simulator.clock import Clock
from dangol.simulator.segments import NAMES

_DAY = 24 * 3600
CONTROL = "control"
# Contacts a month that bring most; twice as many bring nothing any more.
BEST_CONTACTS_PER_MONTH = 3


def frequency_response(n_per_month: int) -> float:
    """Extra orders at a contact frequency, as a share of those at the best one: a parabola, at least 0.

    >>> [round(frequency_response(n), 2) for n in (0, 1, 3, 6, 9)]
    [0.0, 0.56, 1.0, 0.0, 0.0]
    """
    best = BEST_CONTACTS_PER_MONTH
    return max(n_per_month * (2 * best - n_per_month) / best**2, 0.0)


@dataclass(frozen=True)
class Offer:
    """One treatment; where a campaign has several, each contact gets one of them by lot.

    Attributes:
        arm: value of ``arm`` for customers who get it.
        coupon: face value of the coupon, currency.
        strength: multiplies the campaign's extra orders.
        answer_logit: added to the log odds of redeeming.
        n_messages: messages within the campaign's window; each costs a contact.
    """

    arm: str
    coupon: float
    strength: float = 1.0
    answer_logit: float = 0.0
    n_messages: int = 1


@dataclass(frozen=True)
class CampaignType:
    """How a kind of campaign works.

    Attributes:
        name: value of ``campaign_type``.
        channel: how the offer reaches the customer.
        about: what is offered, in words.
        message_cost: cost of one message, currency.
        offers: treatments, all as likely.
        answer_logit: log odds of redeeming, for a customer with an order in the window.
        extra_orders_week: extra orders per business week of the window, by segment, for a
            customer of mean responsiveness and an offer of strength 1.
        cancel_prob: probability that an order in the window is not placed because of the contact.
        half_life_weeks: business weeks in which the rate of extra orders halves; None if it does not.
    """

    name: str
    channel: str
    about: str
    message_cost: float
    offers: tuple[Offer, ...]
    answer_logit: float
    extra_orders_week: Mapping[str, float]
    cancel_prob: Mapping[str, float]
    half_life_weeks: float | None

    def of_offers(self, name: str) -> np.ndarray:
        """One attribute of all offers."""
        return np.array([getattr(offer, name) for offer in self.offers])

    def by_segment(self, name: str) -> np.ndarray:
        """``extra_orders_week`` or ``cancel_prob`` of all segments."""
        return np.array([getattr(self, name).get(segment, 0.0) for segment in NAMES])


def _newsletter(n: int) -> Offer:
    return Offer(f"Type D, {n} a month", 1.0, frequency_response(n), n_messages=n)


# Premium customers are the sleeping dogs: being written to makes them order less.
TYPES = (
    CampaignType(
        "Type A",
        "mail",
        "1.50 off any basket",
        message_cost=0.60,
        offers=(Offer("Type A", 1.5),),
        answer_logit=-4.2,
        extra_orders_week={"families": 0.06, "bargain_hunters": 0.10, "premium": 0.0, "occasional": 0.03},
        cancel_prob={"premium": 0.12},
        half_life_weeks=1.5,
    ),
    CampaignType(
        "Type B",
        "email",
        "4.00 or 2.00 off one favourite product",
        message_cost=0.10,
        offers=(
            Offer("Type B, 4.00 off", 4.0),
            Offer("Type B, 2.00 off", 2.0, 0.5, -0.7),
        ),
        answer_logit=-3.0,
        extra_orders_week={"families": 0.14, "bargain_hunters": 0.30, "premium": 0.0, "occasional": 0.18},
        cancel_prob={"premium": 0.16},
        half_life_weeks=1.0,
    ),
    CampaignType(
        "Type C",
        "app",
        "3.00 off an online basket",
        message_cost=0.05,
        offers=(Offer("Type C", 3.0),),
        answer_logit=-3.2,
        extra_orders_week={"families": 0.10, "bargain_hunters": 0.08, "premium": 0.0, "occasional": 0.12},
        cancel_prob={"premium": 0.06},
        half_life_weeks=2.0,
    ),
    CampaignType(
        "Type D",
        "newsletter",
        "newsletter up to 6 times in four weeks, 1.00 off",
        message_cost=0.02,
        offers=tuple(_newsletter(n) for n in (1, 2, 3, 4, 6)),
        answer_logit=-4.0,
        extra_orders_week={"families": 0.15, "bargain_hunters": 0.25, "premium": 0.0, "occasional": 0.10},
        cancel_prob={},
        half_life_weeks=None,
    ),
)
_FIRST_START_DAY = 42
_DAYS_PER_CAMPAIGN = 57
_DURATIONS = (21, 28, 35)
_MONTH_DAYS = 28


def plan_campaigns(rng: np.random.Generator, clock: Clock, holdout_share: float) -> pd.DataFrame:
    """The calendar of campaigns: the types in turn, one at a time, windows never overlap.

    Because windows do not overlap, an order belongs to at most one campaign and effects add up.

    Returns:
        The canonical campaigns table (``end_date`` is the last day, inclusive; ``contact_cost`` the
        mean over its offers) with ``start_s`` and ``end_s``, the window ``[start_s, end_s)`` in
        seconds since the start.
    """
    n = max((clock.n_days - _FIRST_START_DAY) // _DAYS_PER_CAMPAIGN, 0)
    kind = np.arange(n) % len(TYPES)
    types = [TYPES[number] for number in kind]
    first = _FIRST_START_DAY + _DAYS_PER_CAMPAIGN * np.arange(n) + rng.integers(0, 15, n)
    # a contact frequency is one per month
    is_frequency = np.array([item.half_life_weeks is None for item in types], dtype=bool)
    days = np.where(is_frequency, _MONTH_DAYS, rng.choice(_DURATIONS, n))
    frame = pd.DataFrame(
        {
            "campaign_id": np.arange(1, n + 1, dtype=np.int64),
            "campaign_type": _text(item.name for item in types),
            "channel": _text(item.channel for item in types),
            "start_date": clock.timestamps(first * _DAY),
            "end_date": clock.timestamps((first + days - 1) * _DAY),
            "contact_cost": np.array(
                [item.message_cost * item.of_offers("n_messages").mean() for item in types], dtype=float
            ),
            "offer": _text(item.about for item in types),
            "planned_control_share": np.full(n, float(holdout_share)),
        }
    )
    return frame.assign(start_s=first * _DAY, end_s=(first + days) * _DAY, kind=kind)


def _text(values: Iterable[str]) -> Any:
    return pd.array(list(values), dtype="str")
