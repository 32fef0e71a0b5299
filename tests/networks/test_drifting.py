"""The warning at predict: silent on rows of the same make, naming just the columns that have shifted."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

from dangol.networks import DriftWarning, NetworkClassifier, NetworkRegressor
from dangol.networks.drifting import MIN_ROWS, DriftGuard


@pytest.fixture(scope="module")
def fitted(customers, lapsed):
    return NetworkClassifier(effort="fast", hidden=(16,), max_epochs=2).fit(customers, lapsed)


def drawn(n: int, seed: int) -> pd.DataFrame:
    """Columns of every kind, with gaps, ties, rare levels, text that holds numbers or dates, keys."""
    rng = np.random.default_rng(seed)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    return pd.DataFrame(
        {
            "spend": np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(3, 1.5, n)),
            "n_orders": rng.poisson(1.5, n),
            "share": np.where(rng.random(n) < 0.8, 0.0, rng.random(n)),
            "region": rng.choice(["서울", "부산", "제주", None], n, p=[0.5, 0.3, 0.1, 0.1]),
            "product": rng.integers(0, 500, n).astype(str) + "p",
            "key": [f"C{row}" for row in rng.integers(0, 10**9, n)],
            "is_member": rng.random(n) < 0.4,
            "price_text": rng.lognormal(2, 1, n).round(2).astype(str),
            "joined_text": day.strftime("%Y-%m-%d"),
            "joined_date": day,
            "same": "one",
        }
    )


def warned(guard: DriftGuard, frame: pd.DataFrame) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        guard.warn(frame)
    return str(caught[0].message) if caught else ""


@pytest.mark.parametrize("n_scored", [50, 2_500])
def test_rows_of_the_same_make_are_warned_of_in_one_frame_of_sixty_at_most(n_scored):
    guards = [DriftGuard(drawn(1_000, seed)) for seed in range(5)]
    told = [warned(guards[seed % 5], drawn(n_scored, 100 + seed)) for seed in range(60)]
    assert sum(map(bool, told)) <= 1, told


SHIFTS = {
    "spend": lambda column: column * 3,
    "n_orders": lambda column: column + 1,
    "region": lambda column: column.where(column != "서울", "대구"),
    "product": lambda column: "new product",
    "price_text": lambda column: (column.astype(float) * 3).astype(str),
    "joined_text": lambda column: "2025-03-01",
    "joined_date": lambda column: column + pd.Timedelta(days=200),
    "same": lambda column: "other",
}


@pytest.mark.parametrize("name", SHIFTS)
def test_a_column_that_has_shifted_is_named_and_no_other(name):
    frame = drawn(400, 1)
    told = warned(DriftGuard(drawn(1_000, 0)), frame.assign(**{name: SHIFTS[name](frame[name])}))
    assert told.startswith(f"1 of 11 columns has shifted against the training rows: {name} (")
    assert told.endswith("check the source of these columns, or refit on recent rows.")


def test_shifted_dates_are_told_as_dates():
    told = warned(DriftGuard(drawn(1_000, 0)), drawn(400, 1).assign(joined_text="2025-03-01"))
    assert "joined_text (above 2024-10-" in told and "100% now" in told


def test_every_prediction_warns_once_and_points_at_its_caller(fitted, customers):
    late = customers.assign(recency_days=customers["recency_days"] + 400)
    for predict in (fitted.predict, fitted.predict_proba, fitted.predict_frame):
        with pytest.warns(DriftWarning, match="1 of 8 columns has shifted.*recency_days") as caught:
            predict(late)
        assert [warning.filename for warning in caught] == [__file__]


def test_training_rows_few_rows_and_random_halves_are_not_warned_of(fitted, customers, lapsed, quick):
    fitted.predict(customers)
    fitted.predict(customers.assign(recency_days=10**6).head(MIN_ROWS - 1))
    half = np.random.default_rng(3).random(len(customers)) < 0.5
    NetworkClassifier(**quick).fit(customers[half], lapsed[half]).predict(customers[~half])


def test_the_warning_can_be_turned_off_and_survives_saving(fitted, customers, tmp_path):
    late = customers.assign(monetary=1_000.0)
    for copied in (
        NetworkClassifier.load(fitted.save(tmp_path / "a.dangol")),
        pickle.loads(pickle.dumps(fitted)),
    ):
        with pytest.warns(DriftWarning, match="monetary"):
            loud = copied.predict_proba(late)
        copied.set_params(warn_drift=False)
        np.testing.assert_array_equal(copied.predict_proba(late), loud)


def test_a_regressor_on_an_array_names_columns_by_their_place(quick):
    X = np.random.default_rng(0).normal(size=(200, 3))
    model = NetworkRegressor(**quick).fit(X, X[:, 0])
    model.predict(X[:100])
    late = X + np.array([0, 0, 3])
    with pytest.warns(DriftWarning, match=r"training rows: 2 \("):
        model.predict(late)
    assert model.drift(late)["column"].iloc[0] == "2"
