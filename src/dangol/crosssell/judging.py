"""Do the offers meet what customers then buy? Offers against popularity and repetition, by time."""

import numpy as np
import pandas as pd

from dangol.crosssell.candidates import Candidates, purchases
from dangol.crosssell.offer_model import OfferModel
from dangol.crosssell.offers import rank_offers

OFFERS, LIKELIEST = "personal offers", "likeliest categories"
POPULARITY, REPEAT = "best-sellers (baseline)", "lapsed categories"


def hits(
    orders: pd.DataFrame, candidates: Candidates, model: OfferModel, n_offers: int
) -> pd.DataFrame:
    """What each way of choosing offers would have met in the next 28 days.

    All choose among the same open categories of each customer. Personal offers are ranked by
    expected amount, the likeliest categories by probability alone. Best-sellers are the categories
    with most buyers in the last 28 days; lapsed categories are the customer's own, last bought
    first, filled up with best-sellers.

    Returns:
        One row per customer × model: ``customer_id``, ``model``, ``is_hit`` (at least one
        offered category was bought), ``amount`` spent on offered categories, ``expected_amount``
        of them as the model foresaw it.
    """
    n_bought, amount = (part.toarray() for part in purchases(orders, candidates))
    probability = model.probabilities(candidates)
    is_open = probability > 0
    expected = probability * model.typical_amount
    absence = candidates.absence_days.toarray()
    popular = np.broadcast_to(candidates.buyer_share + 1e-9, is_open.shape)
    lapsed = np.where(absence > 0, 2 + 1 / np.maximum(absence, 1), popular)
    scores = {OFFERS: expected, LIKELIEST: probability, POPULARITY: popular, REPEAT: lapsed}
    parts = []
    for name, score in scores.items():
        offered = rank_offers(np.where(is_open, score, 0.0), n_offers)
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": candidates.customers,
                    "model": name,
                    "is_hit": _picked(n_bought > 0, offered).any(axis=1),
                    "amount": _picked(amount, offered).sum(axis=1),
                    "expected_amount": _picked(expected, offered).sum(axis=1),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def judge(met: pd.DataFrame, n_boot: int, seed: int) -> pd.DataFrame:
    """Hit rate and amount per model, with 95 % intervals over customers.

    Args:
        met: from ``hits``.
        n_boot: bootstrap samples of customers.
        seed: of the samples.

    Returns:
        One row per model × metric as in ``tables.OFFER_LEADERBOARD``. ``hit_rate``: share of
        customers who bought an offered category. ``amount``: spent on offered categories, per
        customer. ``hit_rate_lead`` and ``amount_lead``: by how much the personal offers exceed the
        model, paired by customer.

    Source:
        Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 13 (percentile interval).
    """
    models = list(dict.fromkeys(met["model"]))
    n_customers = int((met["model"] == OFFERS).sum())
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(n_customers, np.full(n_customers, 1 / n_customers), n_boot) / n_customers
    rows = []
    for metric, column in (("hit_rate", "is_hit"), ("amount", "amount")):
        values = {name: met.loc[met["model"] == name, column].to_numpy(dtype=float) for name in models}
        for name, value in values.items():
            rows.append(_interval(name, metric, value, draws))
            if name != OFFERS:
                rows.append(_interval(name, f"{metric}_lead", values[OFFERS] - value, draws))
    return pd.DataFrame(rows)


def _interval(name: str, metric: str, value: np.ndarray, draws: np.ndarray) -> dict[str, object]:
    low, high = np.quantile(draws @ value, [0.025, 0.975])
    return {"model": name, "metric": metric, "estimate": float(value.mean()), "low": low, "high": high}


def figure_of(leaderboard: pd.DataFrame, model: str, metric: str) -> pd.Series:
    """``estimate``, ``low`` and ``high`` of one model and metric."""
    return leaderboard.set_index(["model", "metric"]).loc[(model, metric)]


def _picked(values: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """(c, n) the values of the offered categories; 0 where no offer was made."""
    return np.where(offered >= 0, np.take_along_axis(values, np.maximum(offered, 0), axis=1), 0)
