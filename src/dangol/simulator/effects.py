"""What the campaigns truly brought: outcome with the contact minus outcome without it."""

from typing import Any

import numpy as np
import pandas as pd

from dangol.simulator.branches import Contacts, OrderLog
from dangol.simulator.campaigns import share_by_week
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
    face = 100 * _of_offer("coupon", contacts, plan)[used]
    cents[used] = np.minimum(face, _MAX_COUPON_SHARE * line_paid[line[used]]).astype(np.int64)
    return cents, line


def _of_offer(name: str, contacts: Contacts, plan: pd.DataFrame) -> np.ndarray:
    """One attribute of the offer that the lot gave each contact."""
    first = np.cumsum([0, *(len(item.offers) for item in TYPES)])
    kind = plan["kind"].to_numpy(dtype=np.int64)[contacts.campaign]
    values = [getattr(offer, name) for item in TYPES for offer in item.offers]
    return np.array(values, dtype=object if isinstance(values[0], str) else None)[
        first[kind] + contacts.offer
    ]


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
        One row per customer and campaign. ``offer``: the arm the lot gave, also to those held out.
        ``effect_orders`` and ``effect_amount``: orders and
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
            "offer": pd.array(_of_offer("arm", contacts, plan), dtype="str"),
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
    """``control`` or the arm of the offer, per contact."""
    return pd.array(np.where(contacts.is_control, CONTROL, _of_offer("arm", contacts, plan)), dtype="str")


_EFFECTS = ["effect_orders", "effect_amount", "expected_effect_orders", "expected_effect_amount"]
_PARTS = ["expected_extra", "expected_cancelled"]  # of the effect on orders


def arm_sums(effects: pd.DataFrame, contacts: Contacts) -> pd.DataFrame:
    """Sums per campaign and offer over one block's contacts: what the tables below need of them."""
    is_control = effects["arm"] == CONTROL
    counted = effects.assign(n_treated=~is_control, n_control=is_control)
    counted = counted.assign(**{name: getattr(contacts, name) for name in _PARTS})
    names = ["n_treated", "n_control", *_EFFECTS, *_PARTS]
    return counted.groupby(["campaign_id", "offer"])[names].sum().reset_index()


def arm_effects(sums: list[pd.DataFrame], plan: pd.DataFrame) -> pd.DataFrame:
    """Average true effect per contact of each campaign's arms.

    Args:
        sums: from ``arm_sums``, one per block of customers.
        plan: the campaigns.

    Returns:
        One row per campaign and arm; effects are means over all customers to whom the lot gave the
        offer, treated and held out alike.
    """
    total = pd.concat(sums).groupby(["campaign_id", "offer"]).sum().reset_index()
    texts = {offer.arm: offer for item in TYPES for offer in item.offers}
    total = total.assign(
        n_messages=[texts[arm].n_messages for arm in total["offer"]],
        coupon=[texts[arm].coupon for arm in total["offer"]],
    )
    return plan[["campaign_id", "campaign_type"]].merge(_means(total), on="campaign_id")


def campaign_effects(sums: list[pd.DataFrame], plan: pd.DataFrame) -> pd.DataFrame:
    """Average true effect per contact of each campaign, over treated and held-out customers alike.

    Args:
        sums: from ``arm_sums``, one per block of customers.
        plan: the campaigns.
    """
    total = pd.concat(sums).drop(columns="offer").groupby("campaign_id").sum().reset_index()
    return plan[["campaign_id", "campaign_type"]].merge(_means(total), on="campaign_id")


def _means(total: pd.DataFrame) -> pd.DataFrame:
    n = total["n_treated"] + total["n_control"]
    names = [*_EFFECTS, *_PARTS]
    return total.assign(**total[names].div(n, axis=0))


def effect_by_week(campaigns: pd.DataFrame, plan: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """How the true effect on orders runs out over the weeks of each campaign.

    Args:
        campaigns: from ``campaign_effects``.
        plan: the campaigns.
        clock: the shop's clock.

    Returns:
        One row per campaign and week of its window: ``week`` from 1, ``expected_effect_orders`` per
        contact in that week; over a campaign they sum to its ``expected_effect_orders``.
    """
    frames = []
    known = campaigns.set_index("campaign_id")[_PARTS].to_dict("index")
    windows = plan[["campaign_id", "start_s", "end_s", "kind"]].to_numpy(dtype=np.int64).tolist()
    for campaign_id, start_s, end_s, kind in windows:
        if campaign_id not in known:  # nobody was eligible
            continue
        extra, cancelled = (known[campaign_id][name] for name in _PARTS)
        bounds = np.arange(start_s, end_s + 1, 7 * 24 * 3600)
        week = clock.weeks(bounds.astype(float)) - clock.weeks(float(start_s))
        came = share_by_week(week, week[-1], TYPES[kind].half_life_weeks)
        effect = extra * np.diff(came) - cancelled * np.diff(week) / week[-1]
        number = np.arange(1, len(effect) + 1)
        frames.append(
            pd.DataFrame({"campaign_id": campaign_id, "week": number, "expected_effect_orders": effect})
        )
    columns = {"campaign_id": "int64", "week": "int64", "expected_effect_orders": "float64"}
    return (pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))).astype(
        columns
    )


def contact_table(contacts: Contacts, plan: pd.DataFrame, customer_id: np.ndarray) -> pd.DataFrame:
    """The canonical contacts table."""
    n_messages = _of_offer("n_messages", contacts, plan)
    message_cost = np.array([item.message_cost for item in TYPES])[plan["kind"].to_numpy(dtype=np.int64)]
    return pd.DataFrame(
        {
            "customer_id": customer_id[contacts.customer],
            "campaign_id": plan["campaign_id"].to_numpy()[contacts.campaign],
            "contact_ts": plan["start_date"].to_numpy()[contacts.campaign],
            "arm": arms(contacts, plan),
            "is_randomized": np.ones(len(contacts), dtype=bool),
            "contact_cost": np.where(contacts.is_control, 0.0, message_cost[contacts.campaign] * n_messages),
            "n_messages": np.where(contacts.is_control, 0, n_messages),
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
