"""Recency, frequency and monetary grades from 1 (worst) to 5 (best)."""

import numpy as np
import pandas as pd


def rfm_grades(snapshot: pd.DataFrame) -> pd.DataFrame:
    """Grade customers by recency, frequency and monetary value.

    A grade is the fifth of the customers in which the middle of a customer's ties lies, so equal
    values get equal grades and the order of rows does not matter.

    Args:
        snapshot: one row per customer: ``customer_id``, ``recency_days``, ``n_orders``, ``monetary``.

    Returns:
        One row per customer in the order given: ``customer_id``, ``recency_grade`` (fresher is
        higher), ``frequency_grade``, ``monetary_grade``; int64 from 1 to 5.

    Source:
        Hughes (1994), Strategic Database Marketing.
    """
    return pd.DataFrame(
        {
            "customer_id": snapshot["customer_id"],
            "recency_grade": quantile_grade(-snapshot["recency_days"]),
            "frequency_grade": quantile_grade(snapshot["n_orders"]),
            "monetary_grade": quantile_grade(snapshot["monetary"]),
        }
    )


def quantile_grade(values: pd.Series, n_grades: int = 5) -> pd.Series:
    """Grade from 1 to ``n_grades`` by rank; ties share the grade of their middle rank.

    >>> quantile_grade(pd.Series([10, 20, 30, 40, 50])).tolist()
    [1, 2, 3, 4, 5]
    >>> quantile_grade(pd.Series([1, 1, 1, 9])).tolist()
    [2, 2, 2, 5]
    """
    middle = (values.rank(method="average") - 0.5) / len(values)
    grade = np.ceil(middle.to_numpy() * n_grades).clip(1, n_grades)
    return pd.Series(grade, index=values.index).astype("int64")
