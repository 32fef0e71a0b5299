"""Who the customers are: latent traits, planted segment, demographics."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from dangol.simulator import catalogue
from dangol.simulator.purchases import PurchaseProcess
from dangol.simulator.segments import AGE_BANDS, HOUSEHOLD_SIZES, OCCASIONAL, SEGMENTS

# How strongly the segment follows from the purchase rate, as a correlation of normal scores.
_SEGMENT_RATE_CORRELATION = 0.8
_KNOWN_DEMOGRAPHICS_SHARE = 0.6


@dataclass(frozen=True)
class Traits:
    """Latent traits, one entry per customer.

    Attributes:
        segment: number of the planted segment.
        purchase_rate: orders per business week while active.
        dropout_prob: probability of leaving after a repeat order.
        extra_units: mean number of units above one on a line.
        discount_share: share of lines bought on discount.
        online_share: share of orders placed online.
        responsiveness: multiplies the effect of campaigns; mean 1.
        home_store_id: shop the customer lives near.
    """

    segment: np.ndarray
    purchase_rate: np.ndarray
    dropout_prob: np.ndarray
    extra_units: np.ndarray
    discount_share: np.ndarray
    online_share: np.ndarray
    responsiveness: np.ndarray
    home_store_id: np.ndarray

    def __len__(self) -> int:
        return len(self.segment)


def draw_traits(rng: np.random.Generator, n: int, process: PurchaseProcess) -> Traits:
    """Draw all latent traits.

    The purchase rate over all customers is exactly gamma, so that the BG/NBD parameters are the
    truth for the whole base; the segment is drawn given the rate (rare buyers tend to be
    "occasional", frequent ones "families").
    """
    rate = np.maximum(rng.gamma(process.r, 1 / process.alpha, n), 1e-9)
    dropout = np.clip(rng.beta(process.a, process.b, n), 1e-12, 1 - 1e-12)
    segment = _draw_segments(rng, special.gammainc(process.r, process.alpha * rate))
    discount = _of(segment, [item.discount_share for item in SEGMENTS])
    online = _of(segment, [item.online_share for item in SEGMENTS])
    return Traits(
        segment,
        rate,
        dropout,
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


def customer_table(
    rng: np.random.Generator, traits: Traits, first_order_ts: np.ndarray, customer_id: np.ndarray
) -> pd.DataFrame:
    """The canonical customers table; demographics are known for a part of the customers."""
    n = len(traits)
    ages = _draw_labels(rng, traits.segment, [item.ages for item in SEGMENTS], AGE_BANDS)
    sizes = _draw_labels(rng, traits.segment, [item.household_sizes for item in SEGMENTS], HOUSEHOLD_SIZES)
    region = catalogue.region_of_shop(traits.home_store_id)
    is_known = rng.random(n) < _KNOWN_DEMOGRAPHICS_SHARE
    return pd.DataFrame(
        {
            "customer_id": customer_id,
            "first_seen_date": first_order_ts.astype("datetime64[D]").astype("datetime64[us]"),
            "age_band": _text_where(is_known, ages),
            "region": _text_where(is_known, region),
            "household_size": _text_where(is_known, sizes),
            "home_store_id": traits.home_store_id,
        }
    )


def _text_where(is_known: np.ndarray, values: np.ndarray) -> Any:
    return pd.array(np.where(is_known, values, np.nan), dtype="str")


def _draw_labels(
    rng: np.random.Generator, segment: np.ndarray, shares: list[tuple[float, ...]], labels: tuple[str, ...]
) -> np.ndarray:
    cumulative = np.cumsum(np.array(shares), axis=1)[:, :-1]
    number = (rng.random(len(segment))[:, None] >= cumulative[segment]).sum(axis=1)
    return np.array(labels, dtype=object)[number]
