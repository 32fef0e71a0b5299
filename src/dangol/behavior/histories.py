"""What the network sees beside the features: the last weeks in order, and the categories bought."""

import pandas as pd

from dangol.behavior.snapshots import BehaviorData
from dangol.features import EventLog
from dangol.features.assortment import category_sums
from dangol.features.events import as_of_table, by_column_name
from dangol.features.purchases import KEY
from dangol.features.sequence import CHANNELS, weekly_sequence

__all__ = ["CHANNELS", "category_history", "sequence_history"]


def sequence_history(log: EventLog, data: BehaviorData, n_weeks: int) -> pd.DataFrame:
    """Weekly orders, amounts and lines before each row's snapshot, as `weekly_sequence` names them.

    Args:
        log: the event log.
        data: from `behavior_data`.
        n_weeks: how many weeks to look back.

    Returns:
        Aligned with ``data.rows``; 0 in weeks without orders.
    """
    found = weekly_sequence(log, sorted(data.rows["as_of"].unique()), n_weeks)
    return data.rows.merge(found, on=KEY, how="left", validate="one_to_one").drop(columns=KEY).fillna(0.0)


def category_history(log: EventLog, data: BehaviorData, categories: list[str]) -> pd.DataFrame:
    """Amount spent in each category in the 84 days before each row's snapshot.

    The first layer of a network turns these amounts into a sum of one learnt vector per category,
    which is an embedding of categories weighted by what was bought.

    Args:
        log: the event log.
        data: from `behavior_data`.
        categories: names of the categories.

    Returns:
        Aligned with ``data.rows``; columns ``category_<name>_amount_84d`` in alphabetical order, 0 where
        nothing was bought; no columns without categories.
    """
    if not categories:
        return pd.DataFrame(index=data.rows.index)
    columns = {name: column for column, names in by_column_name(categories).items() for name in names}
    sums = category_sums(as_of_table(list(data.rows["as_of"].unique())), log, with_prices=False)
    found = sums.filter(sums.category.isin(categories)).execute()
    found = found.assign(
        as_of=found["as_of"].dt.strftime("%Y-%m-%d"),
        column="category_" + found["category"].map(columns) + "_amount_84d",
    )
    wide = found.pivot_table(index=KEY, columns="column", values="amount", aggfunc="sum", fill_value=0.0)
    every = sorted({f"category_{column}_amount_84d" for column in columns.values()})
    rows = wide.reindex(pd.MultiIndex.from_frame(data.rows[list(KEY)]), columns=every, fill_value=0.0)
    return rows.reset_index(drop=True).rename_axis(columns=None).set_axis(data.rows.index)
