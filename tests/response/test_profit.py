"""Cut-offs by profit: chosen on earlier contacts, judged on later ones, against plain ways."""

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.evaluation import CampaignLog
from dangol.params import RespondParams
from dangol.response import (
    ProfitContest,
    best_cutoff,
    contact_terms,
    cutoff_figures,
    cutoff_sentence,
    fit_model,
    judge_cutoff,
    out_of_fold_probs,
    profit_curves,
    split_contacts,
)
from dangol.response.profit import EVERYBODY, NETWORK, NOBODY, ContactTerms

TERMS = ContactTerms(answer_value=10.0, contact_cost=4.0, is_measured=False)
Y, PROB = np.array([1, 0, 1, 1, 0, 0]), np.array([0.9, 0.8, 0.7, 0.7, 0.2, 0.2])


def contest(cutoff: float, y=Y, prob=PROB, terms=TERMS, naive=0.75) -> ProfitContest:
    probs = {NETWORK: prob, "naive": prob}
    rest = {"terms": terms, "groups": np.arange(len(y)), "n_boot": 200, "seed": 1}
    return ProfitContest.of_cutoffs({NETWORK: cutoff, "naive": naive}, probs, y=y, **rest)


def test_the_cutoff_is_the_one_found_by_hand_and_infinite_where_no_contact_pays():
    assert best_cutoff(Y, PROB, TERMS) == 0.7
    assert best_cutoff(Y, PROB, ContactTerms(1.0, 4.0, False)) == np.inf


def test_profits_are_those_of_a_hand_count():
    found = contest(0.7).board().set_index("model")["estimate"].to_dict()
    # from .7 on: three answers, four contacts; the rule from .75 on: one answer, two contacts
    assert found == {NETWORK: 14, "naive": 2, EVERYBODY: 6, NOBODY: 0}


def test_the_duel_names_the_strongest_rival_first_with_a_paired_interval():
    duel = contest(0.7).duel()
    assert duel["rival"].tolist() == [EVERYBODY, "naive", NOBODY]
    assert duel["difference"].tolist() == [8, 12, 14]
    # contacting everybody differs by the two of .2 alone, who never answer: no resample favours it
    assert duel["low"].iloc[0] >= 0 and duel["high"].iloc[0] <= 6 * 4


def test_intervals_are_those_of_a_plain_resampling_loop():
    case = contest(0.7)
    rng = np.random.default_rng(0)
    earned = np.where(PROB >= 0.7, 10 * Y - 4, 0)
    plain = [earned[rng.integers(0, 6, 6)].sum() for _ in range(4_000)]
    row = case.board().set_index("model").loc[NETWORK]
    np.testing.assert_allclose([row["low"], row["high"]], np.quantile(plain, [0.025, 0.975]), atol=6)


def test_a_network_that_ranks_wins_and_one_that_ranks_backwards_loses():
    rng = np.random.default_rng(2)
    prob = rng.uniform(0.02, 0.6, 2_000)
    y = (rng.random(2_000) < prob).astype(int)
    good = contest(best_cutoff(y, prob, TERMS), y, prob, naive=0.0)
    assert cutoff_figures(good, 0.4)["cutoff_verdict"] == "wins"
    assert ", more than the best plain way, contact nobody (0;" in cutoff_sentence(good, 0.4)
    bad = contest(0.3, y, 0.62 - prob, naive=0.0)
    assert cutoff_figures(bad, 0.3)["cutoff_verdict"] == "loses"
    assert ", less than the best plain way" in cutoff_sentence(bad, 0.3)


def test_nobody_is_a_choice_too():
    idle = contest(np.inf)
    found = cutoff_figures(idle, np.inf)
    assert (found["cutoff_prob"], found["cutoff_contacted_share"], found["cutoff_profit"]) == (1.0, 0.0, 0.0)
    assert "Earlier contacts say: contact nobody." in cutoff_sentence(idle, np.inf)


def test_the_curve_begins_at_nobody_ends_at_everybody_and_marks_the_cutoff():
    curve = profit_curves(Y, {NETWORK: PROB}, {NETWORK: 0.7}, TERMS)
    assert curve["profit"].tolist() == [0, 6, 2, 14, 6]
    assert curve["share_contacted"].tolist() == pytest.approx([0, 1 / 6, 2 / 6, 4 / 6, 1])
    assert curve.index[curve["is_cutoff"]].tolist() == [3]


def changed(log: CampaignLog, **tables: pd.DataFrame) -> CampaignLog:
    names = ("events", "customers", "campaigns", "contacts", "responses", "campaign_products")
    return CampaignLog(**{name: getattr(log, name) for name in names} | tables)


def with_money(log: CampaignLog, value) -> CampaignLog:
    """The log without orders, each answer worth what ``value`` says of its row."""
    return changed(log, events=None, responses=log.responses.assign(value=value))


def test_what_an_answer_is_worth_is_measured_before_the_test_only(world, log_of):
    log = log_of(world)
    split = split_contacts(log, "2017-06-01", 60, seed=0)
    first = split.test["contact_date"].min()
    is_past = log.responses["response_ts"] < first
    money = np.where(is_past, 20.0, 5.0)
    terms = contact_terms(with_money(log, money), split, 0.0, 0.25, 0.5)
    assert (terms.contact_cost, terms.is_measured) == (0.5, True)
    sent = log.contacts[(log.contacts["arm"] != "control") & (log.contacts["contact_ts"] < first)]
    answers = log.responses[is_past].merge(sent, on=["customer_id", "campaign_id"])
    assert terms.answer_value == pytest.approx(0.125 * answers["value"].fillna(20).mean())
    assert terms == contact_terms(with_money(log, np.where(is_past, 20.0, 900.0)), split, 0.0, 0.25, 0.5)


def test_what_is_stated_counts_and_answers_without_money_say_nothing(world, log_of):
    log = log_of(world)
    split = split_contacts(log, "2017-06-01", 60, seed=0)
    assert contact_terms(log, split, 7.0, 0.25, 0.5) == ContactTerms(7.0, 0.5, False)
    assert contact_terms(with_money(log, 1.0), split, 0.0, 0.25, 0.5) is None


def test_without_money_the_leaderboard_takes_in_no_rows_and_words_say_what_is_missing(world, log_of):
    log = with_money(log_of(world), 1.0)
    split = split_contacts(log, "2017-06-01", 60, seed=0)
    params = RespondParams(
        dataset="d",
        as_of="2017-06-01",
        seed=0,
        variant="full",
        test_days=60,
        n_boot=100,
        max_epochs=5,
        min_customers=1,
        min_responders=1,
        max_column_auc=1.0,
        answer_value=0.0,
        margin_rate=0.25,
        incremental_share=0.5,
    )
    found = judge_cutoff(log, split, {}, pd.DataFrame(), {}, params)
    assert found.figures == {} and found.curves.empty
    assert "`answer_value` is not stated" in found.told
    score = pd.DataFrame([("naive", "auc", 0.6, 0.5, 0.7)], columns=found.board.columns)
    tables.RESPONSE_LEADERBOARD.check(pd.concat([score, found.board], ignore_index=True))


def test_cutoffs_are_chosen_on_probabilities_of_rows_the_members_have_not_seen():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"campaign_type": "A", "n_contacts": 1, "n_campaigns_answered": 0, "x": rng.normal(size=300)}
    )
    y = pd.Series((rng.random(300) < 0.5).astype(int))
    models = {name: fit_model(name, X, y, seed=0, max_epochs=5) for name in ("naive", NETWORK)}
    found = out_of_fold_probs(models, X)[NETWORK]
    loss = -np.where(y == 1, np.log(found), np.log1p(-found)).mean()
    assert loss == pytest.approx(models[NETWORK].history_["val_loss"].min(), abs=1e-4)
    assert np.abs(found - models[NETWORK].predict_proba(X)[:, 1]).max() > 0.01
