"""What a network predicts: each head keeps its loss beside its prediction transform.

A head is made from training targets. ``encode`` turns targets into the columns its loss reads; ``loss``
turns raw outputs ``(members, rows, n_outputs)`` into a loss per member and row (Keras ops, for training);
``ensemble_loss`` and ``predict`` judge and give the averaged members (NumPy). Heads whose target has
several columns (multi-label, time and event of a hazard) fit the same contract.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from scipy.special import expit, log_softmax, logsumexp, softmax

from dangol.networks.backend import load_keras


class Head(ABC):
    """Contract of all heads."""

    n_outputs: int
    start: np.ndarray
    """Raw output (n_outputs,) of the best constant prediction: where training starts."""

    @abstractmethod
    def encode(self, target: np.ndarray) -> np.ndarray:
        """Targets (rows,) or (rows, t) as float32 columns (rows, k) for the losses."""

    @abstractmethod
    def loss(self, encoded: Any, raw: Any) -> Any:
        """Training loss (members, rows), as tensors.

        Args:
            encoded: (rows, k), the same for all members, or (members, rows, k).
            raw: (members, rows, n_outputs).
        """

    @abstractmethod
    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Loss (rows,) of the averaged members, float64: what early stopping watches."""

    @abstractmethod
    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Prediction of the averaged members: (rows,) or (rows, k), float64."""

    def statistics(self, encoded: np.ndarray) -> np.ndarray:
        """Columns (rows, k) that target statistics of many-level categories average."""
        return encoded

    def calibrate(self, encoded: np.ndarray, raw: np.ndarray, weight: np.ndarray) -> None:  # noqa: B027
        """Correct what rows that no member trained on show to be off; most heads have nothing to correct."""


class BinaryHead(Head):
    """One logit; log loss; the prediction is the mean probability of code 1.

    Args:
        target: (n,) codes 0 and 1, both present.
        weight: (n,) row weights.
    """

    n_outputs = 1

    def __init__(self, target: np.ndarray, weight: np.ndarray) -> None:
        rate = np.average(target, weights=weight)
        self.start = np.array([np.log(rate) - np.log1p(-rate)])

    def encode(self, target: np.ndarray) -> np.ndarray:
        """The code itself."""
        return target[:, None].astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Negative Bernoulli log-likelihood, ``softplus(z) - y z``."""
        logit = raw[..., 0]
        return load_keras().ops.softplus(logit) - encoded[..., 0] * logit

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Log loss of the mean probability."""
        prob = np.clip(self.predict(raw), 1e-7, 1 - 1e-7)
        return -np.where(encoded[:, 0] > 0.5, np.log(prob), np.log1p(-prob))

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Mean probability (rows,) of code 1."""
        return expit(raw[..., 0].astype("float64")).mean(axis=0)


class MulticlassHead(Head):
    """One logit per class; log loss; the prediction is the mean probability of every class.

    Args:
        target: (n,) codes 0 to ``n_classes - 1``, all present.
        weight: (n,) row weights.
        n_classes: number of classes.
    """

    def __init__(self, target: np.ndarray, weight: np.ndarray, n_classes: int) -> None:
        self.n_outputs = n_classes
        self.start = np.log(np.bincount(target, weight, minlength=n_classes) / weight.sum())

    def encode(self, target: np.ndarray) -> np.ndarray:
        """One 0/1 column per class."""
        return (target[:, None] == np.arange(self.n_outputs)).astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Negative log-likelihood of the class."""
        ops = load_keras().ops
        return ops.logsumexp(raw, axis=-1) - ops.sum(encoded * raw, axis=-1)

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Log loss of the mean probabilities."""
        logs = logsumexp(log_softmax(raw.astype("float64"), axis=-1), axis=0) - np.log(len(raw))
        return -(encoded * logs).sum(axis=1)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Mean probabilities (rows, classes), each row summing to one."""
        return softmax(raw.astype("float64"), axis=-1).mean(axis=0)


class MultilabelHead(Head):
    """One logit per label, any number of which may be true; the mean log loss over labels.

    Args:
        target: (n, n_labels) of 0 and 1.
        weight: (n,) row weights.
    """

    def __init__(self, target: np.ndarray, weight: np.ndarray) -> None:
        self.n_outputs = target.shape[1]
        # half a row of each kind: a label nobody has yet still starts at a finite logit
        yes = weight @ target + 0.5
        no = weight @ (1 - target) + 0.5
        self.start = np.log(yes) - np.log(no)

    def encode(self, target: np.ndarray) -> np.ndarray:
        """The labels themselves."""
        return target.astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Negative Bernoulli log-likelihood, averaged over labels."""
        ops = load_keras().ops
        return ops.mean(ops.softplus(raw) - encoded * raw, axis=-1)

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Log loss of the mean probabilities, averaged over labels."""
        prob = np.clip(self.predict(raw), 1e-7, 1 - 1e-7)
        return -np.where(encoded > 0.5, np.log(prob), np.log1p(-prob)).mean(axis=1)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Mean probability (rows, n_labels) of each label."""
        return expit(raw.astype("float64")).mean(axis=0)


class MeanHead(Head):
    """The conditional mean by squared error, on the standardised target.

    Args:
        target: (n,) finite numbers.
        weight: (n,) row weights.
    """

    n_outputs = 1

    def __init__(self, target: np.ndarray, weight: np.ndarray) -> None:
        self.centre = float(np.average(target, weights=weight))
        spread = float(np.sqrt(np.average((target - self.centre) ** 2, weights=weight)))
        self.spread = spread if spread > 0 else 1.0
        self.start = np.zeros(1)

    def encode(self, target: np.ndarray) -> np.ndarray:
        """The target less its mean, in standard deviations."""
        return ((target[:, None] - self.centre) / self.spread).astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Squared error in variances of the target."""
        return (encoded[..., 0] - raw[..., 0]) ** 2

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Squared error of the mean prediction, in variances of the target."""
        return (encoded[:, 0] - raw[..., 0].astype("float64").mean(axis=0)) ** 2

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Mean (rows,) in units of the target."""
        return raw[..., 0].astype("float64").mean(axis=0) * self.spread + self.centre


class PoissonHead(Head):
    """Log of an event rate; Poisson likelihood; the prediction is the mean rate.

    Args:
        target: (n,) counts, not negative, some positive.
        weight: (n,) row weights.
    """

    n_outputs = 1

    def __init__(self, target: np.ndarray, weight: np.ndarray) -> None:
        self.start = np.log([np.average(target, weights=weight)])
        # a rate far beyond anything seen is a failure of extrapolation, not a forecast
        self.highest = float(np.log(2 * target.max()))

    def encode(self, target: np.ndarray) -> np.ndarray:
        """The count itself."""
        return target[:, None].astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Negative Poisson log-likelihood without the constant ``log y!``."""
        ops = load_keras().ops
        log_rate = ops.minimum(raw[..., 0], self.highest)
        return ops.exp(log_rate) - encoded[..., 0] * log_rate

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """The same for the mean rate."""
        rate, count = np.maximum(self.predict(raw), 1e-9), encoded[:, 0].astype("float64")
        return rate - count * np.log(rate)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Mean count (rows,)."""
        return np.exp(np.minimum(raw[..., 0].astype("float64"), self.highest)).mean(axis=0)


class QuantileHead(Head):
    """Several quantiles by pinball loss; they cannot cross, each being the one below plus a step.

    Args:
        target: (n,) finite numbers.
        weight: (n,) row weights.
        quantiles: rising levels in (0, 1).

    Source:
        Koenker & Bassett (1978), Econometrica 46(1).
    """

    def __init__(self, target: np.ndarray, weight: np.ndarray, quantiles: tuple[float, ...]) -> None:
        self.levels = np.array(quantiles, dtype="float64")
        self.n_outputs = len(self.levels)
        scale = MeanHead(target, weight)
        self.centre, self.spread = scale.centre, scale.spread
        marginal = np.quantile(target, self.levels, weights=weight, method="inverted_cdf")
        steps = np.maximum(np.diff((marginal - self.centre) / self.spread), 1e-2)
        self.start = np.concatenate([(marginal[:1] - self.centre) / self.spread, np.log(np.expm1(steps))])

    def encode(self, target: np.ndarray) -> np.ndarray:
        """The target less its mean, in standard deviations."""
        return ((target[:, None] - self.centre) / self.spread).astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Pinball loss averaged over the quantiles, in standard deviations of the target."""
        ops = load_keras().ops
        steps = ops.concatenate([raw[..., :1], ops.softplus(raw[..., 1:])], axis=-1)
        level = ops.convert_to_tensor(self.levels.astype("float32"))
        error = encoded[..., :1] - ops.cumsum(steps, axis=-1)
        return ops.mean(ops.maximum(level * error, (level - 1.0) * error), axis=-1)

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Pinball loss of the averaged quantiles, in standard deviations of the target."""
        error = encoded[:, :1] - self._standardised(raw)
        return np.maximum(self.levels * error, (self.levels - 1) * error).mean(axis=1)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """The quantile nearest the median, (rows,)."""
        return self.quantile(raw, self.levels[np.argmin(np.abs(self.levels - 0.5))])

    def quantile(self, raw: np.ndarray, q: float) -> np.ndarray:
        """The ``q`` quantile (rows,) in units of the target; ``q`` must be one that was trained."""
        at = np.flatnonzero(np.isclose(self.levels, q))
        if len(at) == 0:
            raise ValueError(f"quantile {q} was not trained; trained: {self.levels.tolist()}. Refit with it.")
        return self._standardised(raw)[:, at[0]] * self.spread + self.centre

    def _standardised(self, raw: np.ndarray) -> np.ndarray:
        raw = raw.astype("float64")
        steps = np.concatenate([raw[..., :1], np.logaddexp(0.0, raw[..., 1:])], axis=-1)
        return np.cumsum(steps, axis=-1).mean(axis=0)
