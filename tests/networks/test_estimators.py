import itertools
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from dangol.networks import NetworkClassifier, NetworkRegressor


def test_a_raw_frame_goes_in_and_a_useful_probability_comes_out(customers, lapsed):
    model = NetworkClassifier(effort="fast", hidden=(32,)).fit(customers[:200], lapsed[:200])
    prob = model.predict_proba(customers[200:])
    assert prob.shape == (100, 2) and np.allclose(prob.sum(axis=1), 1)
    assert roc_auc_score(lapsed[200:], prob[:, 1]) > 0.8
    assert model.score(customers[200:], lapsed[200:]) > 0.65
    assert model.feature_names_in_.tolist() == customers.columns.tolist() and model.n_features_in_ == 8


@pytest.mark.parametrize("kernels", ["per_fold", "shared"])
def test_both_kernel_variants_learn(kernels, customers, lapsed):
    model = NetworkClassifier(kernels=kernels, n_members=10, hidden=(32,), max_epochs=40).fit(
        customers, lapsed
    )
    assert model.history_["val_loss"].min() < 0.95 * model.history_["val_loss"].iloc[0]


@pytest.mark.parametrize("to_label", [bool, int, lambda flag: "lapsed" if flag else "active"])
def test_labels_come_back_as_they_went_in(to_label, customers, lapsed, quick):
    labels = np.array([to_label(flag) for flag in lapsed])
    model = NetworkClassifier(**quick).fit(customers, labels)
    assert model.classes_.tolist() == sorted(set(labels.tolist()))
    assert set(model.predict(customers).tolist()) <= set(labels.tolist())


def test_several_classes_give_one_probability_each(customers, quick):
    grade = pd.cut(customers["recency_days"], [-1, 50, 120, 200], labels=["hot", "warm", "cold"]).astype(str)
    model = NetworkClassifier(**quick | {"max_epochs": 60, "learning_rate": 0.01}).fit(customers, grade)
    prob = model.predict_proba(customers)
    assert prob.shape == (300, 3) and np.allclose(prob.sum(axis=1), 1)
    assert model.score(customers, grade) > 0.9


def test_history_is_tidy_and_callbacks_see_every_epoch(customers, lapsed, quick, capsys):
    seen = []
    model = NetworkClassifier(**quick, verbose=1, on_epoch=lambda *row: seen.append(row)).fit(
        customers, lapsed
    )
    assert model.history_.columns.tolist() == ["epoch", "train_loss", "val_loss"]
    assert seen == list(model.history_.itertuples(index=False, name=None))
    assert model.best_epoch_ == model.history_.loc[model.history_["val_loss"].idxmin(), "epoch"]
    assert len(capsys.readouterr().out.splitlines()) == len(seen)


def test_given_validation_rows_decide_when_to_stop(customers, lapsed, quick):
    model = NetworkClassifier(**quick)
    model.fit(customers[:200], lapsed[:200], X_val=customers[200:], y_val=lapsed[200:])
    prob = model.predict_proba(customers[200:])[np.arange(100), lapsed[200:].astype(int)]
    assert model.history_["val_loss"].min() == pytest.approx(-np.log(prob).mean(), rel=1e-4)


def test_validation_rows_need_their_target_and_known_labels(customers, lapsed, quick):
    with pytest.raises(ValueError, match="X_val and y_val belong together"):
        NetworkClassifier(**quick).fit(customers, lapsed, X_val=customers)
    with pytest.raises(ValueError, match=r"label\(s\) \['other'\] are not among the training classes"):
        NetworkClassifier(**quick).fit(customers, lapsed.astype(str), X_val=customers, y_val=["other"] * 300)


def test_sample_weights_move_the_mean_prediction(customers, lapsed, quick):
    heavy = NetworkClassifier(**quick).fit(customers, lapsed, sample_weight=np.where(lapsed, 5.0, 1.0))
    plain = NetworkClassifier(**quick).fit(customers, lapsed)
    rate = np.average(lapsed, weights=np.where(lapsed, 5.0, 1.0))
    assert heavy.predict_proba(customers)[:, 1].mean() == pytest.approx(rate, abs=0.08)
    assert plain.predict_proba(customers)[:, 1].mean() == pytest.approx(lapsed.mean(), abs=0.08)


def test_rows_of_weight_zero_are_as_good_as_absent(customers, lapsed, quick):
    weight = np.where(np.arange(300) < 50, 0.0, 1.0)
    with_them = NetworkClassifier(**quick).fit(customers, lapsed, sample_weight=weight)
    without = NetworkClassifier(**quick).fit(customers[50:], lapsed[50:])
    np.testing.assert_array_equal(with_them.predict_proba(customers), without.predict_proba(customers))


def test_grouped_rows_are_validated_out_of_group(quick):
    """Copies of a row in training give its random label away, unless they share a fold."""
    rng = np.random.default_rng(0)
    customer = np.repeat(np.arange(60), 8)
    X = rng.normal(size=(60, 6))[customer]
    y = rng.integers(0, 2, 60)[customer]
    settings = quick | {"hidden": (64,), "max_epochs": 60, "learning_rate": 0.01, "patience": 60}
    ungrouped = NetworkClassifier(**settings).fit(X, y).history_["val_loss"].min()
    grouped = NetworkClassifier(**settings).fit(X, y, groups=customer).history_["val_loss"].min()
    assert ungrouped < 0.4 < 0.6 < grouped


def test_numbers_are_cut_as_finely_as_there_are_customers_not_rows(quick):
    """A number gives its normal quantile and one bin for every 500 cases."""
    X = np.random.default_rng(0).normal(size=(4000, 1))
    y = (X[:, 0] > 0).astype(int)
    twice = np.repeat(np.arange(2000), 2)
    by_row = NetworkClassifier(kernels="per_fold", **quick).fit(X, y)
    by_customer = NetworkClassifier(kernels="per_fold", **quick).fit(X, y, groups=twice)
    assert len(by_row.preprocessor_.sources_) == 1 + 8
    assert len(by_customer.preprocessor_.sources_) == 1 + 4


def test_groups_need_one_entry_per_row(customers, lapsed, quick):
    with pytest.raises(ValueError, match=r"groups has shape \(3,\); expected \(300,\)"):
        NetworkClassifier(**quick).fit(customers, lapsed, groups=[1, 2, 3])


def test_a_frame_in_other_column_order_with_extra_columns_predicts_the_same(customers, lapsed, quick):
    model = NetworkClassifier(**quick).fit(customers, lapsed)
    shuffled = customers[customers.columns[::-1]].assign(customer_id="C1")
    np.testing.assert_array_equal(model.predict_proba(shuffled), model.predict_proba(customers))


def test_an_array_works_like_a_frame_of_numbers(quick):
    X = np.random.default_rng(0).normal(size=(100, 3))
    X[::7, 1] = np.nan
    from_array = NetworkClassifier(**quick).fit(X, X[:, 0] > 0).predict_proba(X)
    from_frame = NetworkClassifier(**quick).fit(pd.DataFrame(X, columns=list("abc")), X[:, 0] > 0)
    np.testing.assert_array_equal(from_array, from_frame.predict_proba(pd.DataFrame(X, columns=list("abc"))))


def test_fitting_changes_neither_inputs_nor_global_random_state(customers, lapsed, quick):
    before, labels = customers.copy(deep=True), lapsed.copy()
    np.random.seed(5)  # noqa: NPY002 - the global state is what is tested
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    NetworkClassifier(**quick).fit(customers, lapsed).predict(customers)
    pd.testing.assert_frame_equal(customers, before)
    np.testing.assert_array_equal(lapsed, labels)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


IN_A_NEW_PROCESS = """
import numpy as np
from dangol.networks import NetworkClassifier
X = np.random.default_rng(0).normal(size=(200, 3))
model = NetworkClassifier(n_members=10, hidden=(16,), max_epochs=4, random_state=3).fit(X, X[:, 0] > 0)
print(model.predict_proba(X)[:, 1].tobytes().hex())
"""


@pytest.mark.slow
def test_the_same_seed_gives_the_same_predictions_in_another_process():
    X = np.random.default_rng(0).normal(size=(200, 3))
    settings = {"n_members": 10, "hidden": (16,), "max_epochs": 4}
    here = NetworkClassifier(**settings, random_state=3).fit(X, X[:, 0] > 0).predict_proba(X)[:, 1]
    done = subprocess.run(
        [sys.executable, "-c", IN_A_NEW_PROCESS], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == here.tobytes().hex()
    assert done.stderr == ""
    other = NetworkClassifier(**settings, random_state=4).fit(X, X[:, 0] > 0).predict_proba(X)[:, 1]
    assert not np.array_equal(here, other)


@pytest.mark.slow
def test_importing_the_package_does_not_import_tensorflow():
    code = "import sys, dangol.networks; print(any(m in sys.modules for m in ('tensorflow', 'keras')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def spend_world(n):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    prob = 1 / (1 + np.exp(-(X["a"] - 0.5)))
    log_mean = 2 + 0.7 * X["b"]
    spend = (rng.random(n) < prob) * np.exp(log_mean + 0.8 * rng.normal(size=n))
    return X, spend.to_numpy(), (prob * np.exp(log_mean + 0.32)).to_numpy(), prob.to_numpy()


@pytest.mark.slow
def test_ziln_recovers_a_simulated_spend_distribution():
    X, spend, expected, prob = spend_world(6000)
    model = NetworkRegressor(head="ziln", effort="fast").fit(X[:3000], spend[:3000])
    later = X[3000:]
    predicted = model.predict(later)
    assert np.corrcoef(predicted, expected[3000:])[0, 1] > 0.97
    assert predicted.sum() == pytest.approx(expected[3000:].sum(), rel=0.1)
    frame = model.predict_distribution(later)
    assert frame.index.equals(later.index) and np.abs(frame["buy_prob"] - prob[3000:]).mean() < 0.05
    for q in (0.7, 0.9):
        assert (spend[3000:] <= model.predict_quantile(later, q)).mean() == pytest.approx(q, abs=0.03)


@pytest.mark.slow
def test_quantiles_cover_their_share_of_later_rows():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=4000)})
    y = X["a"].to_numpy() + np.exp(0.5 * X["a"].to_numpy()) * rng.normal(size=4000)
    model = NetworkRegressor(head="quantile", quantiles=(0.1, 0.5, 0.9), effort="fast").fit(
        X[:2000], y[:2000]
    )
    for q in (0.1, 0.5, 0.9):
        assert (y[2000:] <= model.predict_quantile(X[2000:], q)).mean() == pytest.approx(q, abs=0.04)
    np.testing.assert_array_equal(model.predict(X), model.predict_quantile(X, 0.5))


def test_poisson_predicts_simulated_rates(quick):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=1000)})
    rate = np.exp(0.5 + 0.6 * X["a"].to_numpy())
    settings = quick | {"max_epochs": 40, "learning_rate": 0.01}
    predicted = NetworkRegressor(head="poisson", **settings).fit(X, rng.poisson(rate)).predict(X)
    assert np.corrcoef(predicted, rate)[0, 1] > 0.95 and predicted.mean() == pytest.approx(
        rate.mean(), rel=0.1
    )


def test_parameters_survive_cloning():
    model = NetworkRegressor(head="ziln", quantiles=(0.2,), hidden=(7,), time_budget_s=3.0)
    assert clone(model).get_params() == model.get_params()


def test_no_epoch_is_begun_that_would_pass_the_time_budget(customers, lapsed, quick, monkeypatch):
    # a clock of ten seconds per epoch; what is left of the budget after preparing lies above 90
    clock = SimpleNamespace(monotonic=itertools.count(0.0, 10.0).__next__)
    monkeypatch.setattr("dangol.networks.training.time", clock)
    endless = quick | {"max_epochs": 10_000, "patience": 10_000}
    model = NetworkClassifier(**endless, time_budget_s=100.0).fit(customers, lapsed)
    assert len(model.history_) == 9


def test_several_zero_one_columns_are_learnt_as_labels_of_their_own(customers, lapsed, quick):
    labels = pd.DataFrame({"lapsed": lapsed, "member": customers["is_member"], "never": False}).astype(
        "int64"
    )
    network = NetworkClassifier(**quick | {"max_epochs": 30}).fit(customers, labels)
    prob = network.predict_proba(customers)
    assert list(network.classes_) == ["lapsed", "member", "never"] and prob.shape == (300, 3)
    assert roc_auc_score(labels["member"], prob[:, 1]) > 0.95 and prob[:, 2].max() < 0.1
    np.testing.assert_array_equal(network.predict(customers), (prob > 0.5).astype("int64"))
    with pytest.raises(ValueError, match="several columns"):
        NetworkClassifier(**quick).fit(customers, labels * 2)
