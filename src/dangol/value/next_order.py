"""When the next order is due: the day by which it is more likely than not to have come."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from dangol.value.likelihood import Array

N_STEPS = 12
DUE_PROB = 0.5


def next_order_date(
    order_prob: Callable[[float], Array], as_of: pd.Timestamp, horizon_days: float
) -> pd.Series:
    """First day by whose end each customer has ordered with probability one half or more.

    Args:
        order_prob: probability of an order within so many days of ``as_of``, one per customer, rising in
            the days.
        as_of: start of the horizon.
        horizon_days: how far to look, > 0.

    Returns:
        datetime64 (n,), midnights within ``[as_of, as_of + horizon_days)``; NaT where none is expected
        within the horizon. Between twelve dates, spaced quadratically since chances change fast at first, the
        probability is taken as linear.
    """
    days = horizon_days * (np.arange(N_STEPS + 1) / N_STEPS) ** 2
    chances = np.stack([np.zeros(len(order_prob(0.0))), *(order_prob(float(day)) for day in days[1:])])
    reached = chances >= DUE_PROB
    step = np.maximum(reached.argmax(axis=0), 1)
    who = np.arange(chances.shape[1])
    below, above = chances[step - 1, who], chances[step, who]
    share = (DUE_PROB - below) / np.where(above > below, above - below, 1.0)
    due = days[step - 1] + share * (days[step] - days[step - 1])
    # the k-th day ends k days after as_of: an order due within .5 days comes on the first
    whole = np.where(reached.any(axis=0), np.ceil(due) - 1, np.nan)
    return as_of.floor("D") + pd.Series(pd.to_timedelta(whole, unit="D"))
