"""The search for settings: budget, nested runs, resuming, repeating, and the holdout left alone."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dangol.errors import InputError
from dangol.evaluation import CampaignLog
from dangol.networks import NetworkClassifier
from dangol.networks.parameters import RULES, check_parameters
from dangol.response.models import response_network
from dangol.tracking import store
from dangol.tuning import search as searching
from dangol.tuning import tune as command
from dangol.tuning.rows import SearchRows, search_rows
from dangol.tuning.search import Budget, Trial, judge, search
from dangol.tuning.space import DEFAULTS, as_arguments, as_call, distributions
from dangol.workspace import RunFolder

AS_OF = "2020-07-01"
FOLDER = RunFolder("shop", AS_OF, "full", "00")
QUICK = {"n_trials": 3, "seconds": 300.0, "max_epochs": 2, "seed": 1, "n_boot": 50}


def campaigns(days=("2020-02-01", "2020-03-01", "2020-04-01", "2020-06-01"), n=80) -> CampaignLog:
    """Campaigns without orders; answers follow one attribute of the customers."""
    rng = np.random.default_rng(5)
    starts = pd.to_datetime(list(days))
    score = rng.normal(size=n)
    plan = pd.DataFrame({"campaign_id": range(len(days)), "campaign_type": "mail", "channel": "post"})
    plan = plan.assign(start_date=starts, end_date=starts + pd.Timedelta(days=20), contact_cost=0.1)
    pairs = [(customer, campaign) for campaign in plan["campaign_id"] for customer in range(n)]
    contacts = pd.DataFrame(pairs, columns=["customer_id", "campaign_id"])
    day = contacts["campaign_id"].map(plan["start_date"])
    contacts = contacts.assign(contact_ts=day, arm="mail", is_randomized=False, contact_cost=0.1)
    is_answered = rng.random(len(contacts)) < 1 / (1 + np.exp(-2 * score[contacts["customer_id"]]))
    responses = contacts.loc[is_answered, ["customer_id", "campaign_id"]].assign(
        response_ts=day[is_answered] + pd.Timedelta(days=3), response_kind="visit", value=1.0
    )
    customers = pd.DataFrame({"customer_id": range(n), "first_seen_date": pd.NaT, "score": score})
    return CampaignLog(None, customers, plan, contacts, responses.reset_index(drop=True))


def test_the_holdout_and_what_came_after_it_take_no_part():
    log = campaigns()
    rows = search_rows(log, AS_OF, 63, seed=1)
    assert (len(rows.X_fit), len(rows.X_judge), rows.is_by_time) == (160, 80, True)
    is_late = log.responses["response_ts"] >= rows.known_before
    late = log.responses[is_late].tail(1)  # one stays: it says until when the log reaches
    again = search_rows(
        CampaignLog(
            None, log.customers, log.campaigns, log.contacts, pd.concat([log.responses[~is_late], late])
        ),
        AS_OF,
        63,
        seed=1,
    )
    pd.testing.assert_frame_equal(rows.X_judge, again.X_judge)
    pd.testing.assert_series_equal(rows.y_judge, again.y_judge)


def test_without_a_later_campaign_other_customers_judge():
    rows = search_rows(campaigns(days=("2020-06-01",)), AS_OF, 63, seed=1)
    assert not rows.is_by_time
    assert (len(rows.X_fit) + len(rows.X_judge), len(rows.X_judge)) == (56, 16)


@pytest.fixture
def untrained(monkeypatch):
    """Scores that follow from the settings at once: what is tested is not how networks learn."""

    def fake(settings, rows, budget, name):
        luck = np.random.default_rng(0).normal(scale=settings["learning_rate"], size=len(rows.y_judge))
        prob = 0.5 + (0.3 - settings["dropout"]) * (rows.y_judge - 0.5) + luck
        history = pd.DataFrame({"epoch": [1, 2], "train_loss": [0.7, 0.6], "val_loss": [0.7, 0.65]})
        return SimpleNamespace(history_=history), prob.to_numpy()

    monkeypatch.setattr(searching, "fitted_probs", fake)


@pytest.fixture
def home(untrained, tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(
        command, "_rows", lambda folder, days, seed: search_rows(campaigns(), AS_OF, days, seed)
    )
    return tmp_path


@pytest.mark.slow
def test_trials_are_nested_runs_a_resumed_search_goes_on_and_the_best_repeats(home):
    told: list[str] = []
    first = command.tune(FOLDER, 63, Budget(**QUICK | {"n_trials": 2}), False, told.append)
    assert first.is_repeated and first.finding.trials[0].settings == DEFAULTS
    assert "notebook 07's holdout takes no part" in told[0] and told[1].startswith("trial 0: log loss")
    more = command.tune(FOLDER, 63, Budget(**QUICK), True, told.append)
    assert more.parent_id == first.parent_id and "2 trials of an earlier session count" in told[3]
    assert [trial.run_id for trial in more.finding.trials[:2]] == [t.run_id for t in first.finding.trials]
    with store.at_home():
        client = store.open_client()
        experiment = store.experiment_of(client, "shop")
        runs = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{first.parent_id}'")
        parent = client.get_run(first.parent_id)
    assert len(runs) == 3 and {run.info.status for run in runs} == {"FINISHED"}
    assert all(
        {"learning_rate", "dropout", "hidden", "kernels", "seed"} <= set(run.data.params) for run in runs
    )
    assert all("val_loss" in run.data.metrics for run in runs)
    assert parent.data.metrics["n_trials"] == 3
    other = command.tune(FOLDER, 63, Budget(**QUICK | {"n_trials": 1, "seed": 2}), True, told.append)
    assert other.parent_id != first.parent_id  # another seed is another search


class Memory:
    """Keeps trials in a list."""

    def __init__(self) -> None:
        self.kept: list[dict] = []

    def keep(self, number, settings, scores, history):
        self.kept.append(dict(settings))
        return str(number)


@pytest.fixture(scope="module")
def rows() -> SearchRows:
    return search_rows(campaigns(), AS_OF, 63, seed=1)


def test_the_budget_in_seconds_stops_before_a_trial_that_would_pass_it(rows, untrained):
    memory = Memory()
    trials = search(rows, Budget(**QUICK | {"n_trials": 9, "seconds": 1e-9}), memory, [], lambda trial: None)
    assert len(trials) == len(memory.kept) == 1 and memory.kept[0] == DEFAULTS


def test_the_first_trial_is_the_network_with_its_defaults(rows):
    trial = search(rows, Budget(**QUICK | {"n_trials": 1}), Memory(), [], lambda trial: None)[0]
    plain = response_network(seed=1, max_epochs=2).fit(rows.X_fit, rows.y_fit)
    prob = plain.predict_proba(rows.X_judge)[:, 1]
    loss = -np.log(np.where(rows.y_judge == 1, prob, 1 - prob)).mean()
    assert trial.log_loss == pytest.approx(loss, abs=1e-12)


def test_a_gain_that_may_be_chance_is_said_to_be_nothing(rows, untrained):
    budget = Budget(**QUICK)
    best = DEFAULTS | {"learning_rate": 2e-3}
    trials = [Trial(0, DEFAULTS, 0.61, "a"), Trial(1, best, 0.60, "b")]
    found = judge(trials, best, rows, budget)
    assert found.best.number == 1 and found.verdict == "ties"
    assert command._lines(found)[0].startswith("tuning brings nothing over the defaults beyond chance")
    better = DEFAULTS | {"dropout": 0.0}
    worth = judge([trials[0], Trial(1, better, 0.5, "c")], better, rows, budget)
    assert worth.verdict == "wins" and command._lines(worth)[0].startswith(
        "trial 1 is better than the defaults"
    )
    assert command._lines(worth)[2].startswith("as Python: NetworkClassifier(")
    same = judge(trials[:1], DEFAULTS, rows, budget)
    assert command._lines(same)[0].startswith("none of 1 trials beats the defaults")


def test_settings_found_are_arguments_of_the_public_estimator():
    import optuna

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(20):
        check_parameters(NetworkClassifier(**as_arguments(study.ask(distributions()).params)), RULES)
    assert as_call(DEFAULTS) == (
        "NetworkClassifier(learning_rate=0.001, dropout=0.2, hidden=(128, 128), kernels='per_fold')"
    )


def test_a_run_without_tables_is_refused_with_the_command_that_makes_them(tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"dangol run --only 01 --dataset shop --set as_of=2020-07-01"):
        command.tune(FOLDER, 63, Budget(**QUICK), False, print)
