import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from dangol.networks import encoders
from dangol.networks.encoders import LevelEncoder, NumberEncoder, QuantileNormal, TargetStatisticEncoder
from dangol.networks.preprocess import TablePreprocessor


def folds(n_rows: int) -> np.ndarray:
    return encoders.statistic_folds(n_rows, seed=0)


def fit(frame: pd.DataFrame) -> tuple[TablePreprocessor, np.ndarray]:
    encoder = TablePreprocessor()
    target = (np.arange(len(frame)) % 2)[:, None].astype("float32")
    n_rows = len(frame)
    return encoder, encoder.fit_transform(frame, target, np.ones(n_rows), folds(n_rows), n_rows)


def test_quantile_normal_matches_a_plain_mid_rank_loop():
    values = np.array([0.0, 0.0, 0.0, 5.0, 7.0, 7.0, 100.0])
    expected = []
    for value in values:
        below, ties = sum(values < value), sum(values == value)
        expected.append(norm.ppf((below + ties / 2) / len(values)))
    np.testing.assert_allclose(QuantileNormal.from_values(values)(values), expected)


def test_quantile_normal_holds_its_ends_beyond_the_training_range():
    transform = QuantileNormal.from_values(np.arange(5000.0))
    assert transform(np.array([1e9]))[0] == transform(np.array([4999.0]))[0] <= encoders.NORMAL_CLIP


def test_piecewise_linear_matches_a_plain_loop():
    values, edges = np.array([-1.0, 0.5, 3.0, 9.0]), np.array([0.0, 1.0, 5.0])
    expected = np.zeros((4, 2))
    for row, value in enumerate(values):
        for bin_ in range(2):
            low, high = edges[bin_], edges[bin_ + 1]
            expected[row, bin_] = min(max((value - low) / (high - low), 0), 1)
    np.testing.assert_allclose(encoders.piecewise_linear(values, edges), expected)


def test_every_value_of_a_count_with_enough_rows_on_either_side_is_an_edge():
    calls = np.repeat([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [200, 300, 150, 80, 40, 12, 3])
    edges = encoders.bin_edges(calls, 4, values_as_edges=True)
    expected = {float(edge) for edge in np.quantile(calls, [0, 0.25, 0.5, 0.75, 1])}
    for value in range(7):
        below, above = sum(calls <= value), sum(calls >= value)
        expected |= {float(value)} if below >= 10 and above >= 10 else set()
    assert edges.tolist() == sorted(expected)
    four, three = encoders.piecewise_linear(np.array([4.0, 3.0]), edges)
    assert np.count_nonzero(four != three) == 1


def test_a_number_of_many_values_has_quantile_edges_alone():
    values = np.arange(1000.0) ** 2
    np.testing.assert_array_equal(
        encoders.bin_edges(values, 4, values_as_edges=True), np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
    )


def test_a_two_valued_number_is_one_centred_switch():
    block = NumberEncoder(4).fit_transform(np.array([5.0, 9.0, 9.0, 9.0]))
    np.testing.assert_allclose(block[:, 0], [-0.75, 0.25, 0.25, 0.25])


def test_gaps_take_the_median_and_raise_an_indicator():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
    encoder = NumberEncoder(2)
    block = encoder.fit_transform(values)
    np.testing.assert_array_equal(block[5, :-1], block[2, :-1])
    np.testing.assert_allclose(block[:, -1], np.isnan(values) - 1 / 6, rtol=1e-6)


def test_a_gap_at_predict_alone_is_read_as_the_median():
    encoder = NumberEncoder(2)
    encoder.fit_transform(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(encoder.transform(np.array([np.nan])), encoder.transform(np.array([2.0])))


def test_rare_levels_share_one_input_and_unseen_ones_join_them():
    levels = np.array(["a"] * 200 + ["b"] * 100 + ["c"] * 9 + ["d"] * 3, dtype=object)
    encoder = LevelEncoder()
    assert encoder.fit_transform(levels).shape[1] == 3
    rare, unseen = encoder.transform(np.array(["c", "never seen"], dtype=object))
    np.testing.assert_array_equal(rare, unseen)


def test_unseen_levels_are_neutral_when_no_level_was_rare():
    encoder = LevelEncoder()
    encoder.fit_transform(np.repeat(np.array(["a", "b", "c"], dtype=object), 50))
    np.testing.assert_allclose(encoder.transform(np.array(["z"], dtype=object)), [[-1 / 3] * 3], rtol=1e-6)


def test_target_statistics_match_a_plain_out_of_fold_loop():
    rng = np.random.default_rng(0)
    levels = rng.choice([f"shop {number}" for number in range(60)], 400).astype(object)
    target = rng.random((400, 1)).round()
    folds = encoders.statistic_folds(400, seed=7)
    block = TargetStatisticEncoder(target, np.ones(400), folds).fit_transform(levels)
    logits = np.empty(400)
    for row in range(400):
        others = folds != folds[row]
        prior = target[others].mean()
        same = others & (levels == levels[row])
        share = (target[same].sum() + 20 * prior) / (same.sum() + 20)
        logits[row] = np.log(share / (1 - share))
    expected = np.clip((logits - logits.mean()) / logits.std(), -3.5, 3.5)
    np.testing.assert_allclose(block[:, 0], expected, rtol=1e-5)


def test_target_statistics_do_not_let_a_row_see_its_own_target():
    """A pure-noise key must not correlate with the target it was averaged over."""
    rng = np.random.default_rng(1)
    levels = rng.integers(0, 1000, 3000).astype(str).astype(object)
    target = rng.integers(0, 2, (3000, 1)).astype(float)
    block = TargetStatisticEncoder(target, np.ones(3000), folds(3000)).fit_transform(levels)
    assert np.corrcoef(block[:, 0], target[:, 0])[0, 1] < 0.05


def test_weight_of_evidence_of_a_number_matches_a_plain_out_of_fold_loop():
    rng = np.random.default_rng(3)
    values = np.where(rng.random(500) < 0.2, np.nan, rng.integers(0, 6, 500))
    target = (rng.random((500, 1)) < np.where(values > 3, 0.7, 0.2)[:, None]).astype(float)
    cut = encoders.statistic_folds(500, seed=7)
    encoder = encoders.EvidenceEncoder(encoders.TargetStatistic(target, np.ones(500), cut), n_bins=4)
    block = encoder.fit_transform(values)
    log_odds = np.empty(500)
    for row in range(500):
        others = cut != cut[row]
        prior = target[others].mean()
        is_same = np.isnan(values) if np.isnan(values[row]) else values == values[row]
        share = (target[others & is_same].sum() + 20 * prior) / ((others & is_same).sum() + 20)
        log_odds[row] = np.log(share / (1 - share))
    np.testing.assert_allclose(block[:, 0], log_odds - log_odds.mean(), rtol=1e-4, atol=1e-6)


def test_weight_of_evidence_of_levels_knows_nothing_of_new_ones():
    levels = np.repeat(np.array(["a", "b", "c"], dtype=object), 100)
    target = np.concatenate([np.arange(100) < 80, np.arange(200) % 2 == 0])[:, None].astype(float)
    encoder = encoders.EvidenceEncoder(encoders.TargetStatistic(target, np.ones(300), folds(300)), n_bins=4)
    block = encoder.fit_transform(levels)
    a, b, new = encoder.transform(np.array(["a", "b", "z"], dtype=object))[:, 0]
    assert a > new > b
    assert abs(a - block[:100].mean()) < 0.05


def test_only_columns_of_three_and_more_values_and_a_target_of_0_and_1_give_evidence():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"orders": rng.integers(0, 9, 200), "is_member": rng.random(200) < 0.4})
    for target, expected in ((rng.integers(0, 2, (200, 1)), ["orders"]), (rng.normal(size=(200, 1)), [])):
        encoder = TablePreprocessor(evidence=True)
        matrix = encoder.fit_transform(frame, target.astype(float), np.ones(200), folds(200), 200)
        assert [encoder.sources_[at] for at in np.flatnonzero(encoder.is_evidence_)] == expected
        assert encoder.transform(frame).shape == matrix.shape


def test_rows_of_a_group_never_teach_each_other_their_target():
    """Each group has a level and a target of its own: out of fold, the level says nothing."""
    groups = np.repeat(np.arange(300), 5)
    target = np.random.default_rng(5).integers(0, 2, 300)[groups][:, None].astype(float)
    alone, together = (
        encoders.TargetStatistic(target, np.ones(1500), encoders.statistic_folds(1500, 0, given))
        for given in (None, groups)
    )
    leaked = alone.fit_transform(groups, 300)[:, 0]
    honest = together.fit_transform(groups, 300)[:, 0]
    assert np.corrcoef(leaked, target[:, 0])[0, 1] > 0.9
    assert np.corrcoef(honest, target[:, 0])[0, 1] < 0.05


def test_a_key_that_never_repeats_gives_no_input():
    frame = pd.DataFrame({"customer_id": [f"C{row}" for row in range(300)], "n_orders": range(300)})
    encoder, _ = fit(frame)
    assert encoder.unused_ == ["customer_id"]


def test_ten_thousand_levels_give_one_input_per_target_column():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"product_id": rng.integers(0, 10_000, 30_000).astype(str)})
    frame["product_id"] = "P" + frame["product_id"]
    encoder, matrix = fit(frame)
    assert matrix.shape == (30_000, 1)
    unseen = encoder.transform(pd.DataFrame({"product_id": ["brand new"]}))
    assert np.isfinite(unseen).all() and abs(unseen[0, 0]) < 0.5


def test_every_input_is_centred_and_finite_on_the_training_rows(customers):
    _, matrix = fit(customers)
    assert matrix.dtype == np.float32 and np.isfinite(matrix).all()
    np.testing.assert_allclose(matrix.mean(axis=0), 0, atol=1e-5)


def test_training_and_later_encoding_agree_without_target_statistics(customers):
    encoder, matrix = fit(customers)
    np.testing.assert_array_equal(encoder.transform(customers), matrix)
    assert len(encoder.sources_) == matrix.shape[1] and set(encoder.sources_) == set(customers.columns)


def test_constant_and_empty_columns_are_left_out(customers):
    encoder, _ = fit(customers.assign(constant=3, empty=np.nan, same="x", nothing=None))
    assert encoder.unused_ == ["constant", "empty", "same", "nothing"]


def test_a_table_in_which_nothing_varies_is_refused():
    with pytest.raises(ValueError, match=r"none of the 2 column\(s\) varies.*Pass at least one column"):
        fit(pd.DataFrame({"constant": [1] * 10, "empty": [None] * 10}))


def test_preprocessing_leaves_the_frame_untouched(customers):
    before = customers.copy(deep=True)
    encoder, _ = fit(customers)
    encoder.transform(customers)
    pd.testing.assert_frame_equal(customers, before)
