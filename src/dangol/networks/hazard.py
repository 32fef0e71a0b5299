"""The hazard head: when will it happen, learnt also from those for whom it has not happened yet.

Source:
    Friedman (1982), Piecewise Exponential Models for Survival Data with Covariates, Annals of
    Statistics 10(1); as a network head: Kvamme & Borgan (2021), Lifetime Data Analysis 27.
"""

from typing import Any

import numpy as np
from scipy.special import logsumexp

from dangol.networks.backend import load_keras
from dangol.networks.heads import Head

LOWEST_LOG_RATE, HIGHEST_LOG_RATE = -12.0, 6.0
BISECTIONS = 50


class HazardHead(Head):
    """Log hazard in each of several intervals of time; censored rows count as long as they were seen.

    The hazard is constant within an interval, so the discrete-time hazard of interval ``j`` is
    ``1 - exp(-rate_j * width_j)``. Edges are quantiles of the observed event times, so that every
    interval holds about as many events; the last interval is open.

    Args:
        target: (n, 2): duration above 0, and 1 if the event ended it or 0 if it was censored.
        weight: (n,) row weights.
        n_intervals: at most so many; fewer where event times repeat.
    """

    def __init__(self, target: np.ndarray, weight: np.ndarray, n_intervals: int = 12) -> None:
        duration, happened = target[:, 0], target[:, 1] > 0.5
        levels = np.linspace(0, 1, n_intervals + 1)[1:-1]
        inner = np.quantile(duration[happened], levels, weights=weight[happened], method="inverted_cdf")
        self.scale = float(duration.mean())
        # an interval begins after the times it is cut at: an event on an edge belongs to what ends there
        inside = np.unique(inner[inner < duration.max()])
        self.edges = np.concatenate([[0.0], inside, [duration.max()]]) / self.scale
        self.n_outputs = len(self.edges) - 1
        encoded = self.encode(target).astype("float64") * weight[:, None]
        exposure, events = np.split(encoded.sum(axis=0), 2)
        self.start = np.log((events + 0.5) / (exposure + 0.5))

    def encode(self, target: np.ndarray) -> np.ndarray:
        """Time spent in each interval (in mean durations), then 1 in the interval of the event."""
        duration, happened = target[:, 0] / self.scale, target[:, 1] > 0.5
        exposure = self._exposure(target[:, 0])
        position = np.clip(np.searchsorted(self.edges, duration) - 1, 0, self.n_outputs - 1)
        events = (position[:, None] == np.arange(self.n_outputs)) & happened[:, None]
        return np.concatenate([exposure, events], axis=1).astype("float32")

    def statistics(self, encoded: np.ndarray) -> np.ndarray:
        """Time seen and whether the event came: what target statistics average."""
        exposure, events = np.split(encoded, 2, axis=1)
        return np.stack([exposure.sum(axis=1), events.sum(axis=1)], axis=1)

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Negative log-likelihood of a hazard that is constant within intervals, per member and row."""
        ops = load_keras().ops
        log_rate = ops.clip(raw, LOWEST_LOG_RATE, HIGHEST_LOG_RATE)
        exposure, events = encoded[..., : self.n_outputs], encoded[..., self.n_outputs :]
        return ops.sum(ops.exp(log_rate) * exposure - events * log_rate, axis=-1)

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Negative log-likelihood of the members' mixture."""
        exposure, events = np.split(encoded.astype("float64"), 2, axis=1)
        log_rate = self._log_rate(raw)
        log_density = (events * log_rate - np.exp(log_rate) * exposure).sum(axis=-1)
        return np.log(len(raw)) - logsumexp(log_density, axis=0)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Mean time (rows,) to the event, counted up to the longest duration of the training rows."""
        rate, width = np.exp(self._log_rate(raw)), np.diff(self.edges)
        reached = np.exp(-self._hazard_before(rate))
        return (reached * -np.expm1(-rate * width) / rate).sum(axis=-1).mean(axis=0) * self.scale

    def survival(self, raw: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Probability (rows, times) that the event comes later than each time; times not negative."""
        rate = np.exp(self._log_rate(raw))
        return np.exp(-np.einsum("mrj,tj->mrt", rate, self._exposure(times))).mean(axis=0)

    def quantile(self, raw: np.ndarray, q: float) -> np.ndarray:
        """Time (rows,) by which the event has come with probability ``q``.

        Infinite where that is later than the longest duration of the training rows.
        """
        longest = self.edges[-1] * self.scale
        rate = np.exp(self._log_rate(raw))
        low, high = np.zeros(raw.shape[1]), np.full(raw.shape[1], longest)
        reaches = 1 - self.survival(raw, np.array([longest]))[:, 0] >= q
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            come = np.exp(-(rate * self._exposure(middle)).sum(axis=-1)).mean(axis=0) <= 1 - q
            low, high = np.where(come, low, middle), np.where(come, middle, high)
        return np.where(reaches, high, np.inf)

    def _exposure(self, times: np.ndarray) -> np.ndarray:
        """Time (n, intervals), in mean durations, spent in each interval until each time."""
        begins, ends = self.edges[:-1], np.append(self.edges[1:-1], np.inf)
        return np.clip(np.asarray(times)[:, None] / self.scale - begins, 0, ends - begins)

    def _log_rate(self, raw: np.ndarray) -> np.ndarray:
        return np.clip(raw.astype("float64"), LOWEST_LOG_RATE, HIGHEST_LOG_RATE)

    def _hazard_before(self, rate: np.ndarray) -> np.ndarray:
        """Cumulative hazard at the beginning of each interval."""
        steps = np.cumsum(rate * np.diff(self.edges), axis=-1)
        return np.concatenate([np.zeros_like(steps[..., :1]), steps[..., :-1]], axis=-1)
