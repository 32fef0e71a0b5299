"""What campaigns cost and brought: attributed beside incremental, by campaign and in all."""

import numpy as np
import pandas as pd

from dangol.evaluation.campaign_effects import OUTCOMES, CampaignResult
from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.windows import responder_spend

_REACH_95 = 1.959963984540054


def effect_table(past: pd.DataFrame, results: list[CampaignResult]) -> pd.DataFrame:
    """Effects per contact in the layout of ``tables.CAMPAIGN_EFFECT``.

    Args:
        past: from `past_campaigns`.
        results: from `evaluate_campaigns`, in the order of ``past``.

    Returns:
        One row per campaign × outcome; estimates are missing where none was made. ``unadjusted`` is
        the plain difference between contacted and not contacted customers.
    """
    rows = []
    for campaign, result in zip(past.itertuples(), results, strict=True):
        for outcome in OUTCOMES:
            effect = result.effects.get(outcome)
            numbers = (
                (
                    effect.n_treated,
                    effect.n_control,
                    effect.estimate,
                    effect.low,
                    effect.high,
                    effect.p_value,
                    effect.unadjusted,
                )
                if effect
                else (campaign.n_contacts, campaign.n_controls, *[float("nan")] * 5)
            )
            words = (result.campaign_id, campaign.campaign_type, outcome, result.design)
            checks = (result.overlap_share, result.placebo_p_value, result.verdict, result.note)
            rows.append((*words, *numbers, *checks))
    names = ["campaign_id", "campaign_type", "outcome", "design", "n_treated", "n_control", "estimate", "low"]
    names += ["high", "p_value", "unadjusted", "overlap_share", "placebo_p_value", "verdict", "note"]
    return pd.DataFrame(rows, columns=names)


def roi_table(
    log: CampaignLog, past: pd.DataFrame, results: list[CampaignResult], margin_rate: float
) -> pd.DataFrame:
    """Money by campaign in the layout of ``tables.CAMPAIGN_ROI``.

    ``cost`` and ``attributed_amount`` (all that responders spent in the window) are those of the whole
    campaign; ``judged_cost`` and ``judged_attributed_amount`` those of the ``n_judged`` contacts the
    effect is about, to which ``incremental_margin`` and ``roi`` refer: nothing is extrapolated to
    customers without comparable controls.

    Args:
        log: the campaign log.
        past: from `past_campaigns`.
        results: from `evaluate_campaigns`, in the order of ``past``.
        margin_rate: share of the spend that is margin, in [0, 1].
    """
    spend = responder_spend(log, past)
    attributed = spend.groupby("campaign_id")["amount"].sum()
    rows = [_judged_money(log, spend, result, margin_rate) for result in results]
    money = past.assign(attributed_amount=past["campaign_id"].map(attributed).fillna(0.0).astype("float64"))
    money = pd.concat([money.reset_index(drop=True), pd.DataFrame(rows)], axis=1)
    cost = money["judged_cost"].where(money["judged_cost"] > 0)
    columns = ["campaign_id", "campaign_type", "n_contacts", "n_responders", "response_rate", "cost"]
    columns += ["attributed_amount", "n_judged", "judged_cost", "judged_attributed_amount"]
    columns += [
        "incremental_margin",
        "incremental_margin_low",
        "incremental_margin_high",
        "roi",
        "is_running",
    ]
    return money.assign(roi=money["incremental_margin"] / cost - 1)[columns]


def _judged_money(
    log: CampaignLog, spend: pd.DataFrame, result: CampaignResult, margin_rate: float
) -> dict[str, float]:
    judged = result.judged if result.is_judged else result.judged[:0]
    contacts = log.sent()
    contacts = contacts.loc[contacts["campaign_id"] == result.campaign_id]
    ours = (spend["campaign_id"] == result.campaign_id) & spend["customer_id"].isin(judged)
    money = {
        "n_judged": len(judged),
        "judged_cost": float(contacts.loc[contacts["customer_id"].isin(judged), "contact_cost"].sum()),
        "judged_attributed_amount": float(spend.loc[ours, "amount"].sum()),
    }
    names = {"estimate": "", "low": "_low", "high": "_high"}
    effect = result.effects.get("spend") if result.is_judged else None
    for attribute, ending in names.items():
        value = getattr(effect, attribute) if effect else float("nan")
        money[f"incremental_margin{ending}"] = value * margin_rate * len(judged)
    return money


def total_money(roi: pd.DataFrame, results: list[CampaignResult], margin_rate: float) -> dict[str, float]:
    """Sums over the judged campaigns, with intervals.

    A customer may be in several campaigns, so their errors are not independent: contributions are
    added up by customer before they are squared.

    Args:
        roi: from `roi_table`.
        results: from `evaluate_campaigns`, in the order of ``roi``.
        margin_rate: share of the spend that is margin.

    Returns:
        ``total_cost``, ``attributed_amount``, ``incremental_margin`` with ``_low`` and ``_high``;
        ``roi`` with its bounds if there was a cost; ``overstatement_ratio`` (attributed over
        incremental margin) if the incremental margin is positive. Empty if no campaign was judged.
    """
    judged = [result for result in results if result.is_judged]
    if not judged:
        return {}
    parts = [
        pd.Series(r.effects["spend"].influence * len(r.judged) * margin_rate, index=r.customers)
        for r in judged
    ]
    by_customer = pd.concat(parts).groupby(level=0).sum()
    error = float(np.sqrt((by_customer**2).sum()))
    margin, cost = float(roi["incremental_margin"].sum()), float(roi["judged_cost"].sum())
    attributed = float(roi["judged_attributed_amount"].sum())
    bounds = {"": margin, "_low": margin - _REACH_95 * error, "_high": margin + _REACH_95 * error}
    totals = {"total_cost": cost, "attributed_amount": attributed}
    totals |= {f"incremental_margin{ending}": value for ending, value in bounds.items()}
    if cost > 0:
        totals |= {f"roi{ending}": value / cost - 1 for ending, value in bounds.items()}
    if margin > 0:
        totals["overstatement_ratio"] = attributed * margin_rate / margin
    return totals


def evaluation_counts(results: list[CampaignResult]) -> dict[str, int | str]:
    """How many campaigns were judged, refused, positive, and by which design."""
    designs = {result.design for result in results if result.is_judged} or {r.design for r in results}
    return {
        "n_campaigns": len(results),
        "n_campaigns_evaluated": sum(result.is_judged for result in results),
        "n_campaigns_refused": sum(result.verdict.startswith("refused") for result in results),
        "n_campaigns_withheld": sum(result.verdict.startswith("withheld") for result in results),
        "n_campaigns_positive": sum(result.verdict == "positive" for result in results),
        "design": designs.pop() if len(designs) == 1 else "mixed",
    }
