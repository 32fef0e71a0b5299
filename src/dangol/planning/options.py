"""What could be sent to whom, and what each contact is expected to earn."""

import numpy as np
import pandas as pd

from dangol.features.sent_types import sent_types


def campaign_terms(campaigns: pd.DataFrame, contacts: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Channel and cost of what can be sent, as of its last campaign started before ``as_of``.

    Returns:
        One row per ``campaign_type`` (with the arm where a type has several, as ``sent_types`` names
        them): ``channel``, ``contact_cost``.
    """
    started = campaigns[campaigns["start_date"] < as_of].sort_values(["start_date", "campaign_id"])
    terms = started.groupby("campaign_type")[["channel", "contact_cost"]].last().reset_index()
    sent = sent_types(started, contacts)[["campaign_type", "sent_type"]].drop_duplicates()
    named = terms.merge(sent, on="campaign_type", how="left")
    named = named.assign(campaign_type=named["sent_type"].fillna(named["campaign_type"]))
    return named.drop(columns="sent_type").sort_values("campaign_type", ignore_index=True)


def contact_options(
    response: pd.DataFrame,
    terms: pd.DataFrame,
    usual_order: pd.Series,
    order_value: float,
    incremental_share: float,
) -> pd.DataFrame:
    """Expected profit of each customer × campaign type.

    ``expected_profit = response_prob × response_value − contact_cost`` with ``response_value =
    usual_order × order_value × the share of the answer that the contact brings about``. This share is
    ``response_uplift / response_prob`` where the uplift is known from customers held out by lot; else
    the assumed ``incremental_share``, since a response forecast is not the effect of the contact.

    Args:
        response: as in ``tables.CAMPAIGN_RESPONSE``.
        terms: from ``campaign_terms``; types never sent before have no cost and drop out.
        usual_order: amount per customer; customers without one get the median.
        order_value: profit of an additional response per unit of usual order: margin rate × extra
            orders.
        incremental_share: assumed where no uplift is known, in [0, 1].

    Returns:
        Sorted by customer and type: ``customer_id``, ``campaign_type``, ``channel``,
        ``response_prob``, ``response_value``, ``contact_cost``, ``expected_profit``.
    """
    known = ["customer_id", "campaign_type", "response_prob", "response_uplift"]
    options = response[known].merge(terms, on="campaign_type")
    usual = options["customer_id"].map(usual_order).fillna(usual_order.median())
    prob = options["response_prob"]
    share = (options["response_uplift"] / prob.where(prob > 0)).fillna(incremental_share)
    value = usual * max(order_value, 0.0) * share
    options = options.assign(
        response_value=value,
        expected_profit=prob * value - options["contact_cost"],
    ).drop(columns="response_uplift")
    return options.sort_values(["customer_id", "campaign_type"], ignore_index=True)


def as_matrix(options: pd.DataFrame, column: str, customers: np.ndarray, types: list[str]) -> np.ndarray:
    """(customers, types) one column of the options; -inf where there is no such option."""
    matrix = np.full((len(customers), len(types)), -np.inf)
    row = pd.Index(customers).get_indexer(pd.Index(options["customer_id"]))
    is_asked = row >= 0
    matrix[row[is_asked], pd.Index(types).get_indexer(pd.Index(options["campaign_type"]))[is_asked]] = (
        options[column][is_asked]
    )
    return matrix
