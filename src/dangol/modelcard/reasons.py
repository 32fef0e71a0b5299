"""Which columns matter over all, and why this customer has this score, in words."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.classification import classification_scores

_N_REASONS = 3


def permutation_importance(
    predict: Callable[[pd.DataFrame], npt.NDArray[np.float64]],
    X: pd.DataFrame,
    y: npt.ArrayLike,
    n_repeats: int = 3,
    seed: int = 0,
    parts: Mapping[str, list[str]] | None = None,
) -> pd.DataFrame:
    """How much log loss rises when a column's values are dealt out to other customers.

    Args:
        predict: rows to probabilities of 1.
        X: held-out rows.
        y: 0 or 1, aligned.
        n_repeats: shuffles per column.
        seed: of the shuffles.
        parts: name to columns that are dealt out together; None: every column by itself.

    Returns:
        One row per column (or part), most important first: ``column``, ``log_loss_rise`` (mean over
        shuffles), ``rise_sd``. Columns that say the same share their importance.

    Source:
        Fisher, Rudin & Dominici (2019), J. Machine Learning Research 20.
    """
    rng = np.random.default_rng(seed)
    base = classification_scores(y, predict(X))["log_loss"]
    rows = []
    for name, columns in (parts or {str(column): [str(column)] for column in X}).items():
        rises = []
        for _ in range(n_repeats):
            dealt = X[columns].iloc[rng.permutation(len(X))].set_axis(X.index)
            shuffled = X.assign(**{column: dealt[column] for column in columns})
            rises.append(classification_scores(y, predict(shuffled))["log_loss"] - base)
        rows.append((name, float(np.mean(rises)), float(np.std(rises))))
    table = pd.DataFrame(rows, columns=["column", "log_loss_rise", "rise_sd"])
    return table.sort_values("log_loss_rise", ascending=False, ignore_index=True)


def customer_reasons(
    contributions: pd.DataFrame, X: pd.DataFrame, names: dict[str, str] | None = None
) -> pd.Series:
    """The three columns that move each customer's score most, as an account manager reads them.

    Args:
        contributions: as from ``explain``: what each column adds to the logit, and
            ``baseline_logit``; a row sums to the logit of the customer's score.
        X: the customers' values, aligned.
        names: column to words; a column without is told by its name, ``_`` as spaces.

    Returns:
        One sentence per customer, such as ``recency days 41 raises it (+1.2); member True lowers it (-0.4)``.
        Columns that add nothing are left out.
    """
    parts = contributions.drop(columns="baseline_logit")
    words = names or {}
    labels = [words.get(str(name), str(name).replace("_", " ")) for name in parts]
    sizes = parts.to_numpy()
    order = np.argsort(-np.abs(sizes), axis=1, kind="stable")[:, :_N_REASONS]
    values = [X[name].to_numpy() for name in parts]
    sentences = []
    for row, columns in enumerate(order):
        told = [
            f"{labels[c]} {_told(values[c][row])} {'raises' if sizes[row, c] > 0 else 'lowers'} it "
            f"({sizes[row, c]:+.1f})"
            for c in columns
            if abs(sizes[row, c]) >= 0.05
        ]
        sentences.append("; ".join(told) or "nothing stands out")
    return pd.Series(sentences, index=contributions.index, dtype="str")


def _told(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return "unknown"
    return f"{value:,.4g}" if isinstance(value, float | np.floating) else str(value)
