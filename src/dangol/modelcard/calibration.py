"""Are probabilities to be taken at their word, and mending them on fresh rows if not."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.classification import reliability_deciles

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
