"""Trends, assortment, promotions, dated facts and calendar of one customer, by plain loops."""

import calendar
import itertools
import math
import statistics
from datetime import date, datetime, timedelta

Row = dict[str, object]
DAY = timedelta(days=1)


def slow_trends(orders: list[Row], bought: list[Row], as_of: datetime) -> dict[str, float]:
    """Spans against each other, rhythm against itself."""
    found, spans = {}, {"28d": (28, 0), "29_56d": (56, 28), "84d": (84, 0), "85_168d": (168, 84)}
    inside = {
        name: [o for o in orders if as_of - begin * DAY <= o["time"] < as_of - end * DAY]
        for name, (begin, end) in spans.items()
    }
    n = {name: sum(order["amount"] >= 0 for order in rows) for name, rows in inside.items()}
    amount = {name: cents(order["amount"] for order in rows) for name, rows in inside.items()}
    found["n_orders_85_168d"], found["amount_85_168d"] = n["85_168d"], amount["85_168d"]
    for near, far, span in (("28d", "29_56d", "56d"), ("84d", "85_168d", "168d")):
        for kind, values in (("orders", n), ("amount", amount)):
            recent, earlier = max(values[near], 0), max(values[far], 0)
            share = recent / (recent + earlier) if recent + earlier > 0 else math.nan
            found[f"recent_{kind}_share_{span}"] = share
    found["orders_trend_ratio"] = 3 * n["28d"] / n["84d"] if n["84d"] else math.nan
    days = sorted({order["time"].date() for order in bought})
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    mean = statistics.fmean(gaps) if gaps else math.nan
    found["gap_median_days"] = statistics.median(gaps) if gaps else math.nan
    found["gap_cv_ratio"] = statistics.stdev(gaps) / mean if len(gaps) > 1 else math.nan
    found["gap_last_to_mean_ratio"] = gaps[-1] / mean if gaps else math.nan
    return found


def slow_assortment(tables, lines: list[Row], as_of: datetime) -> dict[str, float]:
    """Breadth, concentration, reductions and price level of the last 84 days."""
    names = ("top_category_share_84d", "category_concentration_84d", "discounted_line_share_84d")
    names += ("coupon_line_share_84d", "price_level_84d")
    if not lines:
        return {"n_categories_84d": 0} | dict.fromkeys(names, math.nan)
    counts: dict[str, int] = {}
    for line in lines:
        counts[line["category"]] = counts.get(line["category"], 0) + 1
    n = len(lines)
    everybody = [r for r in tables.transactions if as_of - 84 * DAY <= r["order_ts"] < as_of]
    category = {row["product_id"]: row["category"] for row in tables.products}
    paid = expected = 0.0
    for own in (line for line in lines if has_price(line)):
        peers = [r for r in everybody if category[r["product_id"]] == own["category"] and has_price(r)]
        unit = cents(map(full, peers)) / sum(row["quantity"] for row in peers)
        paid, expected = paid + full(own), expected + own["quantity"] * unit
    return {
        "n_categories_84d": len(counts),
        "top_category_share_84d": max(counts.values()) / n,
        "category_concentration_84d": sum((count / n) ** 2 for count in counts.values()),
        "discounted_line_share_84d": sum(line["discount_amount"] > 0 for line in lines) / n,
        "coupon_line_share_84d": sum(line["coupon_amount"] > 0 for line in lines) / n,
        "price_level_84d": paid / expected if expected else math.nan,
    }


def slow_exposure(tables, lines: list[Row]) -> dict[str, float]:
    """How many of the lines were promoted in their store and week."""
    offered: dict[tuple, tuple[bool, bool]] = {}
    for row in tables.promotions:
        key = (row["product_id"], row["store_id"], row["week_date"].date())
        shown, mailed = offered.get(key, (False, False))
        offered[key] = (shown or row["is_displayed"], mailed or row["is_mailed"])
    flags = []
    for line in lines:
        day = line["order_ts"].date()
        monday = day - timedelta(days=day.weekday())
        flags.append(offered.get((line["product_id"], line["store_id"], monday), (False, False)))
    n = len(flags)
    return {
        "displayed_line_share_84d": sum(flag[0] for flag in flags) / n if n else math.nan,
        "mailed_line_share_84d": sum(flag[1] for flag in flags) / n if n else math.nan,
        "promoted_line_share_84d": sum(any(flag) for flag in flags) / n if n else math.nan,
    }


def slow_events(tables, customer: int, as_of: datetime, first_as_of: datetime) -> dict[str, float]:
    """Days to what is known ahead; number and age of what has happened."""
    own = [row for row in tables.events if row["customer_id"] == customer]
    born = [row["event_date"].date() for row in own if row["event_kind"] == "birthday"]
    ends = [row["event_date"] for row in own if row["event_kind"] == "contract_end"]
    ahead = [(time.date() - as_of.date()).days for time in ends if time >= as_of]
    found = {
        "days_to_birthday": min((days_to_birthday(day, as_of.date()) for day in born), default=math.nan),
        "days_to_contract_end": min(ahead, default=math.nan),
    }
    kinds = {"contract_end": "contract_end", "complaint": "complaint", "late delivery": "late_delivery"}
    for kind, name in kinds.items():
        if not any(r["event_kind"] == kind and r["event_date"] < first_as_of for r in tables.events):
            continue
        past = [r["event_date"] for r in own if r["event_kind"] == kind and r["event_date"] < as_of]
        found |= {f"n_{name}_{n}d": sum(t >= as_of - n * DAY for t in past) for n in (84, 364)}
        since = (as_of.date() - max(past).date()).days if past else math.nan
        found[f"days_since_{name}"] = since
    return found


def days_to_birthday(born: date, today: date) -> int:
    """Walk day by day until it is the birthday; the 29 February is kept on the 28th in common years."""
    for days in range(367):
        day = today + timedelta(days=days)
        month_day = (born.month, born.day)
        if month_day == (2, 29) and not calendar.isleap(day.year):
            month_day = (2, 28)
        if (day.month, day.day) == month_day:
            return days
    raise AssertionError("no birthday within a year")


def slow_calendar(as_of: datetime) -> dict[str, float]:
    """What the date says by itself."""
    return {
        "as_of_month": as_of.month,
        "as_of_day_of_year": as_of.timetuple().tm_yday,
        "weeks_to_year_end": (datetime(as_of.year, 12, 31) - as_of).days // 7,
    }


def has_price(line: Row) -> bool:
    """Whether a line says what a unit cost."""
    return line["quantity"] > 0 and line["amount"] >= 0


def full(line: Row) -> float:
    """What a line would have cost without its discount."""
    return line["amount"] + line["discount_amount"]


def cents(amounts) -> float:
    return round(math.fsum(amounts), 2)
