"""Order lines of own data: what a source leaves out gets a sound default, counted as such."""

import pandas as pd

from dangol.sources.own.fields import LINE_FLAGS
from dangol.sources.own.spec import Transactions
from dangol.warehouse.intake import Intake
from dangol.warehouse.rules import UNKNOWN

COLUMNS = (
    "order_id",
    "customer_id",
    "product_id",
    "store_id",
    "order_ts",
    "quantity",
    "amount",
    "discount_amount",
    "coupon_amount",
)


def complete(intakes: list[Intake], given: Transactions) -> None:
    """Give every order line all columns of the contract, file by file."""
    for lines in intakes:
        _name_orders(lines)
        _name_customers(lines)
        _fill_numbers(lines)
        _fill_places(lines)
        _note_refunds(lines, given.cancellation_prefix)
        helpers = [*LINE_FLAGS, *([] if given.amount is None else ["unit_price"])]
        frame = lines.frame.drop(columns=[name for name in helpers if name in lines.frame])
        lines.frame = frame[[*COLUMNS, *(name for name in frame if name not in COLUMNS)]]


def _name_orders(lines: Intake) -> None:
    """An order without a number is what one customer buys at one moment."""
    if "order_id" not in lines.frame:
        _note_all(lines, "no order number in the source", "order named after customer and time")
        lines.frame = lines.frame.assign(order_id=_made_names(lines.frame))
    elif (missing := lines.frame["order_id"].isna()).any():
        lines.note(missing, "line without order number", "kept: order named after customer and time")
        made = _made_names(lines.frame[missing]).reindex(lines.frame.index)
        lines.frame = lines.frame.assign(order_id=lines.frame["order_id"].fillna(made))


def _made_names(rows: pd.DataFrame) -> pd.Series:
    times = rows["order_ts"].dt.strftime("%Y-%m-%dT%H:%M:%S")
    return rows["customer_id"].astype("str").fillna("?") + "@" + times


def _name_customers(lines: Intake) -> None:
    missing = lines.frame["customer_id"].isna()
    if missing.any():
        lines.note(missing, "line without customer", "kept: each order is a customer of its own")
        own = "order-" + lines.frame["order_id"].astype("str")
        lines.frame = lines.frame.assign(customer_id=lines.frame["customer_id"].mask(missing, own))


def _fill_numbers(lines: Intake) -> None:
    frame = lines.frame
    if "quantity" not in frame:
        _note_all(lines, "no quantity in the source", "quantity set to 1")
        frame = frame.assign(quantity=1.0)
    for name in ("discount_amount", "coupon_amount"):
        if name not in frame:
            frame = frame.assign(**{name: 0.0})
        frame = frame.assign(**{name: frame[name].fillna(0.0)})
    lines.frame = frame


def _fill_places(lines: Intake) -> None:
    for name, what in (("product_id", "product"), ("store_id", "store")):
        if name not in lines.frame:
            _note_all(lines, f"no {what} in the source", f"{what} set to {UNKNOWN}")
            lines.frame = lines.frame.assign(**{name: UNKNOWN})
        elif (missing := lines.frame[name].isna()).any():
            lines.note(missing, f"line without {what}", f"kept: {what} set to {UNKNOWN}")
            lines.frame = lines.frame.assign(**{name: lines.frame[name].fillna(UNKNOWN)})


def _note_refunds(lines: Intake, prefix: str | None) -> None:
    refunds = lines.frame["amount"] < 0
    if prefix:
        refunds |= lines.frame["order_id"].astype("str").str.startswith(prefix)
    lines.note(refunds, "refund or cancellation", "kept: netted against sales")


def _note_all(lines: Intake, fault: str, treatment: str) -> None:
    lines.note_absent(len(lines.frame), fault, f"kept: {treatment}")
