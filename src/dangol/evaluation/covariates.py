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
    texts = own.select_dtypes(["object", "string", "category", "bool"]).astype("str").where(own.notna())
    if texts.empty:
        return pd.DataFrame(index=index)
    dummies = pd.get_dummies(texts.reindex(index), dtype="float64")
    return dummies.loc[:, dummies.sum() >= _RARE]
