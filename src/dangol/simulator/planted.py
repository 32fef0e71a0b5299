"""The planted parameters as plain values and small tables."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from dangol.simulator import events, offers, transactions
from dangol.simulator.arguments import Arguments
from dangol.simulator.segments import SEGMENTS


def frequency_table() -> pd.DataFrame:
    """What contacts a month bring: ``n_contacts_per_month``, ``effect_share`` of the best, ``is_best``."""
    n = np.arange(0, 2 * offers.BEST_CONTACTS_PER_MONTH + 1)
    return pd.DataFrame(
        {
            "n_contacts_per_month": n,
            "effect_share": [offers.frequency_response(int(number)) for number in n],
            "is_best": n == offers.BEST_CONTACTS_PER_MONTH,
        }
    )


def planted_parameters(arguments: Arguments) -> dict[str, Any]:
    """Arguments and planted parameters, plain types only."""
    process, spend = arguments.purchase_process, arguments.spend
    given = asdict(arguments) | {"process": process.name, "spend": type(spend).__name__ if spend else None}
    return {
        "arguments": given,
        "process": {"name": process.name, **asdict(process)},
        "spend": None if spend is None else {"name": type(spend).__name__, **asdict(spend)},
        "segments": [asdict(segment) for segment in SEGMENTS],
        "campaign_types": [asdict(kind) for kind in offers.TYPES],
        "best_contacts_per_month": offers.BEST_CONTACTS_PER_MONTH,
        "leaving_complaint_prob": events.LEAVING_COMPLAINT_PROB,
        "order_complaint_prob": events.ORDER_COMPLAINT_PROB,
        "refunded_order_share": arguments.refund_share,
        "unknown_product_line_share": transactions.UNKNOWN_PRODUCT_LINE_SHARE * arguments.dirt_dose,
        "zero_quantity_line_share": transactions.ZERO_QUANTITY_LINE_SHARE * arguments.dirt_dose,
    }
