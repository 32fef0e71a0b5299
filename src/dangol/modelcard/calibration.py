"""Are probabilities to be taken at their word, and mending them on fresh rows if not."""

import contextlib
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.classification import paired_difference, reliability_deciles, verdict

Values = npt.ArrayLike
_TINY = 1e-6


def expected_calibration_error(y: Values, prob: Values) -> float:
    """Mean distance of predicted and actual share over tenths of the rows, weighted by their size.

    Args:
        y: 0 or 1, one entry per row.
        prob: predicted probability of 1.

    Source:
        Naeini, Cooper & Hauskrecht (2015), AAAI 29, with bins of equal size instead of equal width.

    >>> expected_calibration_error([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])
    0.0
    """
    table = reliability_deciles(y, prob)
    return float(np.average((table["predicted"] - table["actual"]).abs(), weights=table["n"]))


def calibration_by_decile(y: Values, prob: Values) -> pd.DataFrame:
    """Whether the mean score lies in the interval of the actual share, over all rows and in tenths.

    Returns:
        Columns of ``reliability_deciles`` and ``is_inside``; a first row ``decile`` 0 holds all rows.
    """
    from scipy.stats import binomtest

    truth = np.asarray(y, dtype="float64")
    tenths = reliability_deciles(y, prob)
    whole = binomtest(int(truth.sum()), len(truth)).proportion_ci(method="wilson")
    first = pd.DataFrame(
        {
            "decile": [0],
            "predicted": [float(np.asarray(prob, dtype="float64").mean())],
            "actual": [truth.mean()],
            "low": [whole.low],
            "high": [whole.high],
            "n": [len(truth)],
        }
    )
    table = pd.concat([first, tenths], ignore_index=True)
    return table.assign(is_inside=table["predicted"].between(table["low"], table["high"]))


@dataclass
class Recalibration:
    """Two numbers that mend over- or under-confident probabilities: ``logit q = a + b logit p``.

    The order of the rows stays as it is, so ranking is untouched.

    Source:
        Platt (1999), Probabilistic Outputs for Support Vector Machines.
    """

    _model: Any = None

    def fit(self, y: Values, prob: Values) -> Self:
        """Learn from rows the model has not seen, such as a snapshot after those it learnt from.

        Raises:
            ValueError: if ``y`` holds one class only, or higher scores mean fewer ones.
        """
        from sklearn.linear_model import LogisticRegression

        truth = np.asarray(y)
        if len(np.unique(truth)) < 2:
            raise ValueError("expected both 0 and 1 in y; received one of them. Choose more rows.")
        # no penalty: two numbers cannot overfit hundreds of rows
        model = LogisticRegression(C=np.inf, max_iter=1_000).fit(_logits(prob), truth)
        if model.coef_[0, 0] <= 0:
            raise ValueError("higher scores mean fewer ones: no recalibration mends that. Refit the model.")
        self._model = model
        return self

    def predict(self, prob: Values) -> npt.NDArray[np.float64]:
        """Mended probabilities, shape as given."""
        if self._model is None:
            raise ValueError("not fitted; call fit(y, prob) on fresh rows first.")
        return np.asarray(self._model.predict_proba(_logits(prob))[:, 1])


def _logits(prob: Values) -> npt.NDArray[np.float64]:
    held = np.clip(np.asarray(prob, dtype="float64"), _TINY, 1 - _TINY)
    return (np.log(held) - np.log1p(-held))[:, None]


@dataclass(frozen=True)
class CalibrationCheck:
    """Whether probabilities fit what came on fresh rows, and whether recalibration would help.

    Attributes:
        n_inside: tenths whose mean prediction lies in the interval of what came.
        n_tenths: tenths there are.
        is_level_inside: whether the mean prediction over all rows does.
        ratio: mean prediction over what came, NaN if nothing did.
        ratio_low: the same with the upper end of the interval of what came.
        ratio_high: with its lower end.
        error: expected calibration error, in [0, 1].
        recalibrated_error: the same after `Recalibration`, learnt on other customers of these rows.
        verdict: log loss of the recalibrated probabilities against the given ones, as `verdict` says.
    """

    n_inside: int
    n_tenths: int
    is_level_inside: bool
    ratio: float
    ratio_low: float
    ratio_high: float
    error: float
    recalibrated_error: float
    verdict: str

    def figures(self) -> dict[str, float]:
        """Level and error, for the records of a notebook."""
        return {
            "predicted_actual_ratio": self.ratio,
            "predicted_actual_ratio_low": self.ratio_low,
            "predicted_actual_ratio_high": self.ratio_high,
        }

    def sentence(self) -> str:
        """The findings in words."""
        advice = {
            "wins": "recalibrate before adding them up",
            "ties": "no gain beyond chance, so they are used as they are",
            "loses": "worse, so they are used as they are",
        }[self.verdict]
        level = "inside" if self.is_level_inside else "**outside**"
        return (
            f"The mean prediction lies {level} the 95 % interval of what came; of {self.n_tenths} tenths "
            f"{self.n_inside} lie inside theirs. The expected calibration error is {self.error:.1%}; with "
            f"two numbers learnt on other customers of these rows it would be {self.recalibrated_error:.1%}: "
            f"{advice}."
        )


def check_calibration(y: Values, prob: Values, groups: Values, n_boot: int, seed: int) -> CalibrationCheck:
    """Hold probabilities against what came on rows the model has not seen.

    Where half of the customers cannot teach a recalibration (one outcome only, or higher scores that mean
    fewer ones), the probabilities of the others stay as they are.

    Args:
        y: 0 or 1, one entry per row.
        prob: predicted probability of 1.
        groups: customer of each row: whoever teaches the recalibration is not judged by it.
        n_boot: resamples of customers behind the verdict.
        seed: of the halves and the resamples.
    """
    truth, given = np.asarray(y, dtype="float64"), np.asarray(prob, dtype="float64")
    codes, names = pd.factorize(np.asarray(groups))
    half = np.random.default_rng(seed).permutation(len(names))[codes] % 2
    mended = given.copy()
    for part in (0, 1):
        with contextlib.suppress(ValueError):  # nothing to be learnt from the others: left as it is
            learnt = Recalibration().fit(truth[half != part], given[half != part])
            mended[half == part] = learnt.predict(given[half == part])
    table = calibration_by_decile(truth, given)
    gap = paired_difference(truth, mended, given, "log_loss", groups, n_boot, seed)
    ratios = table["predicted"].iloc[0] / table[["actual", "low", "high"]].iloc[0]
    return CalibrationCheck(
        n_inside=int(table["is_inside"].iloc[1:].sum()),
        n_tenths=len(table) - 1,
        is_level_inside=bool(table["is_inside"].iloc[0]),
        ratio=float(ratios["actual"]),
        ratio_low=float(ratios["high"]),
        ratio_high=float(ratios["low"]),
        error=expected_calibration_error(truth, given),
        recalibrated_error=expected_calibration_error(truth, mended),
        verdict=verdict(*gap, higher_is_better=False),
    )
