"""What the campaigns truly brought: outcome with the contact minus outcome without it."""

from typing import Any

import numpy as np
import pandas as pd

from dangol.simulator.branches import Contacts, OrderLog
from dangol.simulator.clock import Clock
from dangol.simulator.offers import CONTROL, TYPES

# A coupon never takes more than this share of the line it is used on.
_MAX_COUPON_SHARE = 0.5


def coupon_cents(
    contacts: Contacts, plan: pd.DataFrame, line_order: np.ndarray, line_paid: np.ndarray, n_orders: int
) -> tuple[np.ndarray, np.ndarray]:
    """What each contact's coupon would take off, and the line it is used on.

    Args:
        contacts: with the order each coupon is used on.
        plan: the campaigns.
        line_order: row number of each line's order.
        line_paid: cents paid for the line before the coupon.
        n_orders: number of orders.

    Returns:
        Per contact: cents (0 if not redeemed), row number of the line (-1 if not redeemed).
        The line is the dearest of the order.
    """
    used = np.flatnonzero(contacts.redeemed_order >= 0)
    cents = np.zeros(len(contacts), dtype=np.int64)
    line = np.full(len(contacts), -1)
    is_wanted = np.zeros(n_orders, dtype=bool)
    is_wanted[contacts.redeemed_order[used]] = True
    rows = np.flatnonzero(is_wanted[line_order])
    # the last row written per order is its dearest line
    rows = rows[np.lexsort((line_paid[rows], line_order[rows]))]
    dearest = np.full(n_orders, -1)
    dearest[line_order[rows]] = rows
    line[used] = dearest[contacts.redeemed_order[used]]
    face = np.array([item.coupon * 100 for item in TYPES])[plan["kind"].to_numpy()][contacts.campaign[used]]
    cents[used] = np.minimum(face, _MAX_COUPON_SHARE * line_paid[line[used]]).astype(np.int64)
    return cents, line


def contact_effects(
    contacts: Contacts,
    log: OrderLog,
    order_cents: np.ndarray,
    coupon: np.ndarray,
    customer_id: np.ndarray,
    plan: pd.DataFrame,
    mean_amount: np.ndarray,
) -> pd.DataFrame:
    """True effect of every contact, also of the ones held out.

    Returns:
        One row per customer and campaign. ``effect_orders`` and ``effect_amount``: orders and
        amount (after coupons, before refunds) in the campaign's window with the contact minus
        without it, from the same random numbers. ``expected_effect_orders``: their expectation
        given the latent traits and whether the customer is still active at the start;
        ``expected_effect_amount``: times the customer's mean order amount, before coupons.
        ``response_prob``: true probability of redeeming if contacted; ``would_respond``: whether
        the customer redeems then.
    """
    n_orders, cents = _difference(contacts, log, order_cents)
    cents = cents - coupon
    return pd.DataFrame(
        {
            "customer_id": customer_id[contacts.customer],
            "campaign_id": plan["campaign_id"].to_numpy()[contacts.campaign],
            "arm": arms(contacts, plan),
            "effect_orders": n_orders.astype(np.int64),
            "effect_amount": np.round(cents / 100, 2),
            "expected_effect_orders": contacts.expected_orders,
            "expected_effect_amount": contacts.expected_orders * mean_amount[contacts.customer],
            "response_prob": contacts.response_prob,
            "would_respond": contacts.redeemed_order >= 0,
        }
    )


def _difference(contacts: Contacts, log: OrderLog, order_cents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per contact: orders and cents it brings less those it costs."""
    brought = np.flatnonzero(log.contact >= 0)
    order = np.concatenate([brought, contacts.cancelled_order])
    contact = np.concatenate([log.contact[brought], contacts.cancelled_contact])
    sign = np.where(np.arange(len(order)) < len(brought), 1, -1)
    n = len(contacts)
    n_orders = np.bincount(contact, weights=sign, minlength=n)
    return n_orders, np.bincount(contact, weights=sign * order_cents[order], minlength=n)


def arms(contacts: Contacts, plan: pd.DataFrame) -> Any:
    """``control`` or the campaign's type, per contact."""
    kind = plan["campaign_type"].to_numpy(dtype=object)[contacts.campaign]
    return pd.array(np.where(contacts.is_control, CONTROL, kind), dtype="str")


_EFFECTS = ["effect_orders", "effect_amount", "expected_effect_orders", "expected_effect_amount"]


def campaign_sums(effects: pd.DataFrame) -> pd.DataFrame:
    """Sums per campaign over one block's contacts: what ``campaign_effects`` needs of them."""
    is_control = effects["arm"] == CONTROL
    counted = effects.assign(n_treated=~is_control, n_control=is_control)
    return counted.groupby("campaign_id")[["n_treated", "n_control", *_EFFECTS]].sum().reset_index()


def campaign_effects(sums: list[pd.DataFrame], plan: pd.DataFrame) -> pd.DataFrame:
    """Average true effect per contact of each campaign, over treated and held-out customers alike.

    Args:
        sums: from ``campaign_sums``, one per block of customers.
        plan: the campaigns.
    """
    total = pd.concat(sums).groupby("campaign_id").sum().reset_index()
    n = total["n_treated"] + total["n_control"]
    total[_EFFECTS] = total[_EFFECTS].div(n, axis=0)
    return plan[["campaign_id", "campaign_type"]].merge(total, on="campaign_id")


def contact_table(contacts: Contacts, plan: pd.DataFrame, customer_id: np.ndarray) -> pd.DataFrame:
    """The canonical contacts table."""
    cost = plan["contact_cost"].to_numpy()[contacts.campaign]
    return pd.DataFrame(
        {
            "customer_id": customer_id[contacts.customer],
            "campaign_id": plan["campaign_id"].to_numpy()[contacts.campaign],
            "contact_ts": plan["start_date"].to_numpy()[contacts.campaign],
            "arm": arms(contacts, plan),
            "is_randomized": np.ones(len(contacts), dtype=bool),
            "contact_cost": np.where(contacts.is_control, 0.0, cost),
        }
    )


def response_table(
    contacts: Contacts,
    plan: pd.DataFrame,
    log: OrderLog,
    coupon: np.ndarray,
    customer_id: np.ndarray,
    clock: Clock,
) -> pd.DataFrame:
    """The canonical responses table: redemptions of contacted customers, none of held-out ones."""
    rows = np.flatnonzero(~contacts.is_control & (contacts.redeemed_order >= 0))
    frame = pd.DataFrame(
        {
            "customer_id": customer_id[contacts.customer[rows]],
            "campaign_id": plan["campaign_id"].to_numpy()[contacts.campaign[rows]],
            "response_ts": clock.timestamps(log.seconds[contacts.redeemed_order[rows]]),
            "response_kind": pd.array(["redemption"] * len(rows), dtype="str"),
            "value": coupon[rows] / 100,
        }
    )
    return frame.sort_values(["response_ts", "customer_id"], kind="stable", ignore_index=True)
