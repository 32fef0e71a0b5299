"""Campaigns: who is eligible, who is held out, what each contact would change."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from dangol.simulator import catalogue
from dangol.simulator.branches import Contacts, OrderLog
from dangol.simulator.clock import Clock
from dangol.simulator.customers import Traits
from dangol.simulator.offers import CampaignType
from dangol.simulator.segments import SEGMENTS

# A customer who comes because of the coupon is likelier to hand it in.
EXTRA_ORDER_LOGIT = 1.5
_DAY = 24 * 3600


@dataclass(frozen=True)
class Audience:
    """What is known about every customer on the day a campaign starts.

    Attributes:
        is_alive: whether still a customer (latent, not observable).
        recency_days: days since the last order; infinite before the first one.
        n_orders_84d: orders in the last 84 days.
        n_online_182d: online orders in the last 182 days.
        n_answers: past redemptions.
    """

    is_alive: np.ndarray
    recency_days: np.ndarray
    n_orders_84d: np.ndarray
    n_online_182d: np.ndarray
    n_answers: np.ndarray

    def eligible(self, kind: int) -> np.ndarray:
        """Row numbers of the customers a campaign of this kind is meant for."""
        broad = self.recency_days <= 182
        targeted = (self.recency_days <= 56) & (self.n_orders_84d >= 4)
        niche = self.n_online_182d >= 2
        return np.flatnonzero((broad, targeted, niche, broad)[kind])


def observe(log: OrderLog, contacts: Contacts, dropout_s: np.ndarray, start_s: int) -> Audience:
    """Describe every customer from orders strictly before the campaign starts."""
    n = len(dropout_s)
    past = log.is_real & (log.seconds < start_s)
    customer, seconds = log.customer[past], log.seconds[past]
    last = np.full(n, -np.inf)
    np.maximum.at(last, customer, seconds)
    online = log.store_id[past] == catalogue.ONLINE_STORE_ID
    answered = contacts.customer[~contacts.is_control & (contacts.redeemed_order >= 0)]
    return Audience(
        is_alive=np.isnan(dropout_s) | (dropout_s > start_s),
        recency_days=(start_s - last) / _DAY,
        n_orders_84d=np.bincount(customer[seconds >= start_s - 84 * _DAY], minlength=n),
        n_online_182d=np.bincount(customer[online & (seconds >= start_s - 182 * _DAY)], minlength=n),
        n_answers=np.bincount(answered, minlength=n),
    )


def week_of_share(share: np.ndarray, n_weeks: float, half_life_weeks: float | None) -> np.ndarray:
    """Weeks after the start by which a share of a campaign's extra orders has come.

    Args:
        share: in [0, 1].
        n_weeks: length of the window; all extra orders lie in it.
        half_life_weeks: of their rate; None for a constant one.
    """
    if half_life_weeks is None:
        return share * n_weeks
    decay = np.log(2) / half_life_weeks
    return -np.log1p(share * np.expm1(-decay * n_weeks)) / decay


def share_by_week(week: np.ndarray, n_weeks: float, half_life_weeks: float | None) -> np.ndarray:
    """The inverse of `week_of_share`: the share of extra orders that has come by a week."""
    if half_life_weeks is None:
        return week / n_weeks
    decay = np.log(2) / half_life_weeks
    return np.expm1(-decay * week) / np.expm1(-decay * n_weeks)


@dataclass(frozen=True)
class CampaignRun:
    """One campaign in one block of customers: what each contact changes, from the same random numbers.

    Attributes:
        rng: stream of this campaign and block.
        number: row number of the campaign in the plan.
        kind: of campaign.
        window: ``[start, end)`` in seconds since the world's start.
        traits: of the customers.
        audience: what is known about them on the first day.
        clock: the shop's clock.
        holdout_share: share of the eligible who are not contacted, at random.
    """

    rng: np.random.Generator
    number: int
    kind: CampaignType
    window: tuple[int, int]
    traits: Traits
    audience: Audience
    clock: Clock
    holdout_share: float

    def run(self, log: OrderLog, customer: np.ndarray, first_contact: int) -> tuple[OrderLog, Contacts]:
        """Contact or hold out the eligible customers.

        Args:
            log: orders of all branches so far; each real order in the window may be cancelled.
            customer: row numbers of the eligible customers.
            first_contact: number of contacts of earlier campaigns.
        """
        is_control = self.rng.random(len(customer)) < self.holdout_share
        offer = self.rng.integers(0, len(self.kind.offers), len(customer))
        mean_extra, cancel_prob, mean_organic = self._means(customer, offer)
        extra = self._extra_orders(customer, mean_extra, is_control)
        order, place = self._orders_in_window(log, customer)
        is_cancelled = self.rng.random(len(order)) < cancel_prob[place]
        usable = self._usable_order(
            extra, order[~is_cancelled], place[~is_cancelled], len(customer), len(log)
        )
        has_extra = np.bincount(extra.contact, minlength=len(customer)) > 0
        logit = self._answer_logit(customer) + self.kind.of_offers("answer_logit")[offer]
        redeem_prob = special.expit(logit[:, None] + [0.0, EXTRA_ORDER_LOGIT])
        redeems = (
            self.rng.random(len(customer)) < redeem_prob[np.arange(len(customer)), has_extra.astype(int)]
        )
        some_extra, some_organic = -np.expm1(-mean_extra), -np.expm1(-mean_organic * (1 - cancel_prob))
        contacts = Contacts(
            campaign=np.full(len(customer), self.number),
            customer=customer,
            offer=offer,
            is_control=is_control,
            expected_extra=mean_extra,
            expected_cancelled=cancel_prob * mean_organic,
            response_prob=some_extra * redeem_prob[:, 1]
            + (1 - some_extra) * some_organic * redeem_prob[:, 0],
            redeemed_order=np.where(redeems, usable, -1),
            cancelled_order=order[is_cancelled],
            cancelled_contact=first_contact + place[is_cancelled],
        )
        really_cancelled = order[is_cancelled & ~is_control[place]]
        return log.plus(replace(extra, contact=extra.contact + first_contact), really_cancelled), contacts

    def _means(self, customer: np.ndarray, offer: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean extra orders, chance that an order is cancelled, mean organic orders in the window."""
        segment = self.traits.segment[customer]
        low, high = self.clock.weeks(np.array(self.window, dtype=float))
        weeks_alive = (high - low) * self.audience.is_alive[customer]
        extra = self.kind.by_segment("extra_orders_week")[segment] * self.kind.of_offers("strength")[offer]
        mean_extra = extra * self.traits.responsiveness[customer] * weeks_alive
        cancel = self.kind.by_segment("cancel_prob")[segment]
        return mean_extra, cancel, self.traits.purchase_rate[customer] * weeks_alive

    def _extra_orders(self, customer: np.ndarray, mean: np.ndarray, is_control: np.ndarray) -> OrderLog:
        """Orders each contact would bring; ``contact`` counts within the campaign."""
        n_extra = self.rng.poisson(mean)
        place = np.repeat(np.arange(len(customer)), n_extra)
        low, high = self.clock.weeks(np.array(self.window, dtype=float))
        share = self.rng.random(len(place))
        seconds = self.clock.seconds(low + week_of_share(share, high - low, self.kind.half_life_weeks))
        # rounding must not push an order over the edge of the window
        seconds = np.clip(seconds, self.window[0], self.window[1] - 1)
        who = customer[place]
        traits = self.traits
        store = catalogue.draw_stores(self.rng, traits.home_store_id[who], traits.online_share[who])
        return OrderLog(who, seconds, store, place, ~is_control[place])

    def _orders_in_window(self, log: OrderLog, customer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the real orders in the window, and each one's place among the contacts."""
        place_of = np.full(len(self.traits), -1)
        place_of[customer] = np.arange(len(customer))
        inside = (log.seconds >= self.window[0]) & (log.seconds < self.window[1]) & log.is_real
        order = np.flatnonzero(inside & (place_of[log.customer] >= 0))
        return order, place_of[log.customer[order]]

    @staticmethod
    def _usable_order(
        extra: OrderLog, order: np.ndarray, place: np.ndarray, n: int, n_logged: int
    ) -> np.ndarray:
        """The order each customer could use the coupon on, -1 if none: an extra order before others."""
        usable = np.full(n, -1)
        # the last assignment stays: reversed, so that it is the earliest row
        usable[place[::-1]] = order[::-1]
        usable[extra.contact[::-1]] = n_logged + np.arange(len(extra))[::-1]
        return usable

    def _answer_logit(self, customer: np.ndarray) -> np.ndarray:
        """Log odds of redeeming, for a contacted customer with an organic order in the window."""
        known = self.audience
        by_segment = np.array([item.answer_logit for item in SEGMENTS])
        return (
            self.kind.answer_logit
            + by_segment[self.traits.segment[customer]]
            + 0.6 * np.log(np.maximum(self.traits.responsiveness[customer], 0.05))
            + 0.4 * np.log1p(known.n_orders_84d[customer])
            - 0.4 * np.minimum(known.recency_days[customer], 84) / 28
            + 0.5 * np.minimum(known.n_answers[customer], 3)
        )
