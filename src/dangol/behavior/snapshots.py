"""Rows to learn from and rows to be judged on, split by time."""

from dataclasses import dataclass

import pandas as pd

from dangol.behavior.inputs import model_inputs
from dangol.features import CORE_PARTS, EventLog, SnapshotDates, behavior_labels, customer_features


@dataclass(frozen=True)
class BehaviorData:
    """One row per snapshot × customer.

    Attributes:
        dates: which snapshots train, test and are scored.
        rows: ``as_of`` (text), ``customer_id``.
        inputs: what models see, aligned with ``rows``.
        labels: ``n_orders``, ``spend``, ``is_lapsed`` over the horizon, aligned with ``rows``;
            meaningless for a snapshot whose horizon the data do not cover.
        features: all features, aligned with ``rows``; for naive rules.
    """

    dates: SnapshotDates
    rows: pd.DataFrame
    inputs: pd.DataFrame
    labels: pd.DataFrame
    features: pd.DataFrame

    @property
    def train(self) -> pd.Series:
        """Rows whose labels were known before the test snapshot."""
        return self.rows["as_of"].isin(self.dates.train)

    @property
    def test(self) -> pd.Series:
        """Rows the models are judged on."""
        return self.rows["as_of"] == self.dates.test

    @property
    def known(self) -> pd.Series:
        """Rows whose labels were known on ``as_of``: what a model for use learns from."""
        learned = (
            self.dates.train if self.dates.test == self.dates.as_of else [*self.dates.train, self.dates.test]
        )
        return self.rows["as_of"].isin(learned)

    @property
    def scored(self) -> pd.Series:
        """Rows of the snapshot that is scored for use."""
        return self.rows["as_of"] == self.dates.as_of


def behavior_data(
    log: EventLog,
    customers: pd.DataFrame,
    dates: SnapshotDates,
    horizon_days: int,
    departments: list[str] | None = None,
) -> BehaviorData:
    """Features and labels at all planned snapshots.

    Args:
        log: the event log.
        customers: one row per customer, with attributes.
        dates: from ``plan_snapshots``.
        horizon_days: length of the label window.
        departments: those with columns of their own, see `customer_features`.
    """
    every = sorted({*dates.train, dates.test, dates.as_of})
    features = customer_features(log, every, CORE_PARTS, departments)
    labels = behavior_labels(log, every, horizon_days)
    key = ["as_of", "customer_id"]
    aligned = features[key].merge(labels, on=key, how="left", validate="one_to_one")
    return BehaviorData(
        dates=dates,
        rows=features[key],
        inputs=model_inputs(features, customers),
        labels=aligned[["n_orders", "spend", "is_lapsed"]],
        features=features,
    )
