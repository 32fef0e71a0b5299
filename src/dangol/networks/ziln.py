"""The zero-inflated lognormal head: will the customer buy, and how much, in one likelihood.

Source:
    Wang, Liu & Miao (2019), A Deep Probabilistic Model for Customer Lifetime Value Prediction,
    arXiv:1912.07753.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, logsumexp, ndtr, ndtri

from dangol.networks.backend import load_keras
from dangol.networks.heads import Head, MeanHead

LOG_ROOT_TWO_PI = 0.5 * np.log(2 * np.pi)
# log_sd is held in (floor, ceiling) times the training sd of log spend: exp(mu + sd^2/2) explodes otherwise
SD_FLOOR, SD_CEILING = 0.05, 1.5
BISECTIONS = 60
TINY = 1e-12


class ZeroInflatedLognormalHead(Head):
    """Purchase logit, mean and sd of log spend; the prediction is the mean spend of the mixture.

    Log spend is standardised by the training buyers. Its mean is held to the range of training log
    spend and its sd to 1.5 times the overall one, so that no single row can carry the
    total; see also ``calibrate``.
    """

    n_outputs = 3

    def __init__(self, target: np.ndarray, weight: np.ndarray) -> None:
        bought = target > 0
        log_spend, mass = np.log(target[bought]), weight[bought]
        scale = MeanHead(log_spend, mass)
        self.centre, self.spread = scale.centre, max(scale.spread, 1e-3)
        self.lowest = float((log_spend.min() - self.centre) / self.spread)
        self.highest = float((log_spend.max() - self.centre) / self.spread)
        rate = np.clip(mass.sum() / weight.sum(), 1e-6, 1 - 1e-6)
        unit_sd = (1.0 - SD_FLOOR) / (SD_CEILING - SD_FLOOR)
        self.start = np.array([logit(rate), 0.0, logit(unit_sd)])
        self.total_scale = 1.0

    def encode(self, target: np.ndarray) -> np.ndarray:
        """Bought (0 or 1), and standardised log spend (0 for those who did not)."""
        bought = target > 0
        log_spend = (np.log(np.where(bought, target, 1.0)) - self.centre) / self.spread
        return np.stack([bought, np.where(bought, log_spend, 0.0)], axis=1).astype("float32")

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Negative log-likelihood per member and row, log spend on the standardised scale."""
        ops = load_keras().ops
        bought, log_spend = encoded[..., 0], encoded[..., 1]
        mean = ops.clip(raw[..., 1], self.lowest, self.highest)
        sd = SD_FLOOR + (SD_CEILING - SD_FLOOR) * ops.sigmoid(raw[..., 2])
        z = (log_spend - mean) / sd
        buying = ops.softplus(raw[..., 0]) - bought * raw[..., 0]
        return buying + bought * (ops.log(sd) + 0.5 * z * z + LOG_ROOT_TWO_PI)

    def parameters(self, raw: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Purchase probability, mean and sd of log spend, each (members, rows) float64."""
        raw = raw.astype("float64")
        mean = np.clip(raw[..., 1], self.lowest, self.highest)
        sd = SD_FLOOR + (SD_CEILING - SD_FLOOR) * expit(raw[..., 2])
        return expit(raw[..., 0]), self.centre + self.spread * mean, self.spread * sd

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Negative log-likelihood of the members' mixture, log spend on the standardised scale."""
        prob, mean, sd = self.parameters(raw)
        z = (self.centre + self.spread * encoded[:, 1] - mean) / sd
        buys = np.log(np.maximum(prob, TINY)) - np.log(sd / self.spread) - 0.5 * z * z - LOG_ROOT_TWO_PI
        log_density = np.where(encoded[:, 0] > 0.5, buys, np.log(np.maximum(1 - prob, TINY)))
        return np.log(len(raw)) - logsumexp(log_density, axis=0)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Mean spend (rows,): ``p exp(mu + sd^2 / 2)``, averaged over members, times ``total_scale``."""
        prob, mean, sd = self.parameters(raw)
        return self.total_scale * (prob * np.exp(mean + sd**2 / 2)).mean(axis=0)

    def calibrate(self, encoded: np.ndarray, raw: np.ndarray, weight: np.ndarray) -> None:
        """Set ``total_scale`` so that predicted totals meet observed ones on unseen rows.

        Where spend is not lognormal in its tail, the mean is off while the likelihood is content: by 18 %
        on CDNOW. The log of the ratio is shrunk by its own sampling noise (James & Stein 1961), since a
        few big spenders move a total. Probability, quantiles and ``distribution`` stay as they are.
        """
        spend = encoded[:, 0] * np.exp(self.centre + self.spread * encoded[:, 1].astype("float64"))
        self.total_scale = 1.0
        predicted = self.predict(raw)
        total = (weight * spend).sum()
        ratio = total / (weight * predicted).sum()
        if total == 0 or ratio == 1:
            return
        noise = np.sqrt(((weight * (spend - ratio * predicted)) ** 2).sum()) / total
        self.total_scale = float(ratio ** max(0.0, 1 - (noise / np.log(ratio)) ** 2))

    def distribution(self, raw: np.ndarray) -> pd.DataFrame:
        """One zero-inflated lognormal per row, matching the members' mixture in two log moments.

        Columns ``buy_prob``, ``log_mean``, ``log_sd``; ``log_sd`` contains the disagreement of members.
        """
        prob, mean, sd = self.parameters(raw)
        share = prob / np.maximum(prob.sum(axis=0), TINY)
        log_mean = (share * mean).sum(axis=0)
        log_var = (share * (sd**2 + (mean - log_mean) ** 2)).sum(axis=0)
        return pd.DataFrame({"buy_prob": prob.mean(axis=0), "log_mean": log_mean, "log_sd": np.sqrt(log_var)})

    def quantile(self, raw: np.ndarray, q: float) -> np.ndarray:
        """Exact ``q`` quantile (rows,) of the members' mixture, by bisection in log spend.

        The mixture's quantile lies between the lowest and the highest member quantile.
        """
        prob, mean, sd = self.parameters(raw)
        zero_share = 1 - prob.mean(axis=0)
        rank = np.clip((q - 1 + prob) / np.maximum(prob, TINY), TINY, 1 - TINY)
        member = mean + sd * ndtri(rank)
        low, high = member.min(axis=0), member.max(axis=0)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            below = zero_share + (prob * ndtr((middle - mean) / sd)).mean(axis=0) < q
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.where(q <= zero_share, 0.0, np.exp((low + high) / 2))
