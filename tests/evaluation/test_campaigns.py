"""Whole campaigns: windows, verdicts, money."""

from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pytest
from evaluation_plan import AS_OF, DESIGN

from dangol import tables
from dangol.errors import InputError
from dangol.evaluation import (
    CampaignLog,
    Design,
    arm_table,
    effect_table,
    evaluate_campaigns,
    evaluation_counts,
    lesson_table,
    money_table,
    past_campaigns,
    remembered_lessons,
    roi_table,
    total_money,
)
from dangol.evaluation.campaign_effects import _verdict
from dangol.features import EventLog
from dangol.workspace import RunFolder

MARGIN = 0.5


@pytest.fixture(scope="module")
def roi(log, past, results):
    return roi_table(log, past, results, MARGIN)


def test_only_campaigns_that_had_started_are_listed_and_cost_counts_no_control(log, past):
    assert past["campaign_id"].tolist() == [1, 2, 3, 4]
    assert past_campaigns(log, "2017-06-05")["campaign_id"].tolist() == [1]
    first = past.iloc[0]
    assert first["n_contacts"] + first["n_controls"] == 600
    assert first["cost"] == 2.0 * first["n_contacts"]


def test_a_running_campaign_is_cut_at_the_snapshot_and_says_so(past, results):
    assert past["is_running"].tolist() == [False, False, False, True]
    assert past["window_end"].iloc[3] == pd.Timestamp(AS_OF)
    assert results[3].note == "still running: 14 of 42 days seen"


def test_a_small_campaign_is_listed_without_an_estimate(past, results):
    assert results[2].verdict == "too few contacts"
    rows = effect_table(past, results).set_index("campaign_id").loc[3]
    assert rows["estimate"].isna().all()


def test_the_campaign_by_lot_and_the_chosen_one_both_find_the_planted_effect(results):
    drawn, chosen = results[0], results[1]
    assert (drawn.design, chosen.design) == ("randomized", "observational")
    for result in (drawn, chosen):
        effect = result.effects["spend"]
        assert effect.low < 30 < effect.high
        assert result.verdict == "positive"
        assert result.effects["orders"].low < 1 < result.effects["orders"].high
    assert chosen.effects["spend"].unadjusted > chosen.effects["spend"].high
    assert results[3].effects["spend"].low < 0 < results[3].effects["spend"].high


def test_a_campaign_before_the_log_is_refused_for_want_of_history(log, world, log_of):
    early = world["campaigns"].assign(start_date=pd.Timestamp("2016-12-20"))
    contacts = world["contacts"].assign(
        contact_ts=pd.Timestamp("2016-12-20"), is_randomized=False, arm="treatment"
    )
    moved = log_of({**world, "campaigns": early, "contacts": contacts})
    refused = evaluate_campaigns(moved, past_campaigns(moved, AS_OF), DESIGN)
    assert {r.verdict for r in refused} == {"refused: no history", "too few contacts"}


def test_everybody_contacted_leaves_nobody_to_compare_with(world, log_of):
    contacts = world["contacts"].assign(is_randomized=False, arm="treatment")
    everybody = log_of({**world, "contacts": contacts})
    first = past_campaigns(everybody, AS_OF).head(1)
    assert evaluate_campaigns(everybody, first, DESIGN)[0].verdict.startswith("refused")


def test_a_lot_far_from_its_plan_is_withheld(log, past):
    first = past.head(1)
    even, planned = first.assign(planned_control_share=0.5), first.assign(planned_control_share=0.3)
    assert evaluate_campaigns(log, even, DESIGN)[0].verdict == "withheld: sample ratio"
    assert evaluate_campaigns(log, planned, DESIGN)[0].verdict == "positive"


def test_attributed_amount_matches_a_plain_loop(world, past, roi):
    lines, answers = world["transactions"], world["responses"]
    for campaign, row in zip(past.itertuples(), roi.itertuples(), strict=True):
        total = 0.0
        for customer in answers.loc[answers["campaign_id"] == campaign.campaign_id, "customer_id"].unique():
            own = lines.loc[lines["customer_id"] == customer]
            inside = (own["order_ts"] >= campaign.start_date) & (own["order_ts"] < campaign.window_end)
            total += own.loc[inside, "amount"].sum()
        assert row.attributed_amount == pytest.approx(total)


def test_money_follows_from_effect_margin_and_contacts(results, roi):
    effect, row = results[0].effects["spend"], roi.iloc[0]
    assert row["incremental_margin"] == pytest.approx(effect.estimate * MARGIN * row["n_contacts"])
    assert row["roi"] == pytest.approx(row["incremental_margin"] / row["cost"] - 1)
    assert roi["incremental_margin"].isna().tolist() == [not r.is_judged for r in results]


def test_totals_sum_the_campaigns_and_their_errors_customer_by_customer(results, roi):
    totals = total_money(roi, results, MARGIN)
    judged = [r for r in results if r.is_judged]
    assert totals["incremental_margin"] == pytest.approx(roi["incremental_margin"].sum())
    assert totals["total_cost"] == pytest.approx(sum(2.0 * len(r.judged) for r in judged))
    by_customer = dict.fromkeys(range(600), 0.0)
    for r in judged:
        for customer, part in zip(r.customers, r.effects["spend"].influence, strict=True):
            by_customer[customer] += part * MARGIN * len(r.judged)
    reach = 1.959964 * np.sqrt(sum(v * v for v in by_customer.values()))
    assert totals["incremental_margin_high"] - totals["incremental_margin"] == pytest.approx(reach, rel=1e-5)
    assert totals["roi"] == pytest.approx(totals["incremental_margin"] / totals["total_cost"] - 1)
    assert totals["overstatement_ratio"] > 0


def test_nothing_judged_gives_no_totals(past, log):
    nothing = evaluate_campaigns(log, past, Design(10_000, 84, 28, 1))
    assert total_money(roi_table(log, past, nothing, MARGIN), nothing, MARGIN) == {}
    assert evaluation_counts(nothing)["n_campaigns_evaluated"] == 0


def test_tables_keep_their_contracts(past, results, roi):
    tables.CAMPAIGN_EFFECT.check(effect_table(past, results))
    tables.CAMPAIGN_ROI.check(roi)
    counts = evaluation_counts(results)
    assert counts["n_campaigns"] == 4
    assert counts["design"] == "mixed"


def test_refunds_and_late_contacts_are_noted_and_kept(world, log_of):
    customer = world["contacts"]["customer_id"].iloc[0]
    refund = (
        world["transactions"]
        .head(1)
        .assign(order_id=10**6, customer_id=customer, amount=-9_999.0, order_ts=pd.Timestamp("2017-05-12"))
    )
    contacts = world["contacts"].copy()
    contacts.loc[0, "contact_ts"] = pd.Timestamp("2017-06-01")
    odd = log_of({**world, "transactions": pd.concat([world["transactions"], refund]), "contacts": contacts})
    note = evaluate_campaigns(odd, past_campaigns(odd, AS_OF).head(1), DESIGN)[0].note
    assert "1 customers with more refunds than purchases" in note
    assert "1 contacts after the window" in note


def test_an_arm_of_a_few_customers_is_refused(world, log_of):
    contacts = world["contacts"]
    spare = contacts["campaign_id"].eq(1) & contacts["arm"].eq("control")
    few = contacts.drop(contacts.index[spare][19:])
    small = log_of({**world, "contacts": few})
    result = evaluate_campaigns(small, past_campaigns(small, AS_OF).head(1), DESIGN)[0]
    assert result.verdict == "refused: fewer than 20 customers in an arm"
    assert result.effects == {}


def test_responses_of_the_contacted_alone_are_called_no_effect(world, log, past, results, log_of):
    assert "all responses are in the contacted arms" in results[0].note
    held_out = world["contacts"].loc[world["contacts"]["arm"] == "control", "customer_id"].head(3)
    answers = pd.DataFrame({"customer_id": held_out, "campaign_id": 1}).assign(
        response_ts=pd.Timestamp("2017-05-10"), response_kind="redemption"
    )
    both = log_of({**world, "responses": pd.concat([world["responses"], answers])})
    first = past_campaigns(both, AS_OF).head(1)
    assert first["n_control_responders"].tolist() == [3]
    assert "all responses" not in evaluate_campaigns(both, first, DESIGN)[0].note


def test_repeated_contacts_are_refused(world, log_of):
    with pytest.raises(InputError, match="1 repeated contacts"):
        log_of({**world, "contacts": pd.concat([world["contacts"], world["contacts"].head(1)])})


def test_a_date_before_all_campaigns_is_refused(log):
    with pytest.raises(InputError, match="no campaign started before 2017-01-01"):
        past_campaigns(log, "2017-01-01")


# ------------------------------------------------------------------------------ money from several sides
def test_parts_of_the_money_sum_to_the_whole(log, past, results, roi):
    money = money_table(log, past, results, MARGIN)
    tables.CAMPAIGN_MONEY.check(money)
    whole = roi.loc[roi["incremental_margin"].notna()]
    assert set(money["dimension"]) == {"campaign_type", "channel", "customer_grade", "department"}
    for dimension, own in money.groupby("dimension"):
        assert own["incremental_margin"].sum() == pytest.approx(whole["incremental_margin"].sum())
        if dimension != "department":
            assert own["n_judged"].sum() == whole["n_judged"].sum()
            assert own["judged_cost"].sum() == pytest.approx(whole["judged_cost"].sum())
            assert own["judged_attributed_amount"].sum() == pytest.approx(
                whole["judged_attributed_amount"].sum()
            )


def test_the_whole_as_one_part_has_the_error_of_the_total(log, past, results, roi):
    money = money_table(log, past, results, MARGIN).set_index(["dimension", "dimension_value"])
    total = total_money(roi, results, MARGIN)
    one = money.loc[("channel", "mail")]
    assert one["incremental_margin_low"] == pytest.approx(total["incremental_margin_low"])
    assert one["roi_high"] == pytest.approx(total["roi_high"])


def test_a_dearer_contact_moves_the_return_and_nothing_else(log, past, results, roi, world, log_of):
    contacts = world["contacts"].assign(contact_cost=world["contacts"]["contact_cost"] * 3)
    dearer = log_of({**world, "contacts": contacts})
    other = roi_table(dearer, past_campaigns(dearer, AS_OF), results, MARGIN)
    same = ["incremental_margin", "incremental_margin_low", "attributed_amount", "break_even_contact_cost"]
    pd.testing.assert_frame_equal(other[same], roi[same])
    np.testing.assert_allclose((other["roi"] + 1) * 3, roi["roi"] + 1)


# ------------------------------------------------------------------------------ doubts
def test_estimates_without_a_lot_carry_their_doubts(past, results):
    table = effect_table(past, results).set_index(["campaign_id", "outcome"])
    chosen = table.loc[(2, "spend")]
    # taste decides about contact and spend and is itself not seen, only its traces in the orders
    assert abs(chosen["matched"] - 30) < abs(chosen["unadjusted"] - 30) / 2
    assert chosen["matched_low"] < chosen["high"]
    assert chosen["low"] < chosen["matched_high"]
    assert 0 < chosen["robustness_value"] < 1
    assert chosen["e_value"] > 1
    assert 0.5 <= chosen["overlap_share"] <= 1
    assert chosen["placebo_p_value"] >= 0.05
    assert np.isnan(table.loc[(1, "spend"), "matched"])
    assert np.isnan(table.loc[(3, "spend"), "q_value"])


def test_a_running_campaign_is_judged_by_a_wider_interval(log, past):
    first = past.head(1)
    finished = evaluate_campaigns(log, first, DESIGN)[0]
    effect = finished.effects["spend"]
    scale = 2.5 / (effect.estimate / effect.standard_error)  # beyond 1.96 errors, within what looks allow
    weak = replace(effect, estimate=effect.estimate * scale, low=1.0)
    assert _verdict(weak, is_running=False) == "positive"
    assert _verdict(weak, is_running=True) == "unclear"


# ------------------------------------------------------------------------------ lessons
def test_lessons_pool_what_campaigns_of_a_type_did(log, past, results):
    lessons = lesson_table(log, past, results, MARGIN, AS_OF)
    tables.CAMPAIGN_LESSON.check(lessons)
    everybody = lessons.loc[lessons["customer_grade"] == "all"].set_index("campaign_type")
    assert everybody.loc["lot", "estimate"] == pytest.approx(results[0].effects["spend"].estimate)
    assert everybody.loc["lot", "low"] < 30 < everybody.loc["lot", "high"]
    assert everybody.loc["lot", "is_proven"]
    assert everybody.loc["lot", "n_randomized"] == 1
    answered = log.responses.loc[log.responses["campaign_id"] == 1, "customer_id"].nunique()
    assert everybody.loc["lot", "response_rate"] == pytest.approx(answered / past["n_contacts"].iloc[0])


def test_the_next_test_is_large_enough_to_see_what_pays_for_a_contact(log, past, results):
    lesson = lesson_table(log, past, results, MARGIN, AS_OF).set_index(["campaign_type", "customer_grade"])
    n = int(lesson.loc[("lot", "all"), "n_next_test"])
    effect = results[0].effects["spend"]
    spread = effect.standard_error / np.sqrt(1 / effect.n_treated + 1 / effect.n_control)
    smallest = 2.0 / MARGIN
    by_hand = 2 * ((1.959964 + 0.841621) * spread / smallest) ** 2
    assert n == pytest.approx(by_hand, rel=0.01)


def test_a_run_remembers_only_lessons_of_earlier_dates(log, past, results, tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    lessons = lesson_table(log, past, results, MARGIN, AS_OF)
    for day in ("2017-05-01", "2017-08-21", "2017-09-30"):
        tables.CAMPAIGN_LESSON.write(
            lessons.assign(known_date=pd.Timestamp(day)), RunFolder("d", day, "full", "09")
        )
    own = RunFolder("d", "2017-08-21", "full", "03")
    assert remembered_lessons(own)["known_date"].unique().tolist() == [pd.Timestamp("2017-05-01")]
    assert remembered_lessons(RunFolder("d", "2017-05-01", "full", "03")) is None
    assert remembered_lessons(RunFolder("d", "2017-08-21", "other", "03")) is None


def test_nothing_judged_teaches_nothing_and_keeps_the_contracts(log, past):
    nothing = evaluate_campaigns(log, past, Design(10_000, 84, 28, 1))
    for table, frame in (
        (tables.CAMPAIGN_LESSON, lesson_table(log, past, nothing, MARGIN, AS_OF)),
        (tables.CAMPAIGN_MONEY, money_table(log, past, nothing, MARGIN)),
        (tables.CAMPAIGN_ARM_EFFECT, arm_table(nothing)),
    ):
        assert frame.empty
        table.check(frame)


# ------------------------------------------------------------------------------ several arms, no order log
def wide(seed=1, n=6000):
    """One campaign file without orders: two mailings, attributes, a rate and an amount."""
    rng = np.random.default_rng(seed)
    arm = rng.choice(["control", "mens", "womens"], n)
    history = rng.gamma(1, 100, n)
    visits = rng.uniform(size=n) < 0.1 + 0.06 * (arm == "mens") + 0.0002 * history
    spend = np.where(visits & (rng.uniform(size=n) < 0.4), rng.gamma(2, 40, n), 0.0)
    day = pd.Timestamp("2017-05-01")
    made = {
        "customers": pd.DataFrame(
            {"customer_id": range(n), "first_seen_date": pd.NaT, "history": history, "zone": "Rural"}
        ),
        "campaigns": pd.DataFrame(
            {
                "campaign_id": [1],
                "campaign_type": "mail",
                "channel": "email",
                "start_date": day,
                "end_date": day + pd.Timedelta(days=14),
                "contact_cost": 0.1,
            }
        ),
        "contacts": pd.DataFrame(
            {
                "customer_id": range(n),
                "campaign_id": 1,
                "contact_ts": day,
                "arm": arm,
                "is_randomized": True,
                "contact_cost": np.where(arm == "control", 0.0, 0.1),
            }
        ),
    }
    answers = [
        pd.DataFrame({"customer_id": np.flatnonzero(visits), "response_kind": "visit", "value": 1.0}),
        pd.DataFrame(
            {"customer_id": np.flatnonzero(spend), "response_kind": "sales", "value": spend[spend > 0]}
        ),
    ]
    responses = pd.concat(answers, ignore_index=True).assign(
        campaign_id=1, response_ts=day + pd.Timedelta(days=14)
    )
    log = CampaignLog(None, made["customers"], made["campaigns"], made["contacts"], responses)
    return log, arm, visits, spend


def test_without_orders_the_answers_are_the_outcomes():
    log, arm, visits, spend = wide()
    past = past_campaigns(log, "2017-06-01")
    results = evaluate_campaigns(log, past, DESIGN)
    table = effect_table(past, results).set_index("outcome")
    treated = arm != "control"
    assert table.index.tolist() == ["spend", "visit"]
    for name, y in (("visit", visits.astype(float)), ("spend", spend)):
        plain = y[treated].mean() - y[~treated].mean()
        assert table.loc[name, "unadjusted"] == pytest.approx(plain)
        assert table.loc[name, "low"] < plain < table.loc[name, "high"]
    roi = roi_table(log, past, results, MARGIN)
    # responders are all who answered, so all their spend is attributed
    assert roi["attributed_amount"].iloc[0] == pytest.approx(spend[treated].sum())
    money = money_table(log, past, results, MARGIN)
    assert set(money["dimension"]) == {"campaign_type", "channel", "customer_grade"}
    tables.CAMPAIGN_LESSON.check(lesson_table(log, past, results, MARGIN, "2017-06-01"))


def test_each_arm_is_compared_with_the_same_controls():
    log, arm, visits, _ = wide()
    results = evaluate_campaigns(log, past_campaigns(log, "2017-06-01"), DESIGN)
    table = arm_table(results)
    tables.CAMPAIGN_ARM_EFFECT.check(table)
    found = table.loc[table["outcome"] == "visit"].set_index("arm")
    assert found["verdict"].to_dict() == {"mens": "positive", "womens": "unclear"}
    plain = visits[arm == "mens"].mean() - visits[arm == "control"].mean()
    assert found.loc["mens", "estimate"] == pytest.approx(plain, abs=0.01)
    assert found.loc["mens", "p_adjusted"] == pytest.approx(2 * found.loc["mens", "p_value"])


def test_contacts_without_a_lot_and_without_orders_are_refused():
    log, *_ = wide()
    chosen = CampaignLog(
        None, log.customers, log.campaigns, log.contacts.assign(is_randomized=False), log.responses
    )
    found = evaluate_campaigns(chosen, past_campaigns(chosen, "2017-06-01"), DESIGN)
    assert found[0].verdict == "refused: no lot and no order log to compare by"
    with pytest.raises(InputError, match="no transactions"):
        chosen.first_order_ts()


def wide_with_orders(last: str):
    """The campaign file of a company that also has an order log: everybody orders for 5 each week."""
    log, arm, visits, spend = wide(n=1500)
    weeks = pd.date_range("2017-01-02", last, freq="7D")
    lines = pd.DataFrame(
        {
            "customer_id": np.repeat(np.arange(1500), len(weeks)),
            "order_ts": np.tile(weeks, 1500),
            "amount": 5.0,
        }
    )
    blank = {"product_id": 1, "store_id": 1, "quantity": 1.0, "discount_amount": 0.0, "coupon_amount": 0.0}
    lines = lines.assign(order_id=range(len(lines)), **blank)
    products = pd.DataFrame({"product_id": [1], "department": "D", "category": "c", "brand": "b"})
    frames = (lines, products, log.contacts, log.responses)
    events = EventLog(*(ibis.memtable(frame) for frame in frames))
    log = CampaignLog(events, log.customers, log.campaigns, log.contacts, log.responses)
    return log, arm != "control", visits, spend


def test_where_the_orders_end_before_the_campaign_its_own_answers_are_the_outcomes():
    log, treated, _, spend = wide_with_orders("2017-04-24")
    past = past_campaigns(log, "2017-06-01")
    results = evaluate_campaigns(log, past, DESIGN)
    table = effect_table(past, results).set_index("outcome")
    assert results[0].main == "spend"
    assert table.index.tolist() == ["spend", "visit"]
    assert table.loc["spend", "unadjusted"] == pytest.approx(spend[treated].mean() - spend[~treated].mean())
    assert (results[0].departments, results[0].course) == ({}, {})
    roi = roi_table(log, past, results, MARGIN)
    assert roi["attributed_amount"].iloc[0] == pytest.approx(spend[treated].sum())
    chosen = CampaignLog(
        log.events, log.customers, log.campaigns, log.contacts.assign(is_randomized=False), log.responses
    )
    found = evaluate_campaigns(chosen, past_campaigns(chosen, "2017-06-01"), DESIGN)
    assert found[0].verdict == "refused: no lot and no order log to compare by"


def test_where_the_orders_show_the_campaign_its_own_answers_stand_beside_them():
    log, treated, visits, spend = wide_with_orders("2017-05-29")
    past = past_campaigns(log, "2017-06-01")
    table = effect_table(past, evaluate_campaigns(log, past, DESIGN)).set_index("outcome")
    assert table.index.tolist() == ["spend", "orders", "buyers", "sales", "visit"]
    assert table.loc["spend", "unadjusted"] == pytest.approx(0.0)  # everybody goes on ordering as before
    for name, y in (("visit", visits.astype(float)), ("sales", spend)):
        assert table.loc[name, "unadjusted"] == pytest.approx(y[treated].mean() - y[~treated].mean())
    roi = roi_table(log, past, evaluate_campaigns(log, past, DESIGN), MARGIN)
    responders = (visits | (spend > 0)) & treated
    assert roi["attributed_amount"].iloc[0] == pytest.approx(15.0 * responders.sum())  # three weeks each
