"""The planted customer segments: what each likes, how it buys, how it answers campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """One planted kind of customer.

    Attributes:
        name: value of ``planted_segment``.
        share: share of all customers.
        basket_lines: mean of the Poisson number of lines of a basket, before empty baskets are
            excluded.
        extra_units: mean number of units above one on a line.
        discount_share: share of lines bought on discount.
        online_share: share of orders placed online.
        tier_taste: how much a brand tier is preferred to the market's average, by tier.
        category_taste: the same for categories and whole departments; 1 where not named.
        price_elasticity: per cent more units on a line when its price is one per cent higher;
            negative, and multiplied by the category's sensitivity.
        answer_logit: added to the log odds of redeeming a coupon.
        ages: share of each age band, youngest first.
        household_sizes: share of households with 1, 2, 3, 4 and 5+ people.
    """

    name: str
    share: float
    basket_lines: float
    extra_units: float
    discount_share: float
    online_share: float
    tier_taste: Mapping[str, float]
    category_taste: Mapping[str, float]
    price_elasticity: float
    answer_logit: float
    ages: tuple[float, ...]
    household_sizes: tuple[float, ...]


AGE_BANDS = ("18-29", "30-39", "40-49", "50-64", "65+")
HOUSEHOLD_SIZES = ("1", "2", "3", "4", "5+")

SEGMENTS = (
    Segment(
        "families",
        0.30,
        basket_lines=6.5,
        extra_units=0.9,
        discount_share=0.20,
        online_share=0.15,
        tier_taste={"private": 1.0, "national": 1.2, "premium": 0.5},
        category_taste={"baby": 5.0, "dairy": 1.8, "breakfast": 2.5, "household": 1.6, "alcohol": 0.5},
        price_elasticity=-1.0,
        answer_logit=0.2,
        ages=(0.12, 0.43, 0.33, 0.10, 0.02),
        household_sizes=(0.01, 0.09, 0.30, 0.37, 0.23),
    ),
    Segment(
        "bargain_hunters",
        0.25,
        basket_lines=5.0,
        extra_units=0.6,
        discount_share=0.55,
        online_share=0.05,
        tier_taste={"private": 2.5, "national": 0.7, "premium": 0.1},
        category_taste={"frozen": 2.5, "grocery": 1.8, "snacks": 1.8, "alcohol": 0.6, "baby": 0.6},
        price_elasticity=-1.8,
        answer_logit=0.9,
        ages=(0.22, 0.15, 0.18, 0.25, 0.20),
        household_sizes=(0.30, 0.33, 0.17, 0.13, 0.07),
    ),
    Segment(
        "premium",
        0.20,
        basket_lines=4.5,
        extra_units=0.3,
        discount_share=0.06,
        online_share=0.35,
        tier_taste={"private": 0.3, "national": 0.8, "premium": 3.5},
        category_taste={"fresh": 2.2, "alcohol": 2.5, "cheese": 2.0, "frozen": 0.4, "baby": 0.5},
        price_elasticity=-0.4,
        answer_logit=-0.6,
        ages=(0.08, 0.20, 0.27, 0.33, 0.12),
        household_sizes=(0.28, 0.45, 0.15, 0.09, 0.03),
    ),
    Segment(
        "occasional",
        0.25,
        basket_lines=2.2,
        extra_units=0.15,
        discount_share=0.22,
        online_share=0.25,
        tier_taste={"private": 0.9, "national": 1.2, "premium": 0.8},
        category_taste={"snacks": 3.0, "drinks": 3.0, "household": 0.5, "baby": 0.3, "frozen": 0.7},
        price_elasticity=-1.2,
        answer_logit=-0.2,
        ages=(0.38, 0.22, 0.14, 0.14, 0.12),
        household_sizes=(0.48, 0.32, 0.11, 0.06, 0.03),
    ),
)
NAMES = tuple(segment.name for segment in SEGMENTS)
# The rarest buyers; the other segments are drawn among everybody else.
OCCASIONAL = NAMES.index("occasional")
