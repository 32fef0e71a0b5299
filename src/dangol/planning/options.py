"""What could be sent to whom, and what each contact is expected to earn."""

import numpy as np
import pandas as pd


def campaign_terms(campaigns: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Channel and cost of each campaign type, as of its last campaign started before ``as_of``.

    Returns:
        One row per ``campaign_type``: ``channel``, ``contact_cost``.
    """
    started = campaigns[campaigns["start_date"] < as_of].sort_values(["start_date", "campaign_id"])
    return started.groupby("campaign_type")[["channel", "contact_cost"]].last().reset_index()


def contact_options(
    response: pd.DataFrame, terms: pd.DataFrame, usual_order: pd.Series, order_value: float
) -> pd.DataFrame:
    """Expected profit of each customer × campaign type.

    ``expected_profit = response_prob × usual_order × order_value − contact_cost``. It assumes the
    responders' extra order; a response forecast is not the effect of the contact.

    Args:
        response: as in ``tables.CAMPAIGN_RESPONSE``.
        terms: from ``campaign_terms``; types never sent before have no cost and drop out.
        usual_order: amount per customer; customers without one get the median.
        order_value: profit of a response per unit of usual order: margin rate × assumed
            incremental share × extra orders.

    Returns:
        Sorted by customer and type: ``customer_id``, ``campaign_type``, ``channel``,
        ``response_prob``, ``response_value``, ``contact_cost``, ``expected_profit``.
    """
    options = response[["customer_id", "campaign_type", "response_prob"]].merge(terms, on="campaign_type")
    usual = options["customer_id"].map(usual_order).fillna(usual_order.median())
    value = usual * max(order_value, 0.0)
    options = options.assign(
        response_value=value,
        expected_profit=options["response_prob"] * value - options["contact_cost"],
    )
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
