"""Do the offers meet what customers then buy? Offers against popularity and repetition, by time."""

import numpy as np
import pandas as pd

from dangol.crosssell.candidates import Candidates, purchases
from dangol.crosssell.offer_model import OfferModel
from dangol.crosssell.offers import rank_offers

OFFERS, LIKELIEST = "personal offers", "likeliest categories"
BEST_SELLERS, MOST_BOUGHT, LAPSED = "best-sellers", "most bought categories", "lapsed categories"


def hits(orders: pd.DataFrame, candidates: Candidates, model: OfferModel, n_offers: int) -> pd.DataFrame:
    """What each way of choosing offers would have met in the next 28 days.

    All choose among the same open categories of each customer. Personal offers are ranked by
    expected amount; their counterpart are best-sellers, by share of buyers in the last 28 days
    times typical amount. The likeliest categories are ranked by probability alone; their
    counterpart are the most bought, by share of buyers. Lapsed categories are the customer's own,
    last bought first, filled up with the most bought.

    Returns:
        One row per customer × model: ``customer_id``, ``model``, ``is_hit`` (at least one
        offered category was bought), ``amount`` spent on offered categories, ``expected_amount``
        of them as the model foresaw it.
    """
    n_bought, amount = (part.toarray() for part in purchases(orders, candidates))
    probability = model.probabilities(candidates)
    expected = probability * model.typical_amount
    parts = []
    for name, score in _scores(candidates, model, probability).items():
        offered = rank_offers(np.where(probability > 0, score, 0.0), n_offers)
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


def _scores(candidates: Candidates, model: OfferModel, probability: np.ndarray) -> dict[str, np.ndarray]:
    """(c, k) what each way of choosing ranks by."""
    absence = candidates.absence_days.toarray()
    popular = np.broadcast_to(candidates.buyer_share + 1e-9, absence.shape)
    return {
        OFFERS: probability * model.typical_amount,
        BEST_SELLERS: popular * model.typical_amount,
        LIKELIEST: probability,
        MOST_BOUGHT: popular,
        LAPSED: np.where(absence > 0, 2 + 1 / np.maximum(absence, 1), popular),
    }


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


def interval_of(leaderboard: pd.DataFrame, model: str, metric: str) -> tuple[float, float, float]:
    """Estimate, low and high of one model and metric."""
    row = leaderboard[(leaderboard["model"] == model) & (leaderboard["metric"] == metric)].iloc[0]
    return float(row["estimate"]), float(row["low"]), float(row["high"])


def _picked(values: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """(c, n) the values of the offered categories; 0 where no offer was made."""
    return np.where(offered >= 0, np.take_along_axis(values, np.maximum(offered, 0), axis=1), 0)
