"""What the behaviour network learns: every outcome it has a head for, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd

from dangol.behavior.pace import Pace
from dangol.behavior.snapshots import BehaviorData
from dangol.features import EventLog, behavior_labels, category_labels, upsell_labels
from dangol.warehouse.rules import UNKNOWN

CATEGORIES_AT_MOST = 24
WATCHED_DAYS = 182
"""How long customers of a training snapshot are watched for their next order, at most."""


@dataclass(frozen=True)
class Outcomes:
    """Outcomes over the horizon, aligned with the rows of a `BehaviorData`.

    Attributes:
        labels: ``is_lapsed``, ``n_orders``, ``spend`` (refunds never make it negative),
            ``days_to_next_order``, ``is_censored`` and, with products, ``is_upsold``.
        paces: of ``spend`` and ``orders``, learnt from the training rows.
        expected: what those paces let expect, columns ``spend`` and ``orders``; the network learns
            multiples of it.
        categories: one 0/1 column per category that may come next; no columns where fewer than two are
            known.
    """

    labels: pd.DataFrame
    paces: Mapping[str, Pace]
    expected: pd.DataFrame
    categories: pd.DataFrame

    @property
    def tasks(self) -> dict[str, str]:
        """Task name to kind of head. Repurchase needs none of its own: it is what lapse is not."""
        kinds = {
            "lapse": "binary",
            "orders": "rate",
            "spend": "ziln",
            "typical_spend": "scaled_median",
            "next_order": "hazard",
        }
        if self.categories.shape[1]:
            kinds["categories"] = "multilabel"
        if "is_upsold" in self.labels:
            kinds["upsell"] = "binary"
        return kinds

    def targets(self, rows: pd.Series, waits: pd.DataFrame) -> dict[str, Any]:
        """Training target of every task.

        Args:
            rows: which rows to learn from, a mask.
            waits: from `waiting_times`, up to the day those rows may know.
        """
        labels, expected = self.labels[rows], self.expected[rows]
        targets: dict[str, Any] = {
            "lapse": labels["is_lapsed"].to_numpy("float64"),
            "orders": np.column_stack([labels["n_orders"], expected["orders"]]),
            "spend": (labels["spend"] / expected["spend"]).to_numpy(),
            "typical_spend": np.column_stack([labels["spend"], expected["spend"]]),
            "next_order": waits.loc[rows, ["duration_days", "is_observed"]].to_numpy("float64"),
            "categories": self.categories[rows],
        }
        if "is_upsold" in labels:
            targets["upsell"] = labels["is_upsold"].to_numpy("float64")
        return {name: targets[name] for name in self.tasks}


def behavior_outcomes(log: EventLog, data: BehaviorData, horizon_days: int) -> Outcomes:
    """All outcomes at the snapshots of ``data``.

    Args:
        log: the event log.
        data: from `behavior_data`; its training rows choose the categories.
        horizon_days: length of the label window.

    Returns:
        Outcomes of rows whose horizon the log does not cover are meaningless, as in `BehaviorData`.
        Categories and up-sell that came always or never in the training rows are left out: there
        is nothing to learn.
    """
    every = sorted(data.rows["as_of"].unique())
    labels = _aligned(data, behavior_labels(log, every, horizon_days)).drop(columns="is_repurchased")
    labels["spend"] = labels["spend"].clip(lower=0)
    categories = pd.DataFrame(index=data.rows.index)
    if log.products is not None:
        categories = _most_bought(_aligned(data, category_labels(log, every, horizon_days)), data.train)
        is_upsold = _aligned(data, upsell_labels(log, every, horizon_days))["is_upsold"]
        if is_upsold[data.train].nunique() == 2:
            labels["is_upsold"] = is_upsold
    taught = data.features[data.train]
    paces = {
        "spend": Pace.fit("amount", taught, labels.loc[data.train, "spend"], horizon_days),
        "orders": Pace.fit("n_orders", taught, labels.loc[data.train, "n_orders"], horizon_days),
    }
    expected = pd.DataFrame({name: pace.expected(data.features) for name, pace in paces.items()})
    return Outcomes(labels, paces, expected, categories)


def waiting_times(log: EventLog, data: BehaviorData, until: str) -> pd.DataFrame:
    """Days from each snapshot to the next order, as far as known on a day.

    Earlier snapshots are watched for longer than the horizon: what is known of the order after next
    month is used, and who has not come back yet counts as waiting, not as gone.

    Args:
        log: the event log; only what happened before ``until`` is read.
        data: from `behavior_data`.
        until: first day not known, ``YYYY-MM-DD``.

    Returns:
        Aligned with ``data.rows``: ``duration_days`` (float64, an order on the day of the snapshot
        counts 1, the days watched if none came) and ``is_observed`` (1.0 if an order came, 0.0 if
        not). Missing for snapshots on or after ``until``.
    """
    past = log.transactions.filter(log.transactions.order_ts < ibis.literal(pd.Timestamp(until)))
    snapshots = sorted(day for day in data.rows["as_of"].unique() if day < until)
    found = _aligned(data, behavior_labels(EventLog(past), snapshots, WATCHED_DAYS))
    came = 1.0 - found["is_censored"]
    # watched to the end of the day before `until`, also when nobody bought on it
    to_the_end = (pd.Timestamp(until) - pd.to_datetime(data.rows["as_of"])).dt.days.clip(upper=WATCHED_DAYS)
    duration = (found["days_to_next_order"] + 1.0).where(came == 1.0, to_the_end.where(came.notna()))
    return pd.DataFrame({"duration_days": duration, "is_observed": came})


def _most_bought(labels: pd.DataFrame, train: pd.Series) -> pd.DataFrame:
    """The known categories most customers bought in the training rows, some but not all of them.

    None if fewer than two are known: a single one is bought whenever anything is.
    """
    rates = labels[train].mean().drop(UNKNOWN, errors="ignore")
    rates = rates[(rates > 0) & (rates < 1)].sort_values(ascending=False, kind="stable")
    chosen = sorted(rates.index[:CATEGORIES_AT_MOST]) if len(rates) > 1 else []
    return labels[chosen].astype("float64")


def _aligned(data: BehaviorData, found: pd.DataFrame) -> pd.DataFrame:
    key = ["as_of", "customer_id"]
    return data.rows.merge(found, on=key, how="left", validate="one_to_one").drop(columns=key)
