import logging

import numpy as np
import pytest
from scipy.special import gammaln

from dangol.networks.backend import load_keras, load_tensorflow
from dangol.networks.heads import BinaryHead, MeanHead, MulticlassHead, PoissonHead, QuantileHead
from dangol.networks.training import (
    BETA_2,
    NOT_DECAYED,
    WEIGHT_DECAY,
    HeldOut,
    OutOfFold,
    Rows,
    Schedule,
    _epoch_order,
    _update_function,
    batch_size,
    stratified_folds,
    train,
)
from dangol.networks.ziln import ZeroInflatedLognormalHead

RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(40, 4)).astype("float32")
ARCHITECTURE = {"n_inputs": 4, "n_members": 5, "n_kernels": 5, "hidden": (32,), "dropout": 0.0}


def schedule(**changes):
    settings = {"learning_rate": 0.02, "max_epochs": 150, "patience": 150, "deadline_s": None, "seed": 0}
    return Schedule(**{**settings, "on_epoch": None, **changes})


def fit(head, target, **changes):
    rows = Rows(MATRIX, head.encode(target), np.ones(40))
    architecture = ARCHITECTURE | {"n_outputs": head.n_outputs}
    return train(architecture, head, rows, HeldOut(rows, rows), schedule(**changes))


def test_folds_hold_every_stratum_evenly():
    strata = np.array([0] * 83 + [1] * 17)
    folds = stratified_folds(strata, 5, np.random.default_rng(0))
    table = np.array([[np.sum((folds == f) & (strata == s)) for f in range(5)] for s in (0, 1)])
    assert np.ptp(table, axis=1).max() <= 1 and np.ptp(table.sum(axis=0)) <= 1


@pytest.mark.parametrize(
    ("n_rows", "expected"), [(5, 5), (100, 32), (4225, 128), (12_000, 256), (10**6, 1024)]
)
def test_batch_is_the_power_of_two_near_a_fortieth_of_the_rows(n_rows, expected):
    assert batch_size(n_rows) == expected


def test_out_of_fold_output_of_a_row_comes_from_the_members_that_did_not_train_on_it():
    folds = np.arange(40) % 5
    rows = Rows(np.arange(40, dtype="float32")[:, None], np.zeros((40, 1), "float32"), np.ones(40))
    validation = OutOfFold(rows, folds, n_members=10)

    class Shown:
        """Answers 100 * member + row number, so that the test can see who was asked what."""

        def __init__(self, features):
            self.features = features

        def numpy(self):
            return 100 * np.arange(10)[:, None, None] + self.features

    raw = validation.raw_output(Shown)
    for row in range(40):
        for slot in range(2):
            member, number = divmod(raw[slot, row, 0], 100)
            assert number == row and row not in validation.pools[int(member) // 2]
    assert all(
        sorted([*pool, *np.flatnonzero(folds == f)]) == list(range(40))
        for f, pool in enumerate(validation.pools)
    )


COUNT = np.random.default_rng(0).poisson(2.0, 40).astype(float)
SPEND = np.where(RNG.random(40) < 0.5, RNG.lognormal(3, 1, 40), 0.0)
TINY_BATCHES = {
    "binary": (lambda y, w: BinaryHead(y, w), np.arange(40) % 2, 0.15),
    "multiclass": (lambda y, w: MulticlassHead(y, w, 3), np.arange(40) % 3, 0.05),
    "mean": (MeanHead, RNG.normal(size=40), 0.15),
    "poisson": (PoissonHead, COUNT, 1.4 - gammaln(COUNT + 1).mean()),  # a loss without log y!
    "quantile": (lambda y, w: QuantileHead(y, w, (0.1, 0.5, 0.9)), RNG.normal(size=40), 0.06),
    "ziln": (ZeroInflatedLognormalHead, SPEND, -0.2),
}


@pytest.mark.parametrize("name", TINY_BATCHES)
def test_a_network_overfits_a_tiny_batch(name):
    make, target, enough = TINY_BATCHES[name]
    result = fit(make(target, np.ones(40)), target)
    first, best = result.history[0][2], min(loss for _, _, loss in result.history)
    assert best < enough < first


def test_training_stops_after_patience_and_keeps_the_best_epoch():
    result = fit(BinaryHead(np.arange(40) % 2, np.ones(40)), np.arange(40) % 2, learning_rate=1.0, patience=3)
    losses = [loss for _, _, loss in result.history]
    assert result.best_epoch == int(np.argmin(losses)) + 1
    assert len(losses) == min(150, result.best_epoch + 3)


def test_a_passed_deadline_leaves_one_epoch():
    result = fit(BinaryHead(np.arange(40) % 2, np.ones(40)), np.arange(40) % 2, deadline_s=0.0)
    assert len(result.history) == 1


def test_members_learn_nothing_from_rows_of_weight_zero():
    """Flipping the labels of weightless rows changes no weight of the network."""
    target = np.arange(40) % 2
    flipped = np.where(np.arange(40) < 10, 1 - target, target)
    weight = np.where(np.arange(40) < 10, 0.0, 1.0)
    head = BinaryHead(target, np.ones(40))
    outputs = []
    for labels in (target, flipped):
        rows = Rows(MATRIX, head.encode(labels), weight)
        result = train(
            ARCHITECTURE | {"n_outputs": 1}, head, rows, HeldOut(rows, rows), schedule(max_epochs=3)
        )
        outputs.append(result.ensemble.raw_output(MATRIX))
    np.testing.assert_array_equal(*outputs)


def test_the_adapters_before_a_shared_kernel_start_at_the_given_size():
    target = np.arange(40) % 2
    head = BinaryHead(target, np.ones(40))
    rows = Rows(MATRIX, head.encode(target), np.ones(40))
    scale = np.linspace(0.1, 0.9, 20).reshape(5, 1, 4)
    result = train(
        ARCHITECTURE | {"n_outputs": 1, "n_kernels": 1},
        head,
        rows,
        HeldOut(rows, rows),
        schedule(max_epochs=1, learning_rate=1e-6),
        scale,
    )
    adapters = result.ensemble.keras_model().get_layer("hidden_0").adapter_in.numpy()
    np.testing.assert_allclose(np.abs(adapters), scale, atol=1e-4)


def test_rows_of_one_group_share_a_fold_and_groups_are_dealt_out_evenly():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 100, 1_000)
    strata = rng.integers(0, 2, 1_000)
    folds = stratified_folds(strata, 5, np.random.default_rng(1), groups)
    fold_of_group = {(int(g), int(f)) for g, f in zip(groups, folds, strict=True)}
    assert len(fold_of_group) == len(set(groups.tolist()))
    assert set(np.bincount([f for _, f in fold_of_group])) == {20}


def test_updates_equal_the_decoupled_adam_of_keras():
    """Two steps from the same weights with the same gradients, against the library's optimizer."""
    keras, tf = load_keras(), load_tensorflow()
    from dangol.networks.model import Architecture, build_network

    architecture = Architecture(4, 1, 10, 5, (8,), 0.0)
    ours, theirs, averaged = (build_network(architecture, 0) for _ in range(3))
    update = _update_function(ours, averaged, 0.1, n_steps=1)
    optimizer = keras.optimizers.AdamW(0.1, beta_2=BETA_2, weight_decay=WEIGHT_DECAY)
    optimizer.exclude_from_weight_decay(var_names=list(NOT_DECAYED))
    rng = np.random.default_rng(0)
    for _ in range(2):
        gradients = [
            tf.constant(rng.normal(size=w.shape).astype("float32")) for w in ours.trainable_variables
        ]
        update(gradients)
        optimizer.apply(gradients, theirs.trainable_variables)
    for own, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(own, expected, rtol=2e-5, atol=1e-6)


def test_an_epoch_shows_every_pool_each_of_its_rows_and_no_other():
    pools = [np.arange(3, 20), np.arange(12)]
    order = _epoch_order(pools, 4, np.random.default_rng(0))
    assert order.shape == (4, 2, 5)
    for pool, shown in zip(pools, order.swapaxes(0, 1), strict=True):
        assert set(pool) == set(shown.ravel())
        assert len(set(shown.ravel()[: len(pool)])) == len(pool)


def test_tensorflow_does_not_take_several_networks_for_one_traced_again(caplog):
    load_keras()
    logger = logging.getLogger("tensorflow")
    logger.warning("5 out of the last 13 calls to <function f> triggered tf.function retracing.")
    logger.warning("something else")
    assert [entry.getMessage() for entry in caplog.records] == ["something else"]
