"""Which contacts train, which judge, which are asked about."""

import pandas as pd
import pytest

from dangol.errors import InputError, SkipNotebookError
from dangol.response import describe_all, labelled_contacts, next_contacts

CUT = "2017-04-20"  # campaigns 2 and 3 are still running


def test_no_response_on_or_after_the_cut_reaches_training(world, log_of):
    before = labelled_contacts(log_of(world), CUT)
    late = world["responses"]["response_ts"] >= CUT
    assert late.any()
    without = {**world, "responses": world["responses"].loc[~late]}
    pd.testing.assert_frame_equal(before, labelled_contacts(log_of(without), CUT))


def test_training_and_test_share_no_campaign_and_no_control_arm(world, log_of):
    log = log_of(world)
    train = labelled_contacts(log, CUT)
    test = labelled_contacts(log, log.known_until(), started_from=CUT)
    assert set(train["campaign_id"]) == {1, 2, 3}
    assert set(test["campaign_id"]) == {4}
    controls = world["contacts"].loc[world["contacts"]["arm"] == "control", ["customer_id", "campaign_id"]]
    both = pd.concat([train, test]).merge(controls, on=["customer_id", "campaign_id"])
    assert both.empty


def test_a_running_campaign_counts_only_the_days_seen(world, log_of):
    train = labelled_contacts(log_of(world), CUT)
    days = train.groupby("campaign_id")["observed_days"].agg(["min", "max"])
    assert days.loc[1].tolist() == [28, 28]  # over: 1 to 28 February, both days included
    assert days.loc[2].tolist() == [50, 50]  # 1 March to 20 April, exclusive
    assert days.loc[3].tolist() == [10, 10]


def test_campaigns_older_than_the_order_log_are_left_out(world, log_of):
    lines = world["transactions"]
    short = {**world, "transactions": lines.loc[lines["order_ts"] >= "2017-02-15"]}
    assert set(labelled_contacts(log_of(short), CUT)["campaign_id"]) == {2, 3}


def test_the_next_contacts_are_every_customer_and_every_type_known_by_then(world, log_of):
    planned = next_contacts(log_of(world), CUT)
    assert len(planned) == 60 * 2
    latest = planned.drop_duplicates("campaign_type").set_index("campaign_type")["campaign_id"]
    assert latest.to_dict() == {"A": 3, "B": 2}
    assert (planned["contact_date"] == CUT).all()


def test_all_parts_have_the_same_columns_and_categories(world, log_of):
    log = log_of(world)
    train, planned = labelled_contacts(log, CUT), next_contacts(log, CUT)
    X_train, X_next = describe_all(log, [train, planned])
    pd.testing.assert_series_equal(X_train.dtypes, X_next.dtypes)
    assert X_train["campaign_days"].tolist() == train["observed_days"].tolist()
    assert not {"customer_id", "campaign_id"} & set(X_train)


def test_what_training_never_knew_is_left_out_everywhere(world, log_of):
    nobody = {**world, "customers": world["customers"].assign(age_band=pd.Series(None, dtype="str"))}
    log = log_of(nobody)
    parts = describe_all(log, [labelled_contacts(log, CUT), next_contacts(log, CUT)])
    assert ["age_band" in part for part in parts] == [False, False]
    parts = describe_all(log_of(world), [labelled_contacts(log, CUT), next_contacts(log, CUT)])
    assert ["age_band" in part for part in parts] == [True, True]


def test_a_period_without_campaigns_or_answers_is_refused(world, log_of):
    log = log_of(world)
    with pytest.raises(SkipNotebookError, match="no campaign with contacts started between 2018-01-01"):
        labelled_contacts(log, "2018-06-01", started_from="2018-01-01")
    with pytest.raises(SkipNotebookError, match="no campaign started before 2017-01-15"):
        next_contacts(log, "2017-01-15")
    silent = {**world, "responses": world["responses"].iloc[:0]}
    with pytest.raises(SkipNotebookError, match=r"0 of \d+ contacts .* were answered"):
        labelled_contacts(log_of(silent), CUT)


def test_repeated_contacts_and_unknown_campaigns_are_all_reported_at_once(world, log_of):
    contacts = pd.concat([world["contacts"], world["contacts"].head(2)])
    responses = world["responses"].assign(campaign_id=99)
    with pytest.raises(InputError, match=r"(?s)responses: \d+ rows of campaigns.*contacts: 2 repeated"):
        log_of({**world, "contacts": contacts, "responses": responses})
