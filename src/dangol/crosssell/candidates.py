"""What was known about each customer and category on a date: the ground for offers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from dangol.crosssell.baskets import between

OWNED_DAYS = 84
HORIZON_DAYS = 28
_PRIOR_CUSTOMERS = 50.0
_FEATURES = (
    "category_adoption_logit",
    "orders_84d_log",
    "orders_28d_log",
    "categories_84d_log",
    "bought_before_log",
    "absence_log",
    "mean_rule_logit",
    "best_rule_logit",
)


@dataclass(frozen=True)
class Candidates:
    """Customers and categories as of a date; a category not bought for 84 days may be offered.

    Attributes:
        as_of: only orders strictly before it are seen.
        customers: (c,) identifiers, sorted.
        categories: (k,) names.
        n_recent: (c, k) orders with the category in the last 84 days, sparse.
        n_earlier: (c, k) orders with it before that, sparse.
        absence_days: (c, k) days since the last order with it, sparse; only where it was bought.
        n_orders: (c, 2) orders in the last 84 and in the last 28 days.
        adoption_rate: (k,) share of those without the category who took it up within 28 days,
            measured in the 28 days before ``as_of``.
        buyer_share: (k,) share of customers who bought it in these 28 days.
    """

    as_of: pd.Timestamp
    customers: np.ndarray
    categories: list[str]
    n_recent: sparse.csr_array
    n_earlier: sparse.csr_array
    absence_days: sparse.csr_array
    n_orders: np.ndarray
    adoption_rate: np.ndarray
    buyer_share: np.ndarray

    @classmethod
    def of(cls, orders: pd.DataFrame, as_of: pd.Timestamp) -> "Candidates":
        """Everyone with an order before ``as_of``; one row of ``orders`` per order × category."""
        past = between(orders, None, as_of)
        customers = np.sort(past["customer_id"].unique())
        owned_from, lately_from = as_of - _days(OWNED_DAYS), as_of - _days(HORIZON_DAYS)
        recent, lately = between(past, owned_from, as_of), between(past, lately_from, as_of)
        last = past.groupby(["customer_id", "category"], observed=True)["order_ts"].max().reset_index()
        absence = (as_of.normalize() - last["order_ts"].dt.normalize()).dt.days.to_numpy()
        before = _matrix(between(past, lately_from - _days(OWNED_DAYS), lately_from), customers) > 0
        now = _matrix(lately, customers) > 0
        n_seen = len(between(past, None, lately_from)["customer_id"].unique())
        n_without = np.maximum(n_seen - before.sum(axis=0), 0)
        n_adopted = now.sum(axis=0) - (now * before).sum(axis=0)
        overall = n_adopted.sum() / max(n_without.sum(), 1)
        rate = (n_adopted + _PRIOR_CUSTOMERS * overall) / (n_without + _PRIOR_CUSTOMERS)
        return cls(
            as_of=as_of,
            customers=customers,
            categories=list(orders["category"].cat.categories),
            n_recent=_matrix(recent, customers),
            n_earlier=_matrix(between(past, None, owned_from), customers),
            absence_days=_matrix(last, customers, absence),
            n_orders=np.column_stack([_orders_per_customer(part, customers) for part in (recent, lately)]),
            adoption_rate=np.clip(rate, 1e-6, 1 - 1e-6),
            buyer_share=now.sum(axis=0) / max(len(customers), 1),
        )

    def is_open(self, rows: slice) -> np.ndarray:
        """(rows, k) whether the category may be offered: not bought in the last 84 days."""
        return self.n_recent[rows].toarray() == 0

    def features(self, rows: slice, log_lift: np.ndarray) -> np.ndarray:
        """(rows, k, features) as named by ``feature_names``.

        Args:
            rows: which customers.
            log_lift: (k, k) logarithm of the shrunk lift of each pair of categories.
        """
        recent, earlier = self.n_recent[rows].toarray(), self.n_earlier[rows].toarray()
        absence = self.absence_days[rows].toarray()
        weight = np.log1p(recent)
        mean_rule = (weight @ log_lift) / np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
        per_customer = [*np.log1p(self.n_orders[rows].T), np.log1p((recent > 0).sum(axis=1))]
        parts = [
            np.broadcast_to(np.log(self.adoption_rate / (1 - self.adoption_rate)), recent.shape),
            *[np.broadcast_to(values[:, None], recent.shape) for values in per_customer],
            np.log1p(earlier),
            np.where(earlier > 0, np.log(np.maximum(absence, OWNED_DAYS) / OWNED_DAYS), 0.0),
            mean_rule,
            _best_rule(recent > 0, log_lift),
        ]
        return np.stack(parts, axis=-1)


def feature_names() -> tuple[str, ...]:
    """Names of the model's inputs, in order."""
    return _FEATURES


def purchases(
    orders: pd.DataFrame, candidates: Candidates, horizon_days: int = HORIZON_DAYS
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """What the customers bought in ``[as_of, as_of + horizon_days)``: orders and amount, (c, k) each."""
    end = candidates.as_of + _days(horizon_days)
    later = between(orders, candidates.as_of, end)
    later = later[later["customer_id"].isin(candidates.customers)]
    amount = _matrix(later, candidates.customers, later["amount"].to_numpy())
    return _matrix(later, candidates.customers), amount


def _best_rule(is_recent: np.ndarray, log_lift: np.ndarray) -> np.ndarray:
    """(c, k) largest log lift from a recently bought category; 0 if none is above."""
    best = np.zeros(is_recent.shape)
    for row, recent in enumerate(is_recent):
        if recent.any():
            best[row] = np.maximum(log_lift[recent].max(axis=0), 0.0)
    return best


def _matrix(rows: pd.DataFrame, customers: np.ndarray, values: np.ndarray | None = None) -> sparse.csr_array:
    row = pd.Index(customers).get_indexer(rows["customer_id"])
    column = rows["category"].cat.codes.to_numpy()
    shape = (len(customers), len(rows["category"].cat.categories))
    data = np.ones(len(rows)) if values is None else values
    return sparse.csr_array((data, (row, column)), shape=shape)


def _orders_per_customer(orders: pd.DataFrame, customers: np.ndarray) -> np.ndarray:
    counts = orders.groupby("customer_id")["order_id"].nunique()
    return counts.reindex(customers, fill_value=0).to_numpy()


def _days(days: int) -> pd.Timedelta:
    return pd.Timedelta(days=days)
