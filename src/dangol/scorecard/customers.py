"""Customers: segments, value, who is still active, who will stay away."""

import numpy as np
import pandas as pd

from dangol import tables
from dangol.scorecard import bounds
from dangol.scorecard.line import Line, difference, ratio
from dangol.scorecard.results import Results

_N_GROUPS = 10


def repurchase(results: Results) -> list[Line]:
    """Do as many customers order a second time within the window as their planted rates say?"""
    found = results.metric("02", "repurchase_rate")
    days = results.metric("02", "repurchase_days")
    if not isinstance(found, float) or not isinstance(days, int):
        return []
    truth = results.customers
    truth = truth[truth["first_order_ts"] + pd.Timedelta(days=days) < results.as_of]
    rate = truth["purchase_rate_week"]
    # by Pareto/NBD one may leave before the second order; by BG/NBD nobody leaves between two orders
    leaving = (
        truth["dropout_rate_week"] if results.parameters["arguments"]["process"] == "Pareto/NBD" else 0.0
    )
    planted = rate / (rate + leaving) * -np.expm1(-(rate + leaving) * days / 7)
    share, n = float(planted.mean()), len(truth)
    bound = bounds.repurchase_share(share, n)
    return [difference("repurchase", "02", (share, found), bound, n=n, kind="percent")]


def segments(results: Results) -> list[Line]:
    """Do the found segments of active customers agree with the planted ones?"""
    if not results.has(tables.CUSTOMER_SEGMENT):
        return []
    from sklearn.metrics import adjusted_rand_score

    found = results.table(tables.CUSTOMER_SEGMENT).set_index("customer_id")
    truth = results.customers.loc[found.index]
    rows = truth["is_active"] & (found["cluster"] >= 0)
    score = adjusted_rand_score(truth.loc[rows, "planted_segment"], found.loc[rows, "segment"])
    n = int(rows.sum())
    return [difference("segment_agreement", "03", (1.0, score), bounds.adjusted_rand(), n=n, kind="score")]


def value(results: Results) -> list[Line]:
    """Level and order of lifetime values, and who is still a customer."""
    horizon_days = results.metric("04", "horizon_days")
    if not results.has(tables.CUSTOMER_VALUE) or not isinstance(horizon_days, int):
        return []
    found = results.table(tables.CUSTOMER_VALUE).set_index("customer_id")
    truth = results.customers.loc[found.index]
    orders = results.expected_orders(horizon_days)[found.index]
    planted = orders * truth["mean_order_amount"]
    n, total = len(found), float(orders.sum())
    reliability = _reliability(orders, truth["is_active"])
    alive = truth["is_active"].astype(float)
    lines = [
        ratio(
            "value_total", "04", (planted.sum(), found["expected_value"].sum()), bounds.total_value(total, n),
            n=n, kind="money",
        ),
        difference(
            "value_order", "04", (1.0, planted.corr(found["expected_value"], method="spearman")),
            bounds.rank_correlation(reliability, n), n=n, kind="score",
        ),
    ]  # fmt: skip
    return lines + _purchase_lines(found, (orders, alive), n)


def _purchase_lines(found: pd.DataFrame, truth: tuple[pd.Series, pd.Series], n: int) -> list[Line]:
    orders, alive = truth
    total, share = float(orders.sum()), float(alive.mean())
    pairs = {"orders": (total, found["expected_orders"].sum()), "alive": (share, found["alive_prob"].mean())}
    lines = []
    if found["expected_orders"].notna().all():
        bound = bounds.total_orders(total, n)
        lines.append(ratio("expected_orders", "04", pairs["orders"], bound, n=n, kind="count"))
    if found["alive_prob"].notna().all():
        bound = bounds.alive_share(share, n)
        lines.append(difference("alive_share", "04", pairs["alive"], bound, n=n, kind="percent"))
    return lines


def _reliability(orders: pd.Series, is_active: pd.Series) -> float:
    """Share of the variance of counts that true rates explain, among active customers."""
    rates = orders[is_active]
    variance = float(rates.var())
    return variance / (variance + float(rates.mean()))


def lapse(results: Results) -> list[Line]:
    """Are lapse probabilities those that were planted, over all and in tenths?"""
    horizon_days = results.metric("05", "horizon_days")
    if not results.has(tables.CUSTOMER_BEHAVIOR) or not isinstance(horizon_days, int):
        return []
    found = results.table(tables.CUSTOMER_BEHAVIOR).set_index("customer_id")
    # no order in the horizon: none at all while active, and none for sure afterwards
    orders = results.expected_orders(horizon_days)[found.index]
    planted = np.exp(-orders)
    n, share = len(found), float(planted.mean())
    group = pd.qcut(found["lapse_prob"].rank(method="first"), _N_GROUPS, labels=False)
    means = pd.DataFrame({"found": found["lapse_prob"], "planted": planted}).groupby(group).mean()
    gap = float((means["found"] - means["planted"]).abs().mean())
    bound = bounds.lapse_calibration(share, n)
    return [
        difference("lapse_share", "05", (share, found["lapse_prob"].mean()), bound, n=n, kind="percent"),
        difference("lapse_calibration", "05", (0.0, gap), bound, n=n, kind="percent"),
    ]
