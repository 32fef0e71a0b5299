"""What a customer's pace lets expect: the yardstick that counts and amounts are learnt against."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import minimize

Column = Literal["amount", "n_orders"]
WINDOWS = ("28d", "84d", "tenure")
_TOTALS: dict[Column, str] = {"amount": "monetary", "n_orders": "n_orders"}
# a first basket last week is no pace of a lifetime
LEAST_TENURE_DAYS = 28
MOST_ITERATIONS = 500


@dataclass(frozen=True)
class Pace:
    """``level * product of (pace + floor) ** elasticity`` over three windows: 28 days, 84 days, all tenure.

    Each pace is what its window would give in the horizon. Whoever bought much lately will buy less than
    that, and who bought little more: elasticities that sum to less than 1 are that regression to the mean.
    Models of spend and orders learn the multiple of this pace, so that one pattern serves small and large
    customers.

    Attributes:
        column: ``amount`` or ``n_orders``, the feature without its window.
        horizon_days: length of the label window.
        floor: keeps the multiples of inactive customers finite.
        level: of the outcome where every ``pace + floor`` is 1.
        elasticities: one per window of `WINDOWS`, each in [0, 1].
    """

    column: Column
    horizon_days: int
    floor: float
    level: float
    elasticities: tuple[float, ...]

    @classmethod
    def fit(cls, column: Column, features: pd.DataFrame, outcome: pd.Series, horizon_days: int) -> "Pace":
        """Learn floor, level and elasticities from rows whose outcome is known.

        Args:
            column: see `Pace`.
            features: ``<column>_28d``, ``<column>_84d``, ``tenure_days`` and the total, ``monetary`` or
                ``n_orders``; one row per snapshot × customer.
            outcome: what came over the horizon, not negative, aligned.
            horizon_days: length of the label window.

        Returns:
            The floor is a twentieth of the mean pace; level and elasticities are those of a Poisson
            regression on the logs. Without any outcome above 0 the mean of the logs itself.

        Source:
            Gourieroux, Monfort & Trognon (1984), Econometrica 52: Poisson regression is consistent for
            means of amounts as well.
        """
        paces = _paces(column, features, horizon_days)
        floor = max(float(paces.mean()), 0.01) / 20
        if not (outcome > 0).any():
            return cls(column, horizon_days, floor, 1.0, (1 / len(WINDOWS),) * len(WINDOWS))
        log_paces, scale = np.log(paces + floor), float(outcome.mean())
        elasticities = _poisson_slopes(log_paces, outcome.to_numpy("float64") / scale)
        level = scale / float(np.exp(log_paces @ elasticities).mean())
        return cls(column, horizon_days, floor, level, tuple(float(slope) for slope in elasticities))

    def expected(self, features: pd.DataFrame) -> pd.Series:
        """Expected outcome (rows,) over the horizon, above 0, in the unit of the outcome."""
        log_paces = np.log(_paces(self.column, features, self.horizon_days) + self.floor)
        return pd.Series(self.level * np.exp(log_paces @ np.array(self.elasticities)), index=features.index)

    def constants(self) -> dict[str, float]:
        """What scoring later needs, under names of this pace alone."""
        learnt = (self.floor, self.level, *self.elasticities)
        return dict(zip(_names(self.column), learnt, strict=True))

    @classmethod
    def of_constants(cls, column: Column, horizon_days: int, constants: dict[str, float]) -> "Pace":
        """The pace whose ``constants`` were kept with a model.

        Raises:
            KeyError: if they were not.
        """
        floor, level, *elasticities = (constants[name] for name in _names(column))
        return cls(column, horizon_days, floor, level, tuple(elasticities))


def _names(column: Column) -> list[str]:
    """Of the constants, in the order of the fields."""
    learnt = ["floor", "level", *(f"elasticity_{window}" for window in WINDOWS)]
    return [f"{column}_pace_{name}" for name in learnt]


def _paces(column: Column, features: pd.DataFrame, horizon_days: int) -> np.ndarray:
    """What each window would give in the horizon, (rows, windows), not negative."""
    tenure = features["tenure_days"].clip(lower=LEAST_TENURE_DAYS)
    rates = [
        features[f"{column}_28d"] / 28,
        features[f"{column}_84d"] / 84,
        features[_TOTALS[column]] / tenure,
    ]
    return horizon_days * np.column_stack([rate.to_numpy("float64").clip(min=0) for rate in rates])


def _poisson_slopes(log_paces: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Slopes (windows,) in [0, 1] of a Poisson regression with an intercept; a convex problem."""
    middle = log_paces.mean(axis=0)
    design = np.column_stack([np.ones(len(outcome)), log_paces - middle])

    def deviance(slopes: np.ndarray) -> tuple[float, np.ndarray]:
        mean = np.exp(design @ slopes)
        gradient = design.T @ (mean - outcome) / len(outcome)
        return float((mean - outcome * (design @ slopes)).mean()), gradient

    n_windows = log_paces.shape[1]
    bounds = [(None, None)] + [(0.0, 1.0)] * n_windows
    start = np.r_[0.0, np.full(n_windows, 1 / n_windows)]
    found = minimize(deviance, start, jac=True, bounds=bounds, options={"maxiter": MOST_ITERATIONS})
    return np.asarray(found.x[1:])
