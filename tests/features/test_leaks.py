"""A planted column that knows the answer is named; honest ones, however good or many-valued, pass."""

import time

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from dangol.errors import LeakageError
from dangol.features.leaks import check_no_leak, column_auc

N = 4_000


@pytest.fixture(scope="module")
def answer() -> np.ndarray:
    return (np.random.default_rng(1).random(N) < 0.2).astype(int)


@pytest.fixture(scope="module")
def honest(answer) -> pd.DataFrame:
    """Columns a company has: noise, a good predictor, ids, names, a half-empty one, a constant."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({f"noise_{i}": rng.normal(size=N) for i in range(40)})
    good = answer + rng.normal(0, 0.6, N)
    return frame.assign(
        good=good,
        number=rng.permutation(N),
        text=pd.Categorical([f"name {i}" for i in rng.permutation(N)]),
        city=pd.Categorical(rng.choice(list("ABCDE"), N)),
        half_empty=np.where(rng.random(N) < 0.5, np.nan, good),
        constant=1.0,
        empty=np.nan,
        is_member=rng.random(N) < 0.5,
    )


def leaks(answer) -> dict[str, pd.Series]:
    rng = np.random.default_rng(3)
    is_one = answer == 1
    spread = rng.normal(size=N)
    return {
        "copy": pd.Series(answer),
        "reversed": pd.Series(1.0 - answer),
        "nearly": pd.Series(np.where(rng.random(N) < 0.002, 1 - answer, answer)),
        "amount_after": pd.Series(np.where(is_one, rng.lognormal(3, 1, N), 0.0)),
        "closing_reason": pd.Series(
            pd.Categorical(np.where(is_one, rng.choice(["moved", "price"], N), None))
        ),
        "filled_if_answered": pd.Series(np.where(is_one, spread, np.nan)),
        "in_the_middle": pd.Series(np.where(is_one, spread / 50, np.sign(spread) * (1 + abs(spread)))),
        "flag": pd.Series(is_one),
    }


@pytest.mark.parametrize(
    "name",
    [
        "copy",
        "reversed",
        "nearly",
        "amount_after",
        "closing_reason",
        "filled_if_answered",
        "in_the_middle",
        "flag",
    ],
)
def test_a_planted_column_is_named_and_alone(honest, answer, name):
    planted = honest.assign(**{name: leaks(answer)[name].to_numpy()})
    if name == "closing_reason":
        planted[name] = leaks(answer)[name]
    with pytest.raises(
        LeakageError, match=rf"^1 model input\(s\) tell .*above 0\.99\): {name} \((0\.99|1\.0)"
    ):
        check_no_leak(planted, answer, 0.99)


def test_honest_columns_pass(honest, answer):
    check_no_leak(honest, answer, 0.99)
    auc = column_auc(honest, answer)
    assert auc["good"] == pytest.approx(roc_auc_score(answer, honest["good"]), abs=1e-12)
    assert auc[["number", "text", "city", "is_member"]].max() < 0.56
    assert auc[["constant", "empty"]].eq(0.5).all()


def test_all_leaks_are_named_at_once_strongest_first_and_one_lets_them_pass(honest, answer):
    planted = honest.assign(nearly=leaks(answer)["nearly"], copy=answer)
    with pytest.raises(LeakageError, match=r"^2 model input\(s\) .*: copy \(1\.000\), nearly \(0\.99"):
        check_no_leak(planted, answer, 0.99)
    check_no_leak(planted, answer, 1.0)


def test_an_answer_of_one_kind_says_nothing(honest):
    assert column_auc(honest, np.zeros(N)).eq(0.5).all()
    assert column_auc(honest.iloc[:0], np.zeros(0)).eq(0.5).all()


def test_two_hundred_columns_of_many_rows_take_less_than_two_seconds(answer):
    rng = np.random.default_rng(4)
    wide = pd.DataFrame(rng.normal(size=(50_000, 200))).rename(columns=str)
    is_one = rng.random(50_000) < 0.3
    started = time.process_time()
    column_auc(wide, is_one)
    assert time.process_time() - started < 2
