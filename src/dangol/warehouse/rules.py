"""What is wrong with rows of one table: one function, one name, one reason per rule."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from dangol.breaches import bounds_of
from dangol.contracts import Table
from dangol.warehouse.frames import Frames
from dangol.warehouse.intake import QUARANTINED

UNKNOWN = "UNKNOWN"
_LINE = ["order_id", "customer_id", "product_id", "order_ts", "quantity", "amount"]
_NAMED_UNKNOWN = ("department", "category", "brand", "channel", "campaign_type", "response_kind")
_NOTHING = ("discount_amount", "coupon_amount")


@dataclass(frozen=True)
class Rule:
    """One way in which rows can be wrong.

    Attributes:
        name: by which the rule is called, such as ``duplicate_line``.
        table: whose rows it judges.
        needs: columns it needs, each written ``table.column``; without them it has nothing to say.
        reason: what is wrong with the rows it finds, in words.
        find: from all frames to a boolean aligned with the table.
        treatment: what is done about the rows, in words; ``quarantined`` sets them aside.
        mend: from the table's frame and the rows found to the frame that takes its place.
    """

    name: str
    table: str
    needs: tuple[str, ...]
    reason: str
    find: Callable[[Frames], pd.Series]
    treatment: str = QUARANTINED
    mend: Callable[[pd.DataFrame, pd.Series], pd.DataFrame] | None = None


def contract_rules(table: Table, contact_cost: float) -> Iterator[Rule]:
    """The rules that follow from a table's contract: values present, finite, in range, keys unique.

    Args:
        table: the contract.
        contact_cost: what a contact costs where the source is silent.
    """
    for name, kind in table.columns.items():
        column = f"{table.name}.{name}"
        low, high = bounds_of(name, table.ranges)
        if not kind.endswith("?"):
            yield _missing_value(table.name, name, contact_cost)
        if kind.startswith("float"):
            found = partial(is_not_finite, table=table.name, column=name)
            yield Rule("not_finite", table.name, (column,), f"{name} is not finite", found)
        if low is not None or high is not None:
            found = partial(is_out_of_range, table=table.name, column=name, low=low, high=high)
            yield Rule("out_of_range", table.name, (column,), f"{name} {_outside(low, high)}", found)
    if table.key:
        needs = tuple(f"{table.name}.{name}" for name in table.key)
        found = partial(is_repeated, table=table.name, columns=list(table.key))
        yield Rule("duplicate_key", table.name, needs, f"{' × '.join(table.key)} listed before", found)


def _missing_value(table: str, column: str, contact_cost: float) -> Rule:
    fills: dict[str, object] = dict.fromkeys(_NAMED_UNKNOWN, UNKNOWN) | dict.fromkeys(_NOTHING, 0.0)
    fills["contact_cost"] = contact_cost
    find, needs = partial(is_missing, table=table, column=column), (f"{table}.{column}",)
    if column not in fills:
        return Rule("missing_value", table, needs, f"{column} missing", find)
    value = fills[column]
    return Rule(
        "missing_value",
        table,
        needs,
        f"{column} missing",
        find,
        f"kept: {column} set to {value}",
        lambda frame, rows: frame.assign(**{column: frame[column].mask(rows, value)}),
    )


def _outside(low: float | None, high: float | None) -> str:
    if high is None:
        return f"below {low:g}"
    return f"above {high:g}" if low is None else f"outside {low:g} to {high:g}"


def is_missing(frames: Frames, table: str, column: str) -> pd.Series:
    """Rows without a value that every row must have."""
    return frames[table][column].isna()


def is_not_finite(frames: Frames, table: str, column: str) -> pd.Series:
    """Rows whose number is infinite."""
    values = frames[table][column]
    return pd.Series(np.isinf(values.to_numpy(dtype="float64")), index=values.index)


def is_out_of_range(
    frames: Frames, table: str, column: str, low: float | None, high: float | None
) -> pd.Series:
    """Rows whose number lies outside the range, ends included in it."""
    values = frames[table][column]
    too_low = values < low if low is not None else pd.Series(False, index=values.index)
    return too_low | (values > high) if high is not None else too_low


def is_repeated(frames: Frames, table: str, columns: list[str]) -> pd.Series:
    """Rows that repeat an earlier one in some columns; the first stays."""
    return frames[table].duplicated(columns)


def is_empty_line(frames: Frames) -> pd.Series:
    """Order lines that sell nothing and move no money."""
    lines = frames["transactions"]
    money = lines[["amount", "discount_amount", "coupon_amount"]]
    return (lines["quantity"] == 0) & (money == 0).all(axis=1)


def has_zero_quantity(frames: Frames) -> pd.Series:
    """Order lines with quantity 0, whatever money they move."""
    return frames["transactions"]["quantity"] == 0


def is_duplicate_line(frames: Frames) -> pd.Series:
    """Order lines that repeat an earlier one in order, customer, product, time, quantity and amount."""
    return is_repeated(frames, "transactions", _LINE)


def is_cancellation_without_order(frames: Frames) -> pd.Series:
    """Refunds and cancellations of a product the customer had not bought until then."""
    lines = frames["transactions"]
    is_refund = (lines["amount"] < 0) | (lines["quantity"] < 0)
    pair = ["customer_id", "product_id"]
    refunds = lines.loc[is_refund, [*pair, "order_ts"]]
    sales = lines[~is_refund & lines["customer_id"].isin(refunds["customer_id"])]
    first_sale = sales.groupby(pair)["order_ts"].min().rename("first_ts")
    first_ts = refunds.join(first_sale, on=pair)["first_ts"]
    hits = pd.Series(False, index=lines.index)
    hits[is_refund] = ~(first_ts <= refunds["order_ts"]).to_numpy()
    return hits


def ends_before_start(frames: Frames) -> pd.Series:
    """Campaigns that end before they start."""
    campaigns = frames["campaigns"]
    return campaigns["end_date"] < campaigns["start_date"]


def is_control_with_cost(frames: Frames) -> pd.Series:
    """Customers of the control group, to whom nothing was sent, with a cost of contact."""
    contacts = frames["contacts"]
    return (contacts["arm"] == "control") & (contacts["contact_cost"] > 0)


ROW_RULES = (
    Rule(
        "campaign_ends_before_start",
        "campaigns",
        ("campaigns.end_date", "campaigns.start_date"),
        "campaign ends before it starts",
        ends_before_start,
        "kept: end set to the start",
        lambda frame, rows: frame.assign(end_date=frame["end_date"].mask(rows, frame["start_date"])),
    ),
    Rule(
        "empty_line",
        "transactions",
        ("transactions.quantity",),
        "line with quantity 0 that moves no money",
        is_empty_line,
    ),
    Rule(
        "zero_quantity",
        "transactions",
        ("transactions.quantity",),
        "quantity 0 on a line that moves money",
        has_zero_quantity,
        "kept: quantity set to missing",
        lambda frame, rows: frame.assign(quantity=frame["quantity"].mask(rows)),
    ),
    Rule(
        "duplicate_line",
        "transactions",
        tuple(f"transactions.{name}" for name in _LINE),
        "line repeats an earlier one in order, customer, product, time, quantity and amount",
        is_duplicate_line,
        "kept: the same article may be scanned twice",
    ),
    Rule(
        "cancellation_without_order",
        "transactions",
        ("transactions.quantity",),
        "refund or cancellation of a product not bought before",
        is_cancellation_without_order,
        "kept and netted: the order may lie before the data",
    ),
    Rule(
        "control_with_cost",
        "contacts",
        ("contacts.arm", "contacts.contact_cost"),
        "control group with a cost of contact",
        is_control_with_cost,
        "kept: cost set to 0",
        lambda frame, rows: frame.assign(contact_cost=frame["contact_cost"].mask(rows, 0.0)),
    ),
)
