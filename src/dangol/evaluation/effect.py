"""One estimated effect with everything a reader needs to believe it or not."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class Effect:
    """Average effect per contacted customer, in the unit of the outcome.

    Attributes:
        estimate: contacted minus what they would have done without the contact.
        low: lower end of the 95 % interval.
        high: upper end.
        p_value: of no effect, two-sided.
        n_treated: contacted customers compared.
        n_control: customers they are compared with.
        unadjusted: plain difference of means, with nothing adjusted.
        influence: what each customer contributes to the error of ``estimate``, shape (customers,),
            in the order of the rows given; their squares sum to the variance. Contributions of one
            customer to several campaigns add up.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    n_treated: int
    n_control: int
    unadjusted: float
    influence: Array = field(repr=False)

    @property
    def standard_error(self) -> float:
        """Of ``estimate``."""
        return float(np.sqrt(np.sum(self.influence**2)))


def effect_of(
    estimate: float, influence: Array, sizes: tuple[int, int], unadjusted: float, freedom: float
) -> Effect:
    """An effect with a Student interval.

    Args:
        estimate: the effect.
        influence: as in ``Effect``.
        sizes: contacted customers and controls compared.
        unadjusted: plain difference of means.
        freedom: degrees of freedom of the interval.
    """
    from scipy.stats import t

    error = float(np.sqrt(np.sum(influence**2)))
    reach = float(t.ppf((1 + LEVEL) / 2, freedom)) * error
    p_value = float(2 * t.sf(abs(estimate) / error, freedom)) if error > 0 else float(estimate == 0)
    return Effect(estimate, estimate - reach, estimate + reach, p_value, *sizes, unadjusted, influence)


def check_arms(outcome: Array, is_treated: npt.NDArray[np.bool_]) -> None:
    """Stop if an arm is empty or an outcome is missing.

    Raises:
        ValueError: naming the arm, or how many outcomes are missing.
    """
    n_treated = int(is_treated.sum())
    for name, n in (("contacted", n_treated), ("control", len(is_treated) - n_treated)):
        if n < 2:
            raise ValueError(f"the {name} arm has {n} customers; an effect needs at least 2 in each arm.")
    n_missing = int((~np.isfinite(outcome)).sum())
    if n_missing:
        raise ValueError(
            f"{n_missing} customers have no outcome; expected a number (0 if they bought nothing)."
        )
