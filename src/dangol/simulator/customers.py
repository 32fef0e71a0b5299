"""Who the customers are: latent traits, planted segment, demographics."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from dangol.simulator import catalogue
from dangol.simulator.purchases import Process
from dangol.simulator.segments import AGE_BANDS, HOUSEHOLD_SIZES, OCCASIONAL, SEGMENTS

# How strongly the segment follows from the purchase rate, as a correlation of normal scores.
_SEGMENT_RATE_CORRELATION = 0.8
_KNOWN_DEMOGRAPHICS_SHARE = 0.6
_KOREAN_SHARE = 0.4
# oldest and youngest age of each of AGE_BANDS
_AGES = ((29, 18), (39, 30), (49, 40), (64, 50), (90, 65))
_LEAP_DAY_SHARE_OF_LEAP_YEARS = 0.02


@dataclass(frozen=True)
class Traits:
    """Latent traits, one entry per customer.

    Attributes:
        segment: number of the planted segment.
        purchase_rate: orders per business week while active.
        dropout: how soon the customer leaves, as the purchase process draws and reads it.
        dropout_rate: drop-outs per business week while active.
        extra_units: mean number of units above one on a line.
        discount_share: share of lines bought on discount.
        online_share: share of orders placed online.
        responsiveness: multiplies the effect of campaigns; mean 1.
        home_store_id: shop the customer lives near.
    """

    segment: np.ndarray
    purchase_rate: np.ndarray
    dropout: np.ndarray
    dropout_rate: np.ndarray
    extra_units: np.ndarray
    discount_share: np.ndarray
    online_share: np.ndarray
    responsiveness: np.ndarray
    home_store_id: np.ndarray

    def __len__(self) -> int:
        return len(self.segment)


def draw_traits(rng: np.random.Generator, n: int, process: Process) -> Traits:
    """Draw all latent traits.

    The purchase rate over all customers is exactly gamma, so that the process's parameters are the
    truth for the whole base; the segment is drawn given the rate (rare buyers tend to be
    "occasional", frequent ones "families").
    """
    rate = np.maximum(rng.gamma(process.r, 1 / process.alpha, n), 1e-9)
    dropout = process.draw_dropout(rng, n)
    segment = _draw_segments(rng, special.gammainc(process.r, process.alpha * rate))
    discount = _of(segment, [item.discount_share for item in SEGMENTS])
    online = _of(segment, [item.online_share for item in SEGMENTS])
    return Traits(
        segment,
        rate,
        dropout,
        process.hazard(rate, dropout),
        extra_units=_of(segment, [item.extra_units for item in SEGMENTS]) * rng.gamma(3.0, 1 / 3.0, n),
        discount_share=rng.beta(20 * discount, 20 * (1 - discount)),
        online_share=rng.beta(4 * online, 4 * (1 - online)),
        responsiveness=rng.gamma(2.0, 0.5, n),
        home_store_id=catalogue.draw_home_stores(rng, n),
    )


def _of(segment: np.ndarray, values: list[float]) -> np.ndarray:
    return np.array(values)[segment]


def _draw_segments(rng: np.random.Generator, rate_quantile: np.ndarray) -> np.ndarray:
    """Occasional customers are the low end of a score that goes with the rate; the others are at random."""
    n = len(rate_quantile)
    noise = np.sqrt(1 - _SEGMENT_RATE_CORRELATION**2) * rng.standard_normal(n)
    score = _SEGMENT_RATE_CORRELATION * special.ndtri(np.clip(rate_quantile, 1e-12, 1 - 1e-12)) + noise
    share = np.array([item.share for item in SEGMENTS])
    others = np.flatnonzero(np.arange(len(SEGMENTS)) != OCCASIONAL)
    prob = share[others] / share[others].sum()
    drawn = others[np.searchsorted(np.cumsum(prob)[:-1], rng.random(n), side="right")]
    return np.where(special.ndtr(score) < share[OCCASIONAL], OCCASIONAL, drawn)


@dataclass(frozen=True)
class Profile:
    """Who a customer is, one entry per customer.

    Attributes:
        age_band: at the world's start.
        birth_date: ``datetime64[D]``, within the age band.
        household_size: people in the household, as a label.
        region: of the home store.
        is_known: whether the company knows the demographics.
        is_korean: whether the customer writes Korean.
    """

    age_band: np.ndarray
    birth_date: np.ndarray
    household_size: np.ndarray
    region: np.ndarray
    is_known: np.ndarray
    is_korean: np.ndarray


def draw_profile(rng: np.random.Generator, traits: Traits, start: pd.Timestamp) -> Profile:
    """Draw the demographics; age and household go with the planted segment."""
    n = len(traits)
    age = _draw_numbers(rng, traits.segment, [item.ages for item in SEGMENTS])
    size = _draw_numbers(rng, traits.segment, [item.household_sizes for item in SEGMENTS])
    return Profile(
        age_band=np.array(AGE_BANDS, dtype=object)[age],
        birth_date=_draw_birth_dates(rng, age, start),
        household_size=np.array(HOUSEHOLD_SIZES, dtype=object)[size],
        region=catalogue.region_of_shop(traits.home_store_id),
        is_known=rng.random(n) < _KNOWN_DEMOGRAPHICS_SHARE,
        is_korean=rng.random(n) < _KOREAN_SHARE,
    )


def _draw_birth_dates(rng: np.random.Generator, age_band: np.ndarray, start: pd.Timestamp) -> np.ndarray:
    """Any day of the years the age band allows; some more on 29 February than chance would have."""
    oldest, youngest = np.array(_AGES)[age_band].T
    # an age in whole years: from the day after the birthday that would make one older
    days = 365.25 * youngest + 1 + rng.random(len(age_band)) * (365.25 * (oldest + 1 - youngest) - 2)
    born = np.datetime64(start, "D") - days.astype(np.int64)
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    is_leap_day = (year % 4 == 0) & (rng.random(len(year)) < _LEAP_DAY_SHARE_OF_LEAP_YEARS)
    inside = (year < start.year - youngest) & (year > start.year - oldest - 1)
    leap_day = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 59
    return np.where(is_leap_day & inside, leap_day, born)


def customer_table(
    profile: Profile, traits: Traits, first_order_ts: np.ndarray, customer_id: np.ndarray
) -> pd.DataFrame:
    """The canonical customers table; demographics are known for a part of the customers."""
    return pd.DataFrame(
        {
            "customer_id": customer_id,
            "first_seen_date": first_order_ts.astype("datetime64[D]").astype("datetime64[us]"),
            "age_band": _text_where(profile.is_known, profile.age_band),
            "region": _text_where(profile.is_known, profile.region),
            "household_size": _text_where(profile.is_known, profile.household_size),
            "home_store_id": traits.home_store_id,
        }
    )


def _text_where(is_known: np.ndarray, values: np.ndarray) -> Any:
    return pd.array(np.where(is_known, values, np.nan), dtype="str")


def _draw_numbers(
    rng: np.random.Generator, segment: np.ndarray, shares: list[tuple[float, ...]]
) -> np.ndarray:
    """A number per customer, as frequent as its segment's shares say."""
    cumulative = np.cumsum(np.array(shares), axis=1)[:, :-1]
    return (rng.random(len(segment))[:, None] >= cumulative[segment]).sum(axis=1)
