"""How the effect of campaigns develops from week to week, after their end too."""

import numpy as np
import pandas as pd

from dangol.evaluation.campaign_log import EVERYBODY
from dangol.evaluation.campaign_result import CampaignResult
from dangol.evaluation.decay import Decay, effects_over_time, fit_decay
from dangol.evaluation.empty import empty_of
from dangol.tables import CAMPAIGN_COURSE

_WEEK = pd.Timedelta(days=7)


def course_table(past: pd.DataFrame, results: list[CampaignResult]) -> tuple[pd.DataFrame, Decay | None]:
    """Effect on the spend per contact, week by week, in the layout of ``tables.CAMPAIGN_COURSE``.

    Purchases that a campaign only brought forward are missing in the weeks after it: there the effect
    is negative and ``total`` falls back.

    Args:
        past: from `past_campaigns`.
        results: from `evaluate_campaigns`, in the order of ``past``.

    Returns:
        One row per judged campaign × week that is over, and ``all``: the mean over the campaigns whose
        last week is over, weighted by the contacts judged, a customer's contributions to several
        campaigns added up. ``is_after``: the week begins after the last day of the campaign (of all of
        them). And how fast the mean effect fades, None if it cannot be said.
    """
    lasting = list(past["end_date"] - past["start_date"])
    judged = [
        (lasts, result)
        for lasts, result in zip(lasting, results, strict=True)
        if result.is_judged and result.course
    ]
    if not judged:
        return empty_of(CAMPAIGN_COURSE), None
    n_weeks = max(len(result.course) for _, result in judged)
    whole = [(lasts, result) for lasts, result in judged if len(result.course) == n_weeks]
    mean, covariance = _mean_course([result for _, result in whole])
    parts = [_labelled(mean, EVERYBODY, max(lasts for lasts, _ in whole), len(whole))]
    for lasts, result in judged:
        table, _ = effects_over_time(*_parts(result))
        parts.append(_labelled(table, str(result.campaign_id), lasts, 1))
    found = pd.concat(parts, ignore_index=True)
    fading = fit_decay(mean["estimate"], covariance)
    return found[[*CAMPAIGN_COURSE.columns]], fading


def course_figures(course: pd.DataFrame, fading: Decay | None) -> dict[str, float]:
    """Figures for the report.

    Returns:
        ``course_weeks``, ``course_total`` with bounds (effect per contact after the last week followed);
        ``effect_half_life_days`` with its bounds where an end is known. Empty without campaigns.
    """
    mean = course.loc[course["campaign"] == EVERYBODY]
    if mean.empty:
        return {}
    last = mean.iloc[-1]
    figures: dict[str, float] = {"course_weeks": int(last["week"])}
    figures |= {f"course_{name}": float(last[name]) for name in ("total", "total_low", "total_high")}
    if fading is not None and np.isfinite(fading.half_life_high):
        figures["effect_half_life_days"] = 7 * fading.half_life
        figures["effect_half_life_days_low"] = 7 * fading.half_life_low
        figures["effect_half_life_days_high"] = 7 * fading.half_life_high
    return figures


def _parts(result: CampaignResult) -> tuple[np.ndarray, np.ndarray]:
    effects = [*result.course.values()]
    return np.array([e.estimate for e in effects]), np.array([e.influence for e in effects])


def _labelled(table: pd.DataFrame, campaign: str, lasts: pd.Timedelta, n_campaigns: int) -> pd.DataFrame:
    is_after = (table["period"] - 1) * _WEEK > lasts
    named = table.rename(columns={"period": "week"})
    return named.assign(campaign=campaign, is_after=is_after, n_campaigns=n_campaigns)


def _mean_course(results: list[CampaignResult]) -> tuple[pd.DataFrame, np.ndarray]:
    n_judged = sum(len(result.judged) for result in results)
    estimate, contributions = np.zeros(len(results[0].course)), []
    for result in results:
        own, influence = _parts(result)
        weight = len(result.judged) / n_judged
        estimate += weight * own
        contributions.append(pd.DataFrame(weight * influence.T, index=result.customers))
    by_customer = pd.concat(contributions).groupby(level=0).sum()
    return effects_over_time(estimate, by_customer.to_numpy().T)
