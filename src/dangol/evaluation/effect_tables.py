"""Results of campaigns as tables: one row per campaign, per arm, with what all of them say together."""

from typing import Any

import numpy as np
import pandas as pd

from dangol.evaluation.campaign_result import CampaignResult
from dangol.evaluation.effect import NAN, Effect
from dangol.evaluation.empty import empty_of
from dangol.evaluation.segment_effects import together
from dangol.evaluation.shrinkage import holm
from dangol.tables import CAMPAIGN_ARM_EFFECT

_NUMBERS = ("estimate", "low", "high", "p_value", "unadjusted", "relative", "relative_low", "relative_high")


def effect_table(past: pd.DataFrame, results: list[CampaignResult]) -> pd.DataFrame:
    """Effects per contact in the layout of ``tables.CAMPAIGN_EFFECT``.

    Args:
        past: from `past_campaigns`.
        results: from `evaluate_campaigns`, in the order of ``past``.

    Returns:
        One row per campaign × outcome; estimates are missing where none was made. ``unadjusted`` is
        the plain difference between contacted and not contacted customers. ``q_value`` and
        ``shrunken`` with its interval look at all judged campaigns of one design together.
    """
    outcomes = list(dict.fromkeys(name for result in results for name in result.effects)) or ["spend"]
    rows = [
        _row(campaign, result, outcome)
        for campaign, result in zip(past.itertuples(), results, strict=True)
        for outcome in (result.effects or outcomes)
    ]
    table = pd.DataFrame(rows)
    is_judged = np.repeat([r.is_judged for r in results], [len(r.effects or outcomes) for r in results])
    columns = ["q_value", "shrunken", "shrunken_low", "shrunken_high"]
    table[columns] = np.nan
    for _, own in table.loc[is_judged].groupby(["outcome", "design"]):
        table.loc[own.index, columns] = together(own)[columns]
    return table.drop(columns="standard_error")


def arm_table(results: list[CampaignResult]) -> pd.DataFrame:
    """Each arm against the controls, in the layout of ``tables.CAMPAIGN_ARM_EFFECT``.

    Returns:
        One row per campaign × arm × outcome of campaigns by lot; ``p_adjusted`` is Holm's over the
        arms of a campaign and outcome. The verdict is that of the arm, or why the campaign has none.
    """
    rows = [
        {
            "campaign_id": result.campaign_id,
            "arm": arm,
            "outcome": outcome,
            "n_treated": effect.n_treated,
            "n_control": effect.n_control,
            **{name: getattr(effect, name) for name in _NUMBERS},
            "verdict": result.verdict,
            "is_judged": result.is_judged,
        }
        for result in results
        for arm, outcome, effect in result.arms
    ]
    if not rows:
        return empty_of(CAMPAIGN_ARM_EFFECT)
    table = pd.DataFrame(rows)
    family = table.groupby(["campaign_id", "outcome"])["p_value"]
    table["p_adjusted"] = family.transform(lambda p: holm(p.to_numpy()))
    clear = np.where(table["estimate"] > 0, "positive", "negative")
    verdict = pd.Series(np.where(table["p_adjusted"] < 0.05, clear, "unclear"), dtype="str")
    return table.assign(verdict=table["verdict"].where(~table["is_judged"], verdict)).drop(
        columns="is_judged"
    )


def _row(campaign: Any, result: CampaignResult, outcome: str) -> dict[str, Any]:
    effect, doubts = result.effects.get(outcome), result.doubts
    is_main = outcome == result.main
    matched = doubts.matched if is_main else None
    return {
        "campaign_id": result.campaign_id,
        "campaign_type": campaign.campaign_type,
        "outcome": outcome,
        "design": result.design,
        "n_treated": effect.n_treated if effect else campaign.n_contacts,
        "n_control": effect.n_control if effect else campaign.n_controls,
        **{name: getattr(effect, name) if effect else NAN for name in _NUMBERS},
        "standard_error": effect.standard_error if effect else NAN,
        **_matched(matched),
        "overlap_share": doubts.overlap_share,
        "placebo_p_value": doubts.placebo_p_value,
        "placebo_outcome_p_value": doubts.placebo_outcome_p_value,
        "robustness_value": doubts.robustness_value if is_main else NAN,
        "e_value": doubts.e_value if is_main else NAN,
        "verdict": result.verdict,
        "note": result.note,
    }


def _matched(effect: Effect | None) -> dict[str, float]:
    names = {"matched": "estimate", "matched_low": "low", "matched_high": "high"}
    return {name: getattr(effect, own) if effect else NAN for name, own in names.items()}
