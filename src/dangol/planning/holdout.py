"""The control group: set aside by lot before anything else is decided."""

import hashlib

import numpy as np
import pandas as pd


def draw_holdout(customers: pd.DataFrame, share: float, seed: int) -> pd.Series:
    """Who is held out, with every grade represented at its share.

    Within each grade the customers are ordered by a hash of seed and identifier, and the first
    ``share`` of them are held out. The lot depends on nothing else: the same seed holds out the same
    people, and most of them stay held out when grades change or customers are added.

    Args:
        customers: ``customer_id`` (unique) and ``customer_grade``.
        share: of each grade, rounded to whole customers.
        seed: another seed draws another group.

    Returns:
        Boolean, index as ``customers``.

    Source:
        Hashed assignment: Kohavi, Longbotham, Sommerfield & Henne (2009), Data Mining and
        Knowledge Discovery 18(1), sec. 4.1.
    """
    lot = customers["customer_id"].map(lambda customer_id: _lot(seed, customer_id))
    rank = lot.groupby(customers["customer_grade"].to_numpy()).rank(method="first")
    size = lot.groupby(customers["customer_grade"].to_numpy()).transform("size")
    return (rank <= np.floor(share * size + 0.5)).rename("is_holdout")


def _lot(seed: int, customer_id: object) -> float:
    """A number in [0, 1) that only seed and identifier decide."""
    digest = hashlib.sha256(f"{seed}:{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
