"""What an experiment of two groups can show, and how large it must be to show something."""

import math

ALPHA = 0.05
POWER = 0.8
_MOST_CUSTOMERS = 10_000_000


def customers_per_arm(effect: float, spread: float) -> int:
    """Customers each of two equal groups needs for an effect to show, at most ten million.

    Args:
        effect: difference of the means to be seen, in the outcome's unit.
        spread: standard deviation of the outcome between customers, same unit.

    Returns:
        Smallest number that shows the effect with 80 % power in a two-sided test at 5 %; 0 if effect or
        spread is not a positive number.

    Source:
        Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, ch. 2.

    >>> customers_per_arm(0.5, 1.0)
    63
    """
    if not (math.isfinite(effect) and math.isfinite(spread) and effect > 0 and spread > 0):
        return 0
    return min(max(math.ceil(2 * (_reach() * spread / effect) ** 2), 2), _MOST_CUSTOMERS)


def smallest_effect(n_treated: int, n_control: int, spread: float) -> float:
    """The smallest difference of means that two groups of these sizes can be expected to show.

    Args:
        n_treated: customers in one group.
        n_control: customers in the other.
        spread: standard deviation of the outcome between customers.

    Returns:
        In the unit of ``spread``: what is seen with 80 % power in a two-sided test at 5 %; infinite if a
        group is empty.

    >>> round(smallest_effect(63, 63, 1.0), 2)
    0.5
    """
    if min(n_treated, n_control) < 1:
        return math.inf
    return _reach() * spread * math.sqrt(1 / n_treated + 1 / n_control)


def _reach() -> float:
    """How many standard errors an effect must measure."""
    from scipy.stats import norm

    return float(norm.isf(ALPHA / 2) + norm.ppf(POWER))
