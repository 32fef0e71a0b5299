"""Product rules: pairs of categories found in one period and tested again in the next."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from dangol.crosssell.baskets import Baskets
from dangol.crosssell.pair_counts import PairCounts, count_pairs
from dangol.crosssell.significance import judge_pairs

_MIN_BASKETS = 5


@dataclass(frozen=True)
class RuleSearch:
    """What a search found, and how large it was.

    Attributes:
        rules: one row per rule and direction, columns as in ``tables.PRODUCT_RULE`` and those of
            ``judge_pairs``; the best supported lift first.
        n_pairs: pairs of frequent categories, all of which count as tests.
        n_textbook_rules: pairs that a Fisher test per pair of baskets would have called rules.
    """

    rules: pd.DataFrame
    n_pairs: int
    n_textbook_rules: int


def find_rules(earlier: Baskets, later: Baskets, min_support_share: float, max_q_value: float) -> RuleSearch:
    """Search the earlier period for rules and test each of them again in the later one.

    Every pair of frequent categories counts as a test, also those too rare to become a rule (they
    enter with p = 1), so choosing by support cannot manufacture significance. The later period
    tests only the rules found, with the same method and false-discovery rate.

    Args:
        earlier: baskets in which rules are searched.
        later: baskets of a period after it.
        min_support_share: lowest share of baskets that hold both categories.
        max_q_value: false-discovery rate; a rule has a q-value at or below it.

    Source:
        Benjamini & Hochberg (1995), JRSS-B 57(1). Need for correcting over the whole search:
        Webb (2007), Machine Learning 68(1).
    """
    counts = count_pairs(earlier, min_support_share)
    first, second = np.triu_indices(len(counts.column), k=1)
    enough = max(_MIN_BASKETS, min_support_share * earlier.n_baskets)
    is_candidate = counts.observed[first, second] >= enough
    first, second, n_pairs = first[is_candidate], second[is_candidate], len(first)
    judged = judge_pairs(counts, first, second)
    padding = np.ones(n_pairs - len(judged))
    judged["q_value"] = _q_values(judged["p_value"], padding)
    textbook = _q_values(judged["textbook_p_value"], padding)
    names = np.array(counts.categories, dtype=object)
    pairs = judged.assign(one=names[first], other=names[second], n_one=_with(counts, first))
    pairs = pairs.assign(n_other=_with(counts, second))
    found = pairs[(pairs["q_value"] <= max_q_value) & (pairs["lift"] > 1)]
    found = _replicated(found.reset_index(drop=True), later, max_q_value)
    rules = _both_directions(found, earlier.n_baskets)
    return RuleSearch(rules, n_pairs, int((textbook <= max_q_value).sum()))


def _with(counts: PairCounts, position: np.ndarray) -> np.ndarray:
    return counts.baskets.n_with[counts.column][position]


def _q_values(p_value: pd.Series, padding: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg over these tests and as many hopeless ones as ``padding`` has."""
    if p_value.empty:
        return np.zeros(0)
    return stats.false_discovery_control(np.concatenate([p_value, padding]))[: len(p_value)]


def _replicated(found: pd.DataFrame, later: Baskets, max_q_value: float) -> pd.DataFrame:
    """The same pairs in the later period: lift, p-value, and whether the rule held."""
    counts = count_pairs(later, 0.0)
    position = {name: number for number, name in enumerate(counts.categories)}
    is_known = found["one"].isin(position) & found["other"].isin(position)
    known = found[is_known]
    judged = judge_pairs(
        counts,
        known["one"].map(position).to_numpy(dtype=np.int64),
        known["other"].map(position).to_numpy(dtype=np.int64),
    ).set_index(known.index)
    p_value = judged["p_value"].reindex(found.index).fillna(1.0)
    q_value = _q_values(p_value, np.zeros(0))
    return found.assign(
        later_lift=judged["lift"].reindex(found.index).fillna(0.0),
        later_p_value=p_value,
        is_replicated=q_value <= max_q_value,
    )


def _both_directions(pairs: pd.DataFrame, n_baskets: int) -> pd.DataFrame:
    """Each pair as two rules; they differ in confidence only."""
    there = pairs.rename(columns={"one": "antecedent", "other": "consequent", "n_one": "n_with"})
    back = pairs.rename(columns={"other": "antecedent", "one": "consequent", "n_other": "n_with"})
    rules = pd.concat([there, back], ignore_index=True).drop(columns=["n_one", "n_other"])
    rules = rules.assign(
        antecedent=rules["antecedent"].astype("str"),
        consequent=rules["consequent"].astype("str"),
        support_share=rules["n_baskets"] / n_baskets,
        confidence_rate=rules["n_baskets"] / rules["n_with"],
    )
    order = ["lift_low", "confidence_rate", "antecedent", "consequent"]
    rules = rules.sort_values(order, ascending=[False, False, True, True], ignore_index=True)
    leading = ["antecedent", "consequent", "n_baskets", "support_share", "confidence_rate", "lift"]
    return rules[leading + [name for name in rules if name not in (*leading, "n_with")]]
