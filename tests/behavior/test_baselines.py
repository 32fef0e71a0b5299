"""The simpler models run on frames as they are: gaps, categories, levels never seen."""

import numpy as np
import pandas as pd
import pytest

from dangol.baselines import as_model_input, boosting_classifier, boosting_regressor, logistic, ridge


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """400 rows with gaps, levels, booleans and a column without a single value."""
    rng = np.random.default_rng(6)
    n = 400
    return as_model_input(
        pd.DataFrame(
            {
                "recency_days": rng.integers(0, 200, n),
                "amount": np.where(rng.random(n) < 0.2, np.nan, rng.lognormal(3, 1, n)),
                "nothing": np.nan,
                "is_member": rng.random(n) < 0.5,
                "region": rng.choice(["north", "south", "east", None], n),
                "town": rng.choice([f"town {number}" for number in range(50)], n),
            }
        )
    )


@pytest.fixture(scope="module")
def lapsed(frame) -> np.ndarray:
    logit = 0.04 * (frame["recency_days"] - 100) - 1.0 * frame["is_member"]
    return (np.random.default_rng(7).random(len(frame)) < 1 / (1 + np.exp(-logit))).to_numpy()


@pytest.fixture(scope="module")
def unseen(frame) -> pd.DataFrame:
    """Rows with new levels, numbers far outside, and a gap where there was none."""
    rows = frame.head(3).astype({"region": "object", "town": "object", "recency_days": "float64"})
    rows = rows.assign(region=["west", None, "south"], town=["village", "town 1", None])
    rows["recency_days"] = [1e9, np.nan, -5.0]
    return rows.astype({"region": "category", "town": "category"})


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
def test_classifiers_learn_and_score_unseen_levels(frame, lapsed, unseen, kind):
    model = logistic(frame) if kind == "logistic" else boosting_classifier(1)
    model.fit(frame, lapsed)
    probability = model.predict_proba(frame)[:, 1]
    assert probability[lapsed].mean() > probability[~lapsed].mean() + 0.2
    scores = model.predict_proba(unseen)[:, 1]
    assert ((scores > 0) & (scores < 1)).all()


@pytest.mark.parametrize("kind", ["ridge", "boosting", "boosting on absolute errors"])
def test_regressors_learn_and_score_unseen_levels(frame, unseen, kind):
    spend = 3.0 * frame["recency_days"] + 20 * frame["is_member"]
    models = {
        "ridge": lambda: ridge(frame),
        "boosting": lambda: boosting_regressor(1),
        "boosting on absolute errors": lambda: boosting_regressor(1, loss="absolute_error"),
    }
    model = models[kind]().fit(frame, spend)
    residual = spend - model.predict(frame)
    assert residual.std() < 0.5 * spend.std()
    assert np.isfinite(model.predict(unseen)).all()


def test_models_come_unfitted_and_the_same_seed_gives_the_same_numbers(frame, lapsed):
    first = boosting_classifier(3).fit(frame, lapsed).predict_proba(frame)
    np.testing.assert_array_equal(first, boosting_classifier(3).fit(frame, lapsed).predict_proba(frame))
    assert not hasattr(boosting_classifier(3), "classes_")
    assert not hasattr(logistic(frame), "classes_")


def test_logistic_regression_can_do_without_categories_or_without_numbers(frame, lapsed):
    for columns in (["recency_days", "amount"], ["region", "town"]):
        part = frame[columns]
        assert logistic(part).fit(part, lapsed).predict_proba(part).shape == (400, 2)


def test_texts_become_categories_and_the_argument_is_untouched():
    frame = pd.DataFrame({"region": ["a", None], "n": [1, 2], "street": ["x", "y"]})
    before = frame.copy(deep=True)
    made = as_model_input(frame)
    assert made["region"].dtype == "category"
    assert made["n"].dtype == "int64"
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(("n_levels", "is_kept"), [(200, True), (201, False)])
def test_a_text_with_too_many_levels_is_left_out(n_levels, is_kept):
    frame = pd.DataFrame({"street": [f"street {number}" for number in range(n_levels)], "n": 1})
    assert ("street" in as_model_input(frame)) == is_kept


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
def test_a_handful_of_rows_is_enough_to_run(kind):
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "g": pd.Categorical(["a", "b", "a", None])})
    model = logistic(frame) if kind == "logistic" else boosting_classifier(1)
    assert model.fit(frame, [0, 1, 0, 1]).predict_proba(frame).shape == (4, 2)
