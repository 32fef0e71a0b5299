"""What networks that learn from windows of the past share: settings, customers drawn, what may be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from dangol.networks import NetworkRegressor
from dangol.value.likelihood import Array

SCORED_ROWS = 65_536  # customers a network sees at once: about 150 MB of inputs
OnEpoch = Callable[[int, float, float], None]


@dataclass(frozen=True)
class Settings:
    """How much is learnt, from how many windows.

    Attributes:
        n_snapshots: windows.
        network: of `NetworkRegressor`.
    """

    n_snapshots: int
    network: dict[str, Any]

    def regressor(
        self, head: Literal["poisson", "ziln"], max_epochs: int | None, seed: int, on_epoch: OnEpoch | None
    ) -> Any:
        """A network not yet fitted; ``max_epochs`` of None is that of the settings."""
        given = {**self.network, **({"max_epochs": max_epochs} if max_epochs else {})}
        # the horizon asked about is one input, the same for all: that is no drift
        return NetworkRegressor(head=head, random_state=seed, on_epoch=on_epoch, warn_drift=False, **given)


Effort = Literal["fast", "full"]
SETTINGS: dict[str, Settings] = {
    "fast": Settings(8, {"effort": "fast", "hidden": (64, 64), "max_epochs": 12, "patience": 3}),
    "full": Settings(12, {"effort": "full", "hidden": (64, 64), "max_epochs": 30, "patience": 5}),
}


def settings_of(effort: str) -> Settings:
    """The settings of an effort.

    Raises:
        ValueError: if there is none of that name.
    """
    if effort not in SETTINGS:
        raise ValueError(f"effort={effort!r}: expected 'fast' or 'full'.")
    return SETTINGS[effort]


def orders_of_some(past: pd.DataFrame, ids: pd.Series, max_customers: int, seed: int) -> pd.DataFrame:
    """The orders of all customers, or of as many as are to be learnt from, drawn at random."""
    if len(ids) <= max_customers:
        return past
    return past[past["customer_id"].isin(ids.sample(max_customers, random_state=seed))]


def in_parts(predict: Callable[[pd.DataFrame], Array], inputs: pd.DataFrame) -> Array:
    """Predictions (n,) for any number of customers, in parts that fit into memory."""
    begins = range(0, len(inputs), SCORED_ROWS)
    return np.concatenate([predict(inputs.iloc[begin : begin + SCORED_ROWS]) for begin in begins])


def check_question(horizon_days: float, levels: Sequence[float], n_draws: int = 0) -> None:
    """What a forecast can be asked for.

    Raises:
        ValueError: if the horizon is negative or endless, a level is not in (0, 1) or draws are negative.
    """
    is_level = bool(levels) and all(0 < level < 1 for level in levels)
    if not (np.isfinite(horizon_days) and horizon_days >= 0 and is_level and n_draws >= 0):
        raise ValueError(
            f"expected horizon_days >= 0, 0 < level < 1, n_draws >= 0; received {horizon_days}, "
            f"{', '.join(map(str, levels)) or 'no level'}, {n_draws}. Correct the arguments."
        )


def check_fitted(model: object, attribute: str) -> None:
    """Whether a model has what its ``fit`` leaves behind.

    Raises:
        ValueError: if not.
    """
    if not hasattr(model, attribute):
        name = type(model).__name__
        raise ValueError(f"this {name} is not fitted. Call fit(orders, calibration_end) first.")


def ends_of(level: float) -> tuple[str, str]:
    """Columns of the ends of an interval of a level.

    >>> ends_of(0.9)
    ('value_low_90', 'value_high_90')
    """
    return f"value_low_{100 * level:.0f}", f"value_high_{100 * level:.0f}"
