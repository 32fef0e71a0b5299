"""Rules held to plain loops, to simulated noise, and to a planted pair."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dangol import tables
from dangol.crosssell.baskets import Baskets
from dangol.crosssell.pair_counts import count_pairs
from dangol.crosssell.rules import find_rules
from dangol.crosssell.significance import judge_pairs


def test_observed_pairs_match_a_plain_loop(basket_world):
    orders, _ = basket_world(1)
    counts = count_pairs(Baskets.of(orders), 0.0)
    baskets = orders.groupby("order_id")["category"].agg(set)
    for a, b in itertools.combinations(range(len(counts.categories)), 2):
        both = sum({counts.categories[a], counts.categories[b]} <= basket for basket in baskets)
        assert counts.observed[a, b] == both


def test_expected_pairs_keep_the_number_of_partners_within_each_basket_size(basket_world):
    orders, _ = basket_world(2)
    counts = count_pairs(Baskets.of(orders), 0.0)
    sizes = np.unique(counts.baskets.size[counts.size_row >= 0])
    for row, size in enumerate(sizes):
        joint = np.outer(counts.weight[row], counts.weight[row])
        np.fill_diagonal(joint, 0.0)
        held = counts.share[row] < 1
        partners = (size - 1) * counts.share[row]
        assert joint.sum(axis=1)[held] == pytest.approx(partners[held], rel=1e-3, abs=1e-4)


def test_expected_pairs_of_baskets_of_two_are_exact():
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    pairs = list(itertools.combinations(range(4), 2))
    n = [int(1000 * weight[a] * weight[b]) for a, b in pairs]
    rows = []
    for (a, b), times in zip(pairs, n, strict=True):
        rows += [(a, b)] * times
    orders = pd.DataFrame(
        {
            "order_id": np.repeat(np.arange(len(rows)), 2),
            "customer_id": np.repeat(np.arange(len(rows)) % 97, 2),
            "category": pd.Categorical.from_codes(np.array(rows).ravel(), categories=list("abcd")),
        }
    )
    counts = count_pairs(Baskets.of(orders), 0.0)
    for (a, b), times in zip(pairs, n, strict=True):
        assert counts.expected[a, b] == pytest.approx(times, rel=1e-6)


def test_customer_variance_matches_a_plain_loop(basket_world):
    orders, _ = basket_world(3, n_customers=40)
    counts = count_pairs(Baskets.of(orders), 0.0)
    judged = judge_pairs(counts, np.array([3]), np.array([7]))
    excess = {}
    holds = counts.baskets.holds[:, counts.column].toarray()
    for basket, row in enumerate(counts.size_row):
        if row < 0:
            continue
        joint = counts.weight[row, 3] * counts.weight[row, 7]
        a, b = holds[basket, 3], holds[basket, 7]
        part = a * b + joint
        part -= joint / counts.share[row, 3] * a if counts.share[row, 3] else 0
        part -= joint / counts.share[row, 7] * b if counts.share[row, 7] else 0
        customer = counts.baskets.customer[basket]
        excess[customer] = excess.get(customer, 0.0) + part
    spread = np.sqrt(sum(value**2 for value in excess.values()))
    z = (counts.observed[3, 7] - counts.expected[3, 7]) / spread
    exact = stats.poisson.sf(counts.observed[3, 7] - 1, counts.expected[3, 7])
    assert judged["p_value"].iloc[0] == pytest.approx(max(exact, stats.norm.sf(z)))
    assert sum(excess.values()) == pytest.approx(counts.observed[3, 7] - counts.expected[3, 7], abs=1e-6)


@pytest.mark.parametrize("kind", ["flat", "taste", "latent"])
def test_pure_noise_gives_rules_in_at_most_one_run_of_twenty(basket_world, kind):
    n_runs_with_rules, n_textbook = 0, 0
    for seed in range(20):
        earlier, later = basket_world(seed, kind)
        search = find_rules(Baskets.of(earlier), Baskets.of(later), 0.005, 0.05)
        n_runs_with_rules += len(search.rules) > 0
        n_textbook += search.n_textbook_rules > 0
    assert n_runs_with_rules <= 1
    assert n_textbook >= 15  # the textbook test is fooled by basket size


def test_a_planted_pair_is_found_and_replicated_and_nothing_else(basket_world):
    earlier, later = basket_world(5, planted=0.6, n_customers=400)
    search = find_rules(Baskets.of(earlier), Baskets.of(later), 0.005, 0.01)
    assert set(search.rules["antecedent"]) == {"c03", "c07"}
    assert search.rules["is_replicated"].all()
    assert (search.rules["lift_low"] > 1.1).all()
    tables.PRODUCT_RULE.check(search.rules)


def test_one_loyal_customer_is_not_a_rule(basket_world, make_orders):
    earlier, later = basket_world(6)
    loyal = make_orders([(10**6 + n, 10**6, n % 100, code, 1.0) for n in range(120) for code in (3, 7)])
    loyal["category"] = loyal["category"].cat.set_categories(earlier["category"].cat.categories)
    search = find_rules(Baskets.of(pd.concat([earlier, loyal])), Baskets.of(later), 0.005, 0.01)
    assert search.rules.empty
    tables.PRODUCT_RULE.check(search.rules)


def test_confidence_and_support_match_a_plain_loop(basket_world):
    earlier, later = basket_world(5, planted=0.6, n_customers=400)
    rules = find_rules(Baskets.of(earlier), Baskets.of(later), 0.005, 0.01).rules
    baskets = earlier.groupby("order_id")["category"].agg(set)
    assert len(rules) == 2  # the planted pair, either way
    for rule in rules.itertuples():
        n_first = sum(rule.antecedent in basket for basket in baskets)
        n_both = sum({rule.antecedent, rule.consequent} <= basket for basket in baskets)
        assert rule.n_baskets == n_both
        assert rule.confidence_rate == pytest.approx(n_both / n_first)
        assert rule.support_share == pytest.approx(n_both / len(baskets))


def test_huge_baskets_are_left_out_and_counted(basket_world, make_orders):
    orders, _ = basket_world(7)
    huge = make_orders([(10**6, 1, 1, code, 1.0) for code in range(20)])
    baskets = Baskets.of(pd.concat([orders, huge]), max_categories=15)
    assert baskets.n_huge == 1
    assert (baskets.n_with == Baskets.of(orders, max_categories=15).n_with).all()


def test_the_search_does_not_depend_on_the_order_of_rows(basket_world):
    earlier, later = basket_world(5, planted=0.6, n_customers=200)
    shuffled = earlier.sample(frac=1, random_state=1)
    before = shuffled.copy()
    found = find_rules(Baskets.of(shuffled), Baskets.of(later), 0.005, 0.5).rules
    pd.testing.assert_frame_equal(found, find_rules(Baskets.of(earlier), Baskets.of(later), 0.005, 0.5).rules)
    pd.testing.assert_frame_equal(shuffled, before)
