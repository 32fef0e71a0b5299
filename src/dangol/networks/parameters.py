"""Which values the parameters of the networks may take, and one message for all that may not stand."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from dangol.networks.training import N_FOLDS

Rule = tuple[Callable[[Any], bool], str]


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and bool(value >= 1)


def _are_units(hidden: Any) -> bool:
    return not isinstance(hidden, str) and len(hidden) > 0 and all(_is_count(units) for units in hidden)


RULES: Mapping[str, Rule] = {
    "kernels": (lambda value: value in ("per_fold", "shared"), "'per_fold' or 'shared'"),
    "effort": (lambda value: value in ("full", "fast"), "'full' or 'fast'"),
    "n_members": (
        lambda value: value is None or (_is_count(value) and value % N_FOLDS == 0),
        f"a multiple of {N_FOLDS} (one group per fold), or None",
    ),
    "hidden": (_are_units, "units per hidden layer, at least one layer, such as (128, 128)"),
    "dropout": (lambda value: value is None or 0 <= value < 1, "a share in [0, 1), or None"),
    "learning_rate": (lambda value: value is None or value > 0, "a positive number, or None"),
    "max_epochs": (_is_count, "a whole number, at least 1"),
    "patience": (lambda value: value is None or _is_count(value), "a whole number, at least 1, or None"),
    "time_budget_s": (lambda value: value is None or value > 0, "positive seconds, or None"),
    "on_epoch": (lambda value: value is None or callable(value), "a function of three numbers, or None"),
}


def check_parameters(estimator: Any, rules: Mapping[str, Rule]) -> None:
    """Refuse unusable parameters, all at once.

    Raises:
        ValueError: naming each fault and what was expected.
    """
    faults = [
        f"  - {name}={getattr(estimator, name)!r}: expected {expected}"
        for name, (holds, expected) in rules.items()
        if not _answered(holds, getattr(estimator, name))
    ]
    if faults:
        raise ValueError(
            "\n".join([f"{len(faults)} parameter(s) of {type(estimator).__name__} unusable:", *faults])
        )


def _answered(holds: Callable[[Any], bool], value: Any) -> bool:
    try:
        return bool(holds(value))
    except (TypeError, ValueError, AttributeError):  # a value of another type altogether
        return False


def is_rising_in_unit_interval(levels: Iterable[float]) -> bool:
    """Whether there are levels, and they rise within (0, 1)."""
    bounded = [0.0, *levels, 1.0]
    return len(bounded) > 2 and all(low < high for low, high in pairwise(bounded))
