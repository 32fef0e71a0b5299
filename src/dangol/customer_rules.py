"""What a company fixes about its customers: the ladder of grades and the bounds of the life cycle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

CutKind = Literal["share", "threshold"]

# in the order a customer runs through them, and what CRM asks for in each
STATES = {
    "prospect": "acquire",
    "new": "keep",
    "active": "grow",
    "growing": "grow",
    "reactivated": "keep",
    "at risk": "keep",
    "dormant": "wake",
    "lost": "let go",
}
# sums of states that are shown as one number: all who have bought, and the active with the growing
STATE_SUMS = (tuple(STATES)[1:], ("active", "growing"))


@dataclass(frozen=True)
class Ladder:
    """Customer grades, best first.

    Attributes:
        cuts: every grade but the last to what earns it. Kind ``share``: the best so many of the
            customers with a score above zero, cumulative, rising, in (0, 1]. Kind ``threshold``:
            the lowest score, falling, above zero.
        last: name of the grade for everybody else.
        kind: what the cuts are.
        band_share: half the width of the band around each cut, as a share of the cut. A move up
            needs a score at or above the band, a fall one below it.
        n_grace: evaluations in a row a customer may lie below the band before the grade falls.

    Raises:
        ValueError: listing every fault at once.

    >>> Ladder({"Gold": 0.2, "Silver": 0.5}, "Bronze").names
    ('Gold', 'Silver', 'Bronze')
    """

    cuts: Mapping[str, float]
    last: str
    kind: CutKind = "share"
    band_share: float = 0.0
    n_grace: int = 0
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", (*self.cuts, self.last))
        if faults := self._faults():
            raise ValueError("; ".join(faults))

    def _faults(self) -> list[str]:
        faults = []
        values = list(self.cuts.values())
        shown = ", ".join(f"{name} {cut:g}" for name, cut in self.cuts.items())
        if not values:
            faults.append("expected at least two grades, received one")
        if len(set(self.names)) < len(self.names) or not all(name.strip() for name in self.names):
            faults.append(f"expected different names of grades, received {', '.join(self.names)}")
        pairs = list(pairwise(values))
        if self.kind == "share" and not (
            all(0 < cut <= 1 for cut in values) and all(a < b for a, b in pairs)
        ):
            faults.append(f"expected rising cumulative shares in 0 to 1, best grade first, received {shown}")
        if self.kind == "threshold" and not (
            all(0 < cut < np.inf for cut in values) and all(a > b for a, b in pairs)
        ):
            faults.append(f"expected thresholds falling and above 0, best grade first, received {shown}")
        if not 0 <= self.band_share < 1:
            faults.append(f"expected a band of 0 up to below 1, received {self.band_share:g}")
        if self.n_grace < 0:
            faults.append(f"expected a grace of 0 or more evaluations, received {self.n_grace}")
        return faults

    def thresholds(self, scores: np.ndarray) -> np.ndarray:
        """The lowest score of every grade but the last, as float64, falling.

        Args:
            scores: of all customers at one date; only those above zero count for shares. Missing
                ones count as nothing.

        Returns:
            For shares the score of the last customer inside: with ``n`` buyers that is number
            ``ceil(share * n)``. Infinite if nobody has a score above zero.
        """
        if self.kind == "threshold":
            return np.fromiter(self.cuts.values(), dtype="float64")
        buyers = np.sort(scores[scores > 0])[::-1]
        if not len(buyers):
            return np.full(len(self.cuts), np.inf)
        inside = np.ceil(np.round(np.fromiter(self.cuts.values(), dtype="float64") * len(buyers), 9))
        return buyers[inside.astype("int64").clip(1) - 1].astype("float64")


def parse_pairs(text: str) -> tuple[tuple[str, float], ...]:
    """``"Gold: 0.2, Silver: 0.5"`` taken apart.

    Raises:
        ValueError: naming every part that is not a name and a number, and names given twice.

    >>> parse_pairs("Gold: 0.2, Silver: 0.5")
    (('Gold', 0.2), ('Silver', 0.5))
    """
    pairs, faults = [], []
    for part in filter(str.strip, text.split(",")):
        name, _, number = (piece.strip() for piece in part.rpartition(":"))
        try:
            pairs.append((name, float(number)))
        except ValueError:
            name = ""
        if not name:
            faults.append(part.strip())
    names = [name for name, _ in pairs]
    faults += [f"{name} twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if faults:
        raise ValueError(f"expected pairs like 'Gold: 0.2, Silver: 0.5', received {'; '.join(faults)}")
    return tuple(pairs)


def parse_lists(text: str) -> dict[str, tuple[float, ...]]:
    """``"recency: 90 60; frequency: 2 3"`` taken apart; empty for an empty text.

    Raises:
        ValueError: naming every part that is not a name and numbers.

    >>> parse_lists("recency: 90 60; frequency: 2 3")
    {'recency': (90.0, 60.0), 'frequency': (2.0, 3.0)}
    """
    lists, faults = {}, []
    for part in filter(str.strip, text.split(";")):
        name, _, numbers = (piece.strip() for piece in part.partition(":"))
        try:
            lists[name] = tuple(float(number) for number in numbers.split())
        except ValueError:
            faults.append(part.strip())
            continue
        if not name or not lists[name]:
            faults.append(part.strip())
    if faults:
        raise ValueError(
            f"expected lists like 'recency: 90 60; frequency: 2 3', received {'; '.join(faults)}"
        )
    return lists


RHYTHM_REACH = 4  # own bounds lie between a quarter of the common ones and four times as much
MOST_RHYTHM_GAPS = 20


@dataclass(frozen=True)
class LifeCycleRules:
    """Bounds of the states of the life cycle, in days.

    Attributes:
        new_days: new while the first order is less than this ago.
        at_risk_days: at risk once the last order is this long ago.
        dormant_days: dormant once the last order is this long ago.
        lost_days: lost once the last order is this long ago.
        growth_days: growing compares the amount of the last so many days with that of as many before.
        growth_share: growing from this rise on.
        rhythm_gaps: 0, or at risk once silent for so many of the customer's own usual gaps between purchase
            days instead of ``at_risk_days``; dormant and lost in proportion. See ``RHYTHM_REACH``.

    Raises:
        ValueError: listing every fault at once.
    """

    new_days: int
    at_risk_days: int
    dormant_days: int
    lost_days: int
    growth_days: int = 84
    growth_share: float = 0.25
    rhythm_gaps: float = 0.0

    def __post_init__(self) -> None:
        faults = []
        if not self.at_risk_days < self.dormant_days < self.lost_days:
            faults.append(
                "expected at_risk_days < dormant_days < lost_days, received "
                f"{self.at_risk_days}, {self.dormant_days}, {self.lost_days}. Raise the later ones"
            )
        if self.at_risk_days < 2:
            faults.append(
                f"expected at_risk_days of 2 or more, received {self.at_risk_days}: a purchase of the day "
                "before would be at risk"
            )
        if self.new_days < 1 or self.growth_days < 1 or self.growth_share <= 0:
            faults.append(
                "expected new_days, growth_days and growth_share above 0, received "
                f"{self.new_days}, {self.growth_days}, {self.growth_share:g}"
            )
        if not (self.rhythm_gaps == 0 or 1 < self.rhythm_gaps <= MOST_RHYTHM_GAPS):
            faults.append(
                f"expected rhythm_gaps of 0, or above 1 and at most {MOST_RHYTHM_GAPS}, received "
                f"{self.rhythm_gaps:g}"
            )
        if faults:
            raise ValueError("; ".join(faults))
