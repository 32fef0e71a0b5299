"""What campaigns cost and brought: attributed beside incremental, by campaign and by any other view."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.campaign_result import CampaignResult
from dangol.evaluation.effect import NAN, Effect
from dangol.evaluation.empty import empty_of
from dangol.evaluation.intervals import REACH_95
from dangol.evaluation.windows import responder_spend
from dangol.tables import CAMPAIGN_MONEY

DIMENSIONS = ("campaign_type", "channel", "customer_grade", "department")


def roi_table(
    log: CampaignLog, past: pd.DataFrame, results: list[CampaignResult], margin_rate: float
) -> pd.DataFrame:
    """Money by campaign in the layout of ``tables.CAMPAIGN_ROI``.

    ``cost`` and ``attributed_amount`` (all that responders spent in the window) are those of the whole
    campaign; ``judged_cost`` and ``judged_attributed_amount`` those of the ``n_judged`` contacts the
    effect is about, to which ``incremental_margin`` and ``roi`` refer: nothing is extrapolated to
    customers without comparable controls. ``break_even_contact_cost`` is what a contact may cost.

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
    columns = ["campaign_id", "campaign_type", "channel", "n_contacts", "n_responders", "response_rate"]
    columns += ["cost", "attributed_amount", "n_judged", "judged_cost", "judged_attributed_amount"]
    columns += ["incremental_margin", "incremental_margin_low", "incremental_margin_high"]
    return _with_return(money)[
        [*columns, "roi", "roi_low", "roi_high", "break_even_contact_cost", "is_running"]
    ]


def money_table(
    log: CampaignLog, past: pd.DataFrame, results: list[CampaignResult], margin_rate: float
) -> pd.DataFrame:
    """Money of the judged contacts by type, channel, grade and department, as ``tables.CAMPAIGN_MONEY``.

    Within each dimension the rows sum to ``roi_table``: cost, attributed amount and incremental
    margin. A contact's cost and a responder's spend belong to no department, so those are missing there.

    Args:
        log: the campaign log.
        past: from `past_campaigns`.
        results: from `evaluate_campaigns`.
        margin_rate: share of the spend that is margin.
    """
    spend = responder_spend(log, past)
    rows = []
    for dimension in DIMENSIONS:
        pieces = [
            piece
            for pair in zip(past.itertuples(), results, strict=True)
            for piece in _pieces(dimension, *pair)
        ]
        for value in sorted({name for name, *_ in pieces}):
            own = [piece for piece in pieces if piece[0] == value]
            rows.append(
                {"dimension": dimension, "dimension_value": value, **_sum_of(log, spend, own, margin_rate)}
            )
    if not rows:
        return empty_of(CAMPAIGN_MONEY)
    money = _with_return(pd.DataFrame(rows))
    is_part = money["dimension"] == "department"
    unknown = [
        "judged_cost",
        "judged_attributed_amount",
        "roi",
        "roi_low",
        "roi_high",
        "break_even_contact_cost",
    ]
    return money.assign(**{name: money[name].mask(is_part) for name in unknown})


def total_money(roi: pd.DataFrame, results: list[CampaignResult], margin_rate: float) -> dict[str, float]:
    """Sums over the judged campaigns, with intervals.

    A customer may be in several campaigns, so their errors are not independent: contributions are
    added up by customer before they are squared.

    Args:
        roi: from `roi_table`.
        results: from `evaluate_campaigns`, in the order of ``roi``.
        margin_rate: share of the spend that is margin.

    Returns:
        ``total_cost``, ``attributed_amount`` and the ``attributed_margin`` in it; ``incremental_margin``
        with ``_low`` and ``_high``;
        ``roi`` with its bounds if there was a cost; ``overstatement_ratio`` (attributed over
        incremental margin) if the incremental margin is positive, ``overstatement_amount`` (attributed
        less incremental margin, with ``_low`` and ``_high``) always. Empty if no campaign was judged.
    """
    judged = [(result, result.money) for result in results if result.money is not None]
    if not judged:
        return {}
    error = _error(
        [pd.Series(e.influence * len(r.judged) * margin_rate, index=r.customers) for r, e in judged]
    )
    margin, cost = float(roi["incremental_margin"].sum()), float(roi["judged_cost"].sum())
    attributed = float(roi["judged_attributed_amount"].sum())
    bounds = {"": margin, "_low": margin - REACH_95 * error, "_high": margin + REACH_95 * error}
    credited = attributed * margin_rate
    totals = {"total_cost": cost, "attributed_amount": attributed, "attributed_margin": credited}
    totals |= {f"incremental_margin{ending}": value for ending, value in bounds.items()}
    totals["overstatement_amount"] = credited - margin
    totals["overstatement_amount_low"] = credited - bounds["_high"]
    totals["overstatement_amount_high"] = credited - bounds["_low"]
    if cost > 0:
        totals |= {f"roi{ending}": value / cost - 1 for ending, value in bounds.items()}
    if margin > 0:
        totals["overstatement_ratio"] = credited / margin
    return totals


def evaluation_counts(results: list[CampaignResult]) -> dict[str, int | str]:
    """How many campaigns were judged, refused, positive, and by which design."""
    designs = {result.design for result in results if result.is_judged} or {r.design for r in results}
    return {
        "n_campaigns": len(results),
        "n_campaigns_evaluated": sum(result.is_judged for result in results),
        "n_campaigns_refused": sum(result.verdict.startswith("refused") for result in results),
        "n_campaigns_withheld": sum(result.verdict.startswith("withheld") for result in results),
        "n_campaigns_small": sum(result.verdict == "too few contacts" for result in results),
        "n_campaigns_positive": sum(result.verdict == "positive" for result in results),
        "n_campaigns_negative": sum(result.verdict == "negative" for result in results),
        "design": designs.pop() if len(designs) == 1 else "mixed",
    }


_Piece = tuple[str, CampaignResult, Effect, np.ndarray]


def _pieces(dimension: str, campaign: object, result: CampaignResult) -> Iterator[_Piece]:
    """(value, result, effect on spend, which customers count) of one campaign in one dimension."""
    effect = result.money
    if effect is None:
        return
    everybody = np.ones(len(result.customers), dtype=bool)
    if dimension == "customer_grade":
        for grade in sorted(set(result.groups)):
            yield str(grade), result, effect, result.groups == grade
    elif dimension == "department":
        for name, part in result.departments.items():
            yield name, result, part, everybody
    else:
        yield str(getattr(campaign, dimension)), result, effect, everybody


def _sum_of(
    log: CampaignLog, spend: pd.DataFrame, pieces: list[_Piece], margin_rate: float
) -> dict[str, float]:
    margin, parts = 0.0, []
    sums = {"n_judged": 0, "judged_cost": 0.0, "judged_attributed_amount": 0.0}
    for _, result, effect, inside in pieces:
        scale = len(result.judged) * margin_rate
        margin += float(effect.score[inside].sum()) * scale
        parts.append(pd.Series(result.contributions(effect, inside) * scale, index=result.customers))
        judged = result.judged.intersection(result.customers[inside])
        for name, value in _of_contacts(log, spend, result, judged).items():
            sums[name] += value
    reach = REACH_95 * _error(parts)
    bounds = {"": margin, "_low": margin - reach, "_high": margin + reach}
    return sums | {f"incremental_margin{ending}": value for ending, value in bounds.items()}


def _error(parts: list[pd.Series]) -> float:
    by_customer = pd.concat(parts).groupby(level=0).sum()
    return float(np.sqrt((by_customer**2).sum()))


def _judged_money(
    log: CampaignLog, spend: pd.DataFrame, result: CampaignResult, margin_rate: float
) -> dict[str, float]:
    effect = result.money
    judged = result.judged if effect else result.judged[:0]
    money = _of_contacts(log, spend, result, judged)
    for attribute, ending in (("estimate", ""), ("low", "_low"), ("high", "_high")):
        value = getattr(effect, attribute) if effect else NAN
        money[f"incremental_margin{ending}"] = value * margin_rate * len(judged)
    return money


def _of_contacts(
    log: CampaignLog, spend: pd.DataFrame, result: CampaignResult, judged: pd.Index
) -> dict[str, float]:
    """Number, cost and attributed amount of some of a campaign's contacts."""
    contacts = log.sent()
    contacts = contacts.loc[contacts["campaign_id"] == result.campaign_id]
    ours = (spend["campaign_id"] == result.campaign_id) & spend["customer_id"].isin(judged)
    return {
        "n_judged": len(judged),
        "judged_cost": float(contacts.loc[contacts["customer_id"].isin(judged), "contact_cost"].sum()),
        "judged_attributed_amount": float(spend.loc[ours, "amount"].sum()),
    }


def _with_return(money: pd.DataFrame) -> pd.DataFrame:
    """Return on the cost with its interval, and the cost of a contact at which nothing is left."""
    cost = money["judged_cost"].where(money["judged_cost"] > 0)
    for ending in ("", "_low", "_high"):
        money[f"roi{ending}"] = money[f"incremental_margin{ending}"] / cost - 1
    n_judged = money["n_judged"].where(money["n_judged"] > 0)
    return money.assign(break_even_contact_cost=money["incremental_margin"] / n_judged)
