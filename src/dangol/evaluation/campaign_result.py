"""How campaigns are evaluated, and what is found out about each."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.effect import NAN, Effect
from dangol.evaluation.intervals import Array

JUDGED = ("positive", "negative", "unclear")


@dataclass(frozen=True)
class Design:
    """How campaigns are evaluated.

    Attributes:
        min_contacts: campaigns with fewer contacts are listed without an estimate.
        active_days: controls, and the contacted compared with them, ordered within so many days
            before the start.
        placebo_days: length of the period before the start in which no effect may show.
        seed: of the folds.
        course_weeks: weeks from the first day on in which the effect is followed.
    """

    min_contacts: int
    active_days: int
    placebo_days: int
    seed: int
    course_weeks: int = 12


@dataclass(frozen=True)
class Doubts:
    """What speaks for and against an estimate that no lot stands behind.

    Attributes:
        overlap_share: contacted customers with comparable controls, as a share of all contacted.
        placebo_p_value: of no difference before the campaign; missing if there is no such period.
        placebo_outcome_p_value: of no difference in departments no coupon of the campaign was for;
            missing if there are none. Small is a warning and no proof: more visits sell other things too.
        matched: the effect by matching, a second opinion.
        robustness_value: see `dangol.evaluation.sensitivity`.
        e_value: likewise; of the end of the interval nearest zero, so 1 if it holds zero.
    """

    overlap_share: float = NAN
    placebo_p_value: float = NAN
    placebo_outcome_p_value: float = NAN
    matched: Effect | None = None
    robustness_value: float = NAN
    e_value: float = NAN


@dataclass(frozen=True)
class CampaignResult:
    """What could be found out about one campaign.

    Attributes:
        campaign_id: which.
        design: ``randomized`` or ``observational``.
        verdict: ``positive``, ``negative`` or ``unclear`` (effect on the main outcome); or why nothing
            is claimed: ``too few contacts``, ``refused: …``, ``withheld: …``.
        main: the outcome the verdict is about.
        note: what a reader should know beside it, may be empty.
        effects: by outcome; empty if none was estimated.
        departments: effects on the spend per department; they sum to the effect on spend.
        course: effects on the spend of each week from the first day on, weeks that are over only.
        customers: whose ``Effect.influence`` it is.
        is_treated: which of them were contacted.
        groups: the grade each of them had when the campaign started.
        judged: contacted customers the effect is about: all of them by lot, those with comparable
            controls otherwise.
        arms: each arm against the controls, where the lot drew several.
        doubts: checks on the estimate.
    """

    campaign_id: Any
    design: str
    verdict: str
    main: str = "spend"
    note: str = ""
    effects: dict[str, Effect] = field(default_factory=dict)
    departments: dict[str, Effect] = field(default_factory=dict)
    course: dict[str, Effect] = field(default_factory=dict)
    customers: pd.Index = field(default_factory=lambda: pd.Index([]))
    is_treated: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    groups: npt.NDArray[np.object_] = field(default_factory=lambda: np.zeros(0, dtype=object))
    judged: pd.Index = field(default_factory=lambda: pd.Index([]))
    arms: tuple[tuple[str, str, Effect], ...] = ()
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def is_judged(self) -> bool:
        """Whether the effect may be used: estimated, neither refused nor withheld."""
        return self.verdict in JUDGED

    @property
    def money(self) -> Effect | None:
        """The effect on the amount spent, if it may be used."""
        return self.effects.get("spend") if self.is_judged else None

    def contributions(self, effect: Effect, inside: npt.NDArray[np.bool_]) -> Array:
        """Contributions to the error of a part: of its customers only, centred within the part and arm.

        Args:
            effect: one of this campaign's effects.
            inside: which of ``customers`` the part consists of.
        """
        if inside.all():
            return effect.influence
        influence = np.where(inside, effect.influence, 0.0)
        for arm in (self.is_treated, ~self.is_treated):
            cell = inside & arm & (effect.influence != 0)
            if cell.any():
                influence[cell] -= influence[cell].mean()
        return influence
