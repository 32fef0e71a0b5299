"""What the response network looks at, and what its card must warn of."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.modelcard import permutation_importance
from dangol.networks import NetworkClassifier

_N_COLUMNS, _N_EXPLAINED = 10, 300

LIMITS = (
    "The probability is that of an answer, not of an effect: some would have bought without a contact.",
    "Who was contacted was chosen by the company; scores of customers unlike them are extrapolations.",
    "The next campaign of a type is taken to be like the latest one.",
    "Not for decisions that touch rights or access; it ranks and sizes, people decide.",
)


def response_importance(
    network: NetworkClassifier, X: pd.DataFrame, y: npt.ArrayLike, seed: int
) -> pd.DataFrame:
    """How much log loss rises without each of the columns that move scores most.

    Args:
        network: fitted on two classes.
        X: held-out rows.
        y: 0 or 1, aligned.
        seed: of the rows that choose the columns, and of the shuffles.

    Returns:
        As `permutation_importance`, ten columns in words.
    """
    size = min(_N_EXPLAINED, len(X))
    rows = X.iloc[np.random.default_rng(seed).choice(len(X), size, replace=False)]
    moved = network.explain(rows).drop(columns="baseline_logit").abs().mean()
    parts = {str(name).replace("_", " "): [str(name)] for name in moved.nlargest(_N_COLUMNS).index}

    def answer(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
        return np.asarray(network.predict_proba(rows)[:, 1])

    return permutation_importance(answer, X, y, n_repeats=2, seed=seed, parts=parts)
