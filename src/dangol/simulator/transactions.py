"""The transactions table: real orders, their refunds, and small counted doses of dirt."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.simulator.baskets import Lines
from dangol.simulator.branches import OrderLog
from dangol.simulator.catalogue import Catalogue
from dangol.simulator.clock import Clock

UNKNOWN_PRODUCT_LINE_SHARE = 0.003
ZERO_QUANTITY_LINE_SHARE = 0.006
_LONGEST_REFUND_WEEKS = 3.0
_FIRST_UNKNOWN_PRODUCT_ID = 90_000_001
_N_UNKNOWN_PRODUCTS = 50


@dataclass(frozen=True)
class Refunds:
    """One entry per refunded order line.

    Attributes:
        order: row number of the refunded order.
        line: row number of the refunded line.
        seconds: when the money was given back, since the world's start.
    """

    order: np.ndarray
    line: np.ndarray
    seconds: np.ndarray


@dataclass(frozen=True)
class Sales:
    """What becomes the transactions table.

    Attributes:
        log: orders of all branches; only the real ones appear.
        lines: their lines, by order.
        line_coupon: cents taken off by coupons, one per line.
        refunds: lines brought back; each is an order of its own with a negative amount.
    """

    log: OrderLog
    lines: Lines
    line_coupon: np.ndarray
    refunds: Refunds


def draw_refunds(
    rng: np.random.Generator, log: OrderLog, line_order: np.ndarray, clock: Clock, refund_share: float
) -> Refunds:
    """Choose orders of which one line is brought back within three weeks.

    Refunds that would fall after the world's end have not happened yet and are left out.
    """
    chance, place, delay = rng.random((3, len(log)))
    order = np.flatnonzero(log.is_real & (chance < refund_share))
    n_lines = np.bincount(line_order, minlength=len(log))
    first = np.cumsum(n_lines) - n_lines
    line = first[order] + (place[order] * n_lines[order]).astype(np.int64)
    week = clock.weeks(log.seconds[order]) + 0.1 + (_LONGEST_REFUND_WEEKS - 0.1) * delay[order]
    seconds = np.maximum(clock.seconds(np.minimum(week, clock.n_weeks)), log.seconds[order] + 1)
    happened = week < clock.n_weeks
    return Refunds(order[happened], line[happened], seconds[happened])


def transaction_table(
    sales: Sales, catalogue: Catalogue, customer_id: np.ndarray, clock: Clock, first_order_id: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The canonical transactions table without dirt, and which order each refund belongs to.

    Args:
        sales: orders, lines, coupons, refunds.
        catalogue: the products.
        customer_id: identifier of each customer.
        clock: the shop's clock.
        first_order_id: orders are numbered from here in order of time.

    Returns:
        Transactions by order and product: ``amount`` is what was paid, after ``discount_amount``
        and ``coupon_amount``; and ``refund_order_id``, ``order_id``, ``product_id``, ``amount``.
    """
    lines, refunds = sales.lines, sales.refunds
    number_of, refund_number = _number_orders(sales, first_order_id)
    bought = np.flatnonzero(sales.log.is_real[lines.order])
    line = np.concatenate([bought, refunds.line])
    order_id = np.concatenate([number_of[lines.order[bought]], refund_number])
    # order numbers follow time, lines follow products: one stable sort gives both
    position = np.argsort(order_id, kind="stable")
    is_refund = position >= len(bought)
    line, order_id = line[position], order_id[position]
    order = lines.order[line]
    seconds = sales.log.seconds[order]
    seconds[is_refund] = refunds.seconds[position[is_refund] - len(bought)]
    sign = np.where(is_refund, -1, 1)
    frame = pd.DataFrame(
        {
            "order_id": order_id,
            "customer_id": customer_id[sales.log.customer[order]],
            "product_id": catalogue.products["product_id"].to_numpy()[lines.product[line]],
            "store_id": sales.log.store_id[order],
            "order_ts": clock.timestamps(seconds),
            "quantity": sign * lines.quantity[line],
            "amount": sign * (lines.paid[line] - sales.line_coupon[line]) / 100,
            "discount_amount": np.where(is_refund, 0, lines.discount[line]) / 100,
            "coupon_amount": np.where(is_refund, 0, sales.line_coupon[line]) / 100,
        }
    )
    original = pd.Series(number_of[refunds.order], index=refund_number)
    return frame, _refund_truth(frame[is_refund], original)


def _refund_truth(refund_rows: pd.DataFrame, original: pd.Series) -> pd.DataFrame:
    refund_order_id = refund_rows["order_id"].to_numpy()
    return pd.DataFrame(
        {
            "refund_order_id": refund_order_id,
            "order_id": original.reindex(refund_order_id).to_numpy(dtype=np.int64),
            "product_id": refund_rows["product_id"].to_numpy(),
            "amount": refund_rows["amount"].to_numpy(),
        }
    )


def _number_orders(sales: Sales, first_order_id: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers by time: of each order in the log (-1 if it is not real), and of each refund."""
    log, refunds = sales.log, sales.refunds
    real = np.flatnonzero(log.is_real)
    seconds = np.concatenate([log.seconds[real], refunds.seconds])
    by_time = np.argsort(seconds, kind="stable")
    number = np.empty(len(seconds), dtype=np.int64)
    number[by_time] = first_order_id + np.arange(len(seconds))
    number_of = np.full(len(log), -1, dtype=np.int64)
    number_of[real] = number[: len(real)]
    return number_of, number[len(real) :]


def soil(
    rng: np.random.Generator, transactions: pd.DataFrame, dose: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add faults that real exports have, and count them.

    Unknown products: lines whose product is missing from the products table. Zero quantity: lines
    with quantity and amount 0 beside the real ones of the order.

    Returns:
        The soiled transactions, and per fault ``table``, ``fault``, ``n_rows``, ``amount`` (of the
        rows). Refunds are counted too: no fault of the data, but often treated as one.
    """
    n = len(transactions)
    chance = rng.random(n)
    unknown = chance < UNKNOWN_PRODUCT_LINE_SHARE * dose
    copied = np.flatnonzero(chance > 1 - ZERO_QUANTITY_LINE_SHARE * dose)
    substitute = _FIRST_UNKNOWN_PRODUCT_ID + rng.integers(0, _N_UNKNOWN_PRODUCTS, n)
    product_id = np.where(unknown, substitute, transactions["product_id"])
    frame = transactions.assign(product_id=product_id)
    zero = frame.iloc[copied].assign(quantity=0.0, amount=0.0, discount_amount=0.0, coupon_amount=0.0)
    position = np.argsort(np.concatenate([np.arange(n), copied]), kind="stable")
    soiled = pd.concat([frame, zero], ignore_index=True).iloc[position].reset_index(drop=True)
    return soiled, _count(soiled)


def _count(soiled: pd.DataFrame) -> pd.DataFrame:
    masks = {
        "unknown product": soiled["product_id"] >= _FIRST_UNKNOWN_PRODUCT_ID,
        "zero quantity": soiled["quantity"] == 0,
        "refund": soiled["amount"] < 0,
    }
    return pd.DataFrame(
        {
            "table": pd.array(["transactions"] * len(masks), dtype="str"),
            "fault": pd.array(list(masks), dtype="str"),
            "n_rows": [int(mask.sum()) for mask in masks.values()],
            "amount": [round(float(soiled.loc[mask, "amount"].sum()), 2) for mask in masks.values()],
        }
    )
