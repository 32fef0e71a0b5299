"""One campaign without orders: customers drawn by lot, arms told apart, the uplift learnt from controls."""

import numpy as np
import pandas as pd
import pytest

from dangol.evaluation import CampaignLog
from dangol.response import (
    describe_all,
    judge_uplift,
    labelled_contacts,
    next_contacts,
    next_uplift,
    split_contacts,
    split_sentence,
    uplift_sentence,
)
from dangol.response.split import control_contacts
from dangol.response.uplift import Uplift

START, AS_OF = pd.Timestamp("2020-03-01"), "2020-04-01"


def wide_log(n=600, seed=3, base=0.1, moved=0.4, rest=0.0) -> CampaignLog:
    """Mail A moves customers of group ``m`` by ``moved`` and the others by ``rest``; mail B moves nobody."""
    rng = np.random.default_rng(seed)
    group = np.where(rng.random(n) < 0.5, "m", "n")
    arm = rng.choice(["A", "B", "control"], n)
    effect = np.where(arm == "A", np.where(group == "m", moved, rest), 0.0)
    is_answered = rng.random(n) < base + effect
    customers = pd.DataFrame({"customer_id": range(n), "first_seen_date": pd.NaT, "channel": group})
    campaigns = pd.DataFrame(
        {
            "campaign_id": ["c"],
            "campaign_type": "mail",
            "channel": "post",
            "start_date": START,
            "end_date": START + pd.Timedelta(days=13),
            "contact_cost": 0.1,
        }
    )
    contacts = pd.DataFrame(
        {"customer_id": range(n), "campaign_id": "c", "contact_ts": START, "arm": arm, "is_randomized": True}
    )
    responses = pd.DataFrame(
        {
            "customer_id": np.flatnonzero(is_answered),
            "campaign_id": "c",
            "response_ts": START + pd.Timedelta(days=13),
            "response_kind": "visit",
            "value": 1.0,
        }
    )
    return CampaignLog(None, customers, campaigns, contacts, responses)


class Fixed:
    """A model that knows the truth: answers by group and arm."""

    def __init__(self, moved: float) -> None:
        self.moved = moved

    def predict_proba(self, X):
        prob = 0.1 + self.moved * ((X["customer_channel"] == "m") & (X["arm"] == "A")).to_numpy(dtype=float)
        return np.column_stack([1 - prob, prob])


def test_customers_are_drawn_by_lot_where_all_campaigns_started_on_one_day():
    log = wide_log()
    split = split_contacts(log, AS_OF, 63, seed=1)
    assert not split.is_by_time
    parts = [split.train, split.test, split.train_controls, split.test_controls]
    assert sum(map(len, parts)) == 600
    assert not set(split.train["customer_id"]) & set(split.test["customer_id"])
    everybody = pd.concat(parts)
    tested = pd.concat([split.test, split.test_controls])
    assert len(tested) == 180
    assert tested["is_answered"].mean() == pytest.approx(everybody["is_answered"].mean(), abs=0.01)
    assert "drawn by lot" in split_sentence(split)
    assert set(split_contacts(log, AS_OF, 63, seed=2).test["customer_id"]) != set(split.test["customer_id"])


def test_campaigns_of_different_days_are_split_by_time_without_orders_too():
    log = wide_log()
    later = log.campaigns.assign(campaign_id="d", start_date=START + pd.Timedelta(days=20))
    later = later.assign(end_date=later["start_date"] + pd.Timedelta(days=5))
    again = log.contacts.assign(campaign_id="d", contact_ts=later["start_date"].iloc[0])
    came = log.responses.assign(campaign_id="d", response_ts=later["end_date"].iloc[0])
    both = CampaignLog(
        None,
        log.customers,
        pd.concat([log.campaigns, later], ignore_index=True),
        pd.concat([log.contacts, again], ignore_index=True),
        pd.concat([log.responses, came], ignore_index=True),
    )
    split = split_contacts(both, AS_OF, 14, seed=1)
    assert split.is_by_time
    assert set(split.train["campaign_id"]) == {"c"}
    assert set(split.test["campaign_id"]) == {"d"}
    (X,) = describe_all(both, [split.test])
    answered = split.test["customer_id"].isin(log.responses["customer_id"]).to_numpy()
    sent_before = split.test["customer_id"].isin(log.sent()["customer_id"]).to_numpy()
    assert (X["n_campaigns_answered"].to_numpy() == (answered & sent_before)).all()


def test_arms_are_inputs_and_each_is_asked_about():
    log = wide_log()
    planned = next_contacts(log, AS_OF)
    assert sorted(planned["campaign_type"].unique()) == ["mail: A", "mail: B"]
    assert len(planned) == 2 * 600
    X_train, X_next = describe_all(log, [labelled_contacts(log, AS_OF), planned])
    assert X_next["arm"].astype(str).tolist() == planned["arm"].tolist()
    assert X_train["channel"].unique().tolist() == ["post"]
    assert set(X_train["customer_channel"].unique()) == {"m", "n"}, "an attribute of a name that is taken"
    pd.testing.assert_series_equal(X_train.dtypes, X_next.dtypes)


@pytest.mark.slow
def test_a_planted_uplift_is_found_in_the_arm_and_group_it_was_planted_in():
    log = wide_log(n=4_000)
    split = split_contacts(log, AS_OF, 63, seed=1)
    uplift = judge_uplift(log, split, Fixed(0.4), n_boot=60, seed=1, max_epochs=6)
    found = uplift.scores.set_index(["campaign_type", "metric"])
    for name, truth in (("mail: A", 0.2), ("mail: B", 0.0)):
        estimate, low, high = found.loc[(name, "uplift_all"), ["estimate", "low", "high"]]
        assert abs(estimate - truth) < (high - low), "four standard errors"
    assert found.loc[("mail: A", "qini"), "low"] > 0
    planned = next_contacts(log, AS_OF)
    scores = next_uplift(log, uplift, split.train, planned, Fixed(0.4), AS_OF, 1, 6)
    group = planned["customer_id"].map(log.customers.set_index("customer_id")["channel"])
    means = scores.groupby([planned["arm"], group]).mean()
    assert means["A", "m"] == pytest.approx(0.4, abs=0.05)
    assert means["A", "n"] == pytest.approx(0.0, abs=0.05)
    assert "adds" in uplift_sentence(uplift)


def test_a_ranking_no_better_than_chance_gives_everybody_the_average():
    rows = [("a", "qini", 0.01, -0.01, 0.03), ("a", "uplift_all", 0.05, 0.02, 0.08)]
    rows += [("b", "qini", 0.02, 0.01, 0.03), ("b", "uplift_all", 0.05, 0.02, 0.08)]
    uplift = Uplift(pd.DataFrame(rows, columns=["campaign_type", "metric", "estimate", "low", "high"]))
    raw = np.array([0.3, 0.1, 0.2, -0.4])
    assert uplift.of_next(pd.Series(list("abab")), raw).tolist() == [0.05, 0.1, 0.05, -0.4]
    assert "cannot be told apart" in uplift_sentence(uplift)


def test_without_answers_of_held_out_customers_there_is_no_uplift():
    log = wide_log()
    sent = set(log.sent()["customer_id"])
    silent = CampaignLog(
        None,
        log.customers,
        log.campaigns,
        log.contacts,
        log.responses[log.responses["customer_id"].isin(sent)],
    )
    split = split_contacts(silent, AS_OF, 63, seed=1)
    uplift = judge_uplift(silent, split, Fixed(0.4), 50, 1, 2)
    assert "not among the answers" in uplift_sentence(uplift)
    planned = next_contacts(silent, AS_OF)
    assert next_uplift(silent, uplift, split.train, planned, Fixed(0.4), AS_OF, 1, 2).isna().all()
    chosen = CampaignLog(
        None, log.customers, log.campaigns, log.contacts.assign(is_randomized=False), log.responses
    )
    assert control_contacts(chosen, AS_OF).empty
    found = judge_uplift(chosen, split_contacts(chosen, AS_OF, 63, 1), Fixed(0.4), 50, 1, 2)
    assert "nobody was held out by lot" in uplift_sentence(found)
