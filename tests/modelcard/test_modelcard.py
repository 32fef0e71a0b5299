"""Trust, reasons, groups and money of a model, against hand values and planted faults."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from dangol.modelcard import (
    CardFacts,
    Recalibration,
    calibration_by_decile,
    check_calibration,
    customer_reasons,
    expected_calibration_error,
    group_scores,
    model_card,
    permutation_importance,
    profit_curve,
    slice_scores,
)


def world(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """True probabilities and outcomes."""
    rng = np.random.default_rng(seed)
    prob = expit(rng.normal(-1, 1.2, n))
    return prob, (rng.random(n) < prob).astype(int)


def overconfident(prob: np.ndarray) -> np.ndarray:
    return expit(2.5 * logit(prob) + 0.5)


def test_the_calibration_error_equals_a_plain_loop():
    prob, y = world(1_000, 1)
    order = np.argsort(prob)
    gaps = [abs(prob[part].mean() - y[part].mean()) for part in np.array_split(order, 10)]
    assert expected_calibration_error(y, prob) == pytest.approx(np.mean(gaps))


def test_an_overconfident_model_is_mended_on_fresh_rows():
    prob, y = world(4_000, 2)
    fresh, y_fresh = world(4_000, 3)
    mend = Recalibration().fit(y, overconfident(prob))
    raw, mended = overconfident(fresh), mend.predict(overconfident(fresh))
    assert expected_calibration_error(y_fresh, raw) > 0.1
    assert expected_calibration_error(y_fresh, mended) < 0.02
    assert (np.argsort(raw, kind="stable") == np.argsort(mended, kind="stable")).all()
    np.testing.assert_allclose(mended, fresh, atol=0.05)


def test_a_recalibration_refuses_what_it_cannot_mend():
    prob, y = world(500, 4)
    with pytest.raises(ValueError, match="higher scores mean fewer ones"):
        Recalibration().fit(y, 1 - prob)
    with pytest.raises(ValueError, match="expected both 0 and 1"):
        Recalibration().fit(np.ones(5), prob[:5])
    with pytest.raises(ValueError, match="not fitted"):
        Recalibration().predict(prob)


def test_mean_scores_of_a_true_model_lie_within_the_intervals_and_those_of_a_false_one_do_not():
    prob, y = world(5_000, 5)
    good, bad = calibration_by_decile(y, prob), calibration_by_decile(y, overconfident(prob))
    assert good["decile"].tolist() == list(range(11)) and good["n"].iloc[0] == 5_000
    assert good["is_inside"].iloc[0] and good["is_inside"].sum() >= 9
    assert bad["is_inside"].sum() <= 5


def test_an_overconfident_model_is_to_be_recalibrated_and_a_true_one_is_left_alone():
    prob, y = world(4_000, 8)
    customer = np.arange(4_000) // 2
    bad = check_calibration(y, overconfident(prob), customer, n_boot=100, seed=1)
    assert bad.verdict == "wins" and bad.recalibrated_error < 0.04 < 0.1 < bad.error
    assert "**outside**" in bad.sentence() and "recalibrate before adding them up" in bad.sentence()
    good = check_calibration(y, prob, customer, n_boot=100, seed=1)
    assert good.is_level_inside and good.n_inside >= 8 and good.verdict != "wins"
    assert "used as they are" in good.sentence()


def test_where_others_cannot_teach_a_recalibration_probabilities_stay_as_they_are():
    # outcomes follow the score in one half of the customers and oppose it in the other
    prob, y = world(2_000, 9)
    half = np.random.default_rng(1).permutation(2_000) % 2
    told = np.where(half == 0, overconfident(prob), 1 - overconfident(prob))
    found = check_calibration(y, told, np.arange(2_000), n_boot=50, seed=1)
    assert found.recalibrated_error > 0.1  # whoever had taught themselves would have mended it
    single = check_calibration(np.r_[1, np.zeros(59)], np.full(60, 0.1), np.arange(60), n_boot=50, seed=1)
    assert single.n_tenths == 1 and single.error == pytest.approx(0.1 - 1 / 60)


def test_groups_of_every_attribute_with_few_values_are_scored():
    prob, y = world(800, 10)
    frame = pd.DataFrame({"customer_id": range(800), "sex": ["f", "m"] * 400, "only": "one"})
    found = group_scores(y, prob, frame, n_boot=20)
    assert found["attribute"].unique().tolist() == ["sex"] and found["n"].tolist() == [400, 400]
    assert group_scores(y, prob, frame[["only"]], n_boot=20).empty


def test_the_best_cutoff_is_the_one_found_by_hand():
    # profits by hand at 10 a hit and 4 a contact: nobody 0, to .9 6, to .8 2, to .7 14, to .2 6
    y, prob = [1, 0, 1, 1, 0, 0], [0.9, 0.8, 0.7, 0.7, 0.2, 0.2]
    curve = profit_curve(y, prob, gain_amount=10, contact_cost=4)
    assert curve["profit"].tolist() == [0, 6, 2, 14, 6]
    assert curve.loc[curve["is_best"], "cutoff_prob"].tolist() == [0.7]
    assert curve["n_contacted"].tolist() == [0, 1, 2, 4, 6]


def test_where_no_contact_pays_nobody_is_contacted():
    curve = profit_curve([0, 1], [0.9, 0.1], gain_amount=1, contact_cost=5)
    assert curve.loc[curve["is_best"], "n_contacted"].tolist() == [0]
    with pytest.raises(ValueError, match="gain_amount above 0"):
        profit_curve([0, 1], [0.9, 0.1], gain_amount=0, contact_cost=1)


def test_a_planted_gap_between_groups_is_flagged_and_small_groups_are_hidden():
    prob, y = world(3_000, 6)
    group = pd.Series(np.where(np.arange(3_000) % 3 == 0, "north", "south"))
    group[:40] = "tiny"
    told = pd.Series(prob.copy())
    told[group == "north"] *= 0.6  # foresees too little of them
    table = slice_scores(pd.Series(y), told, group).set_index("group")
    assert table.loc["north", "is_flagged"] and not table.loc["south", "is_flagged"]
    assert table.loc["north", "gap_share"] < -0.05
    assert "tiny" not in table.index
    assert table.loc["(hidden: small groups)", "n"] == 40
    assert np.isnan(table.loc["(hidden: small groups)", "actual_share"])
    assert table["n"].sum() == 3_000


def test_the_known_driver_ranks_first_and_noise_does_nothing():
    prob, y = world(2_000, 7)
    X = pd.DataFrame({"noise": np.random.default_rng(0).normal(size=2_000), "driver": logit(prob)})
    table = permutation_importance(lambda rows: expit(rows["driver"].to_numpy()), X, y)
    assert table["column"].tolist() == ["driver", "noise"]
    assert table["log_loss_rise"].iloc[0] > 0.1 and table["log_loss_rise"].iloc[1] == 0


def test_reasons_name_the_largest_contributions_with_their_values():
    parts = pd.DataFrame(
        {"recency_days": [1.24, 0.0], "is_member": [-0.4, 0.01], "size": [0.2, 0.0], "city": [0.1, 0.0]}
    ).assign(baseline_logit=-1.0)
    X = pd.DataFrame(
        {"recency_days": [41, 3], "is_member": [True, False], "size": [np.nan, 2.5], "city": ["서울", "부산"]}
    )
    told = customer_reasons(parts, X, {"is_member": "membership"})
    assert told.tolist() == [
        "recency days 41 raises it (+1.2); membership True lowers it (-0.4); size unknown raises it (+0.2)",
        "nothing stands out",
    ]


def test_columns_dealt_out_together_matter_as_one():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=2000), "noise": rng.normal(size=2000)}).assign(
        copy=lambda d: d["a"]
    )
    y = (rng.uniform(size=2000) < 1 / (1 + np.exp(-2 * X["a"]))).astype(int)

    def predict(rows):
        return 1 / (1 + np.exp(-(rows["a"] + rows["copy"])))

    found = permutation_importance(predict, X, y, parts={"both": ["a", "copy"], "noise": ["noise"]})
    alone = permutation_importance(predict, X, y).set_index("column")["log_loss_rise"]
    assert found["column"].tolist() == ["both", "noise"]
    assert found["log_loss_rise"].tolist()[0] > alone["a"] + alone["copy"]
    assert found["log_loss_rise"].tolist()[1] == 0


def test_the_card_says_what_the_run_measured():
    scores = pd.DataFrame(
        {
            "model": ["recency rule", "network"],
            "metric": "auc",
            "estimate": [0.7, 0.8],
            "low": [0.65, 0.75],
            "high": [0.75, 0.85],
        }
    )
    groups = pd.DataFrame(
        {"group": ["young", "old"], "n": [120, 80], "auc_score": [0.8, 0.6], "predicted_share": [0.2, 0.3]}
    ).assign(actual_share=[0.2, 0.5], is_flagged=[False, True], attribute="age band")
    importance = pd.DataFrame({"column": ["recency"], "log_loss_rise": [0.0432]})
    facts = CardFacts(
        "toy",
        "Who lapses.",
        "90 rows.",
        "200 rows.",
        "It wins",
        scores,
        0.031,
        0.24,
        0.26,
        importance,
        groups,
        ("No.",),
    )
    text = model_card(facts)
    assert "| network | 0.800 (0.750 to 0.850) |" in text
    assert (
        "1 stand out among 2: age band: old (80 customers: AUC 0.600, predicted 30.0%, actual 50.0%)" in text
    )
    assert "recency (+0.0432)" in text
    assert "calibration error 3.1%" in text
    assert "- No." in text
    plain = model_card(replace(facts, groups=groups.iloc[:0], importance=importance.iloc[:0]))
    assert "No group of customers was large enough" in plain
    assert "Not measured." in plain
