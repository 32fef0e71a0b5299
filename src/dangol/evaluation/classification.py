"""How good are predicted probabilities: scores, intervals over resampled customers, paired verdicts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.bootstrap import LEVEL, paired_interval, score_table

Array = npt.NDArray[np.float64]
Values = npt.ArrayLike

HIGHER_IS_BETTER = {"auc": True, "log_loss": False, "brier": False, "lift_10": True}
TOP_SHARE = 0.1
_GAIN_STEPS = 100


def classification_scores(y: Values, prob: Values) -> dict[str, float]:
    """AUC, log loss, Brier score and lift of the top tenth.

    Args:
        y: 0 or 1, one entry per row.
        prob: predicted probability of 1, aligned with ``y``.

    Returns:
        ``auc``: chance that a positive row is ranked before a negative one, ties count half.
        ``log_loss`` in nats and ``brier`` (mean squared error): smaller is better. ``lift_10``:
        share of positives found among the tenth ranked highest, divided by a tenth; rows with
        equal predictions share their positives evenly.

    Raises:
        ValueError: if shapes differ, ``y`` has other values or one class only, or a probability
            lies outside [0, 1].

    >>> scores = classification_scores([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    >>> round(scores["auc"], 3), round(scores["brier"], 3), round(scores["lift_10"], 3)
    (0.75, 0.185, 2.0)

    Source:
        Hanley & McNeil (1982), Radiology 143(1), for the AUC as a probability.
    """
    truth, guess = _checked(y, prob)
    ones = np.ones((1, len(truth)))
    return {name: float(_METRICS[name](_ranked(truth, guess), ones)[0]) for name in HIGHER_IS_BETTER}


def bootstrap_scores(
    y: Values, probs: Mapping[str, Values], groups: Values, n_boot: int, seed: int
) -> pd.DataFrame:
    """Every score of every model with its 95 % interval over resampled groups.

    Args:
        y: 0 or 1, one entry per row.
        probs: by model name, predicted probabilities aligned with ``y``.
        groups: what is drawn as a whole, such as the customer of each row.
        n_boot: resamples, at least 1.
        seed: of the resampling; every model sees the same draws.

    Returns:
        One row per model and metric, in the order given: ``model``, ``metric``, ``estimate``,
        ``low``, ``high`` (percentiles of the resampled scores).
    """
    pairs = {model: _ranked(*_checked(y, prob)) for model, prob in probs.items()}
    scores = {(m, name): partial(_METRICS[name], pair) for m, pair in pairs.items() for name in _METRICS}
    return score_table(scores, groups, n_boot, seed)


def paired_difference(
    y: Values, prob_a: Values, prob_b: Values, metric: str, groups: Values, n_boot: int, seed: int
) -> tuple[float, float, float]:
    """Score of ``a`` minus score of ``b`` on the same resampled groups.

    Args:
        y: 0 or 1, one entry per row.
        prob_a: probabilities of the first model.
        prob_b: probabilities of the second model.
        metric: one of ``auc``, ``log_loss``, ``brier``, ``lift_10``.
        groups: what is drawn as a whole, such as the customer of each row.
        n_boot: resamples, at least 1.
        seed: of the resampling.

    Returns:
        The difference and the ends of its 95 % interval.
    """
    score = _METRICS[metric]
    first, second = _ranked(*_checked(y, prob_a)), _ranked(*_checked(y, prob_b))
    return paired_interval(partial(score, first), partial(score, second), groups, n_boot, seed)


def verdict(difference: float, low: float, high: float, higher_is_better: bool) -> str:
    """Whether a model ``wins``, ``ties`` or ``loses``: only an interval without zero decides.

    Args:
        difference: score of the model minus score of its rival.
        low: lower end of the interval of the difference.
        high: upper end.
        higher_is_better: False for losses.

    >>> verdict(0.02, 0.01, 0.03, higher_is_better=True)
    'wins'
    >>> verdict(0.02, -0.01, 0.05, higher_is_better=True)
    'ties'
    """
    if low > high:
        raise ValueError(f"expected low <= high; received the interval {low} to {high}. Swap its ends.")
    if low > 0 or high < 0:
        return "wins" if (difference > 0) == higher_is_better else "loses"
    return "ties"


def reliability_deciles(y: Values, prob: Values) -> pd.DataFrame:
    """Predicted against actual share in tenths of the predictions.

    Args:
        y: 0 or 1, one entry per row.
        prob: predicted probability of 1.

    Returns:
        One row per tenth that holds rows: ``decile`` (1 lowest), ``predicted`` (mean), ``actual``
        (share of ones) with its 95 % interval ``low``, ``high``, and ``n``. Equal predictions
        stay together, so tenths may differ in size.

    Source:
        Wilson (1927), J. American Statistical Association 22, for the interval.
    """
    from scipy.stats import binomtest, rankdata

    truth, guess = _checked(y, prob)
    decile = np.floor(10 * (rankdata(guess) - 0.5) / len(guess)).astype("int64") + 1
    frame = pd.DataFrame({"decile": decile, "prob": guess, "y": truth})
    table = frame.groupby("decile").agg(
        predicted=("prob", "mean"), actual=("y", "mean"), n_ones=("y", "sum"), n=("y", "size")
    )
    bounds = [
        binomtest(int(ones), int(n)).proportion_ci(LEVEL, method="wilson")
        for ones, n in zip(table["n_ones"], table["n"], strict=True)
    ]
    table = table.assign(low=[b.low for b in bounds], high=[b.high for b in bounds])
    return table.reset_index()[["decile", "predicted", "actual", "low", "high", "n"]]


def gain_curve(y: Values, probs: Mapping[str, Values]) -> pd.DataFrame:
    """Share of positives reached when the rows ranked highest are contacted first.

    Args:
        y: 0 or 1, one entry per row.
        probs: by model name, predicted probabilities aligned with ``y``.

    Returns:
        For each model 101 rows, from nobody to everybody: ``share_contacted``,
        ``share_reached``, ``model``. The lift of the top tenth is the share reached at 0.1,
        times ten.
    """
    shares = np.linspace(0, 1, _GAIN_STEPS + 1)
    parts = []
    for model, prob in probs.items():
        pair = _ranked(*_checked(y, prob))
        reached = [_share_reached(pair, np.ones((1, len(pair.truth))), share)[0] for share in shares]
        parts.append(
            pd.DataFrame({"share_contacted": shares, "share_reached": np.clip(reached, 0, 1), "model": model})
        )
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class _Ranked:
    """Rows sorted by falling probability, with where each run of equal probabilities begins."""

    order: npt.NDArray[np.int64]
    truth: Array
    guess: Array
    starts: npt.NDArray[np.int64]


def _ranked(truth: Array, guess: Array) -> _Ranked:
    order = np.argsort(-guess, kind="stable")
    falling = guess[order]
    starts = np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])
    return _Ranked(order, truth[order], falling, starts)


def _sums_by_tie(pair: _Ranked, weights: Array) -> tuple[Array, Array]:
    """Weight of the ones and of the zeros in each run of ties, shape (draws, runs)."""
    sorted_weights = weights[:, pair.order]
    ones = np.add.reduceat(sorted_weights * pair.truth, pair.starts, axis=1)
    return ones, np.add.reduceat(sorted_weights, pair.starts, axis=1) - ones


def _auc(pair: _Ranked, weights: Array) -> Array:
    ones, zeros = _sums_by_tie(pair, weights)
    ranked_before = np.cumsum(ones, axis=1) - ones / 2
    pairs = ones.sum(axis=1) * zeros.sum(axis=1)
    won = (ranked_before * zeros).sum(axis=1)
    return np.divide(won, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def _log_loss(pair: _Ranked, weights: Array) -> Array:
    guess = np.clip(pair.guess, 1e-15, 1 - 1e-15)
    return _weighted_mean(pair, -np.log(np.where(pair.truth == 1, guess, 1 - guess)), weights)


def _brier(pair: _Ranked, weights: Array) -> Array:
    return _weighted_mean(pair, (pair.truth - pair.guess) ** 2, weights)


def _weighted_mean(pair: _Ranked, loss: Array, weights: Array) -> Array:
    unsorted = np.empty_like(loss)
    unsorted[pair.order] = loss
    return weights @ unsorted / weights.sum(axis=1)


def _lift_10(pair: _Ranked, weights: Array) -> Array:
    return _share_reached(pair, weights, TOP_SHARE) / TOP_SHARE


def _share_reached(pair: _Ranked, weights: Array, share: float) -> Array:
    """Share of the ones among the first ``share`` of the weight; ties are cut evenly."""
    ones, zeros = _sums_by_tie(pair, weights)
    size = ones + zeros
    end, wanted = np.cumsum(size, axis=1), share * size.sum(axis=1)
    last = np.minimum((end < wanted[:, None] - 1e-9).sum(axis=1), size.shape[1] - 1)
    row = np.arange(len(last))
    whole, begin = np.cumsum(ones, axis=1)[row, last] - ones[row, last], end[row, last] - size[row, last]
    cut = np.divide(wanted - begin, size[row, last], out=np.zeros(len(last)), where=size[row, last] > 0)
    total = ones.sum(axis=1)
    reached = whole + cut * ones[row, last]
    return np.divide(reached, total, out=np.full(len(last), np.nan), where=total > 0)


_METRICS: dict[str, Callable[[_Ranked, Array], Array]] = {
    "auc": _auc,
    "log_loss": _log_loss,
    "brier": _brier,
    "lift_10": _lift_10,
}


def _checked(y: Values, prob: Values) -> tuple[Array, Array]:
    truth, guess = np.asarray(y, dtype=np.float64), np.asarray(prob, dtype=np.float64)
    if truth.shape != guess.shape or truth.ndim != 1:
        raise ValueError(
            f"expected y and prob of one length; received shapes {truth.shape} and {guess.shape}."
        )
    if set(np.unique(truth)) != {0.0, 1.0}:
        raise ValueError(
            f"expected both 0 and 1 in y; received {np.unique(truth)[:5].tolist()}: no score can be computed."
        )
    if not ((guess >= 0) & (guess <= 1)).all():
        raise ValueError("expected probabilities in [0, 1]; received others or missing ones.")
    return truth, guess
