"""Lengths of time in days, the unit of every horizon."""

from __future__ import annotations

from typing import Literal

import numpy as np

DAYS_PER_YEAR = 365.25
DAYS_PER_UNIT = {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_YEAR / 12, "years": DAYS_PER_YEAR}


def in_days(length: float, unit: Literal["days", "weeks", "months", "years"]) -> float:
    """A length of time in days, as every ``horizon_days`` is given.

    Args:
        length: >= 0.
        unit: ``"days"``, ``"weeks"``, ``"months"`` (a twelfth of a year) or ``"years"`` (365.25 days).

    Raises:
        ValueError: if the unit is another one, or the length negative or not finite.

    >>> in_days(39, "weeks")
    273.0
    >>> in_days(12, "months") == in_days(1, "years")
    True
    """
    if unit not in DAYS_PER_UNIT or not (np.isfinite(length) and length >= 0):
        raise ValueError(
            f"expected a length >= 0 in {', '.join(DAYS_PER_UNIT)}; received {length} {unit!r}. Correct it."
        )
    return length * DAYS_PER_UNIT[unit]
