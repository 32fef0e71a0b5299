"""What responses are worth, and how sure that is."""

import numpy as np
import pandas as pd
import pytest

from dangol.errors import InputError, SkipNotebookError
from dangol.planning.answer_value import usual_amount, value_of_answers, worth_sentence
from dangol.planning.options import campaign_terms, contact_options
from dangol.planning.response_value import ResponseValue, response_value, usual_order
from dangol.planning.uncertainty import profit_draws, rate_variation

AS_OF = pd.Timestamp("2020-06-01")


@pytest.fixture(scope="module")
def history():
    """Weekly orders of 10; responders buy two extra orders of 10 after the contact."""
    rng = np.random.default_rng(6)
    orders, contacts, responses = [], [], []
    for customer in range(400):
        campaign = customer % 4
        contact = pd.Timestamp("2020-03-01") + pd.Timedelta(days=7 * campaign)
        contacts.append((customer, campaign, contact, "A" if campaign else "control"))
        has_responded = rng.random() < 0.3
        if has_responded:
            responses.append((customer, campaign, contact + pd.Timedelta(days=5)))
        days = [*range(int(rng.integers(0, 7)), 150, 7)]
        orders += [(customer, pd.Timestamp("2020-01-01") + pd.Timedelta(days=day), 10.0) for day in days]
        if has_responded:
            orders += [(customer, contact + pd.Timedelta(days=day), 10.0) for day in (3, 20)]
    return (
        pd.DataFrame(contacts, columns=["customer_id", "campaign_id", "contact_ts", "arm"]),
        pd.DataFrame(responses, columns=["customer_id", "campaign_id", "response_ts"]),
        pd.DataFrame(orders, columns=["customer_id", "order_ts", "amount"]),
    )


def test_planted_extra_orders_are_recovered(history):
    worth = response_value(*history, AS_OF, 300, 1)
    low, high = worth.interval
    assert worth.extra_orders == pytest.approx(2.0, abs=0.1)
    assert worth.extra_amount == pytest.approx(20.0, abs=1.0)
    assert low <= worth.extra_orders <= high


def test_response_value_matches_a_plain_loop(history):
    contacts, responses, orders = history
    answered = set(zip(responses["customer_id"], responses["campaign_id"], strict=True))
    change = {True: [], False: []}
    n_before = amount_before = 0
    for contact in contacts[contacts["arm"] != "control"].itertuples():
        own = orders[orders["customer_id"] == contact.customer_id]
        days = (own["order_ts"] - contact.contact_ts).dt.days
        before, after = own[(days >= -28) & (days < 0)], own[(days >= 0) & (days < 28)]
        is_response = (contact.customer_id, contact.campaign_id) in answered
        change[is_response].append(after["amount"].sum() - before["amount"].sum())
        if is_response:
            n_before, amount_before = n_before + len(before), amount_before + before["amount"].sum()
    extra = np.mean(change[True]) - np.mean(change[False])
    worth = response_value(*history, AS_OF, 60, 1)
    assert (worth.n_responders, worth.n_others) == (len(change[True]), len(change[False]))
    assert worth.extra_amount == pytest.approx(extra)
    assert worth.extra_orders == pytest.approx(extra / (amount_before / n_before))


def test_a_history_without_responders_stops_with_a_sentence(history):
    contacts, responses, orders = history
    with pytest.raises(InputError, match="the value of a response cannot be judged"):
        response_value(contacts, responses.head(0), orders, AS_OF, 60, 1)


def test_usual_order_is_drawn_to_the_mean_and_ignores_the_future():
    orders = pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 2],
            "order_ts": pd.to_datetime(["2020-01-01", "2020-02-01", "2020-03-01", "2020-06-01"]),
            "amount": [10.0, 20.0, 60.0, 999.0],
        }
    )
    usual = usual_order(orders, AS_OF)
    assert usual.to_dict() == pytest.approx({1: (30 + 90) / 5, 2: (60 + 90) / 4})


def test_expected_profit_is_probability_times_value_less_cost():
    campaigns = pd.DataFrame(
        {
            "campaign_id": [1, 2, 3],
            "campaign_type": ["A", "A", "B"],
            "channel": ["mail", "phone", "mail"],
            "start_date": pd.to_datetime(["2020-01-01", "2020-03-01", "2020-07-01"]),
            "contact_cost": [0.5, 2.0, 0.1],
        }
    )
    contacts = pd.DataFrame(
        {"customer_id": [1, 2, 1], "campaign_id": [1, 2, 2], "arm": ["a", "a", "control"]}
    )
    terms = campaign_terms(campaigns, contacts, AS_OF)
    assert terms.to_dict("records") == [{"campaign_type": "A", "channel": "phone", "contact_cost": 2.0}]
    response = pd.DataFrame(
        {"customer_id": [1, 1, 2], "campaign_type": ["A", "B", "A"], "response_prob": [0.5, 0.9, 0.1]}
    ).assign(response_uplift=np.nan)
    options = contact_options(response, terms, pd.Series({1: 30.0, 2: 50.0}), 0.4, 0.5)
    assert options["expected_profit"].tolist() == pytest.approx([0.5 * 6 - 2, 0.1 * 10 - 2])
    nothing = contact_options(response, terms, pd.Series({1: 30.0}), -1.0, 0.5)
    assert nothing["response_value"].tolist() == [0, 0]


def test_a_known_uplift_takes_the_place_of_the_assumed_share():
    terms = pd.DataFrame({"campaign_type": ["A"], "channel": ["mail"], "contact_cost": [1.0]})
    response = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4],
            "campaign_type": "A",
            "response_prob": [0.5, 0.5, 0.5, 0.0],
            "response_uplift": [0.1, -0.2, np.nan, 0.0],
        }
    )
    options = contact_options(response, terms, pd.Series({1: 100.0}), 0.4, 0.5)
    # an answer is worth 40: 0.1 and -0.2 more answers, half of 0.5 assumed, none
    assert options["expected_profit"].tolist() == pytest.approx([4 - 1, -8 - 1, 10 - 1, -1])


def test_each_arm_of_a_type_with_several_has_its_own_terms():
    campaigns = pd.DataFrame(
        {
            "campaign_id": [1, 2],
            "campaign_type": ["mail", "call"],
            "channel": ["post", "phone"],
            "start_date": pd.Timestamp("2020-01-01"),
            "contact_cost": [0.5, 2.0],
        }
    )
    contacts = pd.DataFrame(
        {
            "customer_id": range(5),
            "campaign_id": [1, 1, 1, 2, 2],
            "arm": ["x", "y", "control", "x", "control"],
        }
    )
    terms = campaign_terms(campaigns, contacts, AS_OF)
    assert terms[["campaign_type", "contact_cost"]].to_numpy().tolist() == [
        ["call", 2.0],
        ["mail: x", 0.5],
        ["mail: y", 0.5],
    ]


@pytest.fixture
def wide():
    """Contacts and answers of a wide file: who answered, and what the answers brought."""
    contacts = pd.DataFrame(
        {
            "customer_id": range(10),
            "campaign_id": 1,
            "contact_ts": pd.Timestamp("2020-03-01"),
            "arm": ["a"] * 8 + ["control"] * 2,
        }
    )
    responses = pd.DataFrame(
        [(0, "visit", 1.0), (0, "spent", 30.0), (1, "visit", 1.0), (9, "spent", 500.0), (2, "spent", 9.0)],
        columns=["customer_id", "response_kind", "value"],
    ).assign(campaign_id=1, response_ts=pd.Timestamp("2020-03-10"))
    responses.loc[4, "response_ts"] = AS_OF  # not known yet
    return contacts, responses


def test_without_orders_an_answer_is_worth_the_money_it_carries(wide):
    worth = value_of_answers(*wide, None, AS_OF, 500, 1)
    assert (worth.extra_amount, worth.n_responders, worth.n_others) == (15.0, 2, 6)
    low, high = worth.interval
    assert (low, high) == (0.0, 2.0)
    known = pd.DataFrame({"customer_id": [0, 7]})
    assert usual_amount(None, worth, known, AS_OF).to_dict() == {0: 15.0, 7: 15.0}
    assert "no order log" in worth_sentence(worth, 0.5, 0.5)
    assert "15.00 each" in worth_sentence(worth, 0.5, 0.5)


def test_with_orders_the_value_is_that_of_extra_orders(history):
    both = [value_of_answers(*history, AS_OF, 60, 1), response_value(*history, AS_OF, 60, 1)]
    assert both[0].extra_orders == both[1].extra_orders
    assert "extra orders" in worth_sentence(both[0], 0.5, 0.5)


def test_answers_without_money_and_orders_skip_the_plan(wide):
    contacts, responses = wide
    with pytest.raises(SkipNotebookError, match="neither transactions nor answers with an amount"):
        value_of_answers(contacts, responses.assign(value=1.0), None, AS_OF, 50, 1)


def campaigns_with(rates, seed, n=500):
    rng = np.random.default_rng(seed)
    contacts = pd.DataFrame(
        {
            "customer_id": np.arange(n * len(rates)),
            "campaign_id": np.repeat(np.arange(len(rates)), n),
            "contact_ts": pd.Timestamp("2020-03-01"),
            "arm": "A",
        }
    )
    is_response = rng.random(len(contacts)) < np.repeat(rates, n)
    responses = contacts.loc[is_response, ["customer_id", "campaign_id"]].assign(
        response_ts=pd.Timestamp("2020-03-05")
    )
    campaigns = pd.DataFrame({"campaign_id": range(len(rates)), "campaign_type": "A"})
    return contacts, responses, campaigns


def test_rates_that_differ_by_chance_only_show_little_variation():
    found = [rate_variation(*campaigns_with(np.full(12, 0.1), seed), AS_OF) for seed in range(20)]
    assert np.median(found) < 0.08


def test_planted_variation_of_rates_is_recovered():
    rng = np.random.default_rng(3)
    rates = 0.15 * rng.gamma(1 / 0.3**2, 0.3**2, 200)
    assert rate_variation(*campaigns_with(rates, 1), AS_OF) == pytest.approx(0.3, abs=0.05)


def test_profit_draws_centre_on_the_expected_profit_and_spread_as_simulated():
    rng = np.random.default_rng(5)
    sent = pd.DataFrame(
        {
            "campaign_type": np.repeat(["A", "B"], 200),
            "response_prob": rng.uniform(0.05, 0.4, 400),
            "response_value": rng.uniform(5, 15, 400),
            "contact_cost": 0.5,
        }
    )
    worth = ResponseValue(1.0, rng.normal(1.0, 0.2, 4_000), 10.0, 100, 900)
    draws = profit_draws(sent, worth, 0.3, 1)
    expected = (sent["response_prob"] * sent["response_value"]).sum() - 200
    assert draws.mean() == pytest.approx(expected, rel=0.03)
    factor = rng.gamma(1 / 0.09, 0.09, (4_000, 2)).repeat(200, axis=1)
    came = rng.random((4_000, 400)) < factor * sent["response_prob"].to_numpy()
    simulated = rng.normal(1.0, 0.2, 4_000) * (came @ sent["response_value"].to_numpy()) - 200
    assert np.quantile(draws, [0.025, 0.975]) == pytest.approx(
        np.quantile(simulated, [0.025, 0.975]), rel=0.08
    )
