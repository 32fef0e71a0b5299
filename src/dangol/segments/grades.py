"""The customer grade: a ladder by what customers spent in the last year."""

import numpy as np
import pandas as pd

GRADES = ("Platinum", "Gold", "Silver", "Bronze")
_TOP_SHARES = (0.05, 0.20, 0.50)
_NOT_YET = "(not yet a customer)"


def customer_grade(amount: pd.Series) -> pd.Series:
    """Grade customers by the amount they spent in a window.

    Platinum is the best 5 % of the customers who spent anything, Gold the next 15 %, Silver the
    next 30 %, Bronze the rest and everybody who spent nothing. Customers at a threshold get the
    better grade.

    Args:
        amount: one value per customer, in the currency of the data, refunds netted.

    Returns:
        Text, aligned with ``amount``.
    """
    buyers = amount[amount > 0]
    if buyers.empty:
        return pd.Series(GRADES[-1], index=amount.index, dtype="str")
    thresholds = [float(buyers.quantile(1 - share, interpolation="higher")) for share in _TOP_SHARES]
    grade = np.select([amount >= threshold for threshold in thresholds], GRADES[:-1], GRADES[-1])
    return pd.Series(grade, index=amount.index, dtype="str").where(amount > 0, GRADES[-1])


def grade_migration(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """How customers moved between grades.

    Args:
        before: ``customer_id``, ``customer_grade`` at the earlier date.
        now: ``customer_id``, ``customer_grade``, ``monetary`` at the later date; holds every
            customer of ``before``.

    Returns:
        One row per grade then × grade now, all combinations, best first; columns as in
        ``tables.SEGMENT_MIGRATION``. Rows of one ``grade_before`` sum to the earlier count.
    """
    both = now.merge(before, on="customer_id", how="left", suffixes=("_now", "_before"))
    both = both.assign(customer_grade_before=both["customer_grade_before"].fillna(_NOT_YET))
    moves = both.groupby(["customer_grade_before", "customer_grade_now"]).agg(
        n_customers=("customer_id", "size"), monetary=("monetary", "sum")
    )
    every = pd.MultiIndex.from_product([(*GRADES, _NOT_YET), GRADES], names=["grade_before", "grade_now"])
    filled = moves.rename_axis(every.names).reindex(every, fill_value=0).reset_index()
    return filled.astype({"grade_before": "str", "grade_now": "str", "monetary": "float64"})
