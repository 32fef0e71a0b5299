"""Whole campaigns: windows, verdicts, money."""

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.errors import InputError
from dangol.evaluation import (
    Design,
    effect_table,
    evaluate_campaigns,
    evaluation_counts,
    past_campaigns,
    roi_table,
    total_money,
)

AS_OF = "2017-08-21"
DESIGN = Design(min_contacts=100, active_days=84, placebo_days=28, seed=1)
MARGIN = 0.5


@pytest.fixture(scope="module")
def log(world, log_of):
    return log_of(world)


@pytest.fixture(scope="module")
def past(log):
    return past_campaigns(log, AS_OF)


@pytest.fixture(scope="module")
def results(log, past):
    return evaluate_campaigns(log, past, DESIGN)


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


def test_repeated_contacts_are_refused(world, log_of):
    with pytest.raises(InputError, match="1 repeated contacts"):
        log_of({**world, "contacts": pd.concat([world["contacts"], world["contacts"].head(1)])})


def test_a_date_before_all_campaigns_is_refused(log):
    with pytest.raises(InputError, match="no campaign started before 2017-01-01"):
        past_campaigns(log, "2017-01-01")
