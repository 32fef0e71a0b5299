"""When customers order: the BG/NBD process on the shop's clock."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.simulator.clock import Clock


@dataclass(frozen=True)
class PurchaseProcess:
    """Planted parameters of the BG/NBD model; unit of time is one week.

    Attributes:
        r: shape of the gamma distribution of customers' purchase rates.
        alpha: its rate (inverse scale), in weeks; the mean is ``r / alpha`` orders a week.
        a: first parameter of the beta distribution of the drop-out probabilities.
        b: second parameter; the mean is ``a / (a + b)``.

    Source:
        Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).
    """

    r: float = 2.0
    alpha: float = 2.4
    a: float = 0.8
    b: float = 240.0


@dataclass(frozen=True)
class Orders:
    """One entry per order, by customer, then by time.

    Attributes:
        customer: row number of the customer.
        seconds: calendar seconds since the world's start, int64.
    """

    customer: np.ndarray
    seconds: np.ndarray

    def __len__(self) -> int:
        return len(self.customer)


def draw_arrivals(rng: np.random.Generator, n: int, n_weeks: float) -> np.ndarray:
    """Business week of every customer's first order: crowded at first, thinning out later."""
    return n_weeks * rng.beta(0.8, 2.4, n)


def draw_orders(
    rng: np.random.Generator, arrival: np.ndarray, rate: np.ndarray, dropout: np.ndarray, clock: Clock
) -> tuple[Orders, np.ndarray]:
    """All orders of all customers, and when each customer dropped out.

    The first order starts the process; repeat orders are Poisson; after each repeat order the
    customer leaves for good with the drop-out probability (none leaves after the first order,
    as in the model's likelihood).

    Args:
        rng: the stream of this part.
        arrival: business week of the first order, one per customer.
        rate: orders per business week while active.
        dropout: drop-out probability after a repeat order.
        clock: the shop's clock.

    Returns:
        The orders, and per customer the business week of the drop-out, NaN if still active.
    """
    n = len(arrival)
    span = clock.n_weeks - arrival
    n_possible = rng.poisson(rate * span)
    n_until_dropout = np.clip(_geometric(rng, dropout), 1, 2**31).astype(np.int64)
    customer = np.repeat(np.arange(n), n_possible)
    # sorting customer + fraction sorts by customer, then by time, in one pass
    fraction = np.sort(customer + rng.random(len(customer))) - customer
    week = arrival[customer] + np.clip(fraction, 0, 1) * span[customer]
    first_row = np.cumsum(n_possible) - n_possible
    number = np.arange(len(customer)) - first_row[customer] + 1
    dropout_week = np.full(n, np.nan)
    left = n_possible >= n_until_dropout
    dropout_week[left] = week[first_row[left] + n_until_dropout[left] - 1]
    kept = number <= n_until_dropout[customer]
    customer = np.concatenate([np.arange(n), customer[kept]])
    week = np.concatenate([arrival, week[kept]])
    order = np.argsort(customer, kind="stable")
    return Orders(customer[order], clock.seconds(week[order])), dropout_week


def _geometric(rng: np.random.Generator, prob: np.ndarray) -> np.ndarray:
    """Number of trials up to and including the first success, as floats: no overflow for tiny ``prob``."""
    with np.errstate(divide="ignore"):
        return np.ceil(np.log1p(-rng.random(len(prob))) / np.log1p(-prob))


def expected_orders(truth_customers: pd.DataFrame, as_of: str | pd.Timestamp, horizon_days: int) -> pd.Series:
    """True expected number of orders in the horizon, given what is planted and who is still active.

    Without seasons and campaigns: ``(1 - exp(-rate * p * t)) / p`` for an active customer, zero
    for one who has dropped out or not arrived.

    Args:
        truth_customers: ``world.truth["customers"]``.
        as_of: exclusive end of the past.
        horizon_days: length of the horizon.

    Returns:
        Expected orders, indexed by ``customer_id``.

    Source:
        Fader, Hardie & Lee (2005), equation (9) before mixing.
    """
    now = pd.Timestamp(as_of)
    rate, prob = truth_customers["purchase_rate_week"], truth_customers["dropout_prob"]
    gone = truth_customers["dropout_ts"] < now
    here = (truth_customers["first_order_ts"] < now) & ~gone
    orders = -np.expm1(-rate * prob * horizon_days / 7) / prob
    result = orders.where(here, 0.0)
    return pd.Series(result.to_numpy(), index=truth_customers["customer_id"], name="expected_orders")
