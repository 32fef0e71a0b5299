"""Why two records are one person, how sure the whole is, and what that does to the figures."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dangol.errors import InputError
from dangol.identity.comparisons import words
from dangol.identity.linkage import RULES
from dangol.identity.resolution import Resolution

THRESHOLDS = (0.5, 0.9, 0.99)
CURVE = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995)


def explain_pair(resolution: Resolution, one: tuple[str, str], other: tuple[str, str]) -> pd.DataFrame:
    """What speaks for and against two records being one person, field by field.

    Args:
        resolution: of the records.
        one: ``(source, source_key)``.
        other: likewise.

    Returns:
        One row per field: ``field``, ``comparison`` in words, ``weight_bits`` (each bit doubles the
        odds) and ``verdict``. First comes the start: how rare matches are among all pairs. The
        weights add up to the log2 odds of ``match_prob``. Under rules one row: the rule.

    Raises:
        InputError: if a record is not known, or the pair was too unlikely to be kept.
    """
    left, right = sorted(_row_of(resolution, record) for record in (one, other))
    pairs = resolution.linkage.pairs
    found = pairs[(pairs["left"] == left) & (pairs["right"] == right)]
    if found.empty:
        raise InputError(
            f"{' '.join(one)} and {' '.join(other)} share no key, or are less than 1 % likely one person."
        )
    pair = found.iloc[0]
    if resolution.linkage.method == RULES:
        rows = [("rule", str(pair["rule"]), np.nan)]
    else:
        rows = [("all pairs", "how rare matches are", float(pair["prior_weight"]))]
        rows += [
            (c.field, words(c)[int(pair[f"{c.field}_level"])], float(pair[f"{c.field}_weight"]))
            for c in resolution.linkage.comparisons
        ]
    frame = pd.DataFrame(rows, columns=["field", "comparison", "weight_bits"])
    return frame.assign(verdict=[_verdict(weight) for weight in frame["weight_bits"]])


def _verdict(bits: float) -> str:
    if not np.isfinite(bits) or abs(bits) < 0.05:
        return "says nothing"
    times = f"{2 ** abs(bits):,.0f}" if abs(bits) >= 3 else f"{2 ** abs(bits):.1f}"
    return f"{times} times {'more' if bits > 0 else 'less'} likely one person"


def _row_of(resolution: Resolution, record: tuple[str, str]) -> int:
    people = resolution.people
    rows = np.flatnonzero((people["source"] == record[0]) & (people["source_key"] == record[1]))
    if not len(rows):
        raise InputError(f"no record {' '.join(record)} among the people; give (source, source_key).")
    return int(rows[0])


def pair_scores(group: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Pairwise precision, recall and F1 of a grouping.

    Args:
        group: per record the group found.
        truth: per record the person it belongs to.

    Returns:
        ``precision_rate`` (1 if no pair was found), ``recall_rate`` (1 if there is none) and
        ``f1_score``, over all pairs of records.
    """
    frame = pd.DataFrame({"group": group, "truth": truth})
    found, true = _n_pairs(frame, ["group"]), _n_pairs(frame, ["truth"])
    both = _n_pairs(frame, ["group", "truth"])
    return {
        "precision_rate": both / found if found else 1.0,
        "recall_rate": both / true if true else 1.0,
        "f1_score": 2 * both / (found + true) if found + true else 1.0,
    }


def _n_pairs(frame: pd.DataFrame, by: list[str]) -> int:
    sizes = frame.groupby(by).size().to_numpy()
    return int((sizes * (sizes - 1) // 2).sum())


def accuracy_by_threshold(
    resolution: Resolution, truth: pd.DataFrame, thresholds: Sequence[float] = CURVE
) -> pd.DataFrame:
    """Precision and recall, had each of the thresholds been used.

    Args:
        resolution: of the records.
        truth: ``source``, ``source_key``, ``person_id``; of every record.
        thresholds: in (0, 1).

    Returns:
        One row per ``threshold``: ``precision_rate``, ``recall_rate``, ``f1_score``, ``n_customers``.
    """
    keys = ["source", "source_key"]
    known = resolution.people[keys].merge(truth[[*keys, "person_id"]], on=keys, how="left")
    if known["person_id"].isna().any():
        raise InputError(f"the truth lacks {int(known['person_id'].isna().sum())} of the records.")
    rows = []
    for threshold in thresholds:
        group = resolution.groups_at(threshold)
        scores = pair_scores(group, known["person_id"].to_numpy())
        rows.append({"threshold": threshold, **scores, "n_customers": int(group.max(initial=-1)) + 1})
    return pd.DataFrame(rows)


def kpi_by_threshold(
    resolution: Resolution, amount: pd.Series, thresholds: Sequence[float] = THRESHOLDS
) -> pd.DataFrame:
    """Customers and revenue per customer, had each of the thresholds been used.

    Args:
        resolution: of the records.
        amount: money per record, index as ``resolution.people``; missing for records without orders.
        thresholds: in (0, 1).

    Returns:
        One row per ``threshold``: ``n_people`` (groups of records), ``n_customers`` (those with an
        amount), ``amount`` and ``amount_per_customer``.
    """
    rows = []
    for threshold in thresholds:
        group = resolution.groups_at(threshold)
        buyers = len(np.unique(group[amount.notna().to_numpy()]))
        total = float(amount.sum())
        rows.append(
            {
                "threshold": threshold,
                "n_people": int(group.max(initial=-1)) + 1,
                "n_customers": buyers,
                "amount": round(total, 2),
                "amount_per_customer": round(total / buyers, 2) if buyers else 0.0,
            }
        )
    return pd.DataFrame(rows)
