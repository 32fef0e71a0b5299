"""How far down the list a campaign pays."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Values = npt.ArrayLike


def profit_curve(y: Values, prob: Values, gain_amount: float, contact_cost: float) -> pd.DataFrame:
    """Profit of contacting everybody down to each score, on rows whose outcome is known.

    Args:
        y: 1 where a contact brings ``gain_amount``, else 0.
        prob: score the list is sorted by, higher first.
        gain_amount: what a positive row brings, above 0.
        contact_cost: what any contact costs, not negative.

    Returns:
        One row per distinct score, falling, after a first row for nobody: ``cutoff_prob`` (contact from
        this score on; missing for nobody), ``n_contacted``, ``n_reached``, ``profit``, ``is_best``.
        Equal scores are contacted together. Of equal profits the one with fewer contacts is best.

    Raises:
        ValueError: if amounts are out of range.
    """
    if gain_amount <= 0 or contact_cost < 0:
        raise ValueError(
            f"expected gain_amount above 0 and contact_cost of at least 0; received {gain_amount} and "
            f"{contact_cost}."
        )
    rows = pd.DataFrame({"cutoff_prob": np.asarray(prob, dtype="float64"), "y": np.asarray(y)})
    steps = rows.groupby("cutoff_prob")["y"].agg(["size", "sum"]).sort_index(ascending=False).cumsum()
    curve = pd.DataFrame(
        {
            "cutoff_prob": [np.nan, *steps.index],
            "n_contacted": [0, *steps["size"]],
            "n_reached": [0, *steps["sum"]],
        }
    )
    profit = gain_amount * curve["n_reached"] - contact_cost * curve["n_contacted"]
    return curve.assign(profit=profit, is_best=curve.index == profit.idxmax())
