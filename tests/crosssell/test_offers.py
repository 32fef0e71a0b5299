"""Offers held to plain loops and to a planted habit."""

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.crosssell import judging
from dangol.crosssell.candidates import Candidates, purchases
from dangol.crosssell.offer_model import fit_offer_model
from dangol.crosssell.offers import customer_offers
from dangol.errors import SkipNotebookError

END = pd.Timestamp("2020-11-15")
TRAIN = [END - pd.Timedelta(days=56), END - pd.Timedelta(days=28)]
NO_RULES = pd.DataFrame({"antecedent": [], "consequent": [], "lift": [], "is_replicated": []}).astype(
    {"antecedent": "str", "consequent": "str", "lift": float, "is_replicated": bool}
)


@pytest.fixture(scope="module")
def model(habit_orders):
    return fit_offer_model(habit_orders, TRAIN, ("c05",), 0.001, seed=1)


def test_candidates_match_a_plain_loop(habit_orders):
    candidates = Candidates.of(habit_orders, END)
    past = habit_orders[habit_orders["order_ts"] < END]
    for row in (0, 17, 123):
        own = past[past["customer_id"] == candidates.customers[row]]
        age = (END - own["order_ts"]).dt.days
        for column, name in enumerate(candidates.categories):
            is_it = own["category"] == name
            assert candidates.n_recent[row, column] == (is_it & (age <= 84)).sum()
            assert candidates.n_earlier[row, column] == (is_it & (age > 84)).sum()
            assert candidates.absence_days[row, column] == (age[is_it].min() if is_it.any() else 0)
        assert candidates.n_orders[row].tolist() == [
            own.loc[age <= days, "order_id"].nunique() for days in (84, 28)
        ]


def test_adoption_rate_matches_a_plain_loop(habit_orders):
    candidates = Candidates.of(habit_orders, END)
    age = (END - habit_orders["order_ts"]).dt.days
    seen = set(habit_orders.loc[age > 28, "customer_id"])
    n_without, n_adopted = [], []
    for name in candidates.categories:
        buyers = habit_orders[habit_orders["category"] == name]
        had = set(buyers.loc[(age > 28) & (age <= 112), "customer_id"])
        took = set(buyers.loc[(age > 0) & (age <= 28), "customer_id"])
        n_without.append(len(seen - had))
        n_adopted.append(len(took - had))
    overall = sum(n_adopted) / sum(n_without)
    rate = [
        (took + 50 * overall) / (without + 50) for took, without in zip(n_adopted, n_without, strict=True)
    ]
    assert candidates.adoption_rate == pytest.approx(rate)


def test_no_owned_and_no_excluded_category_is_offered(habit_orders, model):
    offers = customer_offers(Candidates.of(habit_orders, END), model, NO_RULES, 5)
    recent = habit_orders[
        (habit_orders["order_ts"] < END) & (habit_orders["order_ts"] >= END - pd.Timedelta(days=84))
    ]
    owned = set(zip(recent["customer_id"], recent["category"].astype(str), strict=True))
    offered = set(zip(offers["customer_id"], offers["category"], strict=True))
    assert not owned & offered
    assert "c05" not in set(offers["category"])
    tables.CUSTOMER_OFFER.check(offers)


def test_offers_are_ranked_by_expected_amount(habit_orders, model):
    offers = customer_offers(Candidates.of(habit_orders, END), model, NO_RULES, 5)
    falls = offers.groupby("customer_id")["expected_amount"].apply(
        lambda amount: amount.is_monotonic_decreasing
    )
    assert falls.all()
    first = offers.groupby("customer_id")["offer_rank"].min()
    assert (first == 1).all()


def test_offers_know_nothing_of_the_future(habit_orders, model):
    past = habit_orders[habit_orders["order_ts"] < END]
    fresh = fit_offer_model(past, TRAIN, ("c05",), 0.001, seed=1)
    with_future = customer_offers(Candidates.of(habit_orders, END), model, NO_RULES, 3)
    pd.testing.assert_frame_equal(with_future, customer_offers(Candidates.of(past, END), fresh, NO_RULES, 3))


def test_a_planted_habit_is_offered_and_beats_best_sellers(habit_orders, model):
    candidates = Candidates.of(habit_orders, END)
    met = judging.hits(habit_orders, candidates, model, 1)
    leaderboard = judging.judge(met, 200, 1)
    lead, low, _ = judging.interval_of(leaderboard, judging.BEST_SELLERS, "amount_lead")
    assert lead > 0
    assert low <= lead
    hit, popular_hit = (
        judging.interval_of(leaderboard, name, "hit_rate")[0]
        for name in (judging.LIKELIEST, judging.MOST_BOUGHT)
    )
    assert hit >= popular_hit
    tables.OFFER_LEADERBOARD.check(leaderboard)


def test_hits_match_a_plain_loop(habit_orders, model):
    candidates = Candidates.of(habit_orders, END)
    offers = customer_offers(candidates, model, NO_RULES, 3)
    met = judging.hits(habit_orders, candidates, model, 3)
    later = habit_orders[
        (habit_orders["order_ts"] >= END) & (habit_orders["order_ts"] < END + pd.Timedelta(days=28))
    ]
    looked_at = candidates.customers[::40]
    for customer in looked_at:
        offered = set(offers.loc[offers["customer_id"] == customer, "category"])
        own = later[(later["customer_id"] == customer) & later["category"].isin(offered)]
        row = met[(met["customer_id"] == customer) & (met["model"] == judging.OFFERS)].iloc[0]
        assert row["is_hit"] == (len(own) > 0)
        assert row["amount"] == pytest.approx(own["amount"].sum())
    of_ours = met[met["customer_id"].isin(looked_at) & (met["model"] == judging.OFFERS)]
    assert set(of_ours["is_hit"]) == {True, False}


def test_probabilities_are_calibrated_on_average(habit_orders, model):
    candidates = Candidates.of(habit_orders, TRAIN[1])
    prob = model.probabilities(candidates)
    n_bought, _ = purchases(habit_orders, candidates)
    shown = prob > 0
    assert prob[shown].mean() == pytest.approx((n_bought.toarray()[shown] > 0).mean(), rel=0.15)


def test_the_bootstrap_interval_has_the_width_of_the_standard_error():
    rng = np.random.default_rng(2)
    is_hit = rng.random(400) < 0.3
    met = pd.DataFrame(
        {"customer_id": range(400), "model": judging.OFFERS, "is_hit": is_hit, "amount": rng.gamma(2, 2, 400)}
    )
    estimate, low, high = judging.interval_of(judging.judge(met, 2_000, 1), judging.OFFERS, "hit_rate")
    error = np.sqrt(estimate * (1 - estimate) / 400)
    assert estimate == pytest.approx(is_hit.mean())
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_each_reason_names_history_rule_or_popularity(habit_orders, model):
    rules = pd.DataFrame(
        {"antecedent": ["c01"], "consequent": ["c02"], "lift": [2.13], "is_replicated": [True]}
    )
    offers = customer_offers(Candidates.of(habit_orders, END), model, rules, 20)
    assert offers["reason"].str.contains("before, last|times as often|popular").all()
    ruled = offers[offers["reason"].str.contains("times as often")]
    assert set(ruled["reason"]) <= {"bought c01; c01 buyers add c02 2.1 times as often"}


def test_identifiers_may_be_text(habit_orders, model):
    numbers = customer_offers(Candidates.of(habit_orders, END), model, NO_RULES, 2)
    text = habit_orders.assign(customer_id=habit_orders["customer_id"].map("k{:04d}".format).astype("str"))
    named = customer_offers(
        Candidates.of(text, END), fit_offer_model(text, TRAIN, ("c05",), 0.001, seed=1), NO_RULES, 2
    )
    assert named["customer_id"].tolist() == numbers["customer_id"].map("k{:04d}".format).tolist()
    assert named["category"].tolist() == numbers["category"].tolist()


def test_data_in_which_nobody_takes_anything_up_stop_with_a_sentence(make_orders):
    orders = make_orders([(day, customer, day, 3, 1.0) for customer in range(5) for day in range(0, 330, 5)])
    with pytest.raises(SkipNotebookError, match="no customer took up a new category"):
        fit_offer_model(orders, TRAIN, (), 0.001, seed=1)
