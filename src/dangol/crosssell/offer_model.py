"""How likely a customer is to take up a category, and what that brings: a small, readable model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.crosssell.baskets import Baskets, between
from dangol.crosssell.candidates import HORIZON_DAYS, Candidates, feature_names, purchases
from dangol.crosssell.pair_counts import count_pairs
from dangol.errors import SkipNotebookError

_PRIOR_BASKETS = 30.0
_PRIOR_BUYERS = 20.0
_MIN_SHARE = 5e-4
_MAX_TRAINING_CUSTOMERS = 5_000
_BLOCK = 2_000


@dataclass(frozen=True)
class OfferModel:
    """Logistic regression on popularity, own history, activity and rules.

    Attributes:
        log_lift: (k, k) logarithm of each pair's shrunk lift, from baskets before the training.
        mean: (features,) of the training rows.
        spread: (features,) standard deviation of the training rows.
        regression: fitted scikit-learn ``LogisticRegression`` on standardised features.
        typical_amount: (k,) mean amount a new buyer spends on the category within 28 days.
        is_offered: (k,) categories an offer may name.
    """

    log_lift: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    regression: Any
    typical_amount: np.ndarray
    is_offered: np.ndarray

    def coefficients(self) -> pd.DataFrame:
        """``feature`` and ``coefficient``: change of the log-odds per standard deviation."""
        return pd.DataFrame({"feature": feature_names(), "coefficient": self.regression.coef_[0]})

    def probabilities(self, candidates: Candidates) -> np.ndarray:
        """(c, k) probability of a purchase within 28 days; 0 where nothing may be offered."""
        probability = np.zeros((len(candidates.customers), len(candidates.categories)))
        for start in range(0, len(probability), _BLOCK):
            rows = slice(start, start + _BLOCK)
            is_open = candidates.is_open(rows) & self.is_offered
            inputs = (candidates.features(rows, self.log_lift)[is_open] - self.mean) / self.spread
            if len(inputs):
                probability[rows][is_open] = self.regression.predict_proba(inputs)[:, 1]
        return probability


def fit_offer_model(
    orders: pd.DataFrame,
    as_ofs: list[pd.Timestamp],
    not_offered: tuple[str, ...],
    min_support_share: float,
    seed: int,
) -> OfferModel:
    """Learn from what customers took up in the 28 days after earlier dates.

    Args:
        orders: one row per order × category.
        as_ofs: training dates; lifts are counted before the first, purchases after each.
        not_offered: categories that are never offered.
        min_support_share: categories in a smaller share of baskets are not offered.
        seed: for the choice of customers, if there are more than 5,000 on a date.

    Raises:
        SkipNotebookError: if nobody took up anything.
    """
    from sklearn.linear_model import LogisticRegression

    log_lift = _log_lift(between(orders, None, min(as_ofs)))
    is_offered = _offerable(between(orders, None, min(as_ofs)), not_offered, min_support_share)
    blocks = [_training_rows(orders, as_of, log_lift, is_offered, seed) for as_of in as_ofs]
    inputs = np.concatenate([block[0] for block in blocks])
    is_bought = np.concatenate([block[1] for block in blocks])
    if not 0 < is_bought.sum() < len(is_bought):
        raise SkipNotebookError(
            f"no customer took up a new category in the {HORIZON_DAYS} days after "
            f"{min(as_ofs):%Y-%m-%d}: offers cannot be learnt. Choose a later as_of "
            "or a smaller min_support_share."
        )
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    regression = LogisticRegression(C=10.0, max_iter=500).fit((inputs - mean) / spread, is_bought)
    n_buyers = np.sum([block[2] for block in blocks], axis=0)
    amount = np.sum([block[3] for block in blocks], axis=0)
    overall = amount.sum() / max(n_buyers.sum(), 1)
    typical = np.maximum((amount + _PRIOR_BUYERS * overall) / (n_buyers + _PRIOR_BUYERS), 0.0)
    return OfferModel(log_lift, mean, spread, regression, typical, is_offered)


def _log_lift(past: pd.DataFrame) -> np.ndarray:
    counts = count_pairs(Baskets.of(past), _MIN_SHARE)
    lift = np.zeros((len(counts.baskets.categories),) * 2)
    lift[np.ix_(counts.column, counts.column)] = np.log(counts.shrunk_lift(_PRIOR_BASKETS))
    return lift


def _offerable(past: pd.DataFrame, not_offered: tuple[str, ...], min_support_share: float) -> np.ndarray:
    names = past["category"].cat.categories
    n_with = past["category"].value_counts().reindex(names).to_numpy()
    is_frequent = n_with >= max(1.0, min_support_share * past["order_id"].nunique())
    return is_frequent & ~names.isin(list(not_offered))


def _training_rows(
    orders: pd.DataFrame, as_of: pd.Timestamp, log_lift: np.ndarray, is_offered: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features and outcome per open pair; buyers and amount per category."""
    seen = np.sort(between(orders, None, as_of)["customer_id"].unique())
    if len(seen) > _MAX_TRAINING_CUSTOMERS:
        seen = np.random.default_rng(seed).choice(seen, _MAX_TRAINING_CUSTOMERS, replace=False)
        orders = orders[orders["customer_id"].isin(seen)]
    candidates = Candidates.of(orders, as_of)
    n_bought, amount = (part.toarray() for part in purchases(orders, candidates))
    everyone = slice(None)
    is_open = candidates.is_open(everyone)
    is_shown = is_open & is_offered
    inputs = candidates.features(everyone, log_lift)[is_shown]
    n_buyers = ((n_bought > 0) & is_open).sum(axis=0)
    return inputs, n_bought[is_shown] > 0, n_buyers, np.where(is_open, amount, 0.0).sum(axis=0)
