"""What was known about customers before a campaign started, as numbers without gaps."""

from typing import Any

import pandas as pd

from dangol import tables
from dangol.evaluation.campaign_log import CampaignLog

_RARE = 20


def customer_covariates(log: CampaignLog, features: pd.DataFrame, campaign_id: Any) -> pd.DataFrame:
    """Covariates of one campaign for the customers of one snapshot.

    Args:
        log: the campaign log.
        features: rows of `dangol.features.customer_features` for one ``as_of``.
        campaign_id: the campaign; its own contacts are not among the covariates.

    Returns:
        Float columns without missing values, indexed by ``customer_id``: the features, a flag for
        each gap filled with the median, the attributes level by level, and contacts to other
        campaigns up to the snapshot day: of the same type, still running, starting the same day.
    """
    known = features.set_index("customer_id").drop(columns="as_of").astype("float64")
    gaps = known.isna()
    gaps = gaps.loc[:, gaps.any()].add_suffix("_is_missing").astype("float64")
    filled = known.fillna(known.median()).fillna(0.0)
    other = _other_contacts(log, pd.Timestamp(features["as_of"].iloc[0]), campaign_id)
    other = other.reindex(known.index, fill_value=0.0)
    return pd.concat([filled, gaps, other, _levels(log.customers, known.index)], axis=1)


def _other_contacts(log: CampaignLog, day: pd.Timestamp, campaign_id: Any) -> pd.DataFrame:
    campaigns = log.campaigns.set_index("campaign_id")
    sent = log.sent()
    sent = sent.loc[(sent["campaign_id"] != campaign_id) & (sent["contact_ts"].dt.normalize() <= day)]
    facts = campaigns.loc[sent["campaign_id"]].set_axis(sent.index)
    flags = pd.DataFrame(
        {
            "customer_id": sent["customer_id"],
            "n_same_type": facts["campaign_type"] == campaigns.loc[campaign_id, "campaign_type"],
            "n_running": facts["end_date"] >= day,
            "n_same_day": facts["start_date"] == day,
        }
    )
    return flags.groupby("customer_id").sum().astype("float64")


def _levels(customers: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Attributes as one column per level; rare levels and missing values are the base."""
    own = customers.set_index("customer_id").drop(columns=[*tables.CUSTOMERS.columns][1:])
    texts = own.select_dtypes(["object", "string", "category", "bool"])
    return _dummies(texts.reindex(index)) if len(texts.columns) else pd.DataFrame(index=index)


def design_matrix(attributes: pd.DataFrame) -> pd.DataFrame:
    """Attributes as numbers without gaps, made without a look at arms or outcomes.

    Args:
        attributes: one row per customer; numbers, dates, booleans, texts or categories.

    Returns:
        Float columns, same index. Numbers as they are, gaps filled with the median and flagged;
        dates as days; everything else as one column per level, where the first level, levels with
        fewer than 20 customers and missing values are the base.
    """
    dates = attributes.select_dtypes(["datetime", "datetimetz"])
    days = dates.apply(lambda column: (column - column.min()) / pd.Timedelta(days=1))
    numbers = pd.concat([attributes.select_dtypes("number"), days], axis=1).astype("float64")
    numbers = numbers.replace([float("inf"), float("-inf")], float("nan"))
    gaps = numbers.isna()
    gaps = gaps.loc[:, gaps.any()].add_suffix("_is_missing").astype("float64")
    parts = [numbers.fillna(numbers.median()).fillna(0.0), gaps]
    texts = attributes.select_dtypes(["object", "string", "category", "bool"])
    if len(texts.columns):
        parts += [_dummies(texts[[name]]).iloc[:, 1:] for name in texts]
    return pd.concat(parts, axis=1)


def _dummies(texts: pd.DataFrame) -> pd.DataFrame:
    dummies = pd.get_dummies(texts.astype("str").where(texts.notna()), dtype="float64")
    return dummies.loc[:, dummies.sum() >= _RARE]
