"""The data: planted dirt, and who is who."""

import numpy as np
import pandas as pd

from dangol import tables
from dangol.scorecard import bounds
from dangol.scorecard.line import Line, difference
from dangol.scorecard.results import Results

# planted fault: words by which notebook 01 names it
_FAULTS = {"unknown product": "product not in products", "zero quantity": "quantity 0"}


def dirt(results: Results) -> list[Line]:
    """Was every planted fault found? A count, so nothing is left to chance."""
    if not results.has(tables.DATA_FAULTS):
        return []
    found = results.table(tables.DATA_FAULTS)
    planted = results.truth("dirt").set_index("fault")["n_rows"]
    lines = []
    for fault, words in _FAULTS.items():
        rows = found["fault"].str.contains(words, regex=False) & (found["table"] == "transactions")
        pair = (planted[fault], found.loc[rows, "n_rows"].sum())
        n = int(planted[fault])
        lines.append(difference("dirt", "01", pair, 0.0, n=n, kind="count", label=fault))
    return lines


def identity(results: Results) -> list[Line]:
    """Were records of one person put together, and only those?

    Reads ``customer_identity`` where the run has it: ``source``, ``source_key``, ``customer_id``.
    """
    path = results.run.path / "customer_identity.parquet"
    if not path.is_file():
        return []
    found = pd.read_parquet(path)
    if not {"source", "source_key", "customer_id"} <= set(found.columns):
        return []
    rows = results.truth("identity").merge(found, on=["source", "source_key"])
    score = pair_scores(rows["customer_id"], rows["person_id"])[2]
    n = len(rows)
    return [difference("identity_f1", "01", (1.0, score), bounds.pairwise_f1(), n=n, kind="score")]


def pair_scores(found: pd.Series, truth: pd.Series) -> tuple[float, float, float]:
    """Precision, recall and F1 of linked pairs of records.

    Args:
        found: cluster of each record.
        truth: person of each record, aligned with ``found``.
    """
    together = pd.DataFrame({"found": np.asarray(found), "truth": np.asarray(truth)})
    right = _n_pairs(together.groupby(["found", "truth"]).size())
    linked, wanted = (_n_pairs(together.groupby(name).size()) for name in ("found", "truth"))
    precision, recall = right / max(linked, 1), right / max(wanted, 1)
    return precision, recall, 2 * right / max(linked + wanted, 1)


def _n_pairs(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
