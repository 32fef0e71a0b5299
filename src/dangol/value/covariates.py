"""BG/NBD whose purchase rate depends on what is known of a customer from the start.

Fader & Hardie (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models",
brucehardie.com/notes/019, with covariates of the purchase rate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.value.beta_geo import BetaGeo
from dangol.value.likelihood import Array
from dangol.value.purchase_model import Rows

N_OWN = 4  # parameters of BG/NBD itself


class BetaGeoCovariates(BetaGeo):
    """BG/NBD with a rate ratio per covariate.

    A customer's purchase rate is multiplied by ``rate_ratio_<name>`` to the power of the covariate: 1.2 means
    20 % more purchases per unit of it, 1 no effect. For the model a faster customer is an average one on
    faster time, so everything else is that of `BetaGeo`.

    Args:
        covariates: names of numeric columns every ``frame`` has beside those of `PurchaseModel`; 0/1 for a
            group. Constant over time; unit-sized values, such as standardised ones, are fitted most easily.
        time_unit_days: as in `PurchaseModel`.

    Raises:
        ValueError: if no covariate is named.
    """

    def __init__(self, covariates: Sequence[str], time_unit_days: float = 7.0) -> None:
        super().__init__(time_unit_days)
        if not covariates or isinstance(covariates, str):
            raise ValueError(
                f"covariates={covariates!r}: expected a list of column names. Use BetaGeo without."
            )
        self.covariates = tuple(covariates)
        self.parameter_names = (*BetaGeo.parameter_names, *(f"rate_ratio_{name}" for name in covariates))

    @staticmethod
    def row_likelihood(params: Array, columns: tuple[Array, ...]) -> tuple[Array, Array]:
        """As `BetaGeo.row_likelihood`, on each customer's own time; further ``columns``: the covariates.

        Scaling all times and ``alpha`` alike changes the density only by its unit, so the derivative in a log
        ratio is that in ``-log(alpha)`` times the covariate.
        """
        own, ratios = params[:N_OWN], params[N_OWN:]
        n, last, tenure, *covariates = columns
        pace = _pace(ratios, covariates)
        log_rows, slopes = BetaGeo.row_likelihood(own, (n, last * pace, tenure * pace))
        effects = [-z * own[1] * slopes[1] / ratio for z, ratio in zip(covariates, ratios, strict=True)]
        return log_rows + n * np.log(pace), np.vstack([slopes, *effects])

    def _starts(self, columns: tuple[Array, ...], counts: Array) -> tuple[Array, ...]:
        none = np.ones(len(self.covariates))
        return tuple(np.concatenate([start, none]) for start in super()._starts(columns, counts))

    def _rows(self, frame: pd.DataFrame) -> Rows:
        rows = super()._rows(frame)
        missing = [name for name in self.covariates if name not in frame]
        if missing:
            raise ValueError(f"covariates missing: {', '.join(missing)}. Add them to the frame.")
        found = [frame[name].to_numpy(dtype=np.float64) for name in self.covariates]
        gaps = {name: int((~np.isfinite(z)).sum()) for name, z in zip(self.covariates, found, strict=True)}
        if any(gaps.values()):
            said = ", ".join(f"{name}: {n}" for name, n in gaps.items() if n)
            raise ValueError(f"covariates with missing or infinite values ({said}). Fill them first.")
        return (*rows, *found)

    def _on_own_time(self, params: Array, rows: Rows) -> tuple[Array, Rows, Array]:
        n, last, tenure, *covariates = rows
        pace = _pace(params[N_OWN:], covariates)
        return params[:N_OWN], (n, last * pace, tenure * pace), pace

    def _alive(self, params: Array, rows: Rows) -> Array:
        own, scaled, _ = self._on_own_time(params, rows)
        return super()._alive(own, scaled)

    def _expected_alive(self, params: Array, rows: Rows, horizon: Array | float) -> Array:
        own, scaled, pace = self._on_own_time(params, rows)
        return super()._expected_alive(own, scaled, horizon * pace)

    def _distribution_alive(
        self, params: Array, rows: Rows, horizon: Array | float, max_purchases: int
    ) -> Array:
        own, scaled, pace = self._on_own_time(params, rows)
        return super()._distribution_alive(own, scaled, horizon * pace, max_purchases)

    def _draw_alive(
        self, params: Array, rows: Rows, horizon: Array | float, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        own, scaled, pace = self._on_own_time(params, rows)
        return super()._draw_alive(own, scaled, horizon * pace, rng)


def _pace(ratios: Array, covariates: list[Array]) -> Array:
    """How much faster than a customer with all covariates 0 each one buys (n,)."""
    return np.asarray(np.exp(sum(z * np.log(ratio) for z, ratio in zip(covariates, ratios, strict=True))))
