"""What responses are worth, and how sure that is."""

import numpy as np
import pandas as pd
import pytest

from dangol.errors import InputError
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
    terms = campaign_terms(campaigns, AS_OF)
    assert terms.to_dict("records") == [{"campaign_type": "A", "channel": "phone", "contact_cost": 2.0}]
    response = pd.DataFrame(
        {"customer_id": [1, 1, 2], "campaign_type": ["A", "B", "A"], "response_prob": [0.5, 0.9, 0.1]}
    )
    options = contact_options(response, terms, pd.Series({1: 30.0, 2: 50.0}), 0.2)
    assert options["expected_profit"].tolist() == pytest.approx([0.5 * 6 - 2, 0.1 * 10 - 2])
    assert contact_options(response, terms, pd.Series({1: 30.0}), -1.0)["response_value"].tolist() == [0, 0]


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
