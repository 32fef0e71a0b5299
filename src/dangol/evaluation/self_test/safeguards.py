"""Campaigns that must not be believed: are they withheld, refused, or put right?"""

import numpy as np
import pandas as pd

from dangol.evaluation.adjusted import AdjustedComparison
from dangol.evaluation.experiment import evaluate_experiment
from dangol.evaluation.randomized import intention_to_treat
from dangol.evaluation.self_test.campaigns import amount_campaign

_N = 20_000


def safeguards(n_campaigns: int, seed: int) -> dict[str, float]:
    """How often the evaluator says no where it must, over simulated campaigns.

    Returns:
        ``uneven_withheld_rate``: a split of 52 to 48 where halves were planned gets no verdict (20,000
        customers); ``even_withheld_rate``: a fair split gets none (a false alarm);
        ``naive_coverage_rate``: the plain interval holds the effect although better customers were
        contacted; ``no_overlap_refused_rate``: everybody above a threshold was contacted and the effect
        is refused.
    """
    counts = dict.fromkeys(
        ("uneven_withheld_rate", "even_withheld_rate", "naive_coverage_rate", "no_overlap_refused_rate"), 0
    )
    for run in range(n_campaigns):
        rng = np.random.default_rng([seed, run])
        counts["uneven_withheld_rate"] += _is_withheld(rng, rng.permutation(_N) < 0.52 * _N)
        counts["even_withheld_rate"] += _is_withheld(rng, rng.uniform(size=_N) < 0.5)
        chosen = amount_campaign(rng, 3000, buyers=0.2, lift=0.05, share=0.4, is_lot=False)
        plain = intention_to_treat(chosen.outcome, chosen.is_treated)
        counts["naive_coverage_rate"] += plain.low <= chosen.effect <= plain.high
        above = (chosen.known["habit_0"] > 0.5).to_numpy()
        counts["no_overlap_refused_rate"] += not AdjustedComparison(chosen.known, above, 1).overlap.is_enough
    return {name: float(count / n_campaigns) for name, count in counts.items()}


def _is_withheld(rng: np.random.Generator, is_contacted: np.ndarray) -> bool:
    arm = np.where(is_contacted, "mailing", "control")
    frame = pd.DataFrame({"amount": rng.gamma(1, 30, _N), "arm": arm})
    planned = {"mailing": 0.5, "control": 0.5}
    return evaluate_experiment(frame, outcomes="amount", planned_shares=planned).is_withheld
