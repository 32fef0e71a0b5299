"""The best use of a budget: at most one contact per customer, exactly or with a proven gap."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from dangol.planning.dual import Problem, solve_dual

EXACT_UP_TO = 5_000
_TIME_LIMIT_SECONDS = 60.0
_GAP_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Allocation:
    """Who gets which option.

    Attributes:
        chosen: (n,) column of the chosen option; -1 for no contact.
        profit: of all contacts together.
        cost: of all contacts together.
        upper_bound: no plan within the limits earns more than this.
        is_exact: whether integer programming found it; otherwise dual prices.
    """

    chosen: np.ndarray
    profit: float
    cost: float
    upper_bound: float
    is_exact: bool

    @property
    def n_contacts(self) -> int:
        """Customers contacted."""
        return int((self.chosen >= 0).sum())

    @property
    def gap_share(self) -> float:
        """What the best conceivable plan could earn more, as a share of it; 0 is proven best."""
        gap = (self.upper_bound - self.profit) / self.upper_bound if self.upper_bound > 0 else 0.0
        return gap if gap > _GAP_TOLERANCE else 0.0


def allocate(
    profit: np.ndarray, cost: np.ndarray, budget: float, max_contacts: int, exact_up_to: int = EXACT_UP_TO
) -> Allocation:
    """Choose at most one option per customer for the largest profit; doing nothing is allowed.

    Args:
        profit: (n, m) expected profit after cost; -inf where there is no such option.
        cost: (n, m) cost of the contact, not negative.
        budget: upper limit of the summed cost.
        max_contacts: upper limit of the number of contacts.
        exact_up_to: with more profitable options than this, dual prices alone decide; their
            distance from the best conceivable plan is proven and stated.

    Source:
        Multiple-choice knapsack: Kellerer, Pferschy & Pisinger (2004), Knapsack Problems, ch. 11.
        Exact solver: HiGHS, Huangfu & Hall (2018), Math. Prog. Comp. 10(1).
    """
    problem = Problem(
        np.where(profit > 0, profit, -np.inf), np.where(profit > 0, cost, 0.0), budget, max_contacts
    )
    n_options = int(np.isfinite(problem.profit).sum())
    if n_options == 0:
        return Allocation(np.full(len(profit), -1), 0.0, 0.0, 0.0, is_exact=True)
    chosen, bound = solve_dual(problem)
    is_exact = False
    if n_options <= exact_up_to:
        exact = _solve_exactly(problem)
        if exact is not None and problem.value(exact[0]) >= problem.value(chosen):
            chosen, bound, is_exact = exact[0], min(bound, exact[1]), True
    value = problem.value(chosen)
    return Allocation(chosen, value, problem.spent(chosen), max(bound, value), is_exact)


def _solve_exactly(problem: Problem) -> tuple[np.ndarray, float] | None:
    """Chosen options and upper bound by integer programming; None if no plan was found in time."""
    row, column = np.nonzero(np.isfinite(problem.profit))
    profit, cost = problem.profit[row, column], problem.cost[row, column]
    per_customer = sparse.csr_array(
        (np.ones(len(row)), (np.unique(row, return_inverse=True)[1], range(len(row))))
    )
    matrix = sparse.vstack([per_customer, sparse.csr_array(np.vstack([cost, np.ones(len(row))]))])
    upper = np.concatenate([np.ones(per_customer.shape[0]), [problem.budget, problem.max_contacts]])
    result = optimize.milp(
        -profit,
        constraints=optimize.LinearConstraint(matrix, ub=upper),
        integrality=np.ones(len(row)),
        bounds=optimize.Bounds(0, 1),
        options={"time_limit": _TIME_LIMIT_SECONDS, "mip_rel_gap": _GAP_TOLERANCE},
    )
    if result.x is None:
        return None
    chosen = np.full(len(problem.profit), -1)
    is_taken = result.x > 0.5
    chosen[row[is_taken]] = column[is_taken]
    return (chosen, -float(result.mip_dual_bound)) if problem.is_feasible(chosen) else None
