"""Where each customer stands in the life cycle: exactly one state, and only legal moves between states."""

from heapq import heappop, heappush

import numpy as np
import pandas as pd

from dangol.customer_rules import RHYTHM_REACH, STATES, LifeCycleRules

WIN_BACK = "win back"
LEAST_DAYS = 4  # purchase days from which a customer has a rhythm: three gaps
# what can follow a state one day later, besides staying in it
MOVES: dict[str, tuple[str, ...]] = {
    "prospect": ("new",),
    "new": ("active", "growing", "at risk"),
    "active": ("growing", "at risk"),
    "growing": ("active", "at risk"),
    "reactivated": ("active", "growing", "at risk"),
    "at risk": ("active", "growing", "dormant"),
    "dormant": ("reactivated", "lost"),
    "lost": ("reactivated",),
}


def life_cycle_state(customers: pd.DataFrame, rules: LifeCycleRules) -> pd.Series:
    """The state of each customer known, by the age of orders and the trend of the amount.

    The first that holds:

    * prospect: known, but never bought (``recency_days`` missing)
    * lost, dormant, at risk: last order ``lost_days``, ``dormant_days``, ``at_risk_days`` ago or more
    * reactivated: fresher than that, after a gap of ``dormant_days`` or more before the last order day
    * new: first order less than ``new_days`` ago and never at risk so far
    * growing: the amount of the last ``growth_days`` is ``growth_share`` above that of as many days
      before, and the first order lies before both
    * active: everybody else

    With ``rhythm_gaps`` all silence, present and past, is measured in the customer's own time, by the usual
    gap known when it began: a customer who comes every week is at risk long before one who comes every
    quarter. Who has a rhythm, from the fourth purchase day on, is new no more.

    Args:
        customers: one row per customer: ``recency_days``, ``tenure_days``, ``gap_last_days`` and
            ``gap_max_days`` (missing for a single order day); for growth ``amount_recent`` and
            ``amount_earlier``, without which nobody is growing; for ``rhythm_gaps`` also ``n_days``.
        rules: the bounds.

    Returns:
        Text, aligned with ``customers``; one of ``STATES``. What is missing fulfils no condition.
    """
    recency = customers["recency_days"].astype("float64")
    gap_last, gap_max = (customers[name].astype("float64") for name in ("gap_last_days", "gap_max_days"))
    tenure = customers["tenure_days"].astype("float64")
    has_rhythm = pd.Series(False, index=customers.index)
    if rules.rhythm_gaps:
        has_rhythm = customers["n_days"] >= LEAST_DAYS
        span, n_gaps = tenure - recency, customers["n_days"] - 1
        recency = recency * _pace(span, n_gaps, rules)
        gap_last = gap_last * _pace(span - gap_last, n_gaps - 1, rules)
    states = [
        (recency.isna(), "prospect"),
        (recency >= rules.lost_days, "lost"),
        (recency >= rules.dormant_days, "dormant"),
        (recency >= rules.at_risk_days, "at risk"),
        (gap_last >= rules.dormant_days, "reactivated"),
        ((tenure < rules.new_days) & ~(gap_max >= rules.at_risk_days) & ~has_rhythm, "new"),
        (_is_growing(customers, rules), "growing"),
    ]
    state = np.select([rule.to_numpy() for rule, _ in states], [name for _, name in states], "active")
    return pd.Series(state, index=customers.index, dtype="str")


def _pace(span_days: pd.Series, n_gaps: pd.Series, rules: LifeCycleRules) -> pd.Series:
    """Common days in a day of the customer's own time, from the purchase days of a span; 1 without rhythm."""
    usual = span_days / n_gaps.where(n_gaps >= LEAST_DAYS - 1)
    pace = rules.at_risk_days / (rules.rhythm_gaps * usual)
    return pace.clip(1 / RHYTHM_REACH, RHYTHM_REACH).fillna(1.0)


def _is_growing(customers: pd.DataFrame, rules: LifeCycleRules) -> pd.Series:
    if not {"amount_recent", "amount_earlier"} <= set(customers.columns):
        return pd.Series(False, index=customers.index)
    earlier = customers["amount_earlier"]
    rose = customers["amount_recent"] >= (1 + rules.growth_share) * earlier
    return rose & (earlier > 0) & (customers["tenure_days"] >= 2 * rules.growth_days)


def crm_action(states: pd.Series, amount: pd.Series) -> pd.Series:
    """What the state asks for: acquire, keep, grow, wake, win back, let go.

    Lost customers are worth winning back if they spent at least as much as half of the customers
    who are neither prospects nor lost; the others are let go.

    Args:
        states: of the life cycle, one per customer.
        amount: what each spent in the window grades look at, in currency.

    Returns:
        Text, aligned with ``states``.
    """
    stays = ~states.isin(["prospect", "lost"])
    typical = amount[stays].median() if stays.any() else np.inf
    action = states.map(STATES)
    return action.mask((states == "lost") & (amount >= typical), WIN_BACK).astype("str")


def possible_moves(rules: LifeCycleRules, step_days: int) -> dict[str, frozenset[str]]:
    """The states that can follow each state ``step_days`` later, by repeated ``MOVES``.

    The first move can come at once. After a purchase ``at_risk_days`` must pass before a customer is
    at risk, and each state of silence lasts its time before the next one; by own rhythm, the shortest that
    anybody's can be.

    Args:
        rules: the bounds.
        step_days: days between two looks at the customers, 1 or more.
    """
    return {state: frozenset(_days_to(state, rules, step_days)) for state in MOVES}


def _days_to(start: str, rules: LifeCycleRules, limit: int) -> dict[str, int]:
    """Fewest days to each state within the limit (shortest paths, Dijkstra)."""
    stay = {
        "at risk": rules.at_risk_days - 1,
        "dormant": rules.dormant_days - rules.at_risk_days,
        "lost": rules.lost_days - rules.dormant_days,
    }
    if rules.rhythm_gaps:
        stay = {state: max(1, days // RHYTHM_REACH - 1) for state, days in stay.items()}
    reached: dict[str, int] = {}
    queue = [(0, start)]
    while queue:
        days, state = heappop(queue)
        if state in reached:
            continue
        reached[state] = days
        for after in MOVES[state]:
            needed = 1 if state == start else stay.get(after, 1)
            if days + needed <= limit:
                heappush(queue, (days + needed, after))
    return reached
