"""Prices for budget and contacts at which every customer decides alone: fast, with a proven bound."""

from dataclasses import dataclass

import numpy as np

_ROUNDS = 50
_SLACK = 1e-9


@dataclass(frozen=True)
class Problem:
    """At most one option per customer, within a budget and a number of contacts.

    Attributes:
        profit: (n, m) positive, or -inf where an option is not worth taking.
        cost: (n, m).
        budget: upper limit of the summed cost.
        max_contacts: upper limit of the number of contacts.
    """

    profit: np.ndarray
    cost: np.ndarray
    budget: float
    max_contacts: int

    def value(self, chosen: np.ndarray) -> float:
        """Profit of a choice; -1 stands for no contact."""
        row = np.flatnonzero(chosen >= 0)
        return float(self.profit[row, chosen[row]].sum())

    def spent(self, chosen: np.ndarray) -> float:
        """Cost of a choice."""
        row = np.flatnonzero(chosen >= 0)
        return float(self.cost[row, chosen[row]].sum())

    def is_feasible(self, chosen: np.ndarray) -> bool:
        """Whether a choice keeps the limits."""
        within = self.spent(chosen) <= self.budget + _SLACK * max(1.0, self.budget)
        return within and bool((chosen >= 0).sum() <= self.max_contacts)

    def at_prices(self, budget_price: float, contact_price: float) -> tuple[np.ndarray, float]:
        """Every customer's best choice at these prices, and the upper bound they prove."""
        net = self.profit - budget_price * self.cost - contact_price
        best = np.argmax(net, axis=1)
        gain = np.take_along_axis(net, best[:, None], axis=1)[:, 0]
        bound = budget_price * self.budget + contact_price * self.max_contacts + np.maximum(gain, 0).sum()
        return np.where(gain > 0, best, -1), float(bound)


def solve_dual(problem: Problem) -> tuple[np.ndarray, float]:
    """A feasible choice and an upper bound of the best one, by bisection of the two prices.

    Source:
        Fisher (1981), Management Science 27(1); for two limits the bisections are nested.
    """
    chosen, bound = _with_contact_price(problem, 0.0)
    if (chosen >= 0).sum() > problem.max_contacts:
        low, high = 0.0, float(problem.profit.max())
        for _ in range(_ROUNDS):
            price = (low + high) / 2
            chosen, proven = _with_contact_price(problem, price)
            bound = min(bound, proven)
            low, high = (price, high) if (chosen >= 0).sum() > problem.max_contacts else (low, price)
        chosen, proven = _with_contact_price(problem, high)
        bound = min(bound, proven)
    return _filled(problem, chosen), bound


def _with_contact_price(problem: Problem, contact_price: float) -> tuple[np.ndarray, float]:
    """The choice at the lowest budget price that keeps the budget, and the best bound met."""
    chosen, bound = problem.at_prices(0.0, contact_price)
    if problem.spent(chosen) <= problem.budget:
        return chosen, bound
    is_costly = np.isfinite(problem.profit) & (problem.cost > 0)
    low, high = 0.0, float((problem.profit[is_costly] / problem.cost[is_costly]).max()) + 1.0
    for _ in range(_ROUNDS):
        price = (low + high) / 2
        chosen, proven = problem.at_prices(price, contact_price)
        bound = min(bound, proven)
        low, high = (price, high) if problem.spent(chosen) > problem.budget else (low, price)
    chosen, proven = problem.at_prices(high, contact_price)
    return chosen, min(bound, proven)


def _filled(problem: Problem, chosen: np.ndarray) -> np.ndarray:
    """Spend what is left on the switches that earn most per unit of cost."""
    filled = chosen.copy()
    budget_left = problem.budget - problem.spent(chosen)
    contacts_left = problem.max_contacts - int((chosen >= 0).sum())
    is_in = chosen >= 0
    place = np.maximum(chosen, 0)[:, None]
    now_profit = np.where(is_in, np.take_along_axis(problem.profit, place, axis=1)[:, 0], 0.0)
    now_cost = np.where(is_in, np.take_along_axis(problem.cost, place, axis=1)[:, 0], 0.0)
    more_profit, more_cost = problem.profit - now_profit[:, None], problem.cost - now_cost[:, None]
    row, column = np.nonzero(more_profit > 0)
    rate = more_profit[row, column] / np.maximum(more_cost[row, column], _SLACK)
    has_switched = np.zeros(len(chosen), dtype=bool)
    for number in np.argsort(-rate, kind="stable"):
        r, c = row[number], column[number]
        is_new = 0 if is_in[r] else 1
        if has_switched[r] or more_cost[r, c] > budget_left + _SLACK or is_new > contacts_left:
            continue
        filled[r], has_switched[r] = c, True
        budget_left -= more_cost[r, c]
        contacts_left -= is_new
    return filled
