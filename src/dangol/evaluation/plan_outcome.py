"""Plans of earlier runs against what came: the forecast profit beside the measured one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.covariates import design_matrix
from dangol.evaluation.effect import NAN, Effect
from dangol.evaluation.empty import empty_of
from dangol.evaluation.randomized import adjusted_to_treat
from dangol.evaluation.windows import window_outcomes
from dangol.features import EventLog
from dangol.records import metrics_of
from dangol.tables import CAMPAIGN_PLAN, PLAN_OUTCOME
from dangol.workspace import RunFolder

WINDOW_DAYS = 28
MIN_SENT_SHARE = 0.5
MAX_HOLDOUT_SENT_SHARE = 0.1
_MIN_ARM = 20
_BEFORE_DAYS = (28, 84)


@dataclass(frozen=True)
class _Plan:
    """A plan, what became of its contacts, and the days its outcome is seen."""

    rows: pd.DataFrame
    sent: pd.DataFrame
    start: pd.Timestamp
    end: pd.Timestamp
    as_of: pd.Timestamp
    forecast: dict[str, float]

    def customers(self, arm: str) -> pd.Index:
        return pd.Index(self.rows.loc[self.rows["arm"] == arm, "customer_id"])

    def compared(self, arm: str) -> pd.Index:
        """Customers of an arm whom the plan would contact if the lot had no say."""
        is_meant = self.rows["would_contact"] & (self.rows["arm"] == arm)
        return pd.Index(self.rows.loc[is_meant, "customer_id"])

    def reached_share(self, arm: str) -> float:
        """Share of an arm that was contacted within the window."""
        own = self.customers(arm)
        return float(own.isin(self.sent["customer_id"]).mean()) if len(own) else 0.0


def forecast_against_outcome(log: CampaignLog, folder: RunFolder, margin_rate: float) -> pd.DataFrame:
    """Every plan of an earlier run, and what became of it, in the layout of ``tables.PLAN_OUTCOME``.

    Customers planned for a contact are compared over 28 days, whether or not they were reached
    (intention to treat), with those of the control group whom the plan would have contacted
    (``would_contact``): the plan chose its customers, and only among the chosen did the lot alone decide.
    What they spent before narrows the interval. ``programme_effect`` is the long-run one: spend per customer
    since the plan, of all who were not held out against the control group, which the lot makes alike.

    Args:
        log: the campaign log; what happens on or after ``folder.as_of`` is not seen.
        folder: the run that wants to know; plans of its variant with an earlier date are read.
        margin_rate: share of the spend that is margin.

    Returns:
        One row per plan, oldest first. ``verdict``: ``as forecast``, ``better`` or ``worse`` (the
        forecast lies below or above the whole interval of the profit), ``not carried out`` (fewer
        than half of the planned contacts took place), ``withheld: control group was contacted``,
        ``too early`` (less than 28 days are seen), or ``refused: …``. Figures are missing unless
        they were measured.
    """
    runs = CAMPAIGN_PLAN.earlier_runs(folder)
    rows = [
        {"plan_date": pd.Timestamp(date), **_row(log, _read(log, run, folder.as_of), margin_rate)}
        for date, run in runs.items()
    ]
    return pd.DataFrame(rows)[[*PLAN_OUTCOME.columns]] if rows else empty_of(PLAN_OUTCOME)


def plan_outcome_figures(outcomes: pd.DataFrame) -> dict[str, float | str]:
    """Figures of the latest plan that was measured, for the report; of the latest one if none was.

    Returns:
        ``plan_verdict``, ``plan_sent_share`` and, if measured, ``plan_forecast_profit`` and
        ``plan_profit`` with bounds. Empty without plans.
    """
    if outcomes.empty:
        return {}
    measured = outcomes.loc[outcomes["profit"].notna()]
    last = (measured if len(measured) else outcomes).iloc[-1]
    figures: dict[str, float | str] = {
        "plan_verdict": str(last["verdict"]).partition(":")[0].replace(" ", "_"),
        "plan_sent_share": float(last["sent_share"]),
    }
    if len(measured):
        figures["plan_forecast_profit"] = float(last["forecast_profit"])
        figures |= {f"plan_{name}": float(last[name]) for name in ("profit", "profit_low", "profit_high")}
    return figures


def _read(log: CampaignLog, run: RunFolder, as_of: str) -> _Plan:
    rows = CAMPAIGN_PLAN.read(run)
    start, cut = pd.Timestamp(run.as_of), pd.Timestamp(as_of)
    end = min(start + pd.Timedelta(days=WINDOW_DAYS), cut)
    sent = log.sent()
    sent = sent.loc[(sent["contact_ts"] >= start) & (sent["contact_ts"] < end)]
    kept = metrics_of(run.of("08"))
    is_sent = rows["arm"] == "contact"
    forecast = {"forecast_profit": float(rows.loc[is_sent, "expected_profit"].sum())}
    for ending in ("_low", "_high"):
        forecast[f"forecast_profit{ending}"] = float(kept.get(f"expected_profit{ending}", NAN))
    return _Plan(rows, sent, start, end, cut, forecast)


def _row(log: CampaignLog, plan: _Plan, margin_rate: float) -> dict[str, Any]:
    planned, held_out = plan.customers("contact"), plan.customers("holdout")
    cost = float(plan.sent.loc[plan.sent["customer_id"].isin(planned), "contact_cost"].sum())
    row: dict[str, Any] = {
        "n_planned": len(planned),
        "n_holdout": len(held_out),
        "n_compared": len(plan.compared("holdout")),
        "sent_share": plan.reached_share("contact"),
        "holdout_sent_share": plan.reached_share("holdout"),
        "cost": cost,
        **plan.forecast,
        **dict.fromkeys(("profit", "profit_low", "profit_high"), NAN),
        **dict.fromkeys(("programme_effect", "programme_low", "programme_high"), NAN),
    }
    if why := _why_not(log, plan):
        return row | {"verdict": why}
    events = log.orders()
    programme = _programme(events, plan)
    row |= {"programme_effect": programme.estimate}
    row |= {"programme_low": programme.low, "programme_high": programme.high}
    effect = _planned_effect(events, plan)
    profit = [
        value * len(planned) * margin_rate - cost for value in (effect.estimate, effect.low, effect.high)
    ]
    row |= dict(zip(("profit", "profit_low", "profit_high"), profit, strict=True))
    forecast = row["forecast_profit"]
    return row | {
        "verdict": "worse" if forecast > profit[2] else "better" if forecast < profit[1] else "as forecast"
    }


def _why_not(log: CampaignLog, plan: _Plan) -> str:
    """Why a plan cannot be measured; empty if it can."""
    if log.events is None:
        return "refused: no order log"
    if plan.end - plan.start < pd.Timedelta(days=WINDOW_DAYS):
        return "too early"
    if min(len(plan.compared("contact")), len(plan.compared("holdout"))) < _MIN_ARM:
        return f"refused: fewer than {_MIN_ARM} customers to compare"
    if plan.reached_share("contact") < MIN_SENT_SHARE:
        return "not carried out"
    if plan.reached_share("holdout") > MAX_HOLDOUT_SENT_SHARE:
        return "withheld: control group was contacted"
    return ""


def _planned_effect(events: EventLog, plan: _Plan) -> Effect:
    contacted = plan.compared("contact")
    customers = contacted.union(plan.compared("holdout"))
    before = [_spend(events, plan.start - pd.Timedelta(days=n), plan.start, customers) for n in _BEFORE_DAYS]
    spend = _spend(events, plan.start, plan.end, customers)
    return adjusted_to_treat(spend, np.column_stack(before), customers.isin(contacted))


def _programme(events: EventLog, plan: _Plan) -> Effect:
    customers = pd.Index(plan.rows["customer_id"])
    spend = _spend(events, plan.start, plan.as_of, customers)
    is_open = (plan.rows["arm"] != "holdout").to_numpy()
    grades = design_matrix(plan.rows[["customer_grade"]])
    return adjusted_to_treat(spend, grades, is_open)


def _spend(events: EventLog, start: pd.Timestamp, end: pd.Timestamp, customers: pd.Index) -> np.ndarray:
    window = pd.DataFrame({"window": [0], "start": [start], "end": [end]})
    found = window_outcomes(events, window)["spend"].droplevel(0)
    return found.reindex(customers, fill_value=0.0).to_numpy(dtype=np.float64)
