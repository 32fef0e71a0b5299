import numpy as np
import pandas as pd
import pytest

from dangol.planning.eligibility import contact_rules
from dangol.planning.holdout import draw_holdout
from dangol.planning.plan import Planner

AS_OF = pd.Timestamp("2020-06-01")


@pytest.fixture
def make_planner():
    """A planner for (customers, types) profits and costs; recent contacts by customer number."""

    def build(profit, cost, budget, max_contacts, recent=(), holdout_share=0.0, exact_up_to=5_000):
        n = len(profit)
        known = pd.DataFrame({"customer_id": np.arange(n) + 100, "customer_grade": "Gold"})
        contacts = pd.DataFrame(
            {
                "customer_id": np.array(recent, dtype=np.int64) + 100,
                "campaign_id": 1,
                "contact_ts": pd.Timestamp("2020-05-20"),
                "arm": "A",
            }
        )
        known["is_holdout"] = draw_holdout(known, holdout_share, 1)
        row, column = np.nonzero(np.isfinite(profit))
        options = pd.DataFrame(
            {
                "customer_id": known["customer_id"].to_numpy()[row],
                "campaign_type": [f"T{number}" for number in column],
                "channel": "mail",
                "response_prob": 0.5,
                "response_value": 2 * (profit[row, column] + cost[row, column]),
                "contact_cost": cost[row, column],
                "expected_profit": profit[row, column],
            }
        )
        forbidden = contact_rules(known, contacts, known["is_holdout"], AS_OF, 28)
        return Planner(known, forbidden, options, budget, max_contacts, 28, exact_up_to)

    return build
