"""Heads for amounts and counts that are known to grow with something: they learn the multiple of it.

The second target column says how much each row is exposed: a pace, a time, a size. Predictions are per
unit of exposure; whoever scores multiplies by the row's own.
"""

from typing import Any

import numpy as np

from dangol.networks.backend import load_keras
from dangol.networks.heads import Head

TINY = 1e-9


class RateHead(Head):
    """Events per unit of exposure; Poisson likelihood with the log of exposure as offset.

    Args:
        target: (n, 2): count, not negative, some positive; exposure, above 0.
        weight: (n,) row weights.

    Source:
        McCullagh & Nelder (1989), Generalized Linear Models, section 6.2: offsets.
    """

    n_outputs = 1

    def __init__(self, target: np.ndarray, weight: np.ndarray) -> None:
        count, exposure = target.T
        self.scale = float(np.average(exposure, weights=weight))
        self.start = np.log([np.average(count, weights=weight)])
        # a rate far beyond anything seen is a failure of extrapolation, not a forecast
        self.highest = float(np.log(2 * (count / exposure).max() * self.scale))

    def encode(self, target: np.ndarray) -> np.ndarray:
        """The count, and the exposure in average ones."""
        return np.column_stack([target[:, 0], target[:, 1] / self.scale]).astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Negative Poisson log-likelihood without what the rate cannot change."""
        ops = load_keras().ops
        log_rate = ops.minimum(raw[..., 0], self.highest)
        return encoded[..., 1] * ops.exp(log_rate) - encoded[..., 0] * log_rate

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """The same for the mean rate."""
        count, exposure = encoded.T.astype("float64")
        rate = np.maximum(self._rate(raw), TINY)
        return exposure * rate - count * np.log(rate)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Mean events (rows,) per unit of exposure."""
        return self._rate(raw) / self.scale

    def _rate(self, raw: np.ndarray) -> np.ndarray:
        return np.exp(np.minimum(raw[..., 0].astype("float64"), self.highest)).mean(axis=0)


class ScaledMedianHead(Head):
    """The multiple of a scale at which the absolute error of the amount is least: its median.

    Rows count by their scale, so that errors are counted in the unit of the amount. The loss is in
    mean absolute errors of the best constant multiple.

    Args:
        target: (n, 2): amount, not negative; scale, above 0.
        weight: (n,) row weights.
    """

    n_outputs = 1

    def __init__(self, target: np.ndarray, weight: np.ndarray) -> None:
        amount, scale = target.T
        mass = weight * scale
        centre = float(np.quantile(amount / scale, 0.5, weights=mass, method="inverted_cdf"))
        # softplus cannot start at zero; this is log(expm1(start)) without its overflow
        start = max(centre, 0.05)
        self.start = np.array([start + np.log(-np.expm1(-start))])
        self.unit = max(float(np.average(np.abs(amount - centre * scale), weights=weight)), TINY)

    def encode(self, target: np.ndarray) -> np.ndarray:
        """Amount and scale in mean absolute errors."""
        return (target / self.unit).astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Absolute error of the amount."""
        ops = load_keras().ops
        return ops.abs(encoded[..., 0] - encoded[..., 1] * ops.softplus(raw[..., 0]))

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Absolute error of the amount by the averaged multiple."""
        amount, scale = encoded.T.astype("float64")
        return np.abs(amount - scale * self.predict(raw))

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Multiple of the scale (rows,), not negative."""
        return np.logaddexp(0.0, raw[..., 0].astype("float64")).mean(axis=0)
