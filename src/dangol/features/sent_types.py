"""What a company can send: campaign types, told apart by arm where a campaign had several."""

import pandas as pd


def sent_types(campaigns: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """What can be sent: each campaign type, or each of its arms where a campaign had several.

    Args:
        campaigns: as in ``tables.CAMPAIGNS``.
        contacts: as in ``tables.CONTACTS``; control arms are nothing that is sent.

    Returns:
        One row per campaign × arm that was sent: ``campaign_id``, ``arm``, ``campaign_type`` and
        ``sent_type`` (the type; where it has several arms the
        arm, with the type before it unless the arm's name begins with it).
    """
    pairs = contacts.loc[contacts["arm"] != "control", ["campaign_id", "arm"]].drop_duplicates()
    pairs = pairs.merge(campaigns[["campaign_id", "campaign_type"]], on="campaign_id")
    n_arms = pairs.groupby("campaign_id")["arm"].transform("nunique").groupby(pairs["campaign_type"])
    several = n_arms.transform("max") > 1
    label, arm = pairs["campaign_type"].astype("str"), pairs["arm"].astype("str")
    says_type = pd.Series([a.startswith(b) for a, b in zip(arm, label, strict=True)], index=pairs.index)
    named = label.where(~several, arm.where(says_type.astype(bool), label + ": " + arm))
    return pairs.assign(sent_type=named).sort_values(["campaign_id", "arm"], ignore_index=True)
