"""What an answer is worth where there is no order log: the money the answers themselves carry."""

import numpy as np
import pandas as pd

from dangol.currency import UNKNOWN_CURRENCY, Currency
from dangol.errors import SkipNotebookError
from dangol.planning.response_value import ResponseValue, response_value, usual_order


def value_of_answers(
    contacts: pd.DataFrame,
    responses: pd.DataFrame,
    orders: pd.DataFrame | None,
    as_of: pd.Timestamp,
    n_boot: int,
    seed: int,
) -> ResponseValue:
    """As ``response_value``; without orders (None) the mean amount an answering customer brought.

    Answers whose values are all 1 or missing are no money. ``extra_orders`` is 1 then: the unit is
    one usual answer.

    Raises:
        SkipNotebookError: if there are neither orders nor answers with money, so nothing can be valued.
    """
    if orders is not None:
        return response_value(contacts, responses, orders, as_of, n_boot, seed)
    both = ["customer_id", "campaign_id"]
    came = responses[responses["response_ts"] < as_of]
    sent = contacts.loc[(contacts["contact_ts"] < as_of) & (contacts["arm"] != "control"), both]
    is_money = ~came.groupby("response_kind")["value"].transform(lambda value: value.dropna().eq(1).all())
    money = came["value"].where(is_money.astype(bool), 0.0).fillna(0.0)
    answers = sent.merge(came.assign(money=money).groupby(both, as_index=False)["money"].sum(), on=both)
    if not answers["money"].sum() > 0:
        raise SkipNotebookError(
            "the data set has neither transactions nor answers with an amount, so that no contact can be "
            "weighed against its cost."
        )
    per_customer = answers.groupby("customer_id")["money"].agg(["sum", "size"]).to_numpy()
    mean = answers["money"].mean()
    rng = np.random.default_rng(seed)
    draws = np.empty(n_boot)
    for i in range(n_boot):
        total, n = per_customer[rng.integers(0, len(per_customer), len(per_customer))].sum(axis=0)
        draws[i] = total / n / mean
    return ResponseValue(1.0, draws, float(mean), len(answers), len(sent) - len(answers), False)


def usual_amount(
    orders: pd.DataFrame | None, worth: ResponseValue, known: pd.DataFrame, as_of: pd.Timestamp
) -> pd.Series:
    """Money of a customer's usual order; without orders, of the usual answer, the same for everybody."""
    if orders is not None:
        return usual_order(orders, as_of)
    return pd.Series(worth.extra_amount, index=known["customer_id"].to_numpy(), name="usual_order")


def worth_sentence(
    worth: ResponseValue,
    margin_rate: float,
    incremental_share: float | None,
    basis: str = "assumed",
    currency: Currency = UNKNOWN_CURRENCY,
) -> str:
    """What a response is worth and how much of it counts, in words.

    Args:
        worth: from `value_of_answers`.
        margin_rate: share of sales, in [0, 1].
        incremental_share: assumed or measured, in [0, 1]; None if the uplift is known of every contact.
        basis: where that share comes from.
        currency: of the amounts.
    """
    low, high = worth.interval
    order_share = margin_rate * worth.extra_orders
    counts = (
        f"At a margin of {margin_rate:.0%} a response that the contact brought about earns "
        f"{order_share:.1%} of a usual"
    )
    assumed = (
        "Only the answers that a contact adds count, as customers held out by lot have shown."
        if incremental_share is None
        else f"Where no uplift is known, {incremental_share:.0%} of the responses count ({basis})."
    )
    if not worth.has_orders:
        amount, least, most = (currency.in_text(worth.extra_amount * times, 2) for times in (1.0, low, high))
        return (
            f"There is no order log. {worth.n_responders:,} answering contacts brought "
            f"**{amount} each** ({least} to {most}). {counts} answer. {assumed}"
        )
    more = currency.in_text(worth.extra_amount, 2)
    return (
        f"{worth.n_responders:,} responding contacts were followed by {more} more spend than "
        f"{worth.n_others:,} others: **{worth.extra_orders:.2f} extra orders** of the customer's "
        f"usual size ({low:.2f} to {high:.2f}). {counts} order. {assumed}"
    )
