"""Where each customer stands in the life cycle: exactly one state."""

import numpy as np
import pandas as pd

STATES = ("new", "active", "reactivated", "at risk", "dormant", "lost")


def life_cycle_state(
    snapshot: pd.DataFrame, *, new_days: int, at_risk_days: int, dormant_days: int, lost_days: int
) -> pd.Series:
    """State by the age of the first and the last order.

    * lost: last order ``lost_days`` ago or more
    * dormant: last order ``dormant_days`` ago or more
    * at risk: last order ``at_risk_days`` ago or more
    * reactivated: fresher than that, after a gap of ``dormant_days`` or more before the last order day
    * new: first order less than ``new_days`` ago
    * active: everybody else

    Args:
        snapshot: one row per customer: ``recency_days``, ``tenure_days``, ``gap_last_days``
            (missing for a single order day).
        new_days: see above.
        at_risk_days: see above.
        dormant_days: see above.
        lost_days: see above.

    Returns:
        Text, aligned with ``snapshot``; one of ``STATES``.

    Raises:
        ValueError: unless ``at_risk_days < dormant_days < lost_days``.
    """
    if not at_risk_days < dormant_days < lost_days:
        raise ValueError(
            "expected at_risk_days < dormant_days < lost_days, "
            f"received {at_risk_days}, {dormant_days}, {lost_days}. Raise the later ones."
        )
    recency = snapshot["recency_days"]
    rules = [
        (recency >= lost_days, "lost"),
        (recency >= dormant_days, "dormant"),
        (recency >= at_risk_days, "at risk"),
        (snapshot["gap_last_days"].fillna(0) >= dormant_days, "reactivated"),
        (snapshot["tenure_days"] < new_days, "new"),
    ]
    state = np.select([rule for rule, _ in rules], [name for _, name in rules], "active")
    return pd.Series(state, index=snapshot.index, dtype="str")
