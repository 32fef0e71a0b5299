"""How strong an unseen reason for the contact would have to be to explain an effect away."""

import numpy as np

from dangol.evaluation.effect import Effect


def robustness_value(effect: Effect) -> float:
    """Share of the unexplained variance a hidden reason must explain to bring the estimate to zero.

    It would have to explain this share both of who was contacted and of what was bought, beyond all
    that is known. Near 0: any small hidden reason would do.

    Args:
        effect: estimated from data without a lot.

    Source:
        Cinelli & Hazlett (2020), J. Royal Statistical Society B 82(1), equation 18.
    """
    if effect.standard_error == 0:
        return 0.0
    freedom = max(effect.n_treated + effect.n_control - 2, 1)
    squared = (effect.estimate / effect.standard_error) ** 2 / freedom
    return float((np.sqrt(squared**2 + 4 * squared) - squared) / 2)


def e_value(effect: Effect, outcome_sd: float) -> float:
    """How many times likelier a hidden reason must make both contact and a high outcome.

    Args:
        effect: estimated from data without a lot.
        outcome_sd: standard deviation of the outcome.

    Returns:
        At least 1; 1 means that nothing hidden is needed. For the end of the interval nearest zero use
        an effect with that estimate.

    Source:
        VanderWeele & Ding (2017), Annals of Internal Medicine 167(4); differences of means are read
        as risk ratios exp(0.91 d), as they do.
    """
    if outcome_sd <= 0:
        return 1.0
    risk_ratio = float(np.exp(0.91 * abs(effect.estimate) / outcome_sd))
    return risk_ratio + float(np.sqrt(risk_ratio * (risk_ratio - 1)))
