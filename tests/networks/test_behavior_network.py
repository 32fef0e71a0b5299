import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from dangol.networks import BehaviorNetwork, NetworkClassifier
from dangol.networks.layers import CausalConv
from dangol.networks.model import keras
from dangol.networks.sequence import SequencePreprocessor

N_WEEKS = 16
WEEKS = [f"orders_w{week:02d}" for week in range(1, N_WEEKS + 1)]
QUICK = {"effort": "fast", "hidden": (16,), "max_epochs": 5}


def world(n: int, seed: int) -> tuple[pd.DataFrame, dict]:
    """Customers whose future depends on *when* they bought, not on how much."""
    rng = np.random.default_rng(seed)
    orders = rng.poisson(0.6, (n, N_WEEKS)).astype("float64")
    score = orders @ np.linspace(1, -1, N_WEEKS)  # w01 is the latest week
    keeps_buying = rng.random(n) < expit(1.5 * score / score.std())
    waits = 20 * rng.weibull(1.5, n) * np.exp(-0.8 * score / score.std())
    X = pd.DataFrame(orders, columns=WEEKS).assign(n_orders=orders.sum(axis=1), most=orders.max(axis=1))
    y = {
        "repurchase": keeps_buying.astype("float64"),
        "spend": np.where(keeps_buying, rng.lognormal(3, 0.5, n), 0.0),
        "next_order": np.stack([np.minimum(waits, 28) + 1e-3, waits <= 28], axis=1),
        "categories": pd.DataFrame({"tea": keeps_buying * 1.0, "coffee": rng.integers(0, 2, n) * 1.0}),
    }
    return X, y


TASKS = {"repurchase": "binary", "spend": "ziln", "next_order": "hazard", "categories": "multilabel"}


@pytest.fixture(scope="module")
def small():
    X, y = world(300, seed=3)
    return X, y, BehaviorNetwork(TASKS, ("orders",), **QUICK).fit(X, y)


def test_reasons_of_a_task_add_up_to_its_logit(small):
    X, _, network = small
    reasons = network.explain(X.head(20), "repurchase")
    assert reasons.columns.tolist() == [*X.columns, "baseline_logit"]
    said = network.predict(X.head(20))["repurchase"]
    np.testing.assert_allclose(reasons.sum(axis=1), logit(said), atol=1e-4)


def test_reasons_are_given_for_binary_tasks_only(small):
    X, _, network = small
    for task in ("spend", "nothing"):
        with pytest.raises(ValueError, match=r"one of \['repurchase'\]; received"):
            network.explain(X, task)


def test_every_task_answers_in_its_own_terms(small):
    X, _, network = small
    said = network.predict(X.head(40))
    assert {name: np.shape(answer) for name, answer in said.items()} == {
        "repurchase": (40,),
        "spend": (40,),
        "next_order": (40,),
        "categories": (40, 2),
    }
    outputs = network.outputs(X.head(40))
    assert (outputs["spend"].quantile(0.9) >= outputs["spend"].quantile(0.5)).all()
    assert outputs["next_order"].survival(np.array([0.0, 7.0])).shape == (40, 2)
    assert network.labels_ == {"categories": ["tea", "coffee"]}
    named = network.predict_frame(X.tail(3))
    assert list(named) == ["repurchase", "spend", "next_order", "categories_tea", "categories_coffee"]
    assert named.index.equals(X.tail(3).index)
    np.testing.assert_array_equal(named["categories_coffee"], network.predict(X.tail(3))["categories"][:, 1])
    with pytest.raises(ValueError, match="kind 'hazard'"):
        outputs["spend"].survival(np.array([1.0]))


def test_a_behavior_network_survives_pickling_saving_and_loading(small, tmp_path):
    X, _, network = small
    expected = network.predict(X)["spend"]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(network)).predict(X)["spend"], expected)
    loaded = BehaviorNetwork.load(network.save(tmp_path / "behavior.dangol"))
    np.testing.assert_array_equal(loaded.predict(X)["spend"], expected)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in Keras itself
def test_the_keras_model_with_sequences_reloads_exactly(small, tmp_path):
    X, _, network = small
    model = network.ensemble_.keras_model()
    model.save(tmp_path / "behavior.keras")
    rows = network.preprocessor_.transform(X.head(9))[None]
    reloaded = keras.models.load_model(tmp_path / "behavior.keras")
    np.testing.assert_array_equal(np.asarray(model(rows)), np.asarray(reloaded(rows)))


@pytest.mark.slow
def test_the_sequence_finds_what_totals_cannot_and_shuffling_it_removes_the_gain():
    X, y = world(2_000, seed=1)
    X_new, y_new = world(2_000, seed=2)
    target, truth = {"repurchase": y["repurchase"]}, y_new["repurchase"]

    def auc(network, rows):
        return roc_auc_score(truth, network.predict(rows)["repurchase"])

    settings = {"effort": "fast", "max_epochs": 40}
    network = BehaviorNetwork({"repurchase": "binary"}, ("orders",), **settings).fit(X, target)
    totals = NetworkClassifier(**settings).fit(X[["n_orders", "most"]], y["repurchase"])
    without = roc_auc_score(truth, totals.predict_proba(X_new[["n_orders", "most"]])[:, 1])
    shuffled = X_new.copy()
    shuffled[WEEKS] = np.random.default_rng(0).permuted(X_new[WEEKS].to_numpy(), axis=1)
    assert auc(network, X_new) > 0.77
    assert without < 0.55 and auc(network, shuffled) < 0.6


def test_rows_without_a_label_for_one_task_still_teach_the_others():
    X, y = world(300, seed=5)
    gaps = y | {"spend": np.where(np.arange(300) < 150, np.nan, y["spend"])}
    network = BehaviorNetwork({"repurchase": "binary", "spend": "ziln"}, **QUICK).fit(X, gaps)
    assert np.isfinite(network.predict(X)["spend"]).all()


def test_a_causal_convolution_matches_a_plain_loop():
    layer = CausalConv(units=3, width=4, stride=2, n_kernels=5, seed=1)
    x = np.random.default_rng(0).normal(size=(5, 6, 7, 2)).astype("float32")
    out = np.asarray(layer(x))
    kernel, bias = layer.dense.kernel.numpy(), layer.dense.bias.numpy()
    ends = [6, 4, 2, 0][::-1]
    assert out.shape == (5, 6, 4, 3)
    for fold in range(5):
        for row in range(6):
            for position, end in enumerate(ends):
                window = [
                    x[fold, row, week] if week >= 0 else np.zeros(2) for week in range(end - 3, end + 1)
                ]
                expected = np.concatenate(window) @ kernel[fold] + bias[fold, 0]
                np.testing.assert_allclose(out[fold, row, position], expected, rtol=1e-4, atol=1e-5)


def test_sequences_enter_old_to_new_with_zero_staying_zero():
    frame = pd.DataFrame(
        {
            "a_w01": [0.0, 1.0, 3.0],
            "size": [1.0, 2.0, 3.0],
            "a_w02": [2.0, 0.0, 0.0],
            "b_w01": [1, 1, 1],
            "b_w02": [0, 2, 0],
        }
    )
    encoder = SequencePreprocessor(("a", "b"))
    matrix = encoder.fit_transform(frame, np.ones((3, 1)), np.ones(3), 0, 3)
    assert encoder.n_weeks_ == 2 and encoder.sources_[-4:] == ["a_w02", "b_w02", "a_w01", "b_w01"]
    logs = np.log1p(frame[["a_w02", "b_w02", "a_w01", "b_w01"]].to_numpy(dtype="float64"))
    size_a = np.sqrt((logs[:, [0, 2]] ** 2).mean())
    size_b = np.sqrt((logs[:, [1, 3]] ** 2).mean())
    np.testing.assert_allclose(matrix[:, -4:], logs / [size_a, size_b, size_a, size_b], rtol=1e-6)
    np.testing.assert_allclose(encoder.transform(frame[::-1])[:, -4:], matrix[::-1, -4:])


@pytest.mark.parametrize(
    ("tasks", "channels", "message"),
    [
        ({}, (), "tasks={}: expected name to kind"),
        ({"repurchase": "dunno"}, (), "each one of"),
        ({"repurchase": "binary"}, ("visits",), "received 0 for visits"),
        ({"loyalty": "binary"}, (), r"no target for task\(s\) \['loyalty'\]"),
    ],
)
def test_unusable_tasks_and_channels_are_refused(tasks, channels, message):
    X, y = world(60, seed=4)
    with pytest.raises(ValueError, match=message):
        BehaviorNetwork(tasks, channels, **QUICK).fit(X, y)


@pytest.mark.parametrize(
    ("task", "kind", "target", "message"),
    [
        ("lapse", "binary", np.zeros(60), "task 'lapse': expected both 0 and 1"),
        ("lapse", "binary", np.full(60, np.nan), "task 'lapse': no row has a label"),
        ("spend", "ziln", np.full(60, -1.0), "task 'spend': head='ziln' expects y >= 0"),
        ("next", "hazard", np.zeros((60, 2)), "task 'next': head='hazard' expects y with two columns"),
        ("kinds", "multilabel", np.full((60, 2), 3.0), "task 'kinds': y has several columns"),
    ],
)
def test_an_unusable_target_is_named_by_its_task(task, kind, target, message):
    X, _ = world(60, seed=4)
    with pytest.raises(ValueError, match=message):
        BehaviorNetwork({task: kind}, **QUICK).fit(X, {task: target})


def test_validation_targets_are_read_as_those_of_training():
    X, y = world(200, seed=5)
    tasks = {"categories": "multilabel", "repurchase": "binary"}
    learnt = {name: y[name] for name in tasks}
    swapped = learnt | {"categories": y["categories"][["coffee", "tea"]]}
    same = [
        BehaviorNetwork(tasks, ("orders",), **QUICK).fit(X, learnt, X_val=X, y_val=later)
        for later in (learnt, swapped)
    ]
    pd.testing.assert_frame_equal(same[0].predict_frame(X), same[1].predict_frame(X))
    assert same[1].labels_ == {"categories": ["tea", "coffee"]}
    fewer = {"repurchase": y["repurchase"]}
    with pytest.raises(ValueError, match=r"y_val: y has no target for task\(s\) \['categories'\]"):
        BehaviorNetwork(tasks, ("orders",), **QUICK).fit(X, learnt, X_val=X, y_val=fewer)
    more = learnt | {"categories": y["categories"].assign(milk=1.0)}
    with pytest.raises(ValueError, match=r"y_val: expected the labels of training, \['tea', 'coffee'\]"):
        BehaviorNetwork(tasks, ("orders",), **QUICK).fit(X, learnt, X_val=X, y_val=more)


def test_levels_and_times_out_of_bounds_are_refused(small):
    X, _, network = small
    outputs = network.outputs(X.head(3))
    with pytest.raises(ValueError, match=r"q=95: expected one level in \(0, 1\)"):
        outputs["spend"].quantile(95)
    with pytest.raises(ValueError, match="times: expected numbers of 0 or more"):
        outputs["next_order"].survival([-1])


def test_channels_speak_of_the_same_weeks():
    X, y = world(60, seed=4)
    holed = X.assign(amount_w01=1.0, amount_w03=X["most"])
    with pytest.raises(ValueError, match=r"without holes, received 16 for orders.*2 for amount \[1, 3\]"):
        BehaviorNetwork(TASKS, ("orders", "amount"), **QUICK).fit(holed, y)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.zeros((60, 2)), "task 'repurchase': kind 'binary' takes one column, received 2"),
        (["often"] * 60, "task 'repurchase': could not convert"),
        (np.zeros(5), "task 'repurchase': Found input variables with inconsistent"),
    ],
)
def test_an_unusable_target_is_refused_by_its_task(target, message):
    X, _ = world(60, seed=4)
    with pytest.raises(ValueError, match=message):
        BehaviorNetwork({"repurchase": "binary"}, ("orders",), **QUICK).fit(X, {"repurchase": target})


def test_a_target_for_no_task_in_particular_is_refused():
    X, y = world(60, seed=4)
    with pytest.raises(ValueError, match=r"a target for each task.*received ndarray"):
        BehaviorNetwork({"repurchase": "binary"}, ("orders",), **QUICK).fit(X, y["repurchase"])


def test_names_shared_by_tasks_and_labels_are_refused():
    X, y = world(100, seed=6)
    targets = {"likes": y["categories"], "likes_tea": y["repurchase"]}
    tasks = {"likes": "multilabel", "likes_tea": "binary"}
    network = BehaviorNetwork(tasks, ("orders",), **QUICK).fit(X, targets)
    with pytest.raises(ValueError, match="tasks and labels share names"):
        network.predict_frame(X)
