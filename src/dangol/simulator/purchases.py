"""When customers order: buy till you die, on the shop's clock."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from dangol.simulator.clock import Clock


@dataclass(frozen=True)
class PurchaseProcess:
    """Planted parameters of the BG/NBD model; unit of time is one week.

    While active a customer orders at a constant rate; rates are gamma over customers. After each
    repeat order the customer leaves for good with a probability that is beta over customers.

    Attributes:
        r: shape of the gamma distribution of customers' purchase rates.
        alpha: its rate (inverse scale), in weeks; the mean is ``r / alpha`` orders a week.
        a: first parameter of the beta distribution of the drop-out probabilities.
        b: second parameter; the mean is ``a / (a + b)``.

    Source:
        Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).
    """

    name: ClassVar[str] = "BG/NBD"

    r: float = 2.0
    alpha: float = 2.4
    a: float = 0.8
    b: float = 240.0

    def draw_dropout(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Each customer's probability of leaving after a repeat order."""
        return np.clip(rng.beta(self.a, self.b, n), 1e-12, 1 - 1e-12)

    def hazard(self, purchase_rate: np.ndarray, dropout: np.ndarray) -> np.ndarray:
        """Drop-outs per week while active: those after an order, times orders."""
        return purchase_rate * dropout

    def dropout_week(
        self, rng: np.random.Generator, dropout: np.ndarray, arrival: np.ndarray, repeats: "Repeats"
    ) -> np.ndarray:
        """Week of the repeat order after which each customer leaves; NaN if there is none."""
        wanted = np.clip(_geometric(rng, dropout), 1, 2**31).astype(np.int64)
        week = np.full(len(dropout), np.nan)
        left = repeats.n_possible >= wanted
        week[left] = repeats.week[repeats.first_row[left] + wanted[left] - 1]
        return week


@dataclass(frozen=True)
class ParetoProcess:
    """Planted parameters of the Pareto/NBD model; unit of time is one week.

    Purchase rates as in the BG/NBD model; the time until a customer leaves is exponential from the
    first order on, with a rate that is gamma over customers.

    Attributes:
        r: shape of the gamma distribution of customers' purchase rates.
        alpha: its rate (inverse scale), in weeks.
        s: shape of the gamma distribution of customers' drop-out rates.
        beta: its rate (inverse scale), in weeks; the mean is ``s / beta`` drop-outs a week.

    Source:
        Schmittlein, Morrison & Colombo (1987), Counting Your Customers, Management Science 33(1).
    """

    name: ClassVar[str] = "Pareto/NBD"

    r: float = 2.0
    alpha: float = 2.4
    s: float = 0.8
    beta: float = 300.0

    def draw_dropout(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Each customer's drop-outs per week while active."""
        return np.maximum(rng.gamma(self.s, 1 / self.beta, n), 1e-12)

    def hazard(self, purchase_rate: np.ndarray, dropout: np.ndarray) -> np.ndarray:
        """Drop-outs per week while active."""
        return dropout

    def dropout_week(
        self, rng: np.random.Generator, dropout: np.ndarray, arrival: np.ndarray, repeats: "Repeats"
    ) -> np.ndarray:
        """Week in which each customer leaves; NaN if that is after the world's end."""
        week = arrival + rng.standard_exponential(len(dropout)) / dropout
        return np.where(week < repeats.n_weeks, week, np.nan)


Process = PurchaseProcess | ParetoProcess


@dataclass(frozen=True)
class Repeats:
    """Repeat orders that would happen if nobody left: by customer, then by time.

    Attributes:
        customer: row number of the customer.
        week: business week.
        n_possible: how many, per customer.
        n_weeks: business weeks in the world.
    """

    customer: np.ndarray
    week: np.ndarray
    n_possible: np.ndarray
    n_weeks: float

    @property
    def first_row(self) -> np.ndarray:
        """Row of each customer's first repeat order, if there is one."""
        return np.cumsum(self.n_possible) - self.n_possible


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
    rng: np.random.Generator,
    process: Process,
    arrival: np.ndarray,
    traits: tuple[np.ndarray, np.ndarray],
    clock: Clock,
) -> tuple[Orders, np.ndarray]:
    """All orders of all customers, and when each customer dropped out.

    The first order starts the process; repeat orders are Poisson until the customer leaves.

    Args:
        rng: the stream of this part.
        process: which model.
        arrival: business week of the first order, one per customer.
        traits: orders per business week while active, and what ``process.draw_dropout`` gave.
        clock: the shop's clock.

    Returns:
        The orders, and per customer the business week of the drop-out, NaN if still active.
    """
    rate, dropout = traits
    span = clock.n_weeks - arrival
    n_possible = rng.poisson(rate * span)
    customer = np.repeat(np.arange(len(arrival)), n_possible)
    # sorting customer + fraction sorts by customer, then by time, in one pass
    fraction = np.sort(customer + rng.random(len(customer))) - customer
    week = arrival[customer] + np.clip(fraction, 0, 1) * span[customer]
    repeats = Repeats(customer, week, n_possible, clock.n_weeks)
    dropout_week = process.dropout_week(rng, dropout, arrival, repeats)
    kept = ~(week > dropout_week[customer])
    customer = np.concatenate([np.arange(len(arrival)), customer[kept]])
    week = np.concatenate([arrival, week[kept]])
    order = np.argsort(customer, kind="stable")
    return Orders(customer[order], clock.seconds(week[order])), dropout_week


def _geometric(rng: np.random.Generator, prob: np.ndarray) -> np.ndarray:
    """Number of trials up to and including the first success, as floats: no overflow for tiny ``prob``."""
    with np.errstate(divide="ignore"):
        return np.ceil(np.log1p(-rng.random(len(prob))) / np.log1p(-prob))


def expected_orders(
    truth_customers: pd.DataFrame,
    as_of: str | pd.Timestamp,
    horizon_days: int,
    clock: Clock | None = None,
) -> pd.Series:
    """True expected number of orders in the horizon, given what is planted and who is still active.

    Without campaigns: ``rate / h * (1 - exp(-h * t))`` with drop-out rate ``h`` for an active
    customer, zero for one who has dropped out or not arrived.

    Args:
        truth_customers: ``world.truth["customers"]``.
        as_of: exclusive end of the past.
        horizon_days: length of the horizon.
        clock: of a world that reaches to the horizon's end, for its seasons; without one a week
            has seven days.

    Returns:
        Expected orders, indexed by ``customer_id``.

    Source:
        Fader, Hardie & Lee (2005), equation (9) before mixing; the same holds for Pareto/NBD.
    """
    now = pd.Timestamp(as_of)
    weeks = horizon_days / 7
    if clock is not None:
        since = (now - clock.start).total_seconds()
        weeks = float(clock.weeks(since + horizon_days * 86_400) - clock.weeks(since))
    rate, hazard = truth_customers["purchase_rate_week"], truth_customers["dropout_rate_week"]
    orders = rate / hazard * -np.expm1(-hazard * weeks)
    result = orders.where(is_active(truth_customers, now), 0.0)
    return pd.Series(result.to_numpy(), index=truth_customers["customer_id"], name="expected_orders")


def is_active(truth_customers: pd.DataFrame, as_of: str | pd.Timestamp) -> pd.Series:
    """Whether each customer had arrived and not yet left, aligned with ``truth_customers``."""
    now = pd.Timestamp(as_of)
    return (truth_customers["first_order_ts"] < now) & ~(truth_customers["dropout_ts"] < now)
