"""Households: customers at one address who share a surname or a phone."""

import numpy as np
import pandas as pd


def households(people: pd.DataFrame, customer_id: pd.Series, max_customers: int) -> pd.Series:
    """The household of each customer.

    Two customers live together if records of theirs give the same street, number, city and
    postcode, and the same surname or phone. An address and surname that more than
    ``max_customers`` share is a block of flats or an office and joins nobody; nor is a chain of
    customers joined that grew longer than that.

    Args:
        people: as ``standardise`` returns it.
        customer_id: per record.
        max_customers: of one household.

    Returns:
        Index ``customer_id``, value ``household_id``: the smallest customer id of the household.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    records = people.assign(customer_id=customer_id.to_numpy())
    customers = np.sort(records["customer_id"].unique())
    place = pd.Series(np.arange(len(customers)), index=customers)
    pairs = pd.concat([_neighbours(records, by, max_customers) for by in ("surname_sound", "phone")])
    edges = (pairs["first"].map(place).to_numpy(), pairs["customer_id"].map(place).to_numpy())
    graph = coo_array((np.ones(len(pairs), np.int8), edges), shape=(len(customers), len(customers)))
    number = connected_components(graph, directed=False)[1]
    members = pd.Series(customers, index=pd.Index(customers, name="customer_id"), name="household_id")
    groups = members.groupby(number)
    return groups.transform("min").where(groups.transform("size") <= max_customers, members)


def _neighbours(records: pd.DataFrame, by: str, max_customers: int) -> pd.DataFrame:
    """Each customer beside the first at the same address with the same ``by``."""
    address = records["street"] + "|" + records["street_number"]
    whole = address + "|" + records["city"].fillna("") + "|" + records["postcode"].fillna("")
    key = whole + "|" + records[by]
    known = records[["customer_id"]].assign(key=key).dropna().drop_duplicates()
    groups = known.groupby("key")["customer_id"]
    near = known.assign(first=groups.transform("min"), size=groups.transform("size"))
    return near[(near["size"] > 1) & (near["size"] <= max_customers)]
