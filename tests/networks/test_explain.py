import numpy as np
import pytest
from scipy.special import expit, logit

from dangol.networks import NetworkClassifier


@pytest.fixture(scope="module")
def fitted(customers, lapsed):
    model = NetworkClassifier(hidden=(32,), max_epochs=40)
    return model.fit(customers.assign(constant=1), lapsed)


def test_reasons_add_up_to_the_logit(fitted, customers):
    frame = customers.assign(constant=1)
    reasons = fitted.explain(frame)
    assert reasons.columns.tolist() == [*frame.columns, "baseline_logit"] and reasons.index.equals(
        frame.index
    )
    np.testing.assert_allclose(reasons.sum(axis=1), logit(fitted.predict_proba(frame)[:, 1]), atol=1e-4)
    assert (reasons["constant"] == 0).all()


def test_reasons_match_a_plain_path_of_finite_differences(fitted, customers):
    frame = customers.assign(constant=1)[:3]
    matrix = fitted.preprocessor_.transform(frame).astype("float64")

    def score(rows):
        raw = fitted.ensemble_.raw_output(rows.astype("float32")).astype("float64")
        return logit(expit(raw[..., 0]).mean(axis=0))

    # a line integral, one column of the frame at a time, in 400 small steps
    is_recency = np.array(fitted.preprocessor_.sources_) == "recency_days"
    expected = np.zeros(3)
    for step in (np.arange(400) + 0.5) / 400:
        up, down = ((step + shift * is_recency) * matrix for shift in (0.01, -0.01))
        expected += (score(up) - score(down)) / 0.02 / 400
    np.testing.assert_allclose(fitted.explain(frame)["recency_days"], expected, atol=0.05)


def test_the_driving_columns_carry_the_reasons(fitted, customers):
    size = fitted.explain(customers.assign(constant=1)).drop(columns="baseline_logit").abs().mean()
    assert set(size.nlargest(2).index) == {"recency_days", "is_member"}


def test_reasons_are_refused_for_several_classes(customers, quick):
    model = NetworkClassifier(**quick).fit(customers, np.arange(300) % 3)
    with pytest.raises(ValueError, match="needs two classes, the model has 3"):
        model.explain(customers)
