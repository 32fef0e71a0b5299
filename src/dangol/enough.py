"""Is there enough to learn from? Too little is a refusal that names the threshold, and no model is made."""

from collections.abc import Iterable
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from dangol.errors import SkipNotebookError
from dangol.params import LearningParams, RespondParams

_DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Need:
    """One threshold and what was found.

    Attributes:
        parameter: of the notebook, holds the threshold.
        least: the threshold.
        found: what the data hold.
        what: in words, what is counted.
    """

    parameter: str
    least: float
    found: float
    what: str

    @property
    def is_met(self) -> bool:
        """Whether the data reach the threshold."""
        return self.found >= self.least

    def __str__(self) -> str:
        return f"{self.what} {self.found:,g}, expected at least {self.least:,g} ({self.parameter})"


def check_enough(needs: Iterable[Need], notebook: str) -> None:
    """Skip a notebook whose data fall below a threshold.

    Args:
        needs: thresholds and what was found.
        notebook: two digits, for the advice.

    Raises:
        SkipNotebookError: naming every threshold that is not met, what was found, and what to change.
    """
    short = [need for need in needs if not need.is_met]
    if short:
        names = " ".join(f"--set {notebook}.{need.parameter}=…" for need in short)
        raise SkipNotebookError(
            f"too little to learn from, so no model was made: {'; '.join(map(str, short))}. "
            f"Bring more data, or lower the threshold: dangol run {names}"
        )


def check_enough_orders(orders: ir.Table, params: LearningParams) -> None:
    """Skip a notebook that learns from orders if there are too few before ``as_of``.

    Customers count who bought (a refund alone is no purchase), repeat buyers on two days or more; months
    reach from the first purchase to ``as_of``.

    Args:
        orders: one row per order with ``customer_id``, ``order_ts``, ``amount``; may reach beyond ``as_of``.
        params: the date and the thresholds.

    Raises:
        SkipNotebookError: naming every threshold that is not met.
    """
    check_enough(_order_needs(orders, params), params.notebook)


def _order_needs(orders: ir.Table, params: LearningParams) -> list[Need]:
    as_of = pd.Timestamp(params.as_of)
    bought = orders.filter((orders.order_ts < as_of) & (orders.amount >= 0))
    buyers = bought.group_by("customer_id").agg(
        first_ts=bought.order_ts.min(), n_days=bought.order_ts.date().nunique()
    )
    frame = buyers.execute()
    history = as_of - frame["first_ts"].min() if len(frame) else pd.Timedelta(0)
    n_months = round(history / pd.Timedelta(days=_DAYS_PER_MONTH), 1)
    n_repeat = int((frame["n_days"] > 1).sum())
    return [
        Need("min_customers", params.min_customers, len(frame), "buyers before as_of:"),
        Need("min_months", params.min_months, n_months, "months of purchases before as_of:"),
        Need("min_repeat_buyers", params.min_repeat_buyers, n_repeat, "buyers on several days:"),
    ]


def check_enough_answers(train: pd.DataFrame, test: pd.DataFrame, params: RespondParams) -> None:
    """Skip a notebook that learns from answers to campaigns if there are too few.

    Args:
        train: contacts to learn from, with ``customer_id`` and ``is_answered``.
        test: contacts to judge by, likewise.
        params: the thresholds.

    Raises:
        SkipNotebookError: naming every threshold that is not met.
    """
    needs = []
    for part, use in ((train, "to learn from"), (test, "to judge by")):
        answered = part.loc[part["is_answered"] == 1, "customer_id"].nunique()
        silent = part.loc[part["is_answered"] == 0, "customer_id"].nunique()
        needs += [
            Need("min_responders", params.min_responders, answered, f"customers who answered, {use}:"),
            Need("min_responders", params.min_responders, silent, f"customers who did not answer, {use}:"),
        ]
    contacted = train["customer_id"].nunique()
    needs.append(Need("min_customers", params.min_customers, contacted, "contacted customers to learn from:"))
    check_enough(needs, params.notebook)


def check_any_purchase(orders: ir.Table, as_of: str) -> None:
    """Skip a notebook that describes buyers if there is none.

    Args:
        orders: one row per order with ``order_ts`` and ``amount``.
        as_of: exclusive end of what counts.

    Raises:
        SkipNotebookError: if no order before ``as_of`` is a purchase.
    """
    bought = orders.filter((orders.order_ts < pd.Timestamp(as_of)) & (orders.amount >= 0))
    if not bought.count().execute():
        raise SkipNotebookError(
            f"no purchase before {as_of}: the order lines hold none, or refunds alone. Choose a later as_of."
        )
