"""The evaluator on simulated campaigns whose truth is known: do its intervals hold what they promise?"""

from dangol.evaluation.self_test.coverage import CASES, coverage
from dangol.evaluation.self_test.false_wins import false_win_rate, null_p_values, uniformity_p_value
from dangol.evaluation.self_test.results import measured_coverage, write_coverage
from dangol.evaluation.self_test.safeguards import safeguards

__all__ = [
    "CASES",
    "coverage",
    "false_win_rate",
    "measured_coverage",
    "null_p_values",
    "safeguards",
    "uniformity_p_value",
    "write_coverage",
]
