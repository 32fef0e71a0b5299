"""The offers of each customer: which categories next, how likely, how much, and why."""

import numpy as np
import pandas as pd

from dangol.crosssell.candidates import HORIZON_DAYS, OWNED_DAYS, Candidates
from dangol.crosssell.offer_model import OfferModel

_NAMED_LIFT = 1.2


def rank_offers(score: np.ndarray, n_offers: int) -> np.ndarray:
    """(c, n_offers) category numbers by falling score, ties by number; -1 where the score is 0.

    >>> rank_offers(np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 1.0]]), 2)
    array([[ 2,  1],
           [ 2, -1]])
    """
    order = np.argsort(-score, axis=1, kind="stable")[:, :n_offers]
    return np.where(np.take_along_axis(score, order, axis=1) > 0, order, -1)


def customer_offers(
    candidates: Candidates, model: OfferModel, rules: pd.DataFrame, n_offers: int
) -> pd.DataFrame:
    """The best offers per customer, by expected amount.

    Args:
        candidates: what is known on the date of the offer.
        model: fitted on earlier dates.
        rules: product rules; they serve the reasons.
        n_offers: how many per customer; fewer if less is open.

    Returns:
        One row per customer × offer as in ``tables.CUSTOMER_OFFER``, best first. ``purchase_prob``
        is the probability that the customer buys the category within 28 days (not that the offer
        causes it); ``expected_amount`` is this times what a new buyer typically spends on it.
    """
    probability = model.probabilities(candidates)
    chosen = rank_offers(probability * model.typical_amount, n_offers)
    row, rank = np.nonzero(chosen >= 0)
    column = chosen[row, rank]
    prob = probability[row, column]
    offers = pd.DataFrame(
        {
            "customer_id": candidates.customers[row],
            "offer_rank": rank + 1,
            "category": pd.Series(np.array(candidates.categories, dtype=object)[column], dtype="str"),
            "purchase_prob": prob,
            "expected_amount": prob * model.typical_amount[column],
        }
    )
    return offers.assign(reason=_reasons(candidates, row, column, rules))


def _reasons(candidates: Candidates, row: np.ndarray, column: np.ndarray, rules: pd.DataFrame) -> pd.Series:
    """One sentence per offer: the customer's own history, else a rule, else popularity."""
    strong = rules[rules["is_replicated"] & (rules["lift"] >= _NAMED_LIFT)]
    recent = candidates.n_recent
    bought = [set(recent.indices[recent.indptr[r] : recent.indptr[r + 1]]) for r in range(recent.shape[0])]
    number = {name: position for position, name in enumerate(candidates.categories)}
    sources = {
        name: list(zip(part["antecedent"].map(number), part["antecedent"], part["lift"], strict=True))
        for name, part in strong.groupby("consequent", sort=True)
    }
    n_earlier = np.asarray(candidates.n_earlier[row, column]).ravel()
    absence = np.asarray(candidates.absence_days[row, column]).ravel()
    texts = []
    for r, c, before, days in zip(row, column, n_earlier, absence, strict=True):
        name = candidates.categories[c]
        known = [source for source in sources.get(name, []) if source[0] in bought[r]]
        if before > 0:
            texts.append(_lapsed(name, int(before), int(days)))
        elif known:
            texts.append(_ruled(name, *max(known, key=lambda source: (source[2], source[1]))[1:]))
        else:
            texts.append(_popular(name, float(candidates.adoption_rate[c])))
    return pd.Series(texts, dtype="str")


def _lapsed(name: str, n_orders: int, days: int) -> str:
    times = "once" if n_orders == 1 else f"in {n_orders} orders"
    return f"bought {name.lower()} {times} before, last {days} days ago"


def _ruled(name: str, source: str, lift: float) -> str:
    return f"bought {source.lower()}; {source.lower()} buyers add {name.lower()} {lift:.1f} times as often"


def _popular(name: str, rate: float) -> str:
    return (
        f"popular: {rate:.1%} of customers without {name.lower()} for {OWNED_DAYS} days "
        f"took it up within {HORIZON_DAYS}"
    )
