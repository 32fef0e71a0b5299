"""Categories that are bought together: the planted lift of each pair, inside segments and over all."""

import numpy as np
import pandas as pd

from dangol.simulator.catalogue import AFFINITIES, CATEGORIES, Catalogue
from dangol.simulator.segments import NAMES, SEGMENTS


def affinity_table(catalogue: Catalogue) -> pd.DataFrame:
    """What is planted, one row per pair and segment.

    Let ``a`` be the share of baskets with the antecedent, ``q`` the chance that the consequent
    comes by itself, ``g`` the share of baskets with the consequent and without the antecedent.
    A consequent is added to a basket with the antecedent alone with ``add_prob``, chosen so that
    ``P(both) = lift * P(antecedent) * P(consequent)``: from ``c = g + a * lift * c`` follows
    ``c = g / (1 - a * lift)`` and ``add_prob = (lift * c - q) / (1 - q)``.

    Returns:
        ``antecedent``, ``consequent``, ``lift``, ``planted_segment``, ``antecedent_prob``,
        ``consequent_prob`` (shares of the segment's baskets), ``add_prob``.
    """
    rows = []
    mean = np.array([item.basket_lines for item in SEGMENTS])
    filled = -np.expm1(-mean)
    for antecedent, consequent, lift in AFFINITIES:
        taste_a = catalogue.category_prob[:, CATEGORIES.index(antecedent)]
        taste_c = catalogue.category_prob[:, CATEGORIES.index(consequent)]
        a = -np.expm1(-mean * taste_a) / filled
        q = -np.expm1(-mean * taste_c)
        g = q * np.exp(-mean * taste_a) / filled
        c = g / (1 - a * lift)
        add_prob = (lift * c - q) / (1 - q)
        rows.append(
            pd.DataFrame(
                {
                    "antecedent": antecedent,
                    "consequent": consequent,
                    "lift": lift,
                    "planted_segment": NAMES,
                    "antecedent_prob": a,
                    "consequent_prob": c,
                    "add_prob": add_prob,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def pooled_affinities(catalogue: Catalogue, n_orders: np.ndarray) -> pd.DataFrame:
    """The planted pairs as they show over all baskets together.

    Segments with different tastes raise or lower the lift of pooled baskets; inside each segment
    it is ``lift``.

    Args:
        catalogue: tastes.
        n_orders: orders per segment.

    Returns:
        One row per pair: ``antecedent``, ``consequent``, ``lift``, ``pooled_lift``.
    """
    rows = affinity_table(catalogue)
    weight = rows["planted_segment"].map(dict(zip(NAMES, n_orders / max(n_orders.sum(), 1), strict=True)))
    parts = rows.assign(
        antecedent_share=weight * rows["antecedent_prob"],
        consequent_share=weight * rows["consequent_prob"],
        both_share=weight * rows["lift"] * rows["antecedent_prob"] * rows["consequent_prob"],
    )
    shares = ["antecedent_share", "consequent_share", "both_share"]
    keys = ["antecedent", "consequent", "lift"]
    result = parts.groupby(keys, sort=False)[shares].sum().reset_index()
    expected = result["antecedent_share"] * result["consequent_share"]
    return result[keys].assign(pooled_lift=result["both_share"] / expected)
