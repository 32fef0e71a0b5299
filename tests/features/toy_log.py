"""A small random event log, and customer features derived from it by plain loops."""

import itertools
import math
import random
import statistics
from datetime import datetime, timedelta

import ibis
import pandas as pd
from slow_parts import slow_assortment, slow_calendar, slow_events, slow_exposure, slow_trends

from dangol.features import EventLog

Row = dict[str, object]
START, N_DAYS = datetime(2017, 1, 1), 365
DEPARTMENTS = ("FRUIT", "BAKERY", "DAIRY", "DELI", "FISH & MEAT", "TOYS", "WINE", "BOOKS", "CHEESE", "GARDEN")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
ASIDE = ("control", "A", "B")
TIMES = {
    "transactions": "order_ts",
    "contacts": "contact_ts",
    "responses": "response_ts",
    "promotions": "week_date",
    "events": "event_date",
}


class Tables:
    """Rows of the four tables as dictionaries, to be altered by tests."""

    def __init__(self, seed: int, as_ofs: list[str], n_customers: int = 18) -> None:
        self.draw, self.more = random.Random(seed), random.Random(seed + 100)
        self.products = [
            {
                "product_id": number,
                "department": DEPARTMENTS[number % 10],
                "category": f"category {number % 7}",
                "brand": ("Private", "National")[number % 2],
            }
            for number in range(30)
        ]
        self.transactions: list[Row] = []
        self.contacts: list[Row] = []
        self.responses: list[Row] = []
        self.promotions = self._promotions()
        self.events: list[Row] = []
        for customer in range(n_customers):
            self._add_customer(customer)
        for as_of in as_ofs:
            self._add_boundary_orders(datetime.fromisoformat(as_of))

    def _add_customer(self, customer: int) -> None:
        n_orders = 1 if customer < 3 else self.draw.randint(2, 30)
        days = [self.draw.randrange(N_DAYS) for _ in range(n_orders)]
        days += days[:2]  # several orders on one day
        for day in days:
            time = START + day * DAY + timedelta(seconds=self.draw.randrange(86_400))
            self.add_order(customer, time, is_refund=self.draw.random() < 0.15)
        for campaign in range(4):
            if self.draw.random() < 0.6:
                time = START + self.draw.randrange(N_DAYS) * DAY
                arm = self.draw.choice(ASIDE)
                row: Row = {"customer_id": customer, "campaign_id": campaign, "contact_ts": time, "arm": arm}
                self.contacts.append(row)
            if self.draw.random() < 0.3:
                row = {"customer_id": customer, "campaign_id": campaign}
                self.responses += [{**row, "response_ts": START + day * DAY} for day in days[:2]]
        self._add_events(customer)

    def _add_events(self, customer: int) -> None:
        """A birthday for most, contract ends and complaints for some, at any hour."""
        if customer % 5:
            born = datetime(1980, 2, 29) + self.more.choice([0, 0, 40, 200, 306]) * DAY
            self.events.append({"customer_id": customer, "event_kind": "birthday", "event_date": born})
        for kind in ("contract_end", "complaint", "late delivery", "complaint"):
            if self.more.random() < 0.6:
                time = START + self.more.randrange(N_DAYS) * DAY + timedelta(hours=self.more.randrange(24))
                self.events.append({"customer_id": customer, "event_kind": kind, "event_date": time})

    def _promotions(self) -> list[Row]:
        """Weeks from Mondays; some products in some stores, some listed twice."""
        rows: list[Row] = []
        for week in range(60):
            for product in range(30):
                for store in range(3):
                    for _ in range(self.more.choice([0, 0, 0, 1, 2])):
                        flags = {name: self.more.random() < 0.4 for name in ("is_displayed", "is_mailed")}
                        monday = datetime(2016, 12, 26) + week * 7 * DAY
                        rows.append({"product_id": product, "store_id": store, "week_date": monday, **flags})
        return rows

    def _add_boundary_orders(self, as_of: datetime) -> None:
        """Events on the very edge of the snapshot and of each window before it."""
        edges = [as_of, *(as_of - days * DAY for days in (7, 28, 56, 84, 364))]
        for customer, edge in enumerate(edges):
            self.add_order(customer, edge)
            self.add_order(customer + 1, edge - SECOND)
        self.add_order(900, as_of)  # a customer of the future
        self.add_order(901, as_of - SECOND)  # a customer of one second
        self.add_order(902, as_of - DAY, is_refund=True)  # a refund and no purchase
        for kind in ("birthday", "contract_end", "complaint"):
            for customer, offset in enumerate((0 * DAY, SECOND, 84 * DAY, 364 * DAY)):
                row: Row = {"customer_id": customer, "event_kind": kind, "event_date": as_of - offset}
                self.events.append(row)
        self.responses.append({"customer_id": 1, "campaign_id": 9, "response_ts": as_of})
        self.responses.append({"customer_id": 1, "campaign_id": 9, "response_ts": as_of - SECOND})
        for offset in (0 * SECOND, SECOND, 84 * DAY, 84 * DAY + SECOND):
            row = {"customer_id": 2, "campaign_id": 9, "contact_ts": as_of - offset, "arm": "A"}
            self.contacts.append(row)

    def add_order(self, customer: int, time: datetime, is_refund: bool = False) -> None:
        """An order of one to four lines; a refund gives money back."""
        order = len(self.transactions)
        for _ in range(self.draw.randint(1, 4)):
            cents = self.draw.randint(1, 3_000)
            self.transactions.append(
                {
                    "order_id": order,
                    "customer_id": customer,
                    "product_id": self.draw.randrange(30),
                    "store_id": self.draw.randrange(3),
                    "order_ts": time,
                    "quantity": self.more.choice([1.0, 2.0, 0.5, 0.0, math.nan]),
                    "amount": (-cents if is_refund else cents) / 100,
                    "discount_amount": self.draw.choice([0, 0, 25]) / 100,
                    "coupon_amount": self.draw.choice([0, 0, 0, 50]) / 100,
                }
            )

    def log(self, without: tuple[str, ...] = (), shuffled_by: int | None = None) -> EventLog:
        """The rows as Ibis tables, in random order if wanted, some of them left out."""
        tables = {"products": _memtable(self.products, None, shuffled_by)}
        for name, time in TIMES.items():
            tables[name] = _memtable(getattr(self, name), time, shuffled_by)
        return EventLog(**(tables | dict.fromkeys(without)))


def _memtable(rows: list[Row], time: str | None, shuffled_by: int | None) -> ibis.Table:
    frame = pd.DataFrame(rows)
    if time:
        frame = frame.astype({time: "datetime64[us]"})
    if shuffled_by is not None:
        frame = frame.sample(frac=1, random_state=shuffled_by, ignore_index=True)
    return ibis.memtable(frame)


def orders_of(tables: Tables) -> list[Row]:
    """Lines of one order number, customer and day, taken together."""
    product = {row["product_id"]: row for row in tables.products}
    groups: dict[tuple, list[Row]] = {}
    for line in tables.transactions:
        key = (line["order_id"], line["customer_id"], line["order_ts"].date())
        groups.setdefault(key, []).append({**line, **product[line["product_id"]]})
    return [
        {
            "customer_id": key[1],
            "time": min(line["order_ts"] for line in lines),
            "store": min(line["store_id"] for line in lines),
            "amount": _cents(line["amount"] for line in lines),
            "discount": _cents(line["discount_amount"] for line in lines),
            "coupon": _cents(line["coupon_amount"] for line in lines),
            "private": _cents(line["amount"] for line in lines if line["brand"] == "Private"),
            "n_lines": len(lines),
            "n_categories": len({line["category"] for line in lines}),
        }
        for key, lines in groups.items()
    ]


def slow_features(tables: Tables, as_of_text: str, first_as_of: str) -> dict[int, dict[str, float]]:
    """Every feature of every customer as of one date, one customer after the other."""
    as_of, product = datetime.fromisoformat(as_of_text), {row["product_id"]: row for row in tables.products}
    departments = _largest_departments(tables, datetime.fromisoformat(first_as_of))
    features = {}
    for customer in sorted({row["customer_id"] for row in tables.transactions}):
        orders = [o for o in orders_of(tables) if o["customer_id"] == customer and o["time"] < as_of]
        bought = [o for o in orders if o["amount"] >= 0]
        if not bought:
            continue
        lines = [
            {**line, **product[line["product_id"]]}
            for line in tables.transactions
            if line["customer_id"] == customer and as_of - 84 * DAY <= line["order_ts"] < as_of
        ]
        features[customer] = (
            _whole_history(orders, bought, as_of)
            | _windows(orders, as_of)
            | _rhythm(bought)
            | _habits([o for o in orders if o["time"] >= as_of - 84 * DAY], lines, departments)
            | _campaigns(tables, customer, as_of)
            | slow_trends(orders, bought, as_of)
            | slow_assortment(tables, lines, as_of)
            | slow_exposure(tables, lines)
            | slow_events(tables, customer, as_of, datetime.fromisoformat(first_as_of))
            | slow_calendar(as_of)
        )
        own = features[customer]
        own["recency_to_gap_ratio"] = own["recency_days"] / own["gap_mean_days"]
        own["orders_per_week"] = 7 * own["n_orders"] / own["tenure_days"]
        own["amount_trend_ratio"] = (
            3 * own["amount_28d"] / own["amount_84d"] if own["amount_84d"] > 0 else math.nan
        )
    return features


def _whole_history(orders: list[Row], bought: list[Row], as_of: datetime) -> dict[str, float]:
    days = sorted(order["time"].date() for order in bought)
    return {
        "recency_days": (as_of.date() - days[-1]).days,
        "tenure_days": (as_of.date() - days[0]).days,
        "active_span_days": (days[-1] - days[0]).days,
        "n_orders": len(bought),
        "monetary": _cents(order["amount"] for order in orders),
        "mean_order_amount": statistics.fmean(order["amount"] for order in bought),
        "largest_order_amount": max(order["amount"] for order in orders),
        "n_stores": len({order["store"] for order in orders}),
    }


def _windows(orders: list[Row], as_of: datetime) -> dict[str, float]:
    found = {}
    windows = {f"{days}d": (days, 0) for days in (7, 28, 84, 364)} | {"29_56d": (56, 28)}
    for name, (begin, end) in windows.items():
        inside = [o for o in orders if as_of - begin * DAY <= o["time"] < as_of - end * DAY]
        found[f"n_orders_{name}"] = sum(order["amount"] >= 0 for order in inside)
        found[f"amount_{name}"] = _cents(order["amount"] for order in inside)
        if end == 0:
            found[f"n_lines_{name}"] = sum(order["n_lines"] for order in inside)
    return found


def _rhythm(bought: list[Row]) -> dict[str, float]:
    days = sorted({order["time"].date() for order in bought})
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    return {
        "n_order_days": len(days),
        "gap_mean_days": statistics.fmean(gaps) if gaps else math.nan,
        "gap_sd_days": statistics.stdev(gaps) if len(gaps) > 1 else math.nan,
        "gap_max_days": max(gaps, default=math.nan),
        "gap_last_days": gaps[-1] if gaps else math.nan,
    }


def _habits(orders: list[Row], lines: list[Row], departments: list[str]) -> dict[str, float]:
    n = len(orders)
    spent = _cents(order["amount"] for order in orders)
    discount, coupon = _cents(o["discount"] for o in orders), _cents(o["coupon"] for o in orders)
    found = {
        "discount_amount_84d": discount,
        "coupon_amount_84d": coupon,
        "mean_categories_84d": sum(o["n_categories"] for o in orders) / n if n else math.nan,
        "weekend_share_84d": sum(o["time"].weekday() >= 5 for o in orders) / n if n else math.nan,
        "mean_hour_84d": sum(o["time"].hour for o in orders) / n if n else math.nan,
        "n_departments_84d": len({line["department"] for line in lines}),
        "discount_share_84d": _share(discount, spent + discount, spent),
        "coupon_share_84d": _share(coupon, spent + discount, spent),
        "private_brand_share_84d": _share(_cents(o["private"] for o in orders), spent, spent),
    }
    for name in departments:
        amount = _cents(line["amount"] for line in lines if line["department"] == name)
        column = "fish___meat" if name == "FISH & MEAT" else name.lower()
        found[f"{column}_share_84d"] = _share(amount, spent, spent)
    del found["discount_amount_84d"], found["coupon_amount_84d"]
    return found


def _campaigns(tables: Tables, customer: int, as_of: datetime) -> dict[str, float]:
    sent = [
        row["contact_ts"]
        for row in tables.contacts
        if row["customer_id"] == customer and row["arm"] != "control" and row["contact_ts"] < as_of
    ]
    came = [r for r in tables.responses if r["customer_id"] == customer and r["response_ts"] < as_of]
    last_came = max((row["response_ts"] for row in came), default=None)
    return {
        "n_contacts": len(sent),
        "n_contacts_84d": sum(time >= as_of - 84 * DAY for time in sent),
        "days_since_contact": (as_of.date() - max(sent).date()).days if sent else math.nan,
        "n_responses": len(came),
        "n_campaigns_answered": len({row["campaign_id"] for row in came}),
        "days_since_response": (as_of.date() - last_came.date()).days if last_came else math.nan,
    }


def _largest_departments(tables: Tables, before: datetime) -> list[str]:
    product = {row["product_id"]: row["department"] for row in tables.products}
    sales: dict[str, float] = {}
    for line in tables.transactions:
        if line["order_ts"] < before:
            name = product[line["product_id"]]
            sales[name] = sales.get(name, 0.0) + line["amount"]
    return sorted(sorted(sales, key=lambda name: (-round(sales[name], 2), name))[:8])


def _cents(amounts) -> float:
    return round(math.fsum(amounts), 2)


def _share(part: float, whole: float, spent: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if spent > 0 else math.nan


def slow_labels(tables: Tables, as_of_text: str, horizon_days: int) -> dict[int, tuple]:
    """All behaviour labels of every customer with an earlier purchase."""
    as_of, end_of_log = datetime.fromisoformat(as_of_text), max(r["order_ts"] for r in tables.transactions)
    watched = min(horizon_days, max(0, (end_of_log.date() - as_of.date()).days + 1))
    labels = {}
    for customer in sorted({row["customer_id"] for row in tables.transactions}):
        orders = [order for order in orders_of(tables) if order["customer_id"] == customer]
        if not any(order["time"] < as_of and order["amount"] >= 0 for order in orders):
            continue
        window = [o for o in orders if as_of <= o["time"] < as_of + horizon_days * DAY]
        bought = [order for order in window if order["amount"] >= 0]
        n, spend = len(bought), _cents(order["amount"] for order in window)
        days = min(((order["time"].date() - as_of.date()).days for order in bought), default=watched)
        labels[customer] = (n, spend, int(n == 0), int(n > 0), days, int(n == 0))
    return labels
