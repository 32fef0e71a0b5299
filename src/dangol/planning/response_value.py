"""What a response is worth, judged from past campaigns: an assumption with an interval, not an effect."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.errors import InputError

WINDOW_DAYS = 28


@dataclass(frozen=True)
class ResponseValue:
    """How much more responders bought than contacted non-responders, in orders of their usual size.

    Responders chose to respond, so part of this would have come anyway. Whoever uses it multiplies it
    by an assumed ``incremental_share``.

    Attributes:
        extra_orders: extra spend per response, over the responders' usual order amount.
        draws: the same in bootstrap samples of customers.
        extra_amount: extra spend per response, in currency.
        n_responders: responding contacts it rests on.
        n_others: contacts without a response it rests on.
        has_orders: whether it rests on orders; else on the money the answers themselves carry.
    """

    extra_orders: float
    draws: np.ndarray
    extra_amount: float
    n_responders: int
    n_others: int
    has_orders: bool = True

    @property
    def interval(self) -> tuple[float, float]:
        """95 % percentile interval of ``extra_orders``."""
        low, high = np.quantile(self.draws, [0.025, 0.975])
        return float(low), float(high)


def usual_order(orders: pd.DataFrame, as_of: pd.Timestamp, prior_orders: float = 3.0) -> pd.Series:
    """Mean order amount per customer before ``as_of``, drawn to the overall mean by ``prior_orders`` orders.

    Args:
        orders: ``customer_id``, ``order_ts``, ``amount``; one row per order.
        as_of: only orders strictly before it are seen.
        prior_orders: weight of the overall mean.
    """
    past = _sorted(orders[(orders["order_ts"] < as_of) & (orders["amount"] > 0)])
    overall = past["amount"].mean()
    sums = past.groupby("customer_id")["amount"].agg(["sum", "size"])
    return ((sums["sum"] + prior_orders * overall) / (sums["size"] + prior_orders)).rename("usual_order")


def response_value(
    contacts: pd.DataFrame,
    responses: pd.DataFrame,
    orders: pd.DataFrame,
    as_of: pd.Timestamp,
    n_boot: int,
    seed: int,
) -> ResponseValue:
    """Change of spend around a contact, responders against other contacted customers.

    Per contact with 28 days of data on both sides: spend in the 28 days from it less spend in the 28
    days before it. The extra spend of a response is the difference of the two groups' means.

    Args:
        contacts: as in ``tables.CONTACTS``; control rows are left out.
        responses: as in ``tables.RESPONSES``.
        orders: ``customer_id``, ``order_ts``, ``amount``.
        as_of: only events strictly before it are seen.
        n_boot: bootstrap samples of customers.
        seed: of the samples.

    Raises:
        InputError: if there is no responder or no other contact to compare.
    """
    changes = _changes(contacts, responses, orders, as_of)
    is_response = changes["is_response"].to_numpy()
    if not is_response.any() or is_response.all():
        raise InputError(
            f"the value of a response cannot be judged: before {as_of:%Y-%m-%d} there are "
            f"{is_response.sum()} responding and {(~is_response).sum()} other contacts with "
            f"{WINDOW_DAYS} days of data on either side, and at least one of each is needed. "
            "Choose a later as_of."
        )
    sums = _sums_per_customer(changes)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), n_boot)
    draws, _ = _extra(weights @ sums)
    extra_orders, extra_amount = (float(value[0]) for value in _extra(sums.sum(axis=0, keepdims=True)))
    return ResponseValue(extra_orders, draws, extra_amount, int(is_response.sum()), int((~is_response).sum()))


def _sums_per_customer(changes: pd.DataFrame) -> np.ndarray:
    """(customers, 6) the terms ``_extra`` is made of."""
    yes = changes["is_response"]
    terms = pd.DataFrame(
        {
            "n_yes": yes,
            "n_no": ~yes,
            "change_yes": changes["change"].where(yes, 0.0),
            "change_no": changes["change"].where(~yes, 0.0),
            "n_orders": changes["n_orders_before"].where(yes, 0.0),
            "amount": changes["amount_before"].where(yes, 0.0),
        }
    ).astype(float)
    return terms.groupby(changes["customer_id"]).sum().to_numpy()


def _extra(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Extra orders and extra amount per response from summed terms, one per row."""
    n_yes, n_no, change_yes, change_no, n_orders, amount = sums.T
    extra = change_yes / np.maximum(n_yes, 1) - change_no / np.maximum(n_no, 1)
    usual = amount / np.maximum(n_orders, 1)
    return np.divide(extra, usual, out=np.zeros_like(extra), where=usual > 0), extra


def _changes(
    contacts: pd.DataFrame, responses: pd.DataFrame, orders: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """One row per contact: did it respond, and how did spend change around it?"""
    window = pd.Timedelta(days=WINDOW_DAYS)
    day = contacts["contact_ts"].dt.normalize()
    has_window = (day + window <= as_of) & (day - window >= orders["order_ts"].min().normalize())
    sent = contacts[has_window & (contacts["arm"] != "control")]
    sent = sent[["customer_id", "campaign_id"]].assign(day=day).sort_values(["customer_id", "campaign_id"])
    seen = responses.loc[responses["response_ts"] < as_of, ["customer_id", "campaign_id"]].drop_duplicates()
    sent = sent.merge(seen.assign(is_response=True), on=["customer_id", "campaign_id"], how="left")
    sent = sent.assign(is_response=sent["is_response"].eq(True))
    near = sent[["customer_id", "campaign_id", "day"]].merge(_sorted(orders), on="customer_id")
    offset = near["order_ts"] - near["day"]
    is_after = (offset >= pd.Timedelta(0)) & (offset < window)
    is_before = (offset < pd.Timedelta(0)) & (offset >= -window)
    near = near.assign(
        change=near["amount"] * (is_after.astype(float) - is_before.astype(float)),
        n_orders_before=is_before.astype(float),
        amount_before=near["amount"] * is_before,
    )
    columns = ["change", "n_orders_before", "amount_before"]
    sums = near.groupby(["customer_id", "campaign_id"])[columns].sum().reset_index()
    return sent.merge(sums, on=["customer_id", "campaign_id"], how="left").fillna(dict.fromkeys(columns, 0.0))


def _sorted(orders: pd.DataFrame) -> pd.DataFrame:
    """Orders in an order of their own, so that sums do not depend on how they were read."""
    return orders.sort_values(["customer_id", "order_ts", "amount"], ignore_index=True)
