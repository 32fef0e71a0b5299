"""Several targets, one network: each task keeps its own head, the losses add up to a joint likelihood."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dangol.networks.exposure import RateHead, ScaledMedianHead
from dangol.networks.hazard import HazardHead
from dangol.networks.heads import BinaryHead, Head, MeanHead, MultilabelHead, PoissonHead
from dangol.networks.ziln import ZeroInflatedLognormalHead

HEAD_OF: dict[str, Callable[[np.ndarray, np.ndarray], Head]] = {
    "binary": BinaryHead,
    "multilabel": MultilabelHead,
    "mean": MeanHead,
    "poisson": PoissonHead,
    "ziln": ZeroInflatedLognormalHead,
    "hazard": HazardHead,
    "rate": RateHead,
    "scaled_median": ScaledMedianHead,
}
TAKES_COLUMNS = ("multilabel", "hazard", "rate", "scaled_median")


@dataclass(frozen=True)
class TaskTargets:
    """Targets of several tasks side by side.

    Attributes:
        kinds: task name to kind, a key of ``HEAD_OF``.
        columns: task name to its columns of a target matrix (rows, columns). A row with a gap in
            them has no label for that task and does not count for it.
    """

    kinds: Mapping[str, str]
    columns: Mapping[str, slice]

    def of(self, name: str, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Target (rows,) or (rows, k) of a task, gaps filled with one that occurs; where it is known."""
        block = target[:, self.columns[name]]
        known = ~np.isnan(block).any(axis=1)
        block = np.where(known[:, None], block, block[known][:1] if known.any() else 1.0)
        return block if self.kinds[name] in TAKES_COLUMNS else block[:, 0], known


class MultiTaskHead(Head):
    """Heads that share everything below them; rows without a label for a task are silent in its loss.

    The losses are negative log-likelihoods (for ``"mean"`` squared errors in variances), so their sum
    is that of outcomes which are independent given the shared tower. A task's loss is averaged over
    the rows that have a label for it.

    Args:
        target: (n, columns) float64, as ``targets`` describes.
        weight: (n,) row weights.
        targets: kinds and columns of the tasks.

    Source:
        Caruana (1997), Multitask Learning, Machine Learning 28.
    """

    def __init__(self, target: np.ndarray, weight: np.ndarray, targets: TaskTargets) -> None:
        self.targets = targets
        self.heads: dict[str, Head] = {}
        self.share: dict[str, float] = {}
        for name, kind in targets.kinds.items():
            values, known = targets.of(name, target)
            self.heads[name] = HEAD_OF[kind](values[known], weight[known])
            self.share[name] = float(weight[known].sum() / weight.sum())
        self.start = np.concatenate([head.start for head in self.heads.values()])
        self.n_outputs = len(self.start)
        self.outputs = _slices({name: head.n_outputs for name, head in self.heads.items()})
        widths = {name: self._encoded(name, target[:1]).shape[1] for name in self.heads}
        self.encoded_columns = _slices(widths)

    def _encoded(self, name: str, target: np.ndarray) -> np.ndarray:
        """Whether the label is known, over the share of rows where it is, then the head's columns."""
        values, known = self.targets.of(name, target)
        voice = known / self.share[name]
        return np.column_stack([voice, self.heads[name].encode(values)]).astype("float32")

    def encode(self, target: np.ndarray) -> np.ndarray:
        """The columns of all heads side by side, each behind its row weights."""
        return np.concatenate([self._encoded(name, target) for name in self.heads], axis=1)

    def statistics(self, encoded: np.ndarray) -> np.ndarray:
        """What each head's own statistics average."""
        parts = [head.statistics(self._part(name, encoded)[1]) for name, head in self.heads.items()]
        return np.concatenate(parts, axis=1)

    def _part(self, name: str, encoded: Any) -> tuple[Any, Any]:
        block = encoded[..., self.encoded_columns[name]]
        return block[..., 0], block[..., 1:]

    def loss(self, encoded: Any, raw: Any) -> Any:
        """Sum of the heads' losses (members, rows)."""
        total: Any = 0.0
        for name, head in self.heads.items():
            voice, columns = self._part(name, encoded)
            total = total + voice * head.loss(columns, raw[..., self.outputs[name]])
        return total

    def ensemble_loss(self, encoded: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """Sum of the heads' ensemble losses (rows,)."""
        total = np.zeros(len(encoded))
        for name, head in self.heads.items():
            voice, columns = self._part(name, encoded)
            total += voice * head.ensemble_loss(columns, raw[..., self.outputs[name]])
        return total

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Predictions of all heads side by side (rows, columns)."""
        return np.column_stack(
            [head.predict(raw[..., self.outputs[name]]) for name, head in self.heads.items()]
        )

    def calibrate(self, encoded: np.ndarray, raw: np.ndarray, weight: np.ndarray) -> None:
        """Let every head correct itself on the rows that have a label for it."""
        for name, head in self.heads.items():
            voice, columns = self._part(name, encoded)
            known = voice > 0
            if known.any():
                head.calibrate(columns[known], raw[:, known, self.outputs[name]], weight[known])


def _slices(widths: Mapping[str, int]) -> dict[str, slice]:
    ends = np.cumsum(list(widths.values()))
    return {name: slice(int(end) - widths[name], int(end)) for name, end in zip(widths, ends, strict=True)}
