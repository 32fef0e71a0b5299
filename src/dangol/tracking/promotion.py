"""Who may be champion: a model takes the title only by a win on rows nobody trained on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

NETWORK = "network"
_N_BOOT = 2_000
_LEVEL = 0.95


@dataclass(frozen=True)
class Decision:
    """What the gate says of one model.

    Attributes:
        is_champion: whether it takes the title.
        reason: why, one sentence with the figures.
    """

    is_champion: bool
    reason: str


def judge(losses: pd.DataFrame, champion: npt.ArrayLike | None, no_champion: str = "") -> Decision:
    """Hold a model against the simpler ones and the reigning champion, row by row.

    Args:
        losses: one row per holdout row: the loss of ``network`` and of each simpler model.
        champion: the champion's losses on the same rows; None if there is none or it cannot be
            scored on them.
        no_champion: why the reigning champion could not be scored; empty if there is none. A
            champion that cannot be scored keeps its title.
    """
    simpler = losses.drop(columns=NETWORK).mean().idxmin()
    rivals: dict[str, npt.ArrayLike] = {f"the best simpler model ({simpler})": losses[simpler]}
    if champion is not None:
        rivals["the champion"] = champion
    leads = {name: _lead(losses[NETWORK], theirs) for name, theirs in rivals.items()}
    if no_champion:
        return Decision(False, f"{no_champion}; {_told(leads)}.")
    return Decision(all(high < 0 for _, _, high in leads.values()), f"{_told(leads)}.")


def _lead(mine: npt.ArrayLike, theirs: npt.ArrayLike) -> tuple[float, float, float]:
    """Mean difference of losses with its interval over resampled rows; below zero, ``mine`` is better."""
    from scipy.stats import bootstrap

    gaps = np.asarray(mine, dtype="float64") - np.asarray(theirs, dtype="float64")
    mean = float(gaps.mean())
    if np.ptp(gaps) == 0:
        return mean, mean, mean
    found = bootstrap(
        (gaps,), np.mean, n_resamples=_N_BOOT, confidence_level=_LEVEL, method="percentile", rng=0
    ).confidence_interval
    return mean, float(found.low), float(found.high)


def _told(leads: Mapping[str, tuple[float, float, float]]) -> str:
    return "; ".join(
        f"{'better than' if high < 0 else 'worse than' if low > 0 else 'as good as'} {name} "
        f"(loss {mean:+.4f}, 95 % interval {low:+.4f} to {high:+.4f})"
        for name, (mean, low, high) in leads.items()
    )
