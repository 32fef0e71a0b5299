"""Scores of probabilities, held to plain loops."""

import math

import numpy as np
import pandas as pd
import pytest

from dangol.evaluation.classification import (
    bootstrap_scores,
    classification_scores,
    gain_curve,
    paired_difference,
    reliability_deciles,
    verdict,
)


@pytest.fixture
def rows():
    rng = np.random.default_rng(4)
    prob = np.round(rng.uniform(0.02, 0.9, 137), 1)  # many ties, a length not divisible by ten
    y = (rng.uniform(size=137) < prob).astype(int)
    return y, prob, rng.integers(0, 40, 137)


def auc_by_pairs(y, prob):
    wins = pairs = 0.0
    for i, a in enumerate(prob):
        for j, b in enumerate(prob):
            if y[i] == 1 and y[j] == 0:
                pairs += 1
                wins += 1.0 if a > b else 0.5 if a == b else 0.0
    return wins / pairs


def share_reached_by_loop(y, prob, share):
    """Contact one level of probability after another, the last one in part."""
    room, reached = share * len(y), 0.0
    for level in sorted(set(prob), reverse=True):
        members = [a for a, p in zip(y, prob, strict=True) if p == level]
        part = min(1.0, room / len(members))
        reached += part * sum(members)
        room -= part * len(members)
    return reached / sum(y)


def test_scores_match_plain_loops(rows):
    y, prob, _ = rows
    scores = classification_scores(y, prob)
    clipped = [min(max(p, 1e-15), 1 - 1e-15) for p in prob]
    log_loss = -sum(math.log(p) if a else math.log(1 - p) for a, p in zip(y, clipped, strict=True)) / len(y)
    assert scores["auc"] == pytest.approx(auc_by_pairs(y, prob))
    assert scores["log_loss"] == pytest.approx(log_loss)
    assert scores["brier"] == pytest.approx(sum((a - p) ** 2 for a, p in zip(y, prob, strict=True)) / len(y))
    assert scores["lift_10"] == pytest.approx(share_reached_by_loop(y, prob, 0.1) / 0.1)


def test_lift_of_a_perfect_ranking_is_ten_when_a_tenth_responds():
    y = np.repeat([1, 0], [10, 90])
    assert classification_scores(y, np.linspace(0.9, 0.1, 100))["lift_10"] == pytest.approx(10)


def test_lift_of_a_constant_prediction_is_one():
    scores = classification_scores([1, 0, 0, 1, 0, 0, 0], [0.3] * 7)
    assert scores["lift_10"] == pytest.approx(1)
    assert scores["auc"] == 0.5


def test_bootstrap_intervals_equal_scores_of_rows_drawn_group_by_group(rows):
    y, prob, groups = rows
    found = bootstrap_scores(y, {"model": prob}, groups, n_boot=60, seed=3).set_index("metric")
    names = np.unique(groups)
    rng = np.random.default_rng(3)
    draws = []
    for drawn in rng.integers(0, len(names), (60, len(names))):
        places = np.concatenate([np.flatnonzero(groups == names[k]) for k in drawn])
        draws.append(classification_scores(y[places], prob[places]))
    for metric in found.index:
        low, high = np.quantile([d[metric] for d in draws], [0.025, 0.975])
        assert found.loc[metric, "low"] == pytest.approx(low)
        assert found.loc[metric, "high"] == pytest.approx(high)


def test_the_same_seed_gives_the_same_intervals_and_inputs_stay_as_they_are(rows):
    y, prob, groups = rows
    before = y.copy(), prob.copy(), groups.copy()
    first = bootstrap_scores(y, {"a": prob, "b": 1 - prob}, groups, 50, seed=1)
    pd.testing.assert_frame_equal(first, bootstrap_scores(y, {"a": prob, "b": 1 - prob}, groups, 50, seed=1))
    for then, now in zip(before, rows, strict=True):
        np.testing.assert_array_equal(then, now)


def test_the_paired_difference_of_a_model_with_itself_is_zero(rows):
    y, prob, groups = rows
    assert paired_difference(y, prob, prob, "auc", groups, 40, seed=0) == (0, 0, 0)


def test_pairing_narrows_the_interval_of_two_similar_models(rows):
    y, prob, groups = rows
    other = np.clip(prob + 0.01 * np.random.default_rng(0).normal(size=len(prob)), 0, 1)
    difference, low, high = paired_difference(y, prob, other, "log_loss", groups, 200, seed=0)
    alone = bootstrap_scores(y, {"m": prob}, groups, 200, seed=0).set_index("metric").loc["log_loss"]
    assert low <= difference <= high
    assert high - low < 0.3 * (alone["high"] - alone["low"])


def test_a_verdict_needs_an_interval_without_zero():
    assert verdict(0.1, 0.02, 0.2, higher_is_better=True) == "wins"
    assert verdict(-0.1, -0.2, -0.02, higher_is_better=True) == "loses"
    assert verdict(-0.1, -0.2, -0.02, higher_is_better=False) == "wins"
    assert verdict(0.1, 0.02, 0.2, higher_is_better=False) == "loses"
    assert verdict(0.1, -0.02, 0.2, higher_is_better=True) == "ties"
    with pytest.raises(ValueError, match="Swap its ends"):
        verdict(0.1, 0.3, 0.2, higher_is_better=True)


def test_reliability_counts_every_row_once_and_keeps_ties_together(rows):
    y, prob, _ = rows
    table = reliability_deciles(y, prob)
    assert table["n"].sum() == len(y)
    assert (table["predicted"] * table["n"]).sum() == pytest.approx(prob.sum())
    assert (table["actual"] * table["n"]).sum() == pytest.approx(y.sum())
    assert ((table["low"] <= table["actual"]) & (table["actual"] <= table["high"])).all()
    assert len(reliability_deciles(y, np.full(len(y), 0.4))) == 1


def test_the_gain_curve_matches_a_plain_loop(rows):
    y, prob, _ = rows
    curve = gain_curve(y, {"model": prob})
    assert len(curve) == 101
    for row in curve.iloc[::7].itertuples():
        assert row.share_reached == pytest.approx(share_reached_by_loop(y, prob, row.share_contacted))
    assert curve["share_reached"].is_monotonic_increasing
    assert curve["share_reached"].iloc[-1] == 1


@pytest.mark.parametrize(
    ("y", "prob", "message"),
    [
        ([0, 0, 0], [0.1, 0.2, 0.3], "both 0 and 1"),
        ([0, 1], [0.1, 0.2, 0.3], "one length"),
        ([0, 1], [0.1, 1.2], r"\[0, 1\]"),
        ([0, 1], [0.1, float("nan")], r"\[0, 1\]"),
    ],
)
def test_unusable_scores_are_refused_with_a_reason(y, prob, message):
    with pytest.raises(ValueError, match=message):
        classification_scores(y, prob)


def test_a_bootstrap_without_draws_is_refused(rows):
    y, prob, groups = rows
    with pytest.raises(ValueError, match="n_boot >= 1"):
        bootstrap_scores(y, {"m": prob}, groups, n_boot=0, seed=0)
