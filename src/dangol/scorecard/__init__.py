"""Truth scorecard: on simulated data, what each notebook recovered beside what was planted."""

from collections.abc import Callable

from dangol.scorecard import campaigns, customers, data
from dangol.scorecard.line import Line
from dangol.scorecard.results import Results, has_truth
from dangol.workspace import RunFolder

# each compares one thing and says nothing where the run lacks a table for it
COMPARERS: tuple[Callable[[Results], list[Line]], ...] = (
    data.dirt,
    data.identity,
    customers.repurchase,
    customers.segments,
    customers.value,
    customers.lapse,
    campaigns.product_rules,
    campaigns.response,
    campaigns.plan,
    campaigns.effects,
)

__all__ = ["COMPARERS", "Line", "Results", "has_truth", "scorecard"]


def scorecard(run: RunFolder) -> list[Line]:
    """All lines that a run on simulated data has figures for.

    Args:
        run: of a data set for which ``has_truth`` holds.
    """
    results = Results(run)
    return [line for compare in COMPARERS for line in compare(results)]
