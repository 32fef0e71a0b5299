"""What works: effects of past campaigns by offer and customer group, kept for the runs to come.

Every run writes what it learnt as a table of its own folder. A later run reads the table of the latest
run with an *earlier* date, so that nothing points back in time and no file is shared between runs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.evaluation.campaign_log import EVERYBODY, CampaignLog
from dangol.evaluation.campaign_result import CampaignResult
from dangol.evaluation.effect import NAN
from dangol.evaluation.empty import empty_of
from dangol.evaluation.pooling import pooled_mean
from dangol.evaluation.shrinkage import q_values, shrink
from dangol.power import customers_per_arm
from dangol.tables import CAMPAIGN_LESSON
from dangol.workspace import RunFolder

_MAX_Q_VALUE = 0.05


def lesson_table(
    log: CampaignLog, past: pd.DataFrame, results: list[CampaignResult], margin_rate: float, as_of: str
) -> pd.DataFrame:
    """What the judged campaigns teach, in the layout of ``tables.CAMPAIGN_LESSON``.

    Args:
        log: the campaign log.
        past: from `past_campaigns`.
        results: from `evaluate_campaigns`.
        margin_rate: share of spend that is margin.
        as_of: date from which the lesson is known.

    Returns:
        One row per campaign type × customer grade at the start (``all`` for everybody together):
        the effect on spend per contact pooled over campaigns (``estimate``, ``low``, ``high``),
        drawn towards the other rows (``shrunken``), ``is_proven`` with at most 5 % false discoveries,
        the share of the contacted who responded, and how many customers *per arm* the next test
        needs to see an effect that just pays for a contact with 80 % power. Untested combinations
        have no row.
    """
    responders = _responders(log, past)
    rows = [
        {"campaign_type": kind, "customer_grade": group} | lesson
        for kind, own in _by_type(past, results).items()
        for group in (EVERYBODY, *_groups(own))
        if (lesson := _lesson(own, group, responders, margin_rate))["n_campaigns"]
    ]
    columns = [*CAMPAIGN_LESSON.columns]
    if not rows:
        return empty_of(CAMPAIGN_LESSON)
    table = pd.DataFrame(rows)
    is_whole = table["customer_grade"] == EVERYBODY
    table[["shrunken", "shrunken_low", "shrunken_high"]] = NAN
    for part in (is_whole, ~is_whole):
        found = shrink(table.loc[part, "estimate"], table.loc[part, "standard_error"])
        for name, values in (("", found.estimate), ("_low", found.low), ("_high", found.high)):
            table.loc[part, f"shrunken{name}"] = values
        table.loc[part, "q_value"] = q_values(table.loc[part, "p_value"])
    table["is_proven"] = table["q_value"].fillna(1.0) <= _MAX_Q_VALUE
    return table.assign(outcome="spend", known_date=pd.Timestamp(as_of))[columns]


def next_test(lessons: pd.DataFrame, margin_rate: float, n_customers: int) -> dict[str, float | str]:
    """The test to run next: a campaign type that seems to earn more than it costs, not yet proven.

    Of these the one whose gain is largest at the lower end of its interval, so that of two equal gains
    the better known one leads: not knowing is no merit.

    Args:
        lessons: from `lesson_table`.
        margin_rate: share of spend that is margin.
        n_customers: customers there are.

    Returns:
        ``next_test_type``; ``next_test_gain`` with ``_low`` and ``_high``: margin of a contact's pooled
        effect less its cost, in currency; ``n_next_test`` (customers per arm) and ``n_customers_per_arm``
        (the most there can be). The type is ``none`` if no open type seems to earn its cost; empty if
        none is open.
    """
    is_open = ~lessons["is_proven"] & (lessons["customer_grade"] == EVERYBODY) & (lessons["n_next_test"] > 0)
    if not is_open.any():
        return {}
    ends = lessons.loc[is_open, ["estimate", "low", "high"]]
    gains = ends.mul(margin_rate).sub(lessons.loc[is_open, "contact_cost"], axis=0)
    gains = gains[gains["estimate"] > 0]
    if gains.empty:
        return {"next_test_type": "none"}
    best = int(gains["low"].to_numpy().argmax())
    gain, lesson = gains.iloc[best], lessons.loc[gains.index].iloc[best]
    return {
        "next_test_type": str(lesson["campaign_type"]),
        "next_test_gain": float(gain["estimate"]),
        "next_test_gain_low": float(gain["low"]),
        "next_test_gain_high": float(gain["high"]),
        "n_next_test": int(lesson["n_next_test"]),
        "n_customers_per_arm": n_customers // 2,
    }


def remembered_lessons(folder: RunFolder) -> pd.DataFrame | None:
    """Lessons of the latest earlier run of the data set; None if there is none.

    Args:
        folder: the run that wants to know; only runs of its variant with an earlier ``as_of`` are read.
    """
    runs = CAMPAIGN_LESSON.earlier_runs(folder)
    return CAMPAIGN_LESSON.read(runs[max(runs)]) if runs else None


def _by_type(
    past: pd.DataFrame, results: list[CampaignResult]
) -> dict[str, list[tuple[CampaignResult, float]]]:
    """Judged campaigns by type, each with the cost of one of its contacts."""
    found: dict[str, list[tuple[CampaignResult, float]]] = {}
    costs = past["cost"] / past["n_contacts"].clip(lower=1)
    for kind, cost, result in zip(past["campaign_type"], costs, results, strict=True):
        if result.money is not None:
            found.setdefault(str(kind), []).append((result, float(cost)))
    return found


def _groups(own: list[tuple[CampaignResult, float]]) -> list[str]:
    return sorted({str(group) for result, _ in own for group in result.groups} - {EVERYBODY})


def _lesson(
    own: list[tuple[CampaignResult, float]], group: str, responders: pd.MultiIndex, margin_rate: float
) -> dict[str, Any]:
    parts = [part for result, _ in own if (part := _part(result, group)) is not None]
    pooled = pooled_mean([part.estimate for part in parts], _covariance(parts))
    sent = [(r.campaign_id, c) for r, _ in own for c in _contacted(r, group)]
    n_sent = len(sent)
    n_answers = int(pd.MultiIndex.from_tuples(sent).isin(responders).sum()) if sent else 0
    cost = float(np.mean([cost for _, cost in own]))
    return {
        "n_campaigns": len(parts),
        "n_treated": sum(part.n_treated for part in parts),
        "n_control": sum(part.n_control for part in parts),
        "n_randomized": sum(result.design == "randomized" for result, _ in own),
        "estimate": pooled.estimate,
        "low": pooled.low,
        "high": pooled.high,
        "standard_error": pooled.standard_error,
        "p_value": pooled.p_value,
        "response_rate": n_answers / n_sent if n_sent else 0.0,
        "contact_cost": cost,
        "n_next_test": _next_test(cost / margin_rate if margin_rate else NAN, parts),
    }


@dataclass(frozen=True)
class _Part:
    """What one campaign says about one group: the effect, and who contributes what to its error."""

    estimate: float
    influence: pd.Series
    n_treated: int
    n_control: int

    @property
    def scatter(self) -> float:
        """Standard deviation of an outcome with this error."""
        error = float(np.sqrt((self.influence**2).sum()))
        return error / np.sqrt(1 / self.n_treated + 1 / self.n_control)


def _covariance(parts: list[_Part]) -> np.ndarray:
    """Of the campaigns' errors: a customer who is in two of them contributes to both."""
    if not parts:
        return np.zeros((0, 0))
    shares = pd.concat([part.influence for part in parts], axis=1, keys=range(len(parts))).fillna(0.0)
    return shares.T.to_numpy() @ shares.to_numpy()


def _part(result: CampaignResult, group: str) -> _Part | None:
    """Effect per contacted customer in one group, from what its customers contribute to the whole."""
    effect = result.money
    inside = np.ones(len(result.customers), dtype=bool) if group == EVERYBODY else result.groups == group
    n_treated = int((inside & result.is_treated).sum())
    n_control = int((inside & ~result.is_treated).sum())
    share = n_treated / max(int(result.is_treated.sum()), 1)
    if effect is None or min(n_treated, n_control) < 2:
        return None
    return _Part(
        estimate=float(effect.score[inside].sum()) / share,
        influence=pd.Series(result.contributions(effect, inside) / share, index=result.customers),
        n_treated=n_treated,
        n_control=n_control,
    )


def _next_test(smallest: float, parts: list[_Part]) -> int:
    """Customers per arm that show an effect of ``smallest``; 0 if none is asked for."""
    return customers_per_arm(smallest, float(np.median([part.scatter for part in parts])) if parts else NAN)


def _contacted(result: CampaignResult, group: str) -> pd.Index:
    inside = result.is_treated if group == EVERYBODY else result.is_treated & (result.groups == group)
    return result.customers[inside]


def _responders(log: CampaignLog, past: pd.DataFrame) -> pd.MultiIndex:
    ends = log.responses["campaign_id"].map(past.set_index("campaign_id")["seen_until"])
    seen = log.responses.loc[log.responses["response_ts"] < ends, ["campaign_id", "customer_id"]]
    return pd.MultiIndex.from_frame(seen.drop_duplicates())
