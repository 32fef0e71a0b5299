"""Whether the control group can show what the plan expects of a contact."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.power import customers_per_arm, smallest_effect
from dangol.small_cells import people_text

WINDOW_DAYS = 28
_BEFORE_DAYS = (28, 84)  # what customers spent in these days before is known and taken out


@dataclass(frozen=True)
class Measurement:
    """What a plan's control group will be able to tell.

    Attributes:
        n_contacted: planned customers who are compared.
        n_control: customers held out by lot whom the plan would have contacted.
        smallest_effect: change of spend per customer that shows with 80 % power at 5 %.
        expected_effect: change of spend per contact that the plan counts on.
        n_needed: customers per group that would show ``expected_effect``; 0 if there is none to show.
    """

    n_contacted: int
    n_control: int
    smallest_effect: float
    expected_effect: float
    n_needed: int

    @property
    def is_enough(self) -> bool:
        """Whether an effect as large as the expected one would show."""
        return self.smallest_effect <= self.expected_effect

    def sentence(self) -> str:
        """What can be told, in words."""
        if not math.isfinite(self.smallest_effect):
            return "Nobody the plan would contact is held out, so that its effect **cannot be measured**."
        told = (
            f"Contacted customers are compared with the {people_text(self.n_control)} held out whom the plan "
            f"would have contacted. A change of spend of **{self.smallest_effect:,.2f}** per customer in "
            f"{WINDOW_DAYS} days would show (80 % power, 5 % error); the plan counts on "
            f"{self.expected_effect:,.2f}. "
        )
        if self.is_enough:
            return told + "So the control group **can show it**."
        return told + (
            f"So this campaign alone **cannot show it**: {self.n_needed:,} customers in each group would be "
            "needed. Let several campaigns add up."
        )

    def figures(self) -> dict[str, float | bool]:
        """For the report; without a control group there is nothing to compare."""
        if not math.isfinite(self.smallest_effect):
            return {}
        return {
            "n_compared_holdout": self.n_control,
            "smallest_effect": self.smallest_effect,
            "expected_effect": self.expected_effect,
            "n_needed_per_arm": self.n_needed,
            "is_measurable": self.is_enough,
            "outcome_days": WINDOW_DAYS,
        }


def measurement(
    plan: pd.DataFrame, orders: pd.DataFrame, as_of: pd.Timestamp, margin_rate: float
) -> Measurement:
    """What the plan's control group can tell about spend in the 28 days that follow.

    Args:
        plan: as in ``tables.CAMPAIGN_PLAN``.
        orders: ``customer_id``, ``order_ts``, ``amount``; those before ``as_of`` are seen.
        as_of: day of the plan.
        margin_rate: share of spend that is margin.
    """
    compared = plan.loc[plan["would_contact"]]
    spread = spend_spread(orders, compared["customer_id"], as_of)
    n_contacted, n_control = (int((compared["arm"] == arm).sum()) for arm in ("contact", "holdout"))
    sent = plan.loc[plan["arm"] == "contact"]
    margin = float(sent["expected_profit"].sum() + sent["contact_cost"].sum())
    expected = margin / margin_rate / len(sent) if len(sent) and margin_rate else 0.0
    return Measurement(
        n_contacted,
        n_control,
        smallest_effect(n_contacted, n_control, spread),
        expected,
        customers_per_arm(expected, spread),
    )


def spend_spread(orders: pd.DataFrame, customers: pd.Series, as_of: pd.Timestamp) -> float:
    """Standard deviation between customers of 28 days' spend, beyond what earlier spend explains.

    Judged on the last 28 days before ``as_of``, by least squares on the spend of the 28 and 84 days before
    these; the evaluation takes out the same.

    Args:
        orders: ``customer_id``, ``order_ts``, ``amount``.
        customers: whose spend is meant; without an order it is 0.
        as_of: exclusive end.
    """
    middle = as_of - pd.Timedelta(days=WINDOW_DAYS)
    ids = pd.Index(customers)
    if len(ids) < len(_BEFORE_DAYS) + 2:
        return 0.0
    spend = _spend(orders, ids, middle, as_of)
    earlier = [_spend(orders, ids, middle - pd.Timedelta(days=days), middle) for days in _BEFORE_DAYS]
    x = np.column_stack([np.ones(len(ids)), *earlier])
    left = spend - x @ np.linalg.lstsq(x, spend, rcond=None)[0]
    return float(np.sqrt((left**2).sum() / (len(ids) - x.shape[1])))


def _spend(orders: pd.DataFrame, ids: pd.Index, start: pd.Timestamp, end: pd.Timestamp) -> np.ndarray:
    inside = orders.loc[(orders["order_ts"] >= start) & (orders["order_ts"] < end)]
    sums = inside.groupby("customer_id")["amount"].sum()
    return sums.reindex(ids, fill_value=0.0).to_numpy(dtype=np.float64)
