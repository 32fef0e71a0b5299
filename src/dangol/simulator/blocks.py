"""One block of customers from their first order to their last refund; blocks do not know each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dangol.simulator import baskets, effects, transactions
from dangol.simulator.branches import ORGANIC, Contacts, OrderLog, no_contacts
from dangol.simulator.campaigns import CampaignRun, observe
from dangol.simulator.catalogue import draw_stores
from dangol.simulator.clock import timestamps_or_missing
from dangol.simulator.company import Company
from dangol.simulator.customers import Profile, Traits, customer_table, draw_profile, draw_traits
from dangol.simulator.events import History, draw_events
from dangol.simulator.offers import TYPES
from dangol.simulator.people import draw_registrations, write_down
from dangol.simulator.persons import draw_persons
from dangol.simulator.purchases import draw_arrivals, draw_orders
from dangol.simulator.segments import NAMES, SEGMENTS
from dangol.simulator.streams import stream
from dangol.simulator.uplift import customer_uplift


@dataclass(frozen=True)
class Block:
    """The rows of one block of customers.

    Attributes:
        tables: ``customers``, ``transactions``, ``contacts``, ``responses``, ``events``, ``people``.
        truth: ``customers``, ``customer_uplift``, ``contact_effects``, ``refunds``, ``complaints``,
            ``identity``.
        dirt: counted faults.
        arm_sums: true effects summed per campaign and offer.
        n_orders: orders and refunds; they are numbered without gaps.
        n_segment_orders: real orders per planted segment.
    """

    tables: Mapping[str, pd.DataFrame]
    truth: Mapping[str, pd.DataFrame]
    dirt: pd.DataFrame
    arm_sums: pd.DataFrame
    n_orders: int
    n_segment_orders: np.ndarray


@dataclass(frozen=True)
class BlockDraw:
    """Simulates one block of customers.

    Attributes:
        company: what all blocks share.
        number: of the block, from 0.
        first_order_id: the lowest order number of the block.
    """

    company: Company
    number: int
    first_order_id: int

    def block(self) -> Block:
        """Draw everything."""
        company, (log, contacts), who = self.company, self._branches, self._customer_id
        lines = self._lines
        coupon, coupon_line = effects.coupon_cents(contacts, company.plan, lines.order, lines.paid, len(log))
        table, refund_truth = self._transactions(coupon, coupon_line)
        soiled, dirt = transactions.soil(self._stream("dirt"), table, company.arguments.dirt_dose)
        order_cents = np.bincount(lines.order, weights=lines.paid, minlength=len(log))
        contact_truth = effects.contact_effects(
            contacts, log, order_cents, coupon, who, company.plan, self._mean_amount
        )
        customer_truth = self._customer_truth()
        events, complaints = self._events
        people, identity = self._people
        return Block(
            tables={
                "customers": customer_table(self._profile, self._traits, self._first_ts, who),
                "transactions": soiled,
                "contacts": effects.contact_table(contacts, company.plan, who),
                "responses": effects.response_table(contacts, company.plan, log, coupon, who, company.clock),
                "events": events,
                "people": people,
            },
            truth={
                "customers": customer_truth,
                "customer_uplift": customer_uplift(customer_truth),
                "contact_effects": contact_truth,
                "refunds": refund_truth,
                "complaints": complaints,
                "identity": identity,
            },
            dirt=dirt,
            arm_sums=effects.arm_sums(contact_truth, contacts),
            n_orders=int(log.is_real.sum()) + len(refund_truth),
            n_segment_orders=np.bincount(
                self._traits.segment[log.customer[log.is_real]], minlength=len(SEGMENTS)
            ),
        )

    def _stream(self, name: str, *path: int) -> np.random.Generator:
        return stream(self.company.arguments.seed, name, self.number, *path)

    @cached_property
    def _customer_id(self) -> np.ndarray:
        size = self.company.customers_per_block
        first = self.number * size
        last = min(first + size, self.company.arguments.n_customers)
        return np.arange(first + 1, last + 1, dtype=np.int64)

    @cached_property
    def _traits(self) -> Traits:
        return draw_traits(
            self._stream("customers"), len(self._customer_id), self.company.arguments.purchase_process
        )

    @cached_property
    def _arrival(self) -> np.ndarray:
        return draw_arrivals(self._stream("arrivals"), len(self._customer_id), self.company.clock.n_weeks)

    @cached_property
    def _first_ts(self) -> np.ndarray:
        return timestamps_or_missing(self.company.clock, self._arrival)

    @cached_property
    def _organic(self) -> tuple[OrderLog, np.ndarray]:
        """Orders without campaigns, and the business week of each drop-out."""
        traits, clock = self._traits, self.company.clock
        orders, dropout_week = draw_orders(
            self._stream("purchases"),
            self.company.arguments.purchase_process,
            self._arrival,
            (traits.purchase_rate, traits.dropout),
            clock,
        )
        who, n = orders.customer, len(orders)
        store = draw_stores(self._stream("stores"), traits.home_store_id[who], traits.online_share[who])
        log = OrderLog(who, orders.seconds, store, np.full(n, ORGANIC), np.ones(n, dtype=bool))
        return log, dropout_week

    @cached_property
    def _branches(self) -> tuple[OrderLog, Contacts]:
        """Orders of all branches and contacts, after the campaigns one by one."""
        company, (log, dropout_week) = self.company, self._organic
        gone = np.isnan(dropout_week)
        dropout_s = np.where(gone, np.nan, company.clock.seconds(np.nan_to_num(dropout_week)))
        contacts = no_contacts()
        windows = company.plan[["start_s", "end_s", "kind"]].to_numpy(dtype=int).tolist()
        for number, (start_s, end_s, kind) in enumerate(windows):
            audience = observe(log, contacts, dropout_s, start_s)
            campaign = CampaignRun(
                self._stream("campaigns", number),
                number,
                TYPES[kind],
                (start_s, end_s),
                self._traits,
                audience,
                company.clock,
                company.arguments.holdout_share,
            )
            log, new = campaign.run(log, audience.eligible(kind), len(contacts))
            contacts = contacts.plus(new)
        return log, contacts

    @cached_property
    def _shoppers(self) -> baskets.Shoppers:
        arguments, n = self.company.arguments, len(self._customer_id)
        spend = arguments.spend
        means = np.full(n, np.nan) if spend is None else spend.draw_means(self._stream("spend"), n)
        return baskets.Shoppers(
            self._traits, self.company.catalogue, arguments.elasticity_strength, spend, means
        )

    @cached_property
    def _lines(self) -> baskets.Lines:
        """Organic baskets come from a stream of their own: campaigns do not change them."""
        n_organic, customer = len(self._organic[0]), self._branches[0].customer
        organic = self._shoppers.draw_lines(self._stream("baskets"), customer[:n_organic])
        extra = self._shoppers.draw_lines(self._stream("campaign_baskets"), customer[n_organic:])
        return organic.plus(extra, n_organic)

    @cached_property
    def _mean_amount(self) -> np.ndarray:
        return self._shoppers.mean_order_amount()

    @cached_property
    def _profile(self) -> Profile:
        return draw_profile(self._stream("demographics"), self._traits, self.company.clock.start)

    @cached_property
    def _dropout_ts(self) -> np.ndarray:
        return timestamps_or_missing(self.company.clock, self._organic[1])

    @cached_property
    def _events(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        log, clock = self._branches[0], self.company.clock
        history = History(
            self._customer_id,
            self._profile,
            self._traits,
            self._first_ts,
            self._dropout_ts,
            log.customer[log.is_real],
            clock.timestamps(log.seconds[log.is_real]),
            clock.end.to_datetime64().astype("datetime64[D]"),
        )
        return draw_events(self._stream("events"), history)

    @cached_property
    def _people(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        rng, clock = self._stream("people"), self.company.clock
        world = (clock.start.to_datetime64().astype("datetime64[D]"), clock.n_days)
        persons = draw_persons(rng, self._profile, self._customer_id, world)
        first_date = self._first_ts.astype("datetime64[D]")
        registrations = draw_registrations(rng, persons, first_date, self._traits.online_share, world)
        return write_down(rng, registrations, self.number)

    def _transactions(self, coupon: np.ndarray, coupon_line: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Transactions and refunds before dirt; only contacted customers' coupons count."""
        company, (log, contacts) = self.company, self._branches
        line_coupon = np.zeros(len(self._lines), dtype=np.int64)
        used = (coupon_line >= 0) & ~contacts.is_control
        line_coupon[coupon_line[used]] = coupon[used]
        refunds = transactions.draw_refunds(
            self._stream("refunds"), log, self._lines.order, company.clock, company.arguments.refund_share
        )
        sales = transactions.Sales(log, self._lines, line_coupon, refunds)
        return transactions.transaction_table(
            sales, company.catalogue, self._customer_id, company.clock, self.first_order_id
        )

    def _customer_truth(self) -> pd.DataFrame:
        traits = self._traits
        return pd.DataFrame(
            {
                "customer_id": self._customer_id,
                "planted_segment": pd.array(np.array(NAMES, dtype=object)[traits.segment], dtype="str"),
                "purchase_rate_week": traits.purchase_rate,
                "dropout_rate_week": traits.dropout_rate,
                "first_order_ts": self._first_ts,
                "dropout_ts": self._dropout_ts,
                "is_alive": np.isnat(self._dropout_ts),
                "mean_order_amount": self._mean_amount,
                "discount_share": traits.discount_share,
                "online_share": traits.online_share,
                "responsiveness": traits.responsiveness,
            }
        )
