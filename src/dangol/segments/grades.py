"""The customer grade: a ladder with band and grace, replayed over dates; who moved, and at what cost."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from dangol.customer_rules import Ladder
from dangol.errors import InputError

NOT_YET = "(not yet a customer)"
NO_LONGER = "(no longer a customer)"
BENEFIT_KINDS = ("share", "fixed")


def customer_grade(score: pd.Series, ladder: Ladder) -> pd.Series:
    """Grade customers at one date, with neither band nor history.

    Customers at a cut get the better grade; a score that is missing, zero or below gets the last one.

    Args:
        score: one number per customer, higher is better, such as the amount of a year.
        ladder: names and cuts.

    Returns:
        Text, aligned with ``score``.
    """
    scores = _plain(score)
    return _named(_rung(scores, ladder.thresholds(scores)), ladder, score.index)


def replay_grades(scores: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    """Grades at every evaluation, each seeing only the ones before it.

    Whoever appears for the first time is graded by the plain cuts. Later a customer moves up at once
    when the score reaches ``cut * (1 + band_share)``. A customer below ``cut * (1 - band_share)`` of
    the grade held keeps it for ``n_grace`` evaluations in a row and then falls to the grade the score
    still holds. In between nothing changes, so noise smaller than the band moves nobody twice.

    Args:
        scores: one row per evaluation × customer: ``as_of`` (sortable), ``customer_id``, ``score``.
            A customer without a row at an evaluation after the first one counts with score 0.
        ladder: names, cuts, band and grace. Shares become scores at each evaluation anew.

    Returns:
        One row per evaluation × customer from the first appearance on, sorted by both: ``as_of``,
        ``customer_id``, ``score``, ``customer_grade``, ``plain_grade`` (the cuts alone),
        ``n_below`` (int64: evaluations in a row below the band), ``amount_to_keep`` (float64: what
        lifts the score to the cut of the grade held; 0 above it) and ``amount_to_next`` (what lifts
        it to the band above; missing in the best grade and where that cannot be reached).

    Raises:
        InputError: if a customer has two rows at one evaluation.
    """
    if twice := int(scores.duplicated(["as_of", "customer_id"]).sum()):
        raise InputError(f"expected one score per customer and date, received {twice} more. Add them up.")
    customers = pd.Index(np.sort(scores["customer_id"].unique()), name="customer_id")
    known = np.zeros(len(customers), dtype="bool")
    held = np.full(len(customers), -1, dtype="int64")
    n_below = np.zeros(len(customers), dtype="int64")
    parts = []
    for as_of, rows in scores.groupby("as_of"):
        places = customers.get_indexer(pd.Index(rows["customer_id"]))
        known[places] = True
        now = np.zeros(len(customers))
        now[places] = _plain(rows["score"])
        there = known.copy()
        values = now[there]
        cuts = ladder.thresholds(values)
        held[there], n_below[there] = _step(held[there], n_below[there], values, cuts, ladder)
        part = _evaluation(values, cuts, held[there], n_below[there], ladder)
        part.insert(0, "as_of", as_of)
        part.insert(1, "customer_id", customers[there])
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _step(
    held: np.ndarray, n_below: np.ndarray, scores: np.ndarray, cuts: np.ndarray, ladder: Ladder
) -> tuple[np.ndarray, np.ndarray]:
    """One evaluation: rungs held (0 is the best, -1 none yet) and evaluations below the band."""
    # rounded, so that a score of 110 reaches a cut of 100 with a band of a tenth
    reached = _rung(scores, (cuts * (1 + ladder.band_share)).round(6))
    kept = _rung(scores, (cuts * (1 - ladder.band_share)).round(6))
    is_new, is_up, is_below = held < 0, reached < held, (held >= 0) & (held < kept)
    n_below = np.where(is_below, n_below + 1, 0)
    falls = n_below > ladder.n_grace
    now = np.select([is_new, is_up, falls], [_rung(scores, cuts), reached, kept], held)
    return now, np.where(falls, 0, n_below)


def _evaluation(
    scores: np.ndarray, cuts: np.ndarray, held: np.ndarray, n_below: np.ndarray, ladder: Ladder
) -> pd.DataFrame:
    own = np.append(cuts, -np.inf)[held]
    above = np.concatenate([[np.nan], cuts * (1 + ladder.band_share)])[held]
    return pd.DataFrame(
        {
            "score": scores,
            "customer_grade": _named(held, ladder),
            "plain_grade": _named(_rung(scores, cuts), ladder),
            "n_below": n_below,
            "amount_to_keep": np.where(np.isfinite(own), np.clip(own - scores, 0, None), 0.0),
            "amount_to_next": np.where(np.isfinite(above), np.clip(above - scores, 0, None), np.nan),
        }
    )


def grade_migration(before: pd.DataFrame, now: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    """How customers moved between grades, new and vanished customers included.

    Args:
        before: ``customer_id``, ``customer_grade`` at the earlier date.
        now: ``customer_id``, ``customer_grade``, ``monetary`` at the later date.
        ladder: names of the grades.

    Returns:
        One row per grade then × grade now, all combinations, best first; columns as in
        ``tables.SEGMENT_MIGRATION``. Rows of one ``grade_before`` sum to the earlier count, rows of
        one ``grade_now`` to the later one.
    """
    both = now.merge(before, on="customer_id", how="outer", suffixes=("_now", "_before"))
    both = both.fillna({"customer_grade_now": NO_LONGER, "customer_grade_before": NOT_YET, "monetary": 0.0})
    moves = both.groupby(["customer_grade_before", "customer_grade_now"]).agg(
        n_customers=("customer_id", "size"), monetary=("monetary", "sum")
    )
    names = ["grade_before", "grade_now"]
    pairs = [(b, n) for b in (*ladder.names, NOT_YET) for n in (*ladder.names, NO_LONGER)]
    every = pd.MultiIndex.from_tuples([pair for pair in pairs if pair != (NOT_YET, NO_LONGER)], names=names)
    filled = moves.rename_axis(names).reindex(every, fill_value=0).reset_index()
    return filled.astype({"grade_before": "str", "grade_now": "str", "monetary": "float64"})


def grade_changes(before: pd.DataFrame, now: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    """Who moved up or down, or will fall unless something happens, with the money at stake.

    Args:
        before: ``customer_id``, ``customer_grade``, ``amount`` at the earlier date.
        now: the same at the later date, and ``n_below``, ``amount_to_keep``.
        ladder: names of the grades, best first.

    Returns:
        One row per customer with another grade than before (``change`` ``up`` or ``down``) or in
        grace (``in grace``), largest stake first: ``customer_id``, ``change``, ``grade_before``,
        ``grade_now``, ``amount_before``, ``amount_now``, ``amount_at_stake`` and ``amount_to_keep``.
        At stake is, after a move, how far the amount rose or fell; in grace, all the customer still
        spends. Customers new since the earlier date did not move and are not listed.
    """
    both = now.merge(before, on="customer_id", suffixes=("_now", "_before"))
    rung = {name: place for place, name in enumerate(ladder.names)}
    step = both["customer_grade_now"].map(rung) - both["customer_grade_before"].map(rung)
    change = np.select([step < 0, step > 0, both["n_below"] > 0], ["up", "down", "in grace"], "")
    moved = (both["amount_now"] - both["amount_before"]).abs()
    listed = both.assign(
        change=change, amount_at_stake=np.where(change == "in grace", both["amount_now"].clip(lower=0), moved)
    )[change != ""]
    listed = listed.rename(
        columns={"customer_grade_now": "grade_now", "customer_grade_before": "grade_before"}
    )
    columns = [
        "customer_id", "change", "grade_before", "grade_now", "amount_before", "amount_now",
        "amount_at_stake", "amount_to_keep",
    ]  # fmt: skip
    order = listed.sort_values(["amount_at_stake", "customer_id"], ascending=[False, True])
    return order[columns].astype({"change": "str"}).reset_index(drop=True)


def grade_benefits(
    segments: pd.DataFrame, ladder: Ladder, benefits: Mapping[str, float], kind: str
) -> pd.DataFrame:
    """What each grade brings and what its benefits cost a year.

    Args:
        segments: one row per customer: ``customer_grade``, ``amount``.
        ladder: names of the grades.
        benefits: grade to its benefit; grades left out get none.
        kind: ``share``: of the amount (refunds give nothing back), ``fixed``: currency per customer.

    Returns:
        One row per grade, best first: ``customer_grade``, ``n_customers``, ``amount``,
        ``benefit_cost`` and ``benefit_cost_share`` (of all benefits; 0 if there are none).

    Raises:
        InputError: if a benefit belongs to no grade or ``kind`` is neither.
    """
    faults = [f"a benefit for {name!r}, which is no grade" for name in benefits if name not in ladder.names]
    faults += [] if kind in BENEFIT_KINDS else [f"kind {kind!r}, which is neither share nor fixed"]
    if faults:
        raise InputError(f"expected benefits for {', '.join(ladder.names)}, received {'; '.join(faults)}.")
    basis = segments["amount"].clip(lower=0) if kind == "share" else pd.Series(1.0, index=segments.index)
    benefit = segments["customer_grade"].map({name: benefits.get(name, 0.0) for name in ladder.names})
    cost = basis * benefit.astype("float64")
    groups = segments.assign(benefit_cost=cost).groupby("customer_grade")
    table = groups.agg(
        n_customers=("amount", "size"), amount=("amount", "sum"), benefit_cost=("benefit_cost", "sum")
    )
    table = table.reindex(pd.Index(ladder.names, name="customer_grade"), fill_value=0).reset_index()
    total = float(table["benefit_cost"].sum())
    table = table.astype({"customer_grade": "str", "amount": "float64", "benefit_cost": "float64"})
    return table.assign(benefit_cost_share=table["benefit_cost"] / total if total else 0.0)


def _plain(score: pd.Series) -> np.ndarray:
    return np.nan_to_num(score.to_numpy(dtype="float64", na_value=np.nan), nan=0.0)


def _rung(scores: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Number of cuts above each score: 0 in the best grade; nobody without a score above 0 climbs."""
    above = len(cuts) - np.searchsorted(cuts[::-1], scores, side="right")
    return np.where(scores > 0, above, len(cuts)).astype("int64")


def _named(rungs: np.ndarray, ladder: Ladder, index: pd.Index | None = None) -> pd.Series:
    return pd.Series(np.asarray(ladder.names, dtype=object)[rungs], index=index, dtype="str")
