"""What each past campaign changed: by its lot if it had one, else adjusted."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dangol.evaluation.adjusted import MIN_OVERLAP_SHARE, AdjustedComparison
from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.campaign_material import Material
from dangol.evaluation.campaign_notes import note_of
from dangol.evaluation.campaign_result import CampaignResult, Design, Doubts
from dangol.evaluation.checks import MIN_P_VALUE, balance_p_value, sample_ratio_p_value
from dangol.evaluation.covariates import customer_covariates
from dangol.evaluation.effect import NAN, Effect
from dangol.evaluation.matching import matched_effect
from dangol.evaluation.randomized import adjusted_to_treat
from dangol.evaluation.sensitivity import e_value, robustness_value
from dangol.evaluation.sequential import always_valid

MIN_PLACEBO_P_VALUE = 0.05
_MIN_ARM = 20
_UNINVOLVED = "spend in departments without a coupon"


def evaluate_campaigns(log: CampaignLog, past: pd.DataFrame, design: Design) -> list[CampaignResult]:
    """Evaluate every campaign, or say why it cannot be evaluated.

    Args:
        log: the campaign log.
        past: from `past_campaigns`.
        design: how.

    Returns:
        One result per row of ``past``, in its order.
    """
    enough = past.loc[past["n_contacts"] >= design.min_contacts]
    material = Material.gather(log, enough, design)
    return [_evaluate(log, campaign, material, design) for campaign in past.itertuples()]


def _evaluate(log: CampaignLog, campaign: Any, material: Material, design: Design) -> CampaignResult:
    kind = "randomized" if campaign.is_randomized else "observational"
    nothing = CampaignResult(campaign.campaign_id, kind, "", note=note_of(campaign, None))
    if campaign.n_contacts < design.min_contacts:
        return replace(nothing, verdict="too few contacts")
    if campaign.is_randomized:
        return _by_lot(log, campaign, material, nothing)
    if not campaign.is_in_log:
        return replace(nothing, verdict="refused: no lot and no order log to compare by")
    return _adjusted(log, campaign, material, design, nothing)


def _by_lot(log: CampaignLog, campaign: Any, material: Material, nothing: CampaignResult) -> CampaignResult:
    rows = log.contacts.loc[log.contacts["campaign_id"] == campaign.campaign_id].set_index("customer_id")
    is_treated = (rows["arm"] != "control").to_numpy()
    if min(is_treated.sum(), (~is_treated).sum()) < _MIN_ARM:
        return replace(nothing, verdict=f"refused: fewer than {_MIN_ARM} customers in an arm")
    during = material.outcomes(campaign.campaign_id, rows.index)
    grades = log.grade_at(campaign.start_date, rows.index)
    known = material.known_before(campaign.campaign_id, rows.index, grades)
    effects = {str(name): adjusted_to_treat(during[name], known, is_treated) for name in during}
    parts = material.by_department(campaign.campaign_id, rows.index)
    weeks = material.by_week(campaign.campaign_id, rows.index)
    main = str(during.columns[0])
    balance = balance_p_value(known, is_treated)
    planned = campaign.planned_control_share
    verdict = _verdict(effects[main], campaign.is_running)
    if np.isfinite(planned) and _ratio_is_off(is_treated, planned):
        verdict = "withheld: sample ratio"
    elif balance < MIN_P_VALUE:
        verdict = "withheld: arms differed before"
    return replace(
        nothing,
        verdict=verdict,
        main=main,
        note=note_of(campaign, during[main]),
        effects=effects,
        departments={str(name): adjusted_to_treat(parts[name], known, is_treated) for name in parts},
        course={str(name): adjusted_to_treat(weeks[name], known, is_treated) for name in weeks},
        customers=rows.index,
        is_treated=is_treated,
        groups=grades.to_numpy(dtype=object),
        judged=rows.index[is_treated],
        arms=_arms(rows["arm"], during, known),
        doubts=Doubts(overlap_share=1.0, placebo_p_value=balance),
    )


def _arms(arm: pd.Series, during: pd.DataFrame, known: pd.DataFrame) -> tuple[tuple[str, str, Effect], ...]:
    """(arm, outcome, effect) of every arm against the controls."""
    found = []
    for name in sorted(set(arm) - {"control"}):
        pair = arm.isin([name, "control"]).to_numpy()
        is_treated = (arm[pair] == name).to_numpy()
        if is_treated.sum() < _MIN_ARM:
            continue
        for outcome, y in during.loc[pair].items():
            effect = adjusted_to_treat(y, known.loc[pair], is_treated)
            found.append((str(name), str(outcome), effect))
    return tuple(found)


def _ratio_is_off(is_treated: np.ndarray, planned_control_share: float) -> bool:
    counts = {"treated": int(is_treated.sum()), "control": int((~is_treated).sum())}
    planned = {"treated": 1 - planned_control_share, "control": planned_control_share}
    return sample_ratio_p_value(counts, planned) < MIN_P_VALUE


def _adjusted(
    log: CampaignLog, campaign: Any, material: Material, design: Design, nothing: CampaignResult
) -> CampaignResult:
    comparison, customers, reached = _compare(log, campaign, campaign.start_date, material, design)
    if comparison is None:
        return replace(nothing, verdict="refused: no history")
    share = comparison.overlap.share * reached
    if not comparison.overlap.is_enough or share < MIN_OVERLAP_SHARE:
        return replace(nothing, verdict="refused: no overlap", doubts=Doubts(overlap_share=share))
    during = material.orders(campaign.campaign_id, customers)
    parts = material.by_department(campaign.campaign_id, customers)
    uninvolved = _uninvolved_spend(log, campaign.campaign_id, parts)
    weeks = material.by_week(campaign.campaign_id, customers)
    found = comparison.effects(pd.concat([during, parts.add_prefix("in "), weeks, uninvolved], axis=1))
    placebo = _placebo_p_value(log, campaign, material, design)
    spend, treated = found["spend"], comparison.is_treated
    doubts = replace(
        _doubts(comparison, during["spend"], spend),
        overlap_share=share,
        placebo_p_value=placebo,
        placebo_outcome_p_value=found[_UNINVOLVED].p_value if _UNINVOLVED in uninvolved else NAN,
    )
    is_quiet = not placebo < MIN_PLACEBO_P_VALUE
    return replace(
        nothing,
        verdict=_verdict(spend, campaign.is_running) if is_quiet else "withheld: placebo period differs",
        note=note_of(campaign, during["spend"]),
        effects={str(name): found[str(name)] for name in during},
        departments={str(name): found[f"in {name}"] for name in parts},
        course={str(name): found[str(name)] for name in weeks},
        customers=customers,
        is_treated=treated,
        groups=log.grade_at(campaign.start_date, customers).to_numpy(dtype=object),
        judged=customers[treated & comparison.overlap.is_compared],
        doubts=doubts,
    )


def _doubts(comparison: AdjustedComparison, outcome: pd.Series, effect: Effect) -> Doubts:
    """A second opinion, and how strong a hidden reason would have to be."""
    nearest = replace(effect, estimate=max(effect.low, -effect.high, 0.0))
    matched = matched_effect(
        outcome,
        comparison.is_treated,
        comparison.overlap.is_compared,
        comparison.propensity,
        comparison.expected(outcome),
    )
    return Doubts(
        matched=matched,
        robustness_value=robustness_value(effect),
        e_value=e_value(nearest, float(outcome.std())),
    )


def _placebo_p_value(log: CampaignLog, campaign: Any, material: Material, design: Design) -> float:
    """Of no difference in the weeks before the campaign, with what was known before those weeks."""
    start = campaign.start_date - pd.Timedelta(days=design.placebo_days)
    earlier, customers, _ = _compare(log, campaign, start, material, design)
    if earlier is None:
        return NAN
    return earlier.effect(material.orders(campaign.campaign_id, customers, "before")["spend"]).p_value


def _uninvolved_spend(log: CampaignLog, campaign_id: Any, parts: pd.DataFrame) -> pd.DataFrame:
    """Spend in the departments that no coupon of the campaign was for; no column if that is not known."""
    couponed = log.couponed_departments(campaign_id)
    others = [name for name in parts if name not in couponed and name != "OTHER"]
    if not couponed or not others:
        return pd.DataFrame(index=parts.index)
    return parts[others].sum(axis=1).to_frame(_UNINVOLVED)


def _compare(
    log: CampaignLog, campaign: Any, start: pd.Timestamp, material: Material, design: Design
) -> tuple[AdjustedComparison | None, pd.Index, float]:
    """Contacted and not contacted customers who were active at ``start``.

    Returns:
        The comparison (None if too little was known then), its customers, and the share of all
        contacted customers among them.
    """
    features = material.features.get(f"{start:%Y-%m-%d}")
    if features is None:
        return None, pd.Index([]), 0.0
    active = features.loc[features["recency_days"] <= design.active_days]
    sent = log.sent()
    contacted = sent.loc[sent["campaign_id"] == campaign.campaign_id, "customer_id"]
    is_treated = active["customer_id"].isin(contacted).to_numpy()
    if min(is_treated.sum(), (~is_treated).sum()) < _MIN_ARM:
        return None, pd.Index([]), 0.0
    covariates = customer_covariates(log, active, campaign.campaign_id)
    comparison = AdjustedComparison(covariates, is_treated, design.seed)
    return comparison, covariates.index, float(is_treated.sum() / len(contacted))


def _verdict(effect: Effect, is_running: bool) -> str:
    """A running campaign may be looked at again and again: only an interval that allows for it decides."""
    low, high = effect.low, effect.high
    if is_running:
        ends = always_valid(effect.estimate, effect.standard_error, effect.standard_error)
        low, high = float(ends[0]), float(ends[1])
    return "positive" if low > 0 else "negative" if high < 0 else "unclear"
