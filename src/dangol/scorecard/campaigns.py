"""Offers and campaigns: rules, response, effects, the plan."""

import numpy as np
import pandas as pd

from dangol import tables
from dangol.scorecard import bounds
from dangol.scorecard.line import Line, difference, ratio
from dangol.scorecard.results import Results

_INTERVAL_LEVEL = 0.95
_Z_LEVEL = 1.96


def product_rules(results: Results) -> list[Line]:
    """Were the planted pairs of categories found again, and with the planted lift?"""
    if not results.has(tables.PRODUCT_RULE):
        return []
    found = results.table(tables.PRODUCT_RULE)
    planted = results.truth("affinities")
    rows = planted.merge(found, on=["antecedent", "consequent"], suffixes=("_planted", ""))
    held = rows[rows["is_replicated"]]
    n = len(planted)
    lines = [difference("rules_found", "06", (n, len(held)), 0.0, n=n, kind="count")]
    for pair in held.to_dict("records"):
        n_both, lift = int(pair["n_baskets"]), float(pair["lift_planted"])
        bound = float(np.expm1(bounds.log_lift(n_both, pair["pooled_lift"] / lift)))
        label = f"{pair['antecedent']} → {pair['consequent']}"
        both = (lift, float(pair["lift"]))
        lines.append(ratio("rule_lift", "06", both, bound, n=n_both, kind="times", label=label))
    return lines


def response(results: Results) -> list[Line]:
    """Is the level of response right, by type of campaign?"""
    if not results.has(tables.CAMPAIGN_RESPONSE, tables.CAMPAIGNS):
        return []
    campaigns = results.table(tables.CAMPAIGNS)
    past = campaigns[campaigns["start_date"] < results.as_of]
    last = past.sort_values("start_date").groupby("campaign_type")["campaign_id"].last()
    contacts = results.truth("contact_effects")
    found = results.table(tables.CAMPAIGN_RESPONSE)
    lines = []
    for kind, campaign_id in last.items():
        # the same customers, so that only the forecast differs
        truth = contacts[contacts["campaign_id"] == campaign_id].set_index("customer_id")["response_prob"]
        mine = found[found["campaign_type"] == kind].set_index("customer_id")["response_prob"]
        both = mine.index.intersection(truth.index)
        if len(both) == 0:
            continue
        pair = (truth[both].mean(), mine[both].mean())
        bound = bounds.response_rate(pair[0], len(both))
        lines.append(ratio("response_level", "07", pair, bound, n=len(both), kind="percent", label=str(kind)))
    return lines


def effects(results: Results) -> list[Line]:
    """Does each campaign's effect on spend lie where it was planted, and do the intervals hold it?"""
    if not results.has(tables.CAMPAIGN_EFFECT):
        return []
    found = results.table(tables.CAMPAIGN_EFFECT)
    rows = found[(found["outcome"] == "spend") & found["estimate"].notna()]
    rows = rows.merge(results.truth("campaign_effects"), on="campaign_id", suffixes=("", "_planted"))
    # of a campaign that was still running only a part has been seen
    ends = results.table(tables.CAMPAIGNS).set_index("campaign_id")["end_date"]
    rows = rows[rows["campaign_id"].map(ends) < results.as_of]
    if rows.empty:
        return []
    lines = []
    for row in rows.to_dict("records"):
        bound = bounds.effect((row["high"] - row["low"]) / (2 * _Z_LEVEL))
        n = int(row["n_treated"] + row["n_control"])
        label = f"campaign {row['campaign_id']}, {row['campaign_type']}"
        pair = (float(row["effect_amount"]), float(row["estimate"]))
        lines.append(difference("effect", "09", pair, bound, n=n, kind="money", label=label))
    is_inside = rows["effect_amount"].between(rows["low"], rows["high"])
    bound = bounds.interval_coverage(_INTERVAL_LEVEL, len(rows))
    pair = (_INTERVAL_LEVEL, is_inside.mean())
    return [difference("effect_coverage", "09", pair, bound, n=len(rows), kind="percent"), *lines]


def plan(results: Results) -> list[Line]:
    """What the plan truly earns, against the best plan of the same cost and against a draw by lot."""
    margin_rate, budget = results.metric("08", "margin_rate"), results.metric("08", "budget")
    if not results.has(tables.CAMPAIGN_PLAN) or margin_rate is None or budget is None:
        return []
    chosen = results.table(tables.CAMPAIGN_PLAN)
    profit = _true_profit(results, float(margin_rate))
    sent = chosen[chosen["arm"] == "contact"]
    open_to_all = chosen[~chosen["reason_code"].isin(["holdout", "consent", "contact_gap"])]
    options = profit[profit["customer_id"].isin(open_to_all["customer_id"])]
    if sent.empty or options.empty:
        return []
    earned = float(sent.merge(profit, on=["customer_id", "campaign_type"])["profit"].sum())
    best = _best_plan(options, float(budget), len(sent))
    by_type = options.groupby("campaign_type")["profit"].mean()
    lot = float(sent["campaign_type"].map(by_type).sum())
    if best <= 0:
        return []
    bound = bounds.plan_regret(1 - lot / best)
    return [difference("plan_regret", "08", (0.0, 1 - earned / best), bound, n=len(sent), kind="percent")]


def _true_profit(results: Results, margin_rate: float) -> pd.DataFrame:
    """True expected profit of a contact per customer and campaign type; coupons are left out of account."""
    uplift = results.truth("customer_uplift")
    cost = results.table(tables.CAMPAIGNS).groupby("campaign_type")["contact_cost"].last()
    is_active = uplift["customer_id"].map(results.customers["is_active"])
    amount = uplift["expected_effect_amount"].where(is_active, 0.0)
    contact_cost = uplift["campaign_type"].map(cost)
    return uplift[["customer_id", "campaign_type"]].assign(
        profit=margin_rate * amount - contact_cost, contact_cost=contact_cost
    )


def _best_plan(options: pd.DataFrame, budget: float, n_contacts: int) -> float:
    """Profit of each customer's best contact, best first, within budget and number of contacts."""
    best = options.sort_values("profit", ascending=False).drop_duplicates("customer_id")
    best = best[best["profit"] > 0].head(n_contacts)
    return float(best.loc[best["contact_cost"].cumsum() <= budget, "profit"].sum())
