"""Small groups of people: not told apart, and not to be worked out from what is shown beside them.

Counts below `SMALL_CELL` are written as ``<10``. Where counts add up to known sums that alone hides nothing:
the others, subtracted from the sum, give it away. So more counts are hidden, written as ``10+``, until each
small one can be anything from 1 to 9 for all that a reader sees.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

import numpy as np

SMALL_CELL = 10
FEW, MANY, HIDDEN = "<10", "10+", "•"

Cell = TypeVar("Cell", bound=Hashable)


def is_small(count: float) -> bool:
    """Whether a count of people must not be told: above none, below ten."""
    return 0 < count < SMALL_CELL


def people_text(count: int) -> str:
    """A number of people; fewer than ten are not told apart.

    >>> people_text(3), people_text(1234)
    ('<10', '1,234')
    """
    return FEW if is_small(count) else f"{count:,}"


def tens_text(count: float) -> str:
    """A number of people to the nearest ten, so that subtracting it from another tells nobody apart.

    >>> tens_text(3), tens_text(1234)
    ('<10', '1,230')
    """
    return FEW if is_small(count) else f"{SMALL_CELL * round(count / SMALL_CELL):,}"


def share_text(count: int, total: int) -> str:
    """A share of people in per cent; where fewer than ten are meant, what ten would be.

    >>> share_text(123, 2463), share_text(4, 80)
    ('5.0%', '<12%')
    """
    return f"<{SMALL_CELL / total:.0%}" if is_small(count) else f"{count / max(total, 1):.1%}"


def hidden_cells(counts: Mapping[Cell, int], sums: Iterable[Collection[Cell]] = ()) -> dict[Cell, str]:
    """Which counts are not to be shown, and what stands in their place.

    The reader is taken to know the sum of all counts and every sum in ``sums`` that is not small itself,
    which counts are zero, and that ``<10`` means 1 to 9 and ``10+`` means 10 or more.

    Args:
        counts: of people, zero or more; each person in one cell.
        sums: cells whose sum is shown somewhere, such as those of a row.

    Returns:
        Hidden cells only. Small ones are ``<10``, those hidden with them ``10+``. Where so few people are
        counted that this protects nobody, every cell is ``•``.

    Source:
        Kelly, Golden & Assad (1992), Networks 22: the fewest cells that let a small one move, found by
        linear programming.
        Fischetti & Salazar (2001), Management Science 47.

    >>> hidden_cells({"new": 4, "active": 310, "lost": 28})
    {'new': '<10', 'lost': '10+'}
    """
    small = [cell for cell, count in counts.items() if is_small(count)]
    if not small:
        return {}
    cells = [cell for cell, count in counts.items() if count > 0]
    sizes = np.array([counts[cell] for cell in cells], dtype=float)
    known = [[cell in of for cell in cells] for of in ({*counts}, *sums)]
    rows = np.array([row for row in known if sizes[row].sum() >= SMALL_CELL], dtype=float).reshape(
        -1, len(cells)
    )
    hidden = sizes < SMALL_CELL
    for place in np.flatnonzero(hidden).tolist():
        for goal in (SMALL_CELL - 1, 1):
            moved = _moved(place, goal, sizes, rows, hidden)
            if moved is None:
                return dict.fromkeys(counts, HIDDEN)
            hidden = hidden | moved
    return {
        cell: FEW if is_small(size) else MANY
        for cell, size, is_hidden in zip(cells, sizes, hidden, strict=True)
        if is_hidden
    }


def _moved(
    place: int, goal: int, sizes: np.ndarray, rows: np.ndarray, hidden: np.ndarray
) -> np.ndarray | None:
    """Which cells change, as few and small as possible, where one takes another value and all sums stay.

    None if there is no way.
    """
    from scipy.optimize import linprog

    is_few = sizes < SMALL_CELL
    rises = np.where(is_few, SMALL_CELL - 1 - sizes, sizes.sum())
    falls = np.where(is_few, sizes - 1, sizes - SMALL_CELL)
    step = goal - sizes[place]
    rises[place], falls[place] = max(step, 0.0), max(-step, 0.0)
    cost = np.where(hidden, 0.0, 1.0 + sizes / sizes.sum())
    bounds = [*((0.0, limit) for limit in rises), *((0.0, limit) for limit in falls)]
    bounds[place], bounds[len(sizes) + place] = (rises[place],) * 2, (falls[place],) * 2
    equal = np.zeros(len(rows))
    found = linprog(np.tile(cost, 2), A_eq=np.hstack([rows, -rows]), b_eq=equal, bounds=bounds)
    if found.x is None:
        return None
    rise, fall = np.split(found.x, 2)
    return np.abs(rise - fall) > 1e-6


def drawn_counts(counts: Mapping[Cell, int], hidden: Mapping[Cell, str]) -> dict[Cell, float]:
    """Counts as a figure may draw them: what is hidden stands where all that is shown would put it.

    Small ones are drawn as 5, the others that are hidden share what is left alike; the sum stays.

    >>> drawn_counts({"new": 4, "active": 310, "lost": 28}, {"new": "<10", "lost": "10+"})
    {'new': 5.0, 'active': 310.0, 'lost': 27.0}
    """
    few = [cell for cell, text in hidden.items() if text == FEW]
    rest = [cell for cell, text in hidden.items() if text != FEW]
    left = sum(counts[cell] for cell in hidden) - len(few) * SMALL_CELL / 2
    drawn = {cell: float(count) for cell, count in counts.items()}
    drawn |= dict.fromkeys(few, SMALL_CELL / 2)
    return drawn | dict.fromkeys(rest, left / max(len(rest), 1))
