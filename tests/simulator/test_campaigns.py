"""Campaigns: randomized holdouts, true effects, responses that a model can learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from dangol.simulator import simulate


@pytest.fixture(scope="module")
def outcomes(large_world):
    """One row per contact: orders and amount in the campaign's window, recounted from the tables."""
    tables = large_world.tables
    orders = (
        tables["transactions"]
        .groupby("order_id")
        .agg(customer_id=("customer_id", "first"), order_ts=("order_ts", "first"), amount=("amount", "sum"))
    )
    contacts = tables["contacts"].merge(tables["campaigns"].drop(columns="contact_cost"), on="campaign_id")
    pairs = contacts[["customer_id", "campaign_id", "start_date", "end_date"]].merge(orders, on="customer_id")
    end = pairs["end_date"] + pd.Timedelta(days=1)
    inside = pairs[(pairs["order_ts"] >= pairs["start_date"]) & (pairs["order_ts"] < end)]
    sums = inside.groupby(["customer_id", "campaign_id"])["amount"].agg(n_orders="size", amount="sum")
    return contacts.join(sums, on=["customer_id", "campaign_id"]).fillna({"n_orders": 0, "amount": 0.0})


def _difference(rows, outcome):
    treated, control = (
        rows.loc[rows["arm"] != "control", outcome],
        rows.loc[rows["arm"] == "control", outcome],
    )
    error = np.sqrt(treated.var() / len(treated) + control.var() / len(control))
    return treated.mean() - control.mean(), error


@pytest.mark.parametrize(("outcome", "effect"), [("n_orders", "effect_orders"), ("amount", "effect_amount")])
def test_the_holdout_recovers_the_planted_effect_of_every_campaign(large_world, outcomes, outcome, effect):
    truth = large_world.truth["campaign_effects"].set_index("campaign_id")
    scores = []
    for campaign_id, rows in outcomes.groupby("campaign_id"):
        found, error = _difference(rows, outcome)
        scores.append((found - truth.loc[campaign_id, effect]) / error)
    assert len(scores) == 8
    assert max(map(abs, scores)) < 3.5
    assert abs(np.mean(scores)) < 3.5 / np.sqrt(len(scores))


def test_campaign_effects_are_the_means_of_the_contact_effects(large_world):
    truth = large_world.truth["campaign_effects"].set_index("campaign_id")
    contacts = large_world.truth["contact_effects"]
    for campaign_id, rows in contacts.groupby("campaign_id"):
        row = truth.loc[campaign_id]
        assert row["n_treated"] + row["n_control"] == len(rows)
        assert row["n_control"] == (rows["arm"] == "control").sum()
        for name in ("effect_orders", "effect_amount", "expected_effect_orders"):
            assert row[name] == pytest.approx(rows[name].mean())


def test_expected_effects_are_the_mean_of_the_realised_ones(large_world):
    rows = large_world.truth["contact_effects"]
    gap = rows["effect_orders"] - rows["expected_effect_orders"]
    # a drop-out inside the window is left out of account, hence the small allowance
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(len(gap)) + 0.005


def test_premium_customers_are_sleeping_dogs_and_the_others_gain(large_world):
    rows = large_world.truth["contact_effects"].merge(large_world.truth["customers"], on="customer_id")
    mean = rows.groupby("planted_segment")["effect_amount"].mean()
    assert mean["premium"] < 0
    assert (mean.drop("premium") > 0).all()


def test_attribution_overstates_the_effect(large_world, outcomes):
    """Responders' amounts, summed over the treated, are far above what the contacts changed."""
    responders = large_world.tables["responses"][["customer_id", "campaign_id"]]
    treated = outcomes[outcomes["arm"] == "Type A"]
    attributed = treated.merge(responders, on=["customer_id", "campaign_id"])["amount"].sum() / len(treated)
    truth = large_world.truth["campaign_effects"].query("campaign_type == 'Type A'")
    assert attributed > 1.5 * np.average(truth["effect_amount"], weights=truth["n_treated"])


def test_a_quarter_is_held_out_at_random_and_costs_nothing(large_world):
    contacts = large_world.tables["contacts"]
    is_control = contacts["arm"] == "control"
    assert is_control.mean() == pytest.approx(0.25, abs=0.01)
    assert contacts["is_randomized"].all()
    assert (contacts.loc[is_control, "contact_cost"] == 0).all()
    assert (contacts.loc[~is_control, "contact_cost"] > 0).all()


def test_holdout_and_treated_are_alike_before_the_campaign(large_world, outcomes):
    truth = large_world.truth["customers"].set_index("customer_id")
    rows = outcomes.assign(rate=outcomes["customer_id"].map(truth["purchase_rate_week"]))
    found, error = _difference(rows, "rate")
    assert abs(found) < 4 * error


def test_contacted_customers_have_ordered_before(large_world):
    contacts = large_world.tables["contacts"].merge(large_world.truth["customers"], on="customer_id")
    assert (contacts["first_order_ts"] < contacts["contact_ts"]).all()


def test_campaign_windows_do_not_overlap_and_types_take_turns(world):
    campaigns = world.tables["campaigns"]
    assert len(campaigns) == 12
    assert (campaigns["start_date"].to_numpy()[1:] > campaigns["end_date"].to_numpy()[:-1]).all()
    assert campaigns["campaign_type"].value_counts().to_dict() == dict.fromkeys(
        ["Type A", "Type B", "Type C", "Type D"], 3
    )


def test_responses_are_redemptions_of_treated_customers_inside_the_window(large_world):
    tables = large_world.tables
    responses = tables["responses"].merge(tables["contacts"], on=["customer_id", "campaign_id"])
    responses = responses.merge(tables["campaigns"], on="campaign_id")
    assert len(responses) == len(tables["responses"])
    kinds = zip(responses["arm"], responses["campaign_type"], strict=True)
    assert all(arm.startswith(kind) for arm, kind in kinds)
    assert (responses["response_kind"] == "redemption").all()
    assert (responses["response_ts"] >= responses["start_date"]).all()
    assert (responses["response_ts"] < responses["end_date"] + pd.Timedelta(days=1)).all()


def test_response_values_are_the_coupons_in_the_transactions(large_world):
    coupons = large_world.tables["transactions"].query("coupon_amount > 0")
    responses = large_world.tables["responses"]
    assert (responses["value"] > 0).all()
    paired = responses.merge(
        coupons, left_on=["customer_id", "response_ts"], right_on=["customer_id", "order_ts"]
    )
    assert len(paired) == len(coupons) == len(responses)
    assert np.allclose(paired["value"], paired["coupon_amount"])


def test_response_probabilities_are_calibrated(large_world):
    treated = large_world.truth["contact_effects"].query("arm != 'control'")
    tenth = pd.qcut(treated["response_prob"], 10, labels=False, duplicates="drop")
    for _, rows in treated.groupby(tenth):
        error = np.sqrt(rows["response_prob"].mean() * (1 - rows["response_prob"].mean()) / len(rows))
        assert abs(rows["would_respond"].mean() - rows["response_prob"].mean()) < 4 * error + 0.005


def test_a_model_learns_the_response_from_behaviour_before_the_contact(large_world):
    tables = large_world.tables
    contacts = tables["contacts"].query("arm != 'control'")
    lines = tables["transactions"]
    past = contacts[["customer_id", "campaign_id", "contact_ts"]].merge(
        lines.groupby(["customer_id", "order_id", "order_ts"])["discount_amount"].sum().reset_index(),
        on="customer_id",
    )
    past = past[past["order_ts"] < past["contact_ts"]]
    recency = (past["contact_ts"] - past["order_ts"]).dt.days
    past = past.assign(recency=recency, is_recent=recency <= 84)
    features = past.groupby(["customer_id", "campaign_id"]).agg(
        recency=("recency", "min"), n_recent=("is_recent", "sum"), discount=("discount_amount", "mean")
    )
    keys = ["customer_id", "campaign_id"]
    answered = tables["responses"].set_index(keys).index
    rows = contacts.join(features, on=keys).assign(
        answered=lambda frame: pd.MultiIndex.from_frame(frame[keys]).isin(answered)
    )
    X = pd.get_dummies(rows[["recency", "n_recent", "discount", "arm"]], dtype=float)
    X = (X - X.mean()) / X.std()
    earlier = (rows["campaign_id"] <= 5).to_numpy()
    model = LogisticRegression(max_iter=1000).fit(X[earlier], rows["answered"][earlier])
    auc = roc_auc_score(rows["answered"][~earlier], model.predict_proba(X[~earlier])[:, 1])
    assert 0.7 < auc < 0.95


def test_contact_effects_are_exactly_the_two_worlds_apart():
    """With one campaign, contacting everybody and nobody differ customer by customer as stated."""
    days = {"end": "2016-04-15", "n_customers": 800, "dirt_dose": 0.0, "refund_share": 0.0}
    everybody, nobody = simulate(**days, holdout_share=0.0), simulate(**days, holdout_share=1 - 1e-12)
    assert (nobody.tables["contacts"]["arm"] == "control").all()
    columns = {"amount": ("amount", "sum"), "n_orders": ("order_id", "nunique")}
    treated, control = (
        item.tables["transactions"].groupby("customer_id").agg(**columns) for item in (everybody, nobody)
    )
    truth = everybody.truth["contact_effects"].set_index("customer_id")
    difference = (treated - control).reindex(truth.index)
    assert (truth["effect_orders"] < 0).any()
    assert np.allclose(difference["n_orders"], truth["effect_orders"])
    assert np.allclose(difference["amount"], truth["effect_amount"])
    others = treated.index.difference(truth.index)
    assert np.allclose(treated.loc[others], control.loc[others])
    pd.testing.assert_frame_equal(
        truth.drop(columns="arm"),
        nobody.truth["contact_effects"].set_index("customer_id").drop(columns="arm"),
    )


# ------------------------------------------------------------------------------ arms, frequency, decay
def test_every_arm_recovers_its_planted_effect(large_world, outcomes):
    arms = large_world.truth["arm_effects"].set_index(["campaign_id", "offer"])["effect_orders"]
    scores = []
    for campaign_id, rows in outcomes.groupby("campaign_id"):
        control = rows[rows["arm"] == "control"]
        for arm, treated in rows[rows["arm"] != "control"].groupby("arm"):
            found, error = _difference(pd.concat([control, treated]), "n_orders")
            scores.append((found - arms[campaign_id, arm]) / error)
    assert len(scores) == 2 * (1 + 2 + 1 + 5)
    assert max(map(abs, scores)) < 3.5


def test_the_lot_keeps_to_the_planned_control_share(large_world):
    campaigns = large_world.tables["campaigns"].set_index("campaign_id")["planned_control_share"]
    is_control = large_world.tables["contacts"].assign(held=lambda frame: frame["arm"] == "control")
    for campaign_id, held in is_control.groupby("campaign_id")["held"]:
        planned = campaigns[campaign_id]
        assert planned == 0.25
        assert abs(held.mean() - planned) < 4 * np.sqrt(planned * (1 - planned) / len(held))


def test_a_parabola_over_the_contact_frequency_peaks_at_the_planted_optimum(large_world, outcomes):
    rows = outcomes[outcomes["campaign_type"] == "Type D"]
    n = rows["n_messages"].to_numpy()
    design = np.column_stack([np.ones(len(n)), n, n**2, rows["campaign_id"] == rows["campaign_id"].min()])
    _, slope, bend, _ = np.linalg.lstsq(design.astype(float), rows["n_orders"].to_numpy(), rcond=None)[0]
    table = large_world.truth["contact_frequency"]
    planted = table.loc[table["is_best"], "n_contacts_per_month"].item()
    assert planted == table.loc[table["effect_share"].idxmax(), "n_contacts_per_month"] == 3
    assert bend < 0
    assert -slope / (2 * bend) == pytest.approx(planted, abs=0.6)


def test_a_message_costs_and_more_of_them_cost_more(large_world):
    contacts = large_world.tables["contacts"].merge(
        large_world.tables["campaigns"][["campaign_id", "campaign_type"]], on="campaign_id"
    )
    sent = contacts[contacts["arm"] != "control"]
    each = sent["contact_cost"] / sent["n_messages"]
    assert each.groupby(sent["campaign_type"]).agg(np.ptp).max() < 1e-12
    assert set(sent.loc[sent["campaign_type"] == "Type D", "n_messages"]) == {1, 2, 3, 4, 6}


def test_the_effect_runs_out_over_the_weeks_as_planted(large_world):
    tables, truth = large_world.tables, large_world.truth["effect_by_week"]
    orders = tables["transactions"].drop_duplicates("order_id")[["customer_id", "order_ts"]]
    pairs = tables["contacts"].merge(orders, on="customer_id")
    pairs["week"] = (pairs["order_ts"] - pairs["contact_ts"]) // pd.Timedelta(weeks=1) + 1
    counts = pairs[pairs["week"].between(1, 5)].groupby(["campaign_id", "customer_id", "week"]).size()
    scores = []
    for row in truth.itertuples():
        contacts = tables["contacts"].query("campaign_id == @row.campaign_id")
        found = counts.get(row.campaign_id, pd.Series(dtype=float)).xs(row.week, level="week")
        rows = contacts.assign(n=contacts["customer_id"].map(found).fillna(0.0))
        difference, error = _difference(rows, "n")
        scores.append((difference - row.expected_effect_orders) / error)
    assert max(map(abs, scores)) < 4
    assert abs(np.mean(scores)) < 4 / np.sqrt(len(scores))
    total = truth.groupby("campaign_id")["expected_effect_orders"].sum()
    planted = large_world.truth["campaign_effects"].set_index("campaign_id")["expected_effect_orders"]
    assert np.allclose(total, planted)
    first_week = truth[truth["week"] == 1].set_index("campaign_id")["expected_effect_orders"] / total
    is_mail = large_world.tables["campaigns"].set_index("campaign_id")["campaign_type"] != "Type D"
    assert first_week[is_mail].min() > 0.3
    assert first_week[~is_mail].max() < 0.3


def test_true_uplift_by_customer_and_type_agrees_with_the_contacts(large_world):
    """Per week of the window, over contacts of customers who were still active."""
    campaigns = large_world.tables["campaigns"]
    weeks = ((campaigns["end_date"] - campaigns["start_date"]).dt.days + 1) / 7
    contacts = large_world.truth["contact_effects"].merge(
        campaigns[["campaign_id", "campaign_type"]].assign(weeks=weeks), on="campaign_id"
    )
    truth = large_world.truth["customer_uplift"]
    assert len(truth) == 4 * 6_000
    rows = contacts.merge(truth, on=["customer_id", "campaign_type"], suffixes=("", "_standard"))
    dropout = rows["customer_id"].map(large_world.truth["customers"].set_index("customer_id")["dropout_ts"])
    active = rows[~(dropout <= rows["campaign_id"].map(campaigns.set_index("campaign_id")["start_date"]))]
    per_week = active["expected_effect_orders"] / active["weeks"]
    standard = active["expected_effect_orders_standard"] / 4
    by_type = pd.DataFrame({"found": per_week, "planted": standard}).groupby(active["campaign_type"]).mean()
    # business weeks run up to a tenth faster or slower than the calendar's
    assert np.allclose(by_type["found"], by_type["planted"], rtol=0.15)
