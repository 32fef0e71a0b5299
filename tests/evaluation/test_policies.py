"""Rankings and policies: noise is told from knowledge, what cannot be known is refused."""

import numpy as np
import pandas as pd
import pytest

from dangol.errors import InputError
from dangol.evaluation.policy import policy_value
from dangol.evaluation.ranking import uplift_curve, uplift_scores


def lottery(seed, n=4000):
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=n)
    treated = rng.uniform(size=n) < 0.7
    y = rng.gamma(1, 5, n) + 2 * taste + treated * 3 * taste
    return rng, taste, treated, y


def test_noise_covers_zero_and_knowledge_excludes_it():
    covered = 0
    for seed in range(30):
        rng, taste, treated, y = lottery(seed, 1000)
        noise = uplift_scores(y, treated, rng.normal(size=1000), n_boot=100, seed=seed).set_index("metric")
        covered += bool(noise.loc["autoc", "low"] <= 0 <= noise.loc["autoc", "high"])
        known = uplift_scores(y, treated, taste, n_boot=100, seed=seed).set_index("metric")
        assert (known.loc[["autoc", "qini", "uplift_top"], "low"] > 0).all()
    assert covered >= 25


def test_areas_match_a_plain_loop_over_the_curve():
    _, taste, treated, y = lottery(1, 600)
    found = uplift_scores(y, treated, taste, n_boot=10).set_index("metric")["estimate"]
    share = treated.mean()
    gain = np.where(treated, (y - y.mean()) / share, -(y - y.mean()) / (1 - share))[np.argsort(-taste)]
    n, overall = len(gain), gain.mean()
    steps = np.cumsum(gain) / n
    shares = np.arange(1, n + 1) / n
    assert found["auuc"] == pytest.approx(steps.mean(), rel=0.02)
    assert found["qini"] == pytest.approx((steps - shares * overall).mean(), rel=0.05)
    assert found["autoc"] == pytest.approx((steps / shares - overall).mean(), rel=0.05)


def test_a_constant_ranking_gains_nothing_whatever_the_order_of_rows():
    _, _, treated, y = lottery(2)
    found = uplift_scores(y, treated, np.ones(4000), n_boot=20).set_index("metric")["estimate"]
    assert found[["autoc", "qini"]].abs().max() < 1e-9
    assert found["auuc"] == pytest.approx(found["uplift_all"] / 2, rel=0.05)


def test_the_curve_ends_at_the_effect_in_everybody():
    _, taste, treated, y = lottery(3)
    curve = uplift_curve(y, treated, taste)
    assert curve["estimate"].iloc[-1] == pytest.approx(y[treated].mean() - y[~treated].mean())
    assert curve["estimate"].iloc[1] > curve["estimate"].iloc[-1]


@pytest.mark.parametrize("change", ["one arm", "missing"])
def test_unusable_rankings_are_refused(change):
    _, taste, treated, y = lottery(4, 100)
    broken = np.where(np.arange(100) == 3, np.nan, taste) if change == "missing" else taste
    arms = np.ones(100, bool) if change == "one arm" else treated
    with pytest.raises(ValueError, match="0 customers" if change == "one arm" else "received 99"):
        uplift_scores(y, arms, broken)


def logs(seed, n=2000):
    """Two actions, logged with known chances that depend on taste; the best one depends on it too."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=n)
    chance = 1 / (1 + np.exp(-0.8 * taste))
    propensity = pd.DataFrame({"none": 1 - chance, "mail": chance})
    mailed = rng.uniform(size=n) < chance
    y = 5 + taste + mailed * (1 - 2 * taste) + rng.normal(size=n)
    best = np.where(taste < 0.5, "mail", "none")
    model = pd.DataFrame({"none": 5 + taste, "mail": 6 - 0.8 * taste})
    return np.where(mailed, "mail", "none"), y, propensity, best, model


def test_the_value_of_another_policy_is_found_from_the_log():
    taste = np.random.default_rng(0).normal(size=2_000_000)
    truth = (5 + taste + (taste < 0.5) * (1 - 2 * taste)).mean()
    held = {"ips": 0, "snips": 0, "dr": 0}
    for seed in range(100):
        found = policy_value(*logs(seed)).set_index("method")
        for name in held:
            held[name] += bool(found.loc[name, "low"] <= truth <= found.loc[name, "high"])
    assert min(held.values()) >= 88
    assert (
        found.loc["dr", "high"] - found.loc["dr", "low"] < found.loc["ips", "high"] - found.loc["ips", "low"]
    )
    assert (found["warning"] == "").all()


def test_the_old_policy_has_its_own_mean():
    action, y, propensity, _, _ = logs(1)
    found = policy_value(action, y, propensity, propensity).set_index("method")
    assert found.loc["ips", "estimate"] == pytest.approx(y.mean())
    assert found.loc["logged", "estimate"] == pytest.approx(y.mean())


def test_an_action_that_was_never_possible_is_refused():
    action, y, propensity, best, _ = logs(2)
    propensity.loc[:99, ["none", "mail"]] = [1.0, 0.0]
    action[:100] = "none"
    with pytest.raises(InputError, match="'mail' was never possible for"):
        policy_value(action, y, propensity, best)


def test_little_support_is_warned_of():
    action, y, propensity, _, _ = logs(3, n=40)
    found = policy_value(action, y, propensity, np.where(action == "mail", "none", "mail")[:40])
    assert found["n_effective"].iloc[0] < 30


def test_all_faults_of_a_log_are_named():
    action, y, propensity, best, _ = logs(4, n=50)
    broken = propensity * 0.5
    y = y.copy()
    y[0] = np.nan
    with pytest.raises(InputError) as caught:
        policy_value(
            np.where(np.arange(50) < 2, "fax", action), y, broken, np.where(np.arange(50) < 1, "tv", best)
        )
    for part in (
        "2 logged actions",
        "sum to 1 in every row",
        "names actions other than",
        "1 outcomes are missing",
    ):
        assert part in str(caught.value)
