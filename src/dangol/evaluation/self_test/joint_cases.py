"""Several simulated campaigns or segments at once, and whether what is said of all of them holds."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.campaign_log import CampaignLog
from dangol.evaluation.campaign_result import CampaignResult
from dangol.evaluation.intervals import Array
from dangol.evaluation.lessons import lesson_table
from dangol.evaluation.money import money_table, total_money
from dangol.evaluation.randomized import intention_to_treat
from dangol.evaluation.segment_effects import segment_effects
from dangol.evaluation.self_test.campaigns import Held

_MARGIN_RATE = 0.3
_N_SEGMENTS = 8
_GRADES = np.array(["Bronze", "Gold", "Platinum", "Silver"])
Grade = npt.NDArray[np.int64]

_DAY = pd.Timestamp("2017-06-01")


def together(rng: np.random.Generator) -> Held:
    """Four campaigns to overlapping customers, whose habits stay the same."""
    effect = 3.0
    past, results = _campaigns(rng, ["A"] * 4, lambda kind, grade: np.full(len(grade), effect))
    log, grades = _log(results), [pd.Series(r.groups[r.is_treated]).value_counts() for r in results]
    scale = _MARGIN_RATE * effect
    money = pd.DataFrame(
        {
            "incremental_margin": [
                r.effects["spend"].estimate * len(r.judged) * _MARGIN_RATE for r in results
            ],
            "judged_cost": [float(len(r.judged)) for r in results],
            "judged_attributed_amount": 0.0,
        }
    )
    totals = total_money(money, results, _MARGIN_RATE)
    truth = scale * sum(len(r.judged) for r in results)
    parts = money_table(log, past, results, _MARGIN_RATE)
    by_grade = parts.loc[parts["dimension"] == "customer_grade"].set_index("dimension_value")
    planted = scale * pd.concat(grades).groupby(level=0).sum().reindex(by_grade.index)
    low, high = by_grade["incremental_margin_low"], by_grade["incremental_margin_high"]
    cost = totals["total_cost"]
    return {
        "total margin": [totals["incremental_margin_low"] <= truth <= totals["incremental_margin_high"]],
        "return on cost": [totals["roi_low"] <= truth / cost - 1 <= totals["roi_high"]],
        "margin by grade": [*(low.le(planted) & high.ge(planted))],
    }


def remembered(rng: np.random.Generator) -> Held:
    """Two types of five campaigns each, whose effects differ by grade and from campaign to campaign."""
    typical = {kind: rng.normal(2, 1.5, len(_GRADES)) for kind in ("A", "B")}

    def planted(kind: str, grade: Grade) -> Array:
        return (typical[kind] + rng.normal(0, 1, len(_GRADES)))[grade]

    past, results = _campaigns(rng, ["A", "B"] * 5, planted)
    table = lesson_table(_log(results), past, results, _MARGIN_RATE, "2017-12-01")
    share = pd.Series(np.concatenate([r.groups for r in results])).value_counts(normalize=True)
    truth = {
        (kind, grade): value for kind, of in typical.items() for grade, value in zip(_GRADES, of, strict=True)
    }
    truth |= {(kind, "all"): float(share[_GRADES] @ of) for kind, of in typical.items()}
    wanted = np.array(
        [truth[pair] for pair in zip(table["campaign_type"], table["customer_grade"], strict=True)]
    )
    is_all = table["customer_grade"] == "all"
    inside = table["low"].le(wanted) & table["high"].ge(wanted)
    drawn = table["shrunken_low"].le(wanted) & table["shrunken_high"].ge(wanted)
    return {
        "type": [*inside[is_all]],
        "type and grade": [*inside[~is_all]],
        "type and grade, shrunken": [*drawn[~is_all]],
    }


def by_segment(rng: np.random.Generator) -> Held:
    """Effects that differ by segment, as they are and drawn together."""
    n = 4000
    segment = rng.integers(0, _N_SEGMENTS, n)
    effects = rng.normal(2, 1.5, _N_SEGMENTS)
    treated = rng.uniform(size=n) < 0.5
    y = rng.gamma(0.5, 20, n) + effects[segment] * treated
    table = segment_effects(y, treated, pd.Series(segment))
    return {
        "segment": [*(table["low"].le(effects) & table["high"].ge(effects))],
        "segment, shrunken": [*(table["shrunken_low"].le(effects) & table["shrunken_high"].ge(effects))],
    }


def _campaigns(
    rng: np.random.Generator, kinds: list[str], planted: Callable[[str, Grade], Array]
) -> tuple[pd.DataFrame, list[CampaignResult]]:
    """Campaigns to the same customers, evaluated by their lots."""
    n = 1500
    habit, grade = rng.gamma(2, 10, n), rng.integers(0, len(_GRADES), n)
    customers = pd.RangeIndex(n)
    results = []
    for number, kind in enumerate(kinds):
        treated = rng.uniform(size=n) < 0.7
        y = habit * rng.gamma(1, 1, n) + planted(kind, grade) * treated
        results.append(
            CampaignResult(
                number,
                "randomized",
                "unclear",
                effects={"spend": intention_to_treat(y, treated)},
                customers=customers,
                is_treated=treated,
                groups=_GRADES[grade].astype(object),
                judged=customers[treated],
            )
        )
    past = pd.DataFrame({"campaign_id": range(len(kinds)), "campaign_type": kinds, "channel": "mail"})
    n_contacts = [len(result.judged) for result in results]
    past = past.assign(n_contacts=n_contacts, cost=np.array(n_contacts, dtype=np.float64), seen_until=_DAY)
    past = past.assign(start_date=_DAY, window_end=_DAY, is_in_log=False, n_control_responders=0)
    return past, results


def _log(results: list[CampaignResult]) -> CampaignLog:
    """A log in which a contact costs one, and one customer answered once."""
    contacts = pd.concat(
        [
            pd.DataFrame({"campaign_id": r.campaign_id, "customer_id": r.judged, "arm": "mailing"})
            for r in results
        ],
        ignore_index=True,
    ).assign(contact_cost=1.0, contact_ts=_DAY, is_randomized=True)
    answer = contacts[["campaign_id", "customer_id"]].head(1)
    answers = answer.assign(response_ts=_DAY, response_kind="visit", value=1.0)
    campaigns = pd.DataFrame({"campaign_id": range(len(results))})
    customers = pd.DataFrame({"customer_id": results[0].customers})
    return CampaignLog(None, customers, campaigns, contacts, answers)
