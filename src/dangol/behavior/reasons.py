"""Why a customer may stay away: the network's reasons in words an account manager reads."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.modelcard import customer_reasons, permutation_importance

LIMITS = (
    "It says what is likely, not what would help: a reason is no cause, and a contact may change nothing.",
    "One snapshot is one season: the intervals hold the chance of customers, not of another month.",
    "Spend is learnt as a multiple of the customer's pace so far and means nothing without it.",
    "It must not decide about a person's rights, prices or credit.",
)
_N_COLUMNS = 10
_WEEK = re.compile(r"(.+)_w\d+$")
_WINDOW = re.compile(r"(.+)_(\d+)d$")
_WORDS = {
    "recency_days": "days since the last order",
    "mean_order_amount": "mean amount of an order",
    "recency_to_gap_ratio": "days since the last order over the usual gap",
    "gap_mean_days": "mean days between orders",
    "gap_last_days": "days between the last two orders",
    "gap_sd_days": "how much the days between orders vary",
    "orders_per_week": "orders per week",
    "tenure_share": "tenure as a share of the log",
    "amount_trend_ratio": "recent spend over earlier spend",
    "days_since_contact": "days since the last contact",
}


def lapse_reasons(network: Any, inputs: pd.DataFrame) -> pd.Series:
    """What raises and lowers each customer's probability to stay away most.

    Args:
        network: a fitted ``BehaviorNetwork`` with the task ``lapse``.
        inputs: rows to explain, as it was fitted on.

    Returns:
        One sentence per row, index as ``inputs``; weekly columns speak together, by channel, and are told
        by their sum.
    """
    parts = _parts(inputs)
    values = pd.DataFrame(
        {name: inputs[own].sum(axis=1) if len(own) > 1 else inputs[own[0]] for name, own in parts.items()}
    )
    return customer_reasons(_contributions(network, inputs), values, {name: said(name) for name in parts})


def lapse_importance(network: Any, inputs: pd.DataFrame, is_lapsed: pd.Series, seed: int) -> pd.DataFrame:
    """How much the log loss of lapse rises without each of the ten columns that move scores most.

    Args:
        network: a fitted ``BehaviorNetwork`` with the task ``lapse``.
        inputs: held-out rows.
        is_lapsed: what became of them, 0 or 1, aligned.
        seed: of the shuffle.

    Returns:
        As `permutation_importance`, columns in words, weekly ones together by channel.
    """
    sizes = _contributions(network, inputs).drop(columns="baseline_logit").abs().mean()
    parts = _parts(inputs)
    told = {said(str(name)): parts[str(name)] for name in sizes.nlargest(_N_COLUMNS).index}

    def lapse(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
        return np.asarray(network.predict(rows)["lapse"], dtype=np.float64)

    return permutation_importance(lapse, inputs, is_lapsed, n_repeats=2, seed=seed, parts=told)


def _contributions(network: Any, inputs: pd.DataFrame) -> pd.DataFrame:
    """Of columns and weekly channels to the logit of lapse, and ``baseline_logit``."""
    found = network.explain(inputs, "lapse")
    sums = {name: found[own].sum(axis=1) for name, own in _parts(inputs).items()}
    return pd.DataFrame(sums, index=inputs.index).assign(baseline_logit=found["baseline_logit"])


def _parts(inputs: pd.DataFrame) -> dict[str, list[str]]:
    """Columns by the name they go under: their own, or the channel of a weekly one."""
    channels = [week.group(1) for week in map(_WEEK.match, map(str, inputs)) if week]
    parts: dict[str, list[str]] = {}
    for column in map(str, inputs):
        week = _WEEK.match(column)
        name = f"{week.group(1)} over {channels.count(week.group(1))} weeks" if week else column
        parts.setdefault(name, []).append(column)
    return parts


def said(column: str) -> str:
    """A column of the inputs in words.

    >>> said("amount_84d"), said("n_orders_28d"), said("recency_days")
    ('amount in 84 days', 'orders in 28 days', 'days since the last order')
    """
    if column in _WORDS:
        return _WORDS[column]
    window = _WINDOW.match(column)
    plain = window.group(1) if window else column
    words = plain.removeprefix("category_").removeprefix("n_").replace("_", " ")
    return f"{words} in {window.group(2)} days" if window else words
