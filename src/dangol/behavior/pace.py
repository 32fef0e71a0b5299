"""What a customer's recent pace lets expect: the yardstick that counts and amounts are learnt against."""

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.linear_model import PoissonRegressor


@dataclass(frozen=True)
class Pace:
    """``level * (recent + floor) ** elasticity``; recent is the mean pace of the last 28 and 84 days.

    Whoever bought much lately will buy less than that, and who bought little more: an elasticity below 1
    is that regression to the mean. Models of spend and orders learn the multiple of this pace, so that one
    pattern serves small and large customers.

    Attributes:
        column: ``amount`` or ``n_orders``, the feature without its window.
        horizon_days: length of the label window.
        floor: keeps the multiples of inactive customers finite.
        level: of the outcome where ``recent + floor`` is 1.
        elasticity: in [0, 1].
    """

    column: Literal["amount", "n_orders"]
    horizon_days: int
    floor: float
    level: float
    elasticity: float

    @classmethod
    def fit(
        cls,
        column: Literal["amount", "n_orders"],
        features: pd.DataFrame,
        outcome: pd.Series,
        horizon_days: int,
    ) -> "Pace":
        """Learn floor, level and elasticity from rows whose outcome is known.

        Args:
            column: see `Pace`.
            features: ``<column>_28d`` and ``<column>_84d``, one row per snapshot × customer.
            outcome: what came over the horizon, not negative, aligned.
            horizon_days: length of the label window.

        Returns:
            The floor is a twentieth of the mean recent pace; level and elasticity are those of a Poisson
            regression on its log. Without any outcome above 0 the recent pace itself.

        Source:
            Gourieroux, Monfort & Trognon (1984), Econometrica 52: Poisson regression is consistent for
            means of amounts as well.
        """
        recent = _recent(column, features, horizon_days)
        floor = max(float(recent.mean()), 0.01) / 20
        if not (outcome > 0).any():
            return cls(column, horizon_days, floor, 1.0, 1.0)
        log_pace = np.log(recent + floor)
        middle, spread = log_pace.mean(), max(float(log_pace.std()), 1e-9)
        scale = float(outcome.mean())
        model = PoissonRegressor(alpha=1e-6, max_iter=1000)
        model.fit((log_pace.to_numpy()[:, None] - middle) / spread, outcome / scale)
        elasticity = float(np.clip(model.coef_[0] / spread, 0.0, 1.0))
        shape = np.exp(elasticity * log_pace)
        return cls(column, horizon_days, floor, scale / float(shape.mean()), elasticity)

    def expected(self, features: pd.DataFrame) -> pd.Series:
        """Expected outcome (rows,) over the horizon, above 0, in the unit of the outcome."""
        recent = _recent(self.column, features, self.horizon_days)
        return self.level * (recent + self.floor) ** self.elasticity

    def constants(self) -> dict[str, float]:
        """What scoring later needs, under names of this pace alone."""
        learnt = {name: asdict(self)[name] for name in ("floor", "level", "elasticity")}
        return {f"{self.column}_pace_{name}": value for name, value in learnt.items()}

    @classmethod
    def of_constants(
        cls, column: Literal["amount", "n_orders"], horizon_days: int, constants: dict[str, float]
    ) -> "Pace":
        """The pace whose ``constants`` were kept with a model.

        Raises:
            KeyError: if they were not.
        """
        floor, level, elasticity = (
            constants[f"{column}_pace_{name}"] for name in ("floor", "level", "elasticity")
        )
        return cls(column, horizon_days, floor, level, elasticity)


def _recent(column: str, features: pd.DataFrame, horizon_days: int) -> pd.Series:
    rates = [features[f"{column}_{days}d"].clip(lower=0) / days for days in (28, 84)]
    return (rates[0] + rates[1]) / 2 * horizon_days
