"""Simulated campaigns with a known effect: rates, skewed amounts, unequal arms, contacts not by lot."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.intervals import Array

Held = dict[str, list[bool]]  # by kind of interval: whether each one held its truth

_LOG_SD = 1.0


@dataclass(frozen=True)
class Campaign:
    """One simulated campaign.

    Attributes:
        outcome: one number per customer.
        is_treated: whether contacted.
        known: covariates known before; one row per customer.
        effect: what a contact changes on average.
        base: mean outcome without a contact.
    """

    outcome: Array
    is_treated: npt.NDArray[np.bool_]
    known: pd.DataFrame
    effect: float
    base: float


def rate_campaign(rng: np.random.Generator, n: int, base: float, effect: float, share: float) -> Campaign:
    """A share ``base`` responds anyway, ``effect`` more of the contacted; ``share`` is contacted."""
    treated = rng.uniform(size=n) < share
    y = (rng.uniform(size=n) < base + effect * treated).astype(np.float64)
    return Campaign(y, treated, pd.DataFrame(index=range(n)), effect, base)


def amount_campaign(
    rng: np.random.Generator, n: int, buyers: float, lift: float, share: float, is_lot: bool = True
) -> Campaign:
    """Few buy, amounts are lognormal and depend on habits known before; a contact adds to the chance of it.

    Args:
        rng: source of chance.
        n: customers.
        buyers: share that buys without a contact, on average.
        lift: what a contact adds to the chance of a purchase.
        share: contacted, on average.
        is_lot: whether the contacted are drawn by lot; otherwise habits decide.
    """
    habits = rng.normal(size=(n, 4))
    chance = 1 / (1 + np.exp(-(1.5 * habits[:, 0] + 0.75 * habits[:, 1])))
    treated = rng.uniform(size=n) < (share if is_lot else share * 2 * chance)
    buys = rng.uniform(size=n) < buyers * 2 * chance + lift * treated
    size = np.exp(rng.normal(np.log(30), _LOG_SD, n) + 0.3 * habits[:, 2])
    mean = 30 * np.exp(_LOG_SD**2 / 2 + 0.3**2 / 2)
    known = pd.DataFrame(habits, columns=[f"habit_{k}" for k in range(4)])
    return Campaign(np.where(buys, size, 0.0), treated, known, lift * mean, buyers * mean)
