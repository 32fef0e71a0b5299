"""The campaign tables taken together, checked once: who was sent what, and who answered."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dangol.errors import InputError
from dangol.features import EventLog

EVERYBODY = "all"


@dataclass(frozen=True)
class CampaignLog:
    """Who was sent what, who answered, and everything known about them.

    Attributes:
        events: the event log features are made from; None if the data set has no orders.
        customers: as in ``tables.CUSTOMERS``; further columns are attributes.
        campaigns: as in ``tables.CAMPAIGNS``.
        contacts: as in ``tables.CONTACTS``, the control arm included.
        responses: as in ``tables.RESPONSES``.
        campaign_products: as in ``tables.CAMPAIGN_PRODUCTS``; None if the data set has none.
        grades: as in ``tables.CUSTOMER_GRADE``: who held which grade when; None if nobody was graded.
    """

    events: EventLog | None
    customers: pd.DataFrame
    campaigns: pd.DataFrame
    contacts: pd.DataFrame
    responses: pd.DataFrame
    campaign_products: pd.DataFrame | None = None
    grades: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        known = set(self.campaigns["campaign_id"])
        faults = []
        for name, frame in (("contacts", self.contacts), ("responses", self.responses)):
            n_unknown = int((~frame["campaign_id"].isin(known)).sum())
            if n_unknown:
                faults.append(f"{name}: {n_unknown} rows of campaigns that are not in campaigns")
        n_twice = int(self.contacts.duplicated(["customer_id", "campaign_id"]).sum())
        if n_twice:
            faults.append(f"contacts: {n_twice} repeated contacts of one customer in one campaign")
        if faults:
            lines = "\n".join(f"  - {fault}" for fault in faults)
            raise InputError(
                f"campaign tables do not fit together:\n{lines}\nCorrect the source, run notebook 01."
            )

    def sent(self) -> pd.DataFrame:
        """Contacts that really went out: one row per customer × campaign, control arms left out."""
        return self.contacts.loc[self.contacts["arm"] != "control"].reset_index(drop=True)

    def held_out(self) -> pd.DataFrame:
        """Customers left alone by lot: one row per customer × campaign of control arms that were drawn."""
        is_held_out = (self.contacts["arm"] == "control") & self.contacts["is_randomized"]
        return self.contacts.loc[is_held_out].reset_index(drop=True)

    def orders(self) -> EventLog:
        """The event log.

        Raises:
            InputError: if the data set has no orders.
        """
        if self.events is None:
            raise InputError("this data set has no transactions; only what was answered can be judged.")
        return self.events

    def first_order_ts(self) -> pd.Timestamp:
        """When the order log starts."""
        return pd.Timestamp(self.orders().transactions.order_ts.min().execute())

    def last_order_ts(self) -> pd.Timestamp:
        """When the order log ends."""
        return pd.Timestamp(self.orders().transactions.order_ts.max().execute())

    def known_until(self) -> str:
        """The day after the last order or response, ``YYYY-MM-DD``: what happens from it on is not known."""
        known = [self.responses["response_ts"].max()]
        if self.events is not None:
            known.append(self.last_order_ts())
        last = max(known)
        return f"{last.normalize() + pd.Timedelta(days=1):%Y-%m-%d}"

    def couponed_departments(self, campaign_id: Any) -> frozenset[str]:
        """Departments of the products on a campaign's coupons; empty if that is not known."""
        if self.campaign_products is None or self.events is None or self.events.products is None:
            return frozenset()
        offered = self.campaign_products.loc[
            self.campaign_products["campaign_id"] == campaign_id, "product_id"
        ]
        products = self.events.products.select("product_id", "department").execute()
        departments = products.drop_duplicates("product_id").set_index("product_id")["department"]
        return frozenset(departments.reindex(offered).dropna())

    def grade_at(self, date: pd.Timestamp, customers: pd.Index) -> pd.Series:
        """The grade customers held on a date, by the last evaluation not after it.

        Args:
            date: first day of a campaign.
            customers: whose.

        Returns:
            Text by customer: the grade; ``not graded`` if there was none yet; ``all`` for everybody
            if the data set has no grades.
        """
        if self.grades is None:
            return pd.Series(EVERYBODY, index=customers, dtype="str")
        past = self.grades.loc[self.grades["as_of"] <= f"{date:%Y-%m-%d}"]
        held = past.loc[past["as_of"] == past["as_of"].max()].set_index("customer_id")["customer_grade"]
        return held.reindex(customers).fillna("not graded").astype("str")
