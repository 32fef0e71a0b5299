"""What a company can send: campaign types, told apart by arm where a campaign had several."""

import pandas as pd


def sent_types(campaigns: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """What can be sent: each campaign type, or each of its arms where a campaign had several.

    Args:
        campaigns: as in ``tables.CAMPAIGNS``.
        contacts: as in ``tables.CONTACTS``; control arms are nothing that is sent.

    Returns:
        One row per campaign × arm that was sent: ``campaign_id``, ``arm``, ``campaign_type`` and
        ``sent_type`` (the type, with the arm after a colon where the type has several).
    """
    pairs = contacts.loc[contacts["arm"] != "control", ["campaign_id", "arm"]].drop_duplicates()
    pairs = pairs.merge(campaigns[["campaign_id", "campaign_type"]], on="campaign_id")
    n_arms = pairs.groupby("campaign_id")["arm"].transform("nunique").groupby(pairs["campaign_type"])
    several = n_arms.transform("max") > 1
    label = pairs["campaign_type"].astype("str")
    named = label.where(~several, label + ": " + pairs["arm"].astype("str"))
    return pairs.assign(sent_type=named).sort_values(["campaign_id", "arm"], ignore_index=True)
