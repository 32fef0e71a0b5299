"""One line of the scorecard: a figure that was planted beside the one that was recovered."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["money", "count", "percent", "score", "times"]


@dataclass(frozen=True)
class Line:
    """What was planted, what a notebook recovered, and how far off it may be.

    Attributes:
        key: names the figure; its words stand in the message catalogue under ``scorecard.lines``.
        notebook: two-digit number of the notebook that recovered it.
        planted: the truth.
        recovered: the notebook's figure.
        error: at least 0: the difference, or its share of what was planted if ``is_relative``.
        bound: largest error that is accepted; see ``dangol.scorecard.bounds``.
        kind: how planted and recovered are written.
        is_relative: whether error and bound are shares of what was planted.
        label: of which of several, such as a type of campaign.
        n: how many cases the figure rests on.
    """

    key: str
    notebook: str
    planted: float
    recovered: float
    error: float
    bound: float
    kind: Kind
    is_relative: bool
    label: str
    n: int

    @property
    def is_inside(self) -> bool:
        """Whether the error keeps to its bound."""
        return self.error <= self.bound


def difference(
    key: str, notebook: str, pair: tuple[float, float], bound: float, *, n: int, kind: Kind, label: str = ""
) -> Line:
    """A line whose error is the absolute difference.

    Args:
        key: of the figure.
        notebook: which recovered it.
        pair: planted and recovered.
        bound: in the unit of the figure.
        n: cases.
        kind: how the figures are written.
        label: of which of several.
    """
    planted, recovered = (float(value) for value in pair)
    return Line(key, notebook, planted, recovered, abs(recovered - planted), bound, kind, False, label, n)


def ratio(
    key: str, notebook: str, pair: tuple[float, float], bound: float, *, n: int, kind: Kind, label: str = ""
) -> Line:
    """As `difference`, with error and bound as shares of what was planted, which is not 0."""
    planted, recovered = (float(value) for value in pair)
    error = abs(recovered / planted - 1)
    return Line(key, notebook, planted, recovered, error, bound, kind, True, label, n)
