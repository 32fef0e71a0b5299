"""What would happen with and without each contact: orders and contacts of all branches of the world."""

from dataclasses import dataclass, fields

import numpy as np

ORGANIC = -1


@dataclass(frozen=True)
class OrderLog:
    """All orders that happen in some branch of the world, organic ones first.

    Attributes:
        customer: row number of the customer.
        seconds: since the world's start.
        store_id: where.
        is_online: whether at the online channel.
        contact: row number of the contact that brings the order, ``ORGANIC`` if none.
        is_real: whether it happens in the world as it is: not an extra order of a held-out
            customer, not an order that a contact cancelled.
    """

    customer: np.ndarray
    seconds: np.ndarray
    store_id: np.ndarray
    contact: np.ndarray
    is_real: np.ndarray

    def __len__(self) -> int:
        return len(self.customer)

    def plus(self, other: "OrderLog", is_cancelled: np.ndarray) -> "OrderLog":
        """Append orders, and mark existing ones as cancelled."""
        joined = _joined(self, other)
        joined["is_real"][is_cancelled] = False
        return OrderLog(**joined)


@dataclass(frozen=True)
class Contacts:
    """One entry per contacted or held-out customer and campaign, in the order of the campaigns.

    Attributes:
        campaign: row number of the campaign.
        customer: row number of the customer.
        offer: number of the offer the lot gave, also for customers who are then held out.
        is_control: whether held out.
        expected_extra: true expected number of orders the contact brings in the window.
        expected_cancelled: true expected number of orders it costs.
        response_prob: true probability of redeeming if contacted, given the latent traits and whether
            the customer is still active; a drop-out inside the window is left out of account.
        redeemed_order: row number in the order log of the order that the coupon is used on if the
            customer is contacted, -1 if none.
        cancelled_order: row numbers in the order log of orders a contact cancels.
        cancelled_contact: the contacts they belong to.
    """

    campaign: np.ndarray
    customer: np.ndarray
    offer: np.ndarray
    is_control: np.ndarray
    expected_extra: np.ndarray
    expected_cancelled: np.ndarray
    response_prob: np.ndarray
    redeemed_order: np.ndarray
    cancelled_order: np.ndarray
    cancelled_contact: np.ndarray

    def __len__(self) -> int:
        return len(self.campaign)

    @property
    def expected_orders(self) -> np.ndarray:
        """True expected effect on the number of orders in the window."""
        return self.expected_extra - self.expected_cancelled

    def plus(self, other: "Contacts") -> "Contacts":
        """Append the contacts of the next campaign."""
        return Contacts(**_joined(self, other))


def _joined(first: OrderLog | Contacts, second: OrderLog | Contacts) -> dict[str, np.ndarray]:
    names = [item.name for item in fields(first)]
    return {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names}


def no_contacts() -> Contacts:
    """A block of customers before its first campaign."""
    none = np.zeros(0, dtype=np.int64)
    share = np.zeros(0)
    return Contacts(none, none, none, none.astype(bool), share, share, share, none, none, none)
