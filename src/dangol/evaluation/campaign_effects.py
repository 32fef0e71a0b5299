"""What each past campaign changed in spend and orders: by its lot if it had one, else adjusted."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from dangol.evaluation.adjusted import MIN_OVERLAP_SHARE, AdjustedComparison
from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.checks import MIN_P_VALUE, sample_ratio_p_value
from dangol.evaluation.covariates import customer_covariates
from dangol.evaluation.effect import Effect
from dangol.evaluation.randomized import adjusted_to_treat, intention_to_treat
from dangol.evaluation.windows import window_outcomes
from dangol.features import CORE_PARTS, customer_features

OUTCOMES = ("spend", "orders")
MIN_PLACEBO_P_VALUE = 0.05
_MIN_ARM = 20


@dataclass(frozen=True)
class Design:
    """How campaigns are evaluated.

    Attributes:
        min_contacts: campaigns with fewer contacts are listed without an estimate.
        active_days: controls, and the contacted compared with them, ordered within so many days
            before the start.
        placebo_days: length of the period before the start in which no effect may show.
        seed: of the folds.
    """

    min_contacts: int
    active_days: int
    placebo_days: int
    seed: int


@dataclass(frozen=True)
class CampaignResult:
    """What could be found out about one campaign.

    Attributes:
        campaign_id: which.
        design: ``randomized`` or ``observational``.
        verdict: ``positive``, ``negative`` or ``unclear`` (effect on spend); or why nothing is
            claimed: ``too few contacts``, ``refused: …``, ``withheld: …``.
        note: what a reader should know beside it, may be empty.
        effects: by outcome; empty if none was estimated.
        customers: whose ``Effect.influence`` it is.
        judged: contacted customers the effect is about: all of them by lot, those with comparable
            controls otherwise.
        overlap_share: ``judged`` as a share of all contacted; missing if unknown.
        placebo_p_value: of no difference before the campaign; missing if there is no such period.
    """

    campaign_id: Any
    design: str
    verdict: str
    note: str = ""
    effects: dict[str, Effect] = field(default_factory=dict)
    customers: pd.Index = field(default_factory=lambda: pd.Index([]))
    judged: pd.Index = field(default_factory=lambda: pd.Index([]))
    overlap_share: float = float("nan")
    placebo_p_value: float = float("nan")

    @property
    def is_judged(self) -> bool:
        """Whether the effect may be used: estimated, neither refused nor withheld."""
        return self.verdict in ("positive", "negative", "unclear")


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
    material = _Material.gather(log, enough, design)
    return [_evaluate(log, campaign, material, design) for campaign in past.itertuples()]


def _evaluate(log: CampaignLog, campaign: Any, material: "_Material", design: Design) -> CampaignResult:
    if campaign.n_contacts < design.min_contacts:
        kind = "randomized" if campaign.is_randomized else "observational"
        return CampaignResult(campaign.campaign_id, kind, "too few contacts", _note(campaign, None))
    if campaign.is_randomized:
        return _by_lot(log, campaign, material)
    return _adjusted(log, campaign, material, design)


@dataclass(frozen=True)
class _Material:
    """Features and outcomes of all campaigns to be estimated, computed in two calls.

    Attributes:
        features: by snapshot date, rows of `customer_features`.
        outcomes: by (campaign, ``during`` or ``before``) and customer, ``spend`` and ``orders``.
    """

    features: dict[str, pd.DataFrame]
    outcomes: dict[tuple[Any, str], pd.DataFrame]

    @classmethod
    def gather(cls, log: CampaignLog, past: pd.DataFrame, design: Design) -> "_Material":
        first = log.first_order_ts()
        before = past["start_date"] - pd.Timedelta(days=design.placebo_days)
        observed = past.loc[~past["is_randomized"], "start_date"]
        dates = pd.concat([observed, observed - pd.Timedelta(days=design.placebo_days)])
        days = sorted(set(dates.loc[dates > first].dt.strftime("%Y-%m-%d")))
        features = customer_features(log.orders(), days, CORE_PARTS) if days else pd.DataFrame({"as_of": []})
        during = pd.DataFrame({"start": past["start_date"], "end": past["window_end"], "part": "during"})
        earlier = pd.DataFrame({"start": before, "end": past["start_date"], "part": "before"})
        windows = pd.concat([during, earlier]).assign(campaign_id=[*past["campaign_id"]] * 2)
        windows = windows.assign(window=range(len(windows)))
        found = window_outcomes(log.orders(), windows) if len(windows) else pd.DataFrame(columns=OUTCOMES)
        outcomes: dict[tuple[Any, str], pd.DataFrame] = {
            (row.campaign_id, str(row.part)): found.loc[
                found.index.get_level_values(0) == row.window
            ].droplevel(0)
            for row in windows.itertuples()
        }
        by_day = {str(day): rows for day, rows in features.groupby("as_of")}
        return cls(by_day, outcomes)

    def outcome(self, campaign_id: Any, part: str, customers: pd.Index) -> pd.DataFrame:
        """Spend and orders of these customers, 0 if they bought nothing."""
        return self.outcomes[campaign_id, part].reindex(customers, fill_value=0.0)


def _by_lot(log: CampaignLog, campaign: Any, material: _Material) -> CampaignResult:
    rows = log.contacts.loc[log.contacts["campaign_id"] == campaign.campaign_id].set_index("customer_id")
    is_treated = (rows["arm"] != "control").to_numpy()
    during = material.outcome(campaign.campaign_id, "during", rows.index)
    before = material.outcome(campaign.campaign_id, "before", rows.index)
    effects = {name: adjusted_to_treat(during[name], before[name], is_treated) for name in OUTCOMES}
    placebo = intention_to_treat(before["spend"], is_treated).p_value
    verdict = _verdict(effects["spend"])
    planned = campaign.planned_control_share
    if np.isfinite(planned) and _ratio_is_off(is_treated, planned):
        verdict = "withheld: sample ratio"
    elif placebo < MIN_P_VALUE:
        verdict = "withheld: arms differed before"
    note = _note(campaign, during)
    return CampaignResult(
        campaign.campaign_id,
        "randomized",
        verdict,
        note,
        effects,
        rows.index,
        rows.index[is_treated],
        1.0,
        placebo,
    )


def _ratio_is_off(is_treated: np.ndarray, planned_control_share: float) -> bool:
    counts = {"treated": int(is_treated.sum()), "control": int((~is_treated).sum())}
    planned = {"treated": 1 - planned_control_share, "control": planned_control_share}
    return sample_ratio_p_value(counts, planned) < MIN_P_VALUE


def _adjusted(log: CampaignLog, campaign: Any, material: _Material, design: Design) -> CampaignResult:
    placebo_start = campaign.start_date - pd.Timedelta(days=design.placebo_days)
    comparison, customers, reached = _compare(log, campaign, campaign.start_date, material, design)
    refused = CampaignResult(campaign.campaign_id, "observational", "", _note(campaign, None))
    if comparison is None:
        return replace(refused, verdict="refused: no history")
    share = comparison.overlap.share * reached
    if not comparison.overlap.is_enough or share < MIN_OVERLAP_SHARE:
        return replace(refused, verdict="refused: no overlap", overlap_share=share)
    during = material.outcome(campaign.campaign_id, "during", customers)
    effects = {name: comparison.effect(during[name]) for name in OUTCOMES}
    placebo_p = float("nan")
    earlier, others, _ = _compare(log, campaign, placebo_start, material, design)
    if earlier is not None:
        before = material.outcome(campaign.campaign_id, "before", others)
        placebo_p = earlier.effect(before["spend"]).p_value
    verdict = _verdict(effects["spend"])
    if placebo_p < MIN_PLACEBO_P_VALUE:
        verdict = "withheld: placebo period differs"
    judged = customers[comparison.is_treated & comparison.overlap.is_compared]
    return replace(
        refused,
        verdict=verdict,
        note=_note(campaign, during),
        effects=effects,
        customers=customers,
        judged=judged,
        overlap_share=share,
        placebo_p_value=placebo_p,
    )


def _compare(
    log: CampaignLog, campaign: Any, start: pd.Timestamp, material: _Material, design: Design
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


def _verdict(effect: Effect) -> str:
    return "positive" if effect.low > 0 else "negative" if effect.high < 0 else "unclear"


def _note(campaign: Any, during: pd.DataFrame | None) -> str:
    notes = []
    if campaign.is_running:
        n_days = (campaign.window_end - campaign.start_date).days
        planned = (campaign.end_date - campaign.start_date).days + 1
        notes.append(f"still running: {n_days} of {planned} days seen")
    n_negative = 0 if during is None else int((during["spend"] < 0).sum())
    if n_negative:
        notes.append(f"{n_negative} customers with more refunds than purchases, kept as they are")
    if campaign.n_late_contacts:
        notes.append(f"{campaign.n_late_contacts} contacts after the window, counted as contacts")
    return "; ".join(notes)
