"""What the evaluation of several campaigns needs, computed once for all of them."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.campaign_result import Design
from dangol.evaluation.covariates import design_matrix
from dangol.evaluation.windows import department_spend, response_outcomes, window_outcomes
from dangol.features import CORE_PARTS, customer_features
from dangol.tables import CUSTOMERS

_YEAR_DAYS = 364
_WEEK = "week "


@dataclass(frozen=True)
class Material:
    """Features and outcomes of all campaigns to be estimated.

    Attributes:
        log: the campaign log.
        features: by snapshot date, rows of `customer_features`; empty without an order log.
        bought: by (campaign, part) and customer, ``spend`` and ``orders``; parts are ``during``,
            ``before`` (placebo period), ``active`` and ``year`` (before the start), ``week 1`` and so on
            (from the start).
        departments: by campaign and customer, spend per department while it ran.
        answered: by campaign and customer, one column per kind of response, of campaigns whose answers are
            outcomes: the order log does not show what was bought, or the controls answered too.
        in_log: campaigns of which the order log shows what was bought while they ran.
    """

    log: CampaignLog
    features: dict[str, pd.DataFrame]
    bought: dict[tuple[Any, str], pd.DataFrame]
    departments: dict[Any, pd.DataFrame]
    answered: dict[Any, pd.DataFrame]
    in_log: frozenset[Any] = frozenset()

    @classmethod
    def gather(cls, log: CampaignLog, past: pd.DataFrame, design: Design) -> "Material":
        """Compute it for the campaigns given."""
        answered = response_outcomes(log, past)
        if log.events is None:
            return cls(log, {}, {}, {}, answered)
        windows = _windows(past, design)
        found = window_outcomes(log.events, windows)
        bought = {
            (row.campaign_id, str(row.part)): _of_window(found, row.window) for row in windows.itertuples()
        }
        during = windows.loc[windows["part"] == "during"]
        spent = department_spend(log.events, during)
        departments = {row.campaign_id: _of_window(spent, row.window) for row in during.itertuples()}
        in_log = frozenset(past.loc[past["is_in_log"], "campaign_id"])
        return cls(log, _features(log, past, design), bought, departments, answered, in_log)

    def outcomes(self, campaign_id: Any, customers: pd.Index) -> pd.DataFrame:
        """Outcomes of these customers of a campaign by lot, 0 if nothing happened; the main one first."""
        parts = [self.orders(campaign_id, customers)] if campaign_id in self.in_log else []
        if campaign_id in self.answered:
            parts.append(self.answered[campaign_id].reindex(customers, fill_value=0.0))
        return pd.concat(parts, axis=1)

    def orders(self, campaign_id: Any, customers: pd.Index, part: str = "during") -> pd.DataFrame:
        """What these customers bought, as ``windows.ORDER_OUTCOMES``, 0 if nothing."""
        bought = self.bought[campaign_id, part].reindex(customers, fill_value=0.0)
        return bought.assign(buyers=(bought["orders"] > 0).astype("float64"))

    def by_department(self, campaign_id: Any, customers: pd.Index) -> pd.DataFrame:
        """Spend per department while the campaign ran; no columns where the order log does not show it."""
        if campaign_id not in self.in_log:
            return pd.DataFrame(index=customers)
        return self.departments[campaign_id].reindex(customers, fill_value=0.0)

    def by_week(self, campaign_id: Any, customers: pd.Index) -> pd.DataFrame:
        """Spend in each week from the first day on; weeks that were not over are no columns.

        None is where the order log does not show what was bought while the campaign ran.
        """
        weeks = {
            part: table["spend"].reindex(customers, fill_value=0.0)
            for (campaign, part), table in self.bought.items()
            if campaign == campaign_id in self.in_log and part.startswith(_WEEK)
        }
        return pd.DataFrame(weeks, index=customers)

    def known_before(self, campaign_id: Any, customers: pd.Index, grades: pd.Series) -> pd.DataFrame:
        """Covariates of customers drawn by lot: earlier purchases and grade, or their attributes."""
        if self.log.events is None:
            known = self.log.customers.set_index("customer_id").reindex(customers)
            return design_matrix(known.drop(columns=[*CUSTOMERS.columns][1:]))
        parts = [
            self.bought[campaign_id, part].reindex(customers, fill_value=0.0).add_suffix(f"_{part}")
            for part in ("before", "active", "year")
        ]
        return pd.concat([*parts, design_matrix(grades.rename("grade").to_frame())], axis=1)


def _windows(past: pd.DataFrame, design: Design) -> pd.DataFrame:
    spans = [("during", past["start_date"], past["window_end"])]
    for part, days in (
        ("before", design.placebo_days),
        ("active", design.active_days),
        ("year", _YEAR_DAYS),
    ):
        spans.append((part, past["start_date"] - pd.Timedelta(days=days), past["start_date"]))
    for week in range(1, design.course_weeks + 1):
        end = past["start_date"] + pd.Timedelta(days=7 * week)
        spans.append((f"{_WEEK}{week}", end - pd.Timedelta(days=7), end.where(end <= past["seen_until"])))
    frames = [
        pd.DataFrame({"campaign_id": past["campaign_id"], "part": part, "start": start, "end": end})
        for part, start, end in spans
    ]
    windows = pd.concat(frames, ignore_index=True).dropna(subset="end")
    return windows.assign(window=range(len(windows)))


def _of_window(found: pd.DataFrame, window: Any) -> pd.DataFrame:
    return found.loc[found.index.get_level_values(0) == window].droplevel(0)


def _features(log: CampaignLog, past: pd.DataFrame, design: Design) -> dict[str, pd.DataFrame]:
    """Features on the first day of each campaign without a lot, and before its placebo period."""
    if log.events is None:
        return {}
    observed = past.loc[~past["is_randomized"], "start_date"]
    dates = pd.concat([observed, observed - pd.Timedelta(days=design.placebo_days)])
    days = sorted(set(dates.loc[dates > log.first_order_ts()].dt.strftime("%Y-%m-%d")))
    if not days:
        return {}
    known = customer_features(log.events, days, CORE_PARTS)
    return {str(day): rows for day, rows in known.groupby("as_of")}
