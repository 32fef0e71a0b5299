"""How well a model ranks customers by what a contact changes: uplift curves with intervals."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.intervals import Array, difference, moments

_CHUNK = 4_000_000


def uplift_scores(
    outcome: npt.ArrayLike,
    is_treated: npt.ArrayLike,
    predicted: npt.ArrayLike,
    treated_share: npt.ArrayLike | None = None,
    top_share: float = 0.1,
    n_boot: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores of a ranking by predicted uplift, on customers contacted by lot whom the model has not seen.

    Args:
        outcome: one number per customer.
        is_treated: whether drawn for contact.
        predicted: predicted uplift, any scale; higher is contacted first, ties are taken together.
        treated_share: chance of contact, one number or one per customer; the share seen if None.
        top_share: for ``uplift_top``, in (0, 1].
        n_boot: resamples of customers.
        seed: of the resampling.

    Returns:
        One row per ``metric``: ``estimate``, ``low``, ``high`` (95 %). ``autoc`` and ``qini``: mean
        over the shares contacted of the gain over contacting anybody, unweighted and weighted by the
        share; 0 for a ranking by chance. ``auuc``: area under the curve of total uplift per customer,
        half the overall effect for a ranking by chance. ``uplift_top``: effect in the top share;
        ``uplift_all``: in everybody.

    Source:
        Yadlowsky, Fleming, Shah, Brunskill & Wager (2025), J. American Statistical Association
        120(549), for the first two; Radcliffe (2007), Direct Marketing Analytics Journal 1.
    """
    gain, order, starts = _ranked_gain(outcome, is_treated, predicted, treated_share)
    n = len(gain)
    rng = np.random.default_rng(seed)
    size = max(1, _CHUNK // n)
    draws = []
    for begin in range(0, n_boot, size):
        weights = rng.multinomial(n, np.full(n, 1 / n), min(size, n_boot - begin)).astype(np.float64)
        draws.append(_areas(gain, weights, starts))
    found = _areas(gain, np.ones((1, n)), starts)[0]
    spread = np.concatenate(draws).std(axis=0, ddof=1)
    rows = [
        (name, value, value - 1.96 * error, value + 1.96 * error)
        for name, value, error in zip(("autoc", "qini", "auuc"), found, spread, strict=True)
    ]
    y, treated = np.asarray(outcome, dtype=np.float64), np.asarray(is_treated, dtype=bool)
    for name, share in (("uplift_top", top_share), ("uplift_all", 1.0)):
        chosen = order[: max(int(np.ceil(share * n)), 2)]
        rows.append((name, *_effect(y[chosen], treated[chosen])))
    return pd.DataFrame(rows, columns=["metric", "estimate", "low", "high"])


def uplift_curve(
    outcome: npt.ArrayLike, is_treated: npt.ArrayLike, predicted: npt.ArrayLike, n_points: int = 21
) -> pd.DataFrame:
    """Effect in the customers ranked highest, for a rising share of them.

    Args:
        outcome: one number per customer.
        is_treated: whether drawn for contact.
        predicted: predicted uplift.
        n_points: shares from 0 (excluded) to 1.

    Returns:
        ``share_contacted``, ``estimate``, ``low``, ``high`` of the effect in that share, and
        ``total``: the same per customer of all.
    """
    y, treated = np.asarray(outcome, dtype=np.float64), np.asarray(is_treated, dtype=bool)
    order = np.argsort(-np.asarray(predicted, dtype=np.float64), kind="stable")
    rows = []
    for share in np.linspace(0, 1, n_points)[1:]:
        chosen = order[: max(round(share * len(y)), 2)]
        estimate, low, high = _effect(y[chosen], treated[chosen])
        rows.append((share, estimate, low, high, estimate * share))
    return pd.DataFrame(rows, columns=["share_contacted", "estimate", "low", "high", "total"])


def _effect(y: Array, treated: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    cell = np.zeros(len(y), dtype=np.int64)
    ours, theirs = (moments(y, np.where(arm, cell, -1), 1) for arm in (treated, ~treated))
    found = difference(ours, theirs)
    return float(found.estimate[0]), float(found.low[0]), float(found.high[0])


def _ranked_gain(
    outcome: npt.ArrayLike,
    is_treated: npt.ArrayLike,
    predicted: npt.ArrayLike,
    treated_share: npt.ArrayLike | None,
) -> tuple[Array, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Each customer's unbiased gain, best first; the order; where runs of equal predictions begin."""
    y, treated = np.asarray(outcome, dtype=np.float64), np.asarray(is_treated, dtype=bool)
    score = np.asarray(predicted, dtype=np.float64)
    if not (len(y) == len(treated) == len(score)) or not np.isfinite(score).all():
        n_finite = int(np.isfinite(score).sum())
        raise ValueError(f"expected {len(y)} finite predictions, one per customer; received {n_finite}.")
    if treated.all() or not treated.any():
        raise ValueError("expected contacted customers and controls; one of the arms has 0 customers.")
    share = np.broadcast_to(np.asarray(treated.mean() if treated_share is None else treated_share), len(y))
    centred = y - y.mean()  # takes out most of the noise and leaves the expectation
    gain = np.where(treated, centred / share, -centred / (1 - share))
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    return gain[order], order, np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])


def _areas(gain: Array, weights: Array, starts: npt.NDArray[np.int64]) -> Array:
    """(draws, 3) areas of the curves; customers with equal predictions share their gain."""
    size = np.add.reduceat(weights, starts, axis=1)
    sums = np.add.reduceat(weights * gain, starts, axis=1)
    total = size.sum(axis=1, keepdims=True)
    ends = np.cumsum(size, axis=1) / total
    begins = ends - size / total
    reached = np.cumsum(sums, axis=1) / total
    before = reached - sums / total
    overall = reached[:, -1:]
    # within a run the curve is a line: gain at share q is before + slope (q - begin)
    slope = np.divide(sums / total, ends - begins, out=np.zeros_like(sums), where=size > 0)
    offset = before - slope * begins
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(begins > 0, np.log(ends / begins), 0.0)
    autoc = ((slope - overall) * (ends - begins) + offset * logs).sum(axis=1)
    area = (offset * (ends - begins) + slope * (ends**2 - begins**2) / 2).sum(axis=1)
    return np.column_stack([autoc, area - overall[:, 0] / 2, area])
