"""True effect of contacting a customer, for every kind of campaign."""

import numpy as np
import pandas as pd

from dangol.simulator.offers import TYPES
from dangol.simulator.segments import NAMES

UPLIFT_DAYS = 28


def customer_uplift(truth_customers: pd.DataFrame) -> pd.DataFrame:
    """What a contact would bring in the 28 days after it, while the customer is active.

    Args:
        truth_customers: ``world.truth["customers"]``.

    Returns:
        One row per customer and campaign type: ``expected_effect_orders``, and
        ``expected_effect_amount`` at the customer's mean order before coupons; means over the
        type's offers, all as likely. Seasons are left out of account.
    """
    weeks = UPLIFT_DAYS / 7
    segment = truth_customers["planted_segment"].map({name: n for n, name in enumerate(NAMES)}).to_numpy()
    responsiveness = truth_customers["responsiveness"].to_numpy()
    organic = truth_customers["purchase_rate_week"].to_numpy() * weeks
    frames = []
    for kind in TYPES:
        strength = kind.of_offers("strength").mean()
        extra = kind.by_segment("extra_orders_week")[segment] * strength * responsiveness * weeks
        effect = extra - kind.by_segment("cancel_prob")[segment] * organic
        frames.append(
            pd.DataFrame(
                {
                    "customer_id": truth_customers["customer_id"],
                    "campaign_type": pd.array([kind.name] * len(effect), dtype="str"),
                    "expected_effect_orders": effect,
                    "expected_effect_amount": effect * truth_customers["mean_order_amount"].to_numpy(),
                }
            )
        )
    together = pd.concat(frames, ignore_index=True)
    by_customer = np.arange(len(together)).reshape(len(TYPES), -1).T.ravel()
    return together.iloc[by_customer].reset_index(drop=True)
