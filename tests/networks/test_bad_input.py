import numpy as np
import pandas as pd
import pytest

from dangol.networks import DriftWarning, NetworkClassifier, NetworkRegressor


def test_all_unusable_parameters_are_named_at_once(customers, lapsed):
    model = NetworkClassifier(kernels="both", n_members=7, dropout=1.0, hidden=(), patience=0)
    with pytest.raises(ValueError, match="5 parameter") as caught:
        model.fit(customers, lapsed)
    assert all(
        name in str(caught.value) for name in ("kernels='both'", "n_members=7", "hidden=()", "(128, 128)")
    )


def test_an_unknown_head_is_refused(customers):
    with pytest.raises(ValueError, match="head='gamma': expected one of"):
        NetworkRegressor(head="gamma").fit(customers, np.arange(300))


def test_falling_quantiles_are_refused(customers):
    with pytest.raises(ValueError, match="rising levels"):
        NetworkRegressor(head="quantile", quantiles=(0.9, 0.1)).fit(customers, np.arange(300))


def test_one_class_is_refused(customers):
    with pytest.raises(ValueError, match=r"1 class only.*time window"):
        NetworkClassifier().fit(customers, np.zeros(300))


def test_missing_labels_are_refused(customers):
    with pytest.raises(ValueError, match="y contains NaN"):
        NetworkClassifier().fit(customers, ["yes", None] * 150)


def test_infinite_values_are_refused_by_column(customers, lapsed):
    with pytest.raises(ValueError, match="'monetary' has 1 infinity"):
        NetworkClassifier().fit(customers.assign(monetary=[np.inf] + [1.0, 2.0, 3.0] * 99 + [1, 2]), lapsed)


@pytest.mark.parametrize("head", ["ziln", "poisson"])
def test_negative_spend_is_refused(head, customers):
    with pytest.raises(ValueError, match=f"head='{head}' expects y >= 0.*refunds"):
        NetworkRegressor(head=head).fit(customers, np.arange(300) - 5.0)


def test_ziln_without_buyers_is_refused(customers):
    with pytest.raises(ValueError, match="at least 2 different positive"):
        NetworkRegressor(head="ziln").fit(customers, np.zeros(300))


def test_a_missing_column_is_named(customers, lapsed, quick):
    model = NetworkClassifier(**quick).fit(customers, lapsed)
    with pytest.raises(ValueError, match=r"1 column\(s\) seen in training are missing now: \['monetary'\]"):
        model.predict(customers.drop(columns="monetary"))


def test_repeated_column_names_are_refused(customers, lapsed):
    twice = pd.concat([customers, customers[["monetary"]]], axis=1)
    with pytest.raises(ValueError, match=r"\['monetary'\] occur more than once"):
        NetworkClassifier().fit(twice, lapsed)


def test_four_rows_are_too_few(customers):
    with pytest.raises(ValueError, match="n_samples = 4: expected at least 5 rows"):
        NetworkClassifier().fit(customers[:4], [0, 1, 0, 1])


@pytest.mark.parametrize("n_rows", [5, 50])
def test_few_rows_give_sound_probabilities(n_rows, customers, lapsed, quick):
    labels = np.arange(n_rows) % 2
    prob = NetworkClassifier(**quick).fit(customers[:n_rows], labels).predict_proba(customers)
    assert np.isfinite(prob).all() and prob.min() > 0.05 and prob.max() < 0.95


def test_useless_columns_do_no_harm(customers, lapsed, quick):
    """Constant, all missing, unique keys, free text and ten thousand levels beside good columns."""
    rng = np.random.default_rng(0)
    words = ["please", "call", "back", "later", "about", "the", "parcel", "that", "never", "came"]
    useless = customers.assign(
        constant="same",
        nothing=np.nan,
        customer_id=[f"C{row:05d}" for row in range(300)],
        note=[" ".join(rng.permutation(words)) for _ in range(300)],
        product=rng.integers(0, 10_000, 300).astype(str) + "p",
    )
    model = NetworkClassifier(**quick).fit(useless, lapsed)
    plain = NetworkClassifier(**quick).fit(customers, lapsed)
    assert {"constant", "nothing", "customer_id", "note"} <= set(model.preprocessor_.unused_)
    assert np.abs(model.predict_proba(useless) - plain.predict_proba(customers)).max() < 0.1


def test_a_constant_target_is_predicted_as_such(customers, quick):
    predicted = NetworkRegressor(**quick).fit(customers, np.full(300, 7.0)).predict(customers)
    np.testing.assert_allclose(predicted, 7.0, atol=0.5)


def test_distribution_and_quantiles_belong_to_their_heads(customers, quick):
    model = NetworkRegressor(**quick).fit(customers, customers["recency_days"])
    with pytest.raises(ValueError, match="needs head='ziln'"):
        model.predict_distribution(customers)
    with pytest.raises(ValueError, match="needs head='ziln', 'quantile' or 'hazard'"):
        model.predict_quantile(customers, 0.5)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("hidden", 64), ("hidden", "64"), ("n_members", "a"), ("max_epochs", 2.5), ("time_budget_s", "1s")],
)
def test_a_parameter_of_another_type_is_named_as_one_out_of_bounds(customers, lapsed, parameter, value):
    with pytest.raises(ValueError, match=f"1 parameter.*\n.*{parameter}={value!r}: expected"):
        NetworkClassifier(**{parameter: value}).fit(customers, lapsed)


def test_groups_without_an_entry_or_without_a_second_group_are_refused(customers, lapsed):
    gap = np.where(np.arange(300) == 7, np.nan, np.arange(300) % 50)
    with pytest.raises(ValueError, match=r"groups has 1 gap\(s\); expected the group of every row"):
        NetworkClassifier().fit(customers, lapsed, groups=gap)
    with pytest.raises(ValueError, match="1 group only"):
        NetworkClassifier().fit(customers, lapsed, groups=np.zeros(300))


def test_contracts_without_an_end_may_carry_the_year_9999(customers, lapsed, quick):
    ends = customers.assign(ends=np.where(lapsed == 1, "9999-12-31", "2024-03-01"))
    model = NetworkClassifier(**quick).fit(ends, lapsed)
    with pytest.warns(DriftWarning, match="ends"):
        prob = model.predict_proba(ends.assign(ends="9999-12-31"))
    assert np.isfinite(prob).all()
    shifted = model.drift(ends.assign(ends="0001-01-01")).set_index("column")
    assert shifted.loc["ends", "is_shifted"]


def test_dates_where_numbers_were_are_refused(customers, lapsed, quick):
    model = NetworkClassifier(**quick).fit(customers, lapsed)
    with pytest.raises(ValueError, match="'monetary' holds dates; expected numbers"):
        model.predict_proba(customers.assign(monetary=pd.Timestamp("2024-05-05")))


def test_an_empty_or_doubled_table_is_refused_at_predict(customers, lapsed, quick):
    model = NetworkClassifier(**quick).fit(customers, lapsed)
    for ask in (model.predict_proba, model.explain, model.drift):
        with pytest.raises(ValueError, match="0 rows"):
            ask(customers[:0])
    with pytest.raises(ValueError, match=r"\['monetary'\] occur more than once"):
        model.predict_proba(pd.concat([customers, customers[["monetary"]]], axis=1))


def test_labels_of_validation_rows_are_matched_by_name(customers, quick):
    rng = np.random.default_rng(0)
    labels = pd.DataFrame({"milk": rng.random(300) < 0.8, "bread": rng.random(300) < 0.1}).astype("float64")
    held_out = {"X_val": customers, "y_val": labels}
    straight = NetworkClassifier(**quick).fit(customers, labels, **held_out).history_
    held_out["y_val"] = labels[["bread", "milk"]]
    swapped = NetworkClassifier(**quick).fit(customers, labels, **held_out).history_
    pd.testing.assert_frame_equal(straight, swapped)
    held_out["y_val"] = labels.assign(tea=1.0)
    with pytest.raises(ValueError, match=r"labels of training, \['milk', 'bread'\]; received"):
        NetworkClassifier(**quick).fit(customers, labels, **held_out)
