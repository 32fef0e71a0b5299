"""One estimated effect with everything a reader needs to believe it or not."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dangol.evaluation.intervals import LEVEL, Array

NAN = float("nan")


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
        score: what each customer contributes to ``estimate`` itself, shape (customers,); sums to it,
            so that parts by any group of customers sum to the whole.
        relative: ``estimate`` over what the contacted would have done without the contact.
        relative_low: lower end of its interval.
        relative_high: upper end; infinite if that mean cannot be told from zero.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    n_treated: int
    n_control: int
    unadjusted: float
    influence: Array = field(repr=False)
    score: Array = field(repr=False)
    relative: float = NAN
    relative_low: float = NAN
    relative_high: float = NAN

    @property
    def standard_error(self) -> float:
        """Of ``estimate``."""
        return float(np.sqrt(np.sum(self.influence**2)))


def student_interval(estimate: float, influence: Array, freedom: float) -> tuple[float, float, float]:
    """Ends of the 95 % Student interval and the p-value of no effect.

    Args:
        estimate: the effect.
        influence: contributions of customers to its error; their squares sum to the variance.
        freedom: degrees of freedom.
    """
    from scipy.stats import t

    error = float(np.sqrt(np.sum(influence**2)))
    reach = float(t.ppf((1 + LEVEL) / 2, freedom)) * error
    p_value = float(2 * t.sf(abs(estimate) / error, freedom)) if error > 0 else float(estimate == 0)
    return estimate - reach, estimate + reach, p_value


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
