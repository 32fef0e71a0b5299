"""Purchase models whose purchase and lapse rates depend on what is known of a customer from the start.

Fader & Hardie (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models",
brucehardie.com/notes/019.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.value.beta_geo import BetaGeo
from dangol.value.likelihood import Array
from dangol.value.pareto_nbd import ParetoNBD
from dangol.value.purchase_model import PurchaseModel, Rows

N_OWN = 4  # parameters of the model itself
N_ROWS = 3  # columns of a frame the model itself reads
RATE_PLACE = 1  # of alpha, which a higher purchase rate divides


class WithCovariates(PurchaseModel):
    """Adds ratios per covariate to a purchase model; see `BetaGeoCovariates` and `ParetoNBDCovariates`.

    Every customer has parameters of its own: the scale of the purchase rate, and the parameter that says how
    soon customers lapse, are multiplied by powers of the ratios. With them everything is as in the model.

    Args:
        covariates: names of numeric columns every ``frame`` has beside those of `PurchaseModel`, 0/1 for a
            group, that the purchase rate depends on. Constant over time; unit-sized values, such as
            standardised ones, are fitted most easily.
        time_unit_days: as in `PurchaseModel`.
        lapse_covariates: the same for lapse; may name the same columns.

    Raises:
        ValueError: if no covariate is named.
    """

    base: PurchaseModel
    lapse_place: int  # of the parameter that lapse covariates act on
    lapse_power: int  # 1 if a larger parameter means lapsing sooner, -1 if later

    def __init__(
        self,
        covariates: Sequence[str] = (),
        time_unit_days: float = 7.0,
        lapse_covariates: Sequence[str] = (),
    ) -> None:
        super().__init__(time_unit_days)
        is_text = isinstance(covariates, str) or isinstance(lapse_covariates, str)
        if is_text or not (len(covariates) or len(lapse_covariates)):
            raise ValueError(
                f"covariates={covariates!r}, lapse_covariates={lapse_covariates!r}: expected a list of "
                "column names in one of them. Use the model without covariates if there are none."
            )
        self.covariates, self.lapse_covariates = tuple(covariates), tuple(lapse_covariates)
        self.parameter_names = (
            *self.base.parameter_names,
            *(f"rate_ratio_{name}" for name in covariates),
            *(f"lapse_ratio_{name}" for name in lapse_covariates),
        )

    def row_likelihood(self, params: Array, columns: Rows) -> tuple[Array, Array]:  # type: ignore[override]
        """As that of the model, at each customer's own parameters; further ``columns``: the covariates."""
        own, rows = self._own(params, columns)
        log_rows, slopes = self.base.row_likelihood(own, rows)
        effects = []
        for place, power, ratios, values in self._sides(params, columns):
            # derivatives in the log of the customer's own parameter, which is what the ratios move
            along = slopes[place] * own[place]
            slopes[place] = along / params[place]
            effects += [along * power * z / ratio for ratio, z in zip(ratios, values, strict=True)]
        return log_rows, np.vstack([slopes, *effects])

    def _sides(self, params: Array, columns: Rows) -> list[tuple[int, int, Array, Rows]]:
        """Per side its parameter's place, the power ratios act with, the ratios and their covariates."""
        n_rate = len(self.covariates)
        ratios, values = params[N_OWN:], columns[N_ROWS:]
        return [
            (RATE_PLACE, -1, ratios[:n_rate], values[:n_rate]),
            (self.lapse_place, self.lapse_power, ratios[n_rate:], values[n_rate:]),
        ]

    def _own(self, params: Array, columns: Rows) -> tuple[Array, Rows]:
        """The model's parameters of each customer (4, n), and the columns the model itself reads."""
        own = np.repeat(params[:N_OWN, None], len(columns[0]), axis=1)
        for place, power, ratios, values in self._sides(params, columns):
            for ratio, z in zip(ratios, values, strict=True):
                own[place] *= np.exp(power * z * np.log(ratio))
        return own, columns[:N_ROWS]

    def _starts(self, columns: Rows, counts: Array) -> tuple[Array, ...]:
        none = np.ones(len(self.parameter_names) - N_OWN)
        return tuple(np.concatenate([start, none]) for start in self.base._starts(columns, counts))

    def _rows(self, frame: pd.DataFrame) -> Rows:
        rows, names = super()._rows(frame), (*self.covariates, *self.lapse_covariates)
        missing = [name for name in dict.fromkeys(names) if name not in frame]
        if missing:
            raise ValueError(f"covariates missing: {', '.join(missing)}. Add them to the frame.")
        found = [frame[name].to_numpy(dtype=np.float64) for name in names]
        gaps = {name: int((~np.isfinite(z)).sum()) for name, z in zip(names, found, strict=True)}
        if any(gaps.values()):
            said = ", ".join(f"{name}: {n}" for name, n in gaps.items() if n)
            raise ValueError(f"covariates with missing or infinite values ({said}). Fill them first.")
        return (*rows, *found)

    def _alive(self, params: Array, rows: Rows) -> Array:
        return self.base._alive(*self._own(params, rows))

    def _expected_alive(self, params: Array, rows: Rows, horizon: Array | float) -> Array:
        return self.base._expected_alive(*self._own(params, rows), horizon)

    def _distribution_alive(
        self, params: Array, rows: Rows, horizon: Array | float, max_purchases: int
    ) -> Array:
        return self.base._distribution_alive(*self._own(params, rows), horizon, max_purchases)

    def _draw_alive(
        self, params: Array, rows: Rows, horizon: Array | float, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        return self.base._draw_alive(*self._own(params, rows), horizon, rng)


class BetaGeoCovariates(WithCovariates):
    """BG/NBD with a ratio per covariate; arguments as in `WithCovariates`.

    ``rate_ratio_<name>`` multiplies the purchase rate per unit of the covariate: 1.2 means 20 % more
    purchases while a customer, 1 no effect. ``lapse_ratio_<name>`` multiplies ``a``, and so the mean odds
    ``a / b`` of lapsing after a purchase.
    """

    base, lapse_place, lapse_power = BetaGeo(), 2, 1


class ParetoNBDCovariates(WithCovariates):
    """Pareto/NBD with a ratio per covariate; arguments as in `WithCovariates`.

    ``rate_ratio_<name>`` multiplies the purchase rate per unit of the covariate, ``lapse_ratio_<name>`` the
    rate at which customers lapse.
    """

    base, lapse_place, lapse_power = ParetoNBD(), 3, -1
