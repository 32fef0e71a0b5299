"""How much of what responders buy more is owed to the contact: assumed, corrected by what was measured."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_ASSUMED_SD = 0.25
_REACH_95 = 1.959963984540054
EVERYBODY = "all"


@dataclass(frozen=True)
class IncrementalShare:
    """Share of responders' extra spend that the contact brought about.

    Attributes:
        value: what the plan counts with, in [0, 1].
        measured: from past campaigns alone, may lie outside [0, 1]; missing if nothing was measured.
        low: lower end of the 95 % interval of ``measured``.
        high: upper end.
        n_campaigns: campaigns it was measured on.
    """

    value: float
    measured: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    n_campaigns: int = 0

    @property
    def is_measured(self) -> bool:
        """Whether any past campaign has a say."""
        return self.n_campaigns > 0


def incremental_share(
    lessons: pd.DataFrame | None, extra_amount: float, assumed: float, assumed_sd: float = _ASSUMED_SD
) -> IncrementalShare:
    """The assumed share and the measured one, each weighted by how well it is known.

    A contact's effect on spend, over response rate × extra spend per response, is the share of that
    extra spend which would not have come anyway. Types of campaigns are pooled by their precision.

    Args:
        lessons: as in ``tables.CAMPAIGN_LESSON``, of an earlier run; None if there is none.
        extra_amount: extra spend per response, currency.
        assumed: the share in want of a measurement, in [0, 1].
        assumed_sd: standard deviation of the assumption; 0.25 lets it be anything from 0 to 1.
    """
    if lessons is None or extra_amount <= 0:
        return IncrementalShare(assumed)
    own = lessons.loc[(lessons["customer_grade"] == EVERYBODY) & lessons["estimate"].notna()]
    own = own.loc[(own["response_rate"] > 0) & (own["standard_error"] > 0)]
    if own.empty:
        return IncrementalShare(assumed)
    unit = own["response_rate"] * extra_amount
    share, error = own["estimate"] / unit, own["standard_error"] / unit
    weight = 1 / error**2
    measured, reach = float((weight * share).sum() / weight.sum()), _REACH_95 / float(np.sqrt(weight.sum()))
    trust = weight.sum() / (weight.sum() + 1 / assumed_sd**2)
    value = float(np.clip(trust * measured + (1 - trust) * assumed, 0.0, 1.0))
    return IncrementalShare(
        value, measured, measured - reach, measured + reach, int(own["n_campaigns"].sum())
    )
