"""How a model does in groups of customers; small groups say nothing and are hidden."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.classification import bootstrap_scores, classification_scores

SMALLEST_GROUP = 50
FEWEST_OF_A_CLASS = 10
_MOST_GROUPS = 12


def slice_scores(
    y: pd.Series, prob: pd.Series, group: pd.Series, n_boot: int = 200, seed: int = 0
) -> pd.DataFrame:
    """AUC, and predicted against actual share, of every group that is large enough.

    Args:
        y: 0 or 1, one row per customer.
        prob: predicted probability of 1, aligned.
        group: label of each customer; missing becomes ``(unknown)``.
        n_boot: resamples behind the intervals.
        seed: of the resampling.

    Returns:
        One row per group, largest first: ``group``, ``n``, ``auc_score``, ``auc_low``, ``auc_high``,
        ``predicted_share``, ``actual_share``, ``gap_share`` (predicted less actual), ``is_flagged``: the
        interval of the AUC lies below the AUC over everybody, or the predicted share outside the 95 %
        interval of the actual one. Groups of fewer than 50 customers, or with fewer than 10 of either
        outcome, are shown together as ``(hidden: small groups)`` with ``n`` alone, so that nothing
        can be told of a few people.
    """
    from scipy.stats import binomtest

    rows = pd.DataFrame(
        {"y": y, "prob": prob, "group": group.astype("str").where(group.notna(), "(unknown)")}
    )
    overall = classification_scores(rows["y"], rows["prob"])["auc"]
    found, n_hidden = [], 0
    for name, part in rows.groupby("group"):
        n_ones, n = int(part["y"].sum()), len(part)
        if n < SMALLEST_GROUP or min(n_ones, n - n_ones) < FEWEST_OF_A_CLASS:
            n_hidden += n
            continue
        board = bootstrap_scores(part["y"], {"model": part["prob"]}, part.index, n_boot, seed)
        auc = board[board["metric"] == "auc"].iloc[0]
        actual = binomtest(n_ones, n).proportion_ci(method="wilson")
        predicted = part["prob"].mean()
        is_off = not actual.low <= predicted <= actual.high
        found.append(
            {
                "group": name,
                "n": n,
                "auc_score": auc["estimate"],
                "auc_low": auc["low"],
                "auc_high": auc["high"],
                "predicted_share": predicted,
                "actual_share": n_ones / n,
                "gap_share": predicted - n_ones / n,
                "is_flagged": bool(auc["high"] < overall or is_off),
            }
        )
    table = pd.DataFrame(found).sort_values("n", ascending=False) if found else pd.DataFrame()
    if n_hidden:
        table = pd.concat([table, pd.DataFrame([{"group": "(hidden: small groups)", "n": n_hidden}])])
    return table.reset_index(drop=True)


def group_scores(
    y: npt.ArrayLike, prob: npt.ArrayLike, frame: pd.DataFrame, n_boot: int = 200
) -> pd.DataFrame:
    """`slice_scores` of every column that sorts customers into 2 to 12 groups.

    Args:
        y: 0 or 1, one entry per row.
        prob: predicted probability of 1.
        frame: attributes of the rows, in their order.
        n_boot: resamples behind the intervals.

    Returns:
        As `slice_scores`, with the column ``attribute``; no rows if there is no such attribute.
    """
    names = [str(name) for name in frame if 1 < frame[name].nunique() <= _MOST_GROUPS]
    truth, guess = pd.Series(np.asarray(y)), pd.Series(np.asarray(prob))
    parts = [
        slice_scores(truth, guess, frame[name].reset_index(drop=True), n_boot).assign(attribute=name)
        for name in names
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"attribute": [], "group": []})
