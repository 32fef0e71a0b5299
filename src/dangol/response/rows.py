"""What was known about a customer and a campaign on the day of a contact."""

import pandas as pd

from dangol import tables
from dangol.evaluation.campaign_log import CampaignLog
from dangol.features import CORE_PARTS, customer_features
from dangol.response.affinity import (
    category_affinity,
    coupon_familiarity,
    coupon_habits,
    offer_affinity,
    purchases_before,
)

KEY = ["customer_id", "campaign_id", "contact_date"]


def describe_contacts(log: CampaignLog, pairs: pd.DataFrame) -> pd.DataFrame:
    """Features of each contact, sent or planned.

    Args:
        log: customers, campaigns and their history; may reach beyond the contacts.
        pairs: ``customer_id``, ``campaign_id``, ``contact_date`` (midnight), each row once. Only
            events strictly before ``contact_date`` are seen.

    Returns:
        One row per pair in the order given, same index, without the key: customer features as of the
        contact, the campaign (type, channel, coupons, products), what the customer bought
        of its products, answers to earlier campaigns (also of the same type), and the customer's
        attributes as categories, with ``customer_`` before a name that is taken. A customer without
        an order before the contact has missing purchase features. Without an order log what was
        bought is left out.
    """
    rows = pairs[KEY].reset_index(drop=True)
    parts = [_campaign_facts(log, rows), _earlier_contacts(log, rows)]
    if log.events is not None:
        parts = [_habits(log, rows), *parts, _purchases(log, rows)]
    taken = {name for part in parts for name in part}
    own = _attributes(log, rows).rename(columns=lambda name: f"customer_{name}" if name in taken else name)
    frame = pd.concat([rows, *(part.reset_index(drop=True) for part in [*parts, own])], axis=1)
    return _answer_rates(frame).drop(columns=KEY).set_axis(pairs.index)


def _habits(log: CampaignLog, rows: pd.DataFrame) -> pd.DataFrame:
    """The features every model shares, as of the day of the contact."""
    days = rows["contact_date"].dt.strftime("%Y-%m-%d")
    known = customer_features(log.orders(), sorted(days.unique()), CORE_PARTS)
    return (
        rows.assign(as_of=days)
        .merge(known, on=["as_of", "customer_id"], how="left")
        .drop(columns=["as_of", *KEY])
    )


def _campaign_facts(log: CampaignLog, rows: pd.DataFrame) -> pd.DataFrame:
    """Type, channel and size of the campaign; nothing that is known only afterwards."""
    campaigns, columns = log.campaigns, ["campaign_id", "campaign_type", "channel"]
    if log.campaign_products is not None:
        offered = log.campaign_products.groupby("campaign_id", as_index=False).agg(
            n_campaign_products=("product_id", "nunique"), n_coupons=("coupon_id", "nunique")
        )
        campaigns = campaigns.merge(offered, on="campaign_id", how="left")
        columns += ["n_campaign_products", "n_coupons"]
    facts = rows[["campaign_id"]].merge(campaigns[columns], on="campaign_id", how="left")
    texts = {name: facts[name].astype("category") for name in ("campaign_type", "channel")}
    return facts.assign(**texts).drop(columns="campaign_id")


def _earlier_contacts(log: CampaignLog, rows: pd.DataFrame) -> pd.DataFrame:
    """Contacts and answered campaigns of the same type, and the contacts of the last four weeks."""
    kind = log.campaigns.set_index("campaign_id")["campaign_type"]
    numbered = rows.assign(row=range(len(rows)), campaign_type=rows["campaign_id"].map(kind))
    first = log.responses.groupby(["customer_id", "campaign_id"], as_index=False)["response_ts"].min()
    sent = log.sent()[["customer_id", "campaign_id", "contact_ts"]]
    past = sent.merge(first, on=["customer_id", "campaign_id"], how="left")
    past = past.assign(past_type=past["campaign_id"].map(kind)).drop(columns="campaign_id")
    joined = numbered.merge(past, on="customer_id")
    joined = joined.loc[joined["contact_ts"] < joined["contact_date"]]
    same = joined["past_type"] == joined["campaign_type"]
    answered = joined["response_ts"] < joined["contact_date"]
    recent = joined["contact_ts"] >= joined["contact_date"] - pd.Timedelta(days=28)
    counts = pd.DataFrame(
        {
            "row": joined["row"],
            "n_contacts_28d": recent,
            "n_contacts_same_type": same,
            "n_answered_same_type": same & answered,
        }
    )
    if log.events is None:  # else the shared features count them
        counts = counts.assign(n_contacts=True, n_campaigns_answered=answered)
    return counts.groupby("row").sum().reindex(range(len(rows)), fill_value=0).astype("int64")


def _attributes(log: CampaignLog, rows: pd.DataFrame) -> pd.DataFrame:
    """The customer's attributes; texts become categories, dates are left to the features."""
    own = log.customers.drop(columns=[name for name in tables.CUSTOMERS.columns if name != "customer_id"])
    own = own.drop(columns=own.select_dtypes("datetime").columns)
    frame = rows[["customer_id"]].merge(own, on="customer_id", how="left").drop(columns="customer_id")
    return frame.astype(dict.fromkeys(frame.select_dtypes(["object", "string", "bool"]).columns, "category"))


def _purchases(log: CampaignLog, rows: pd.DataFrame) -> pd.DataFrame:
    """Coupon habits and, where the offered products are known, how near the offer is to past purchases."""
    bought = purchases_before(log.orders(), rows)
    parts = [coupon_habits(bought)]
    if log.campaign_products is not None:
        offers = log.campaign_products
        parts += [
            offer_affinity(bought, offers),
            coupon_familiarity(bought, offers),
            category_affinity(bought, offers, log.orders().products),
        ]
    found = pd.concat([part.execute().set_index("row") for part in parts], axis=1)
    found = found.reindex(range(len(rows)))
    return found.fillna(dict.fromkeys(found.columns.drop("days_since_coupon"), 0.0)).astype("float64")


def _answer_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Earlier answers per earlier contact, and the offered share of earlier purchases."""
    rates = {
        "answer_rate": frame["n_campaigns_answered"] / frame["n_contacts"].where(frame["n_contacts"] > 0),
        "same_type_answer_rate": frame["n_answered_same_type"]
        / frame["n_contacts_same_type"].where(frame["n_contacts_same_type"] > 0),
    }
    if "offered_amount_84d" in frame:
        spent = frame["amount_84d"].where(frame["amount_84d"] > 0)
        rates["offered_share_84d"] = (frame["offered_amount_84d"] / spent).clip(0, 1)
        rates["offered_category_share_84d"] = (frame["category_amount_84d"] / spent).clip(0, 1)
    return frame.assign(**rates)
