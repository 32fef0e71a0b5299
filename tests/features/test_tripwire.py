"""The tripwire names what looks ahead, and is silent about everything that does not."""

import re

import ibis
import pandas as pd
import pytest
from toy_log import Tables

from dangol.errors import LeakageError
from dangol.features import customer_features, snapshot
from dangol.features.tripwire import check_blind_to_the_future

AS_OF = "2017-06-05"


def describe(log, condition, name="n_lines") -> pd.DataFrame:
    """Lines of each customer on which a condition holds."""
    rows = log.transactions.filter(condition(log.transactions)).group_by("customer_id")
    return rows.agg(**{name: ibis._.count()}).order_by("customer_id").execute()


def before(lines, as_of=AS_OF):
    return lines.order_ts < ibis.timestamp(as_of)


def test_a_count_that_stops_at_the_date_passes():
    check_blind_to_the_future(lambda log: describe(log, before), Tables(1, [AS_OF]).log(), AS_OF)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "condition",
    [
        lambda lines: lines.order_ts <= ibis.timestamp(AS_OF),
        lambda lines: before(lines, "2017-06-12"),
        lambda lines: lines.amount > -(10**9),
    ],
    ids=["the date itself", "a week too far", "no date at all"],
)
def test_a_count_that_goes_on_is_named(condition, seed):
    expected = "feature.*as of 2017-06-05 changed .*(n_peeked|the rows themselves).*strictly before as_of"
    with pytest.raises(LeakageError, match=expected):
        check_blind_to_the_future(
            lambda log: describe(log, condition, "n_peeked"), Tables(seed, [AS_OF]).log(), AS_OF
        )


@pytest.mark.parametrize("table", ["contacts", "responses", "events", "promotions"])
def test_a_look_at_later_rows_of_any_table_is_named(table):
    def all_rows(log):
        rows = getattr(log, table).execute()
        return pd.DataFrame({"all_rows": [rows.sort_values(list(rows)).to_csv()]})

    with pytest.raises(LeakageError, match=r": all_rows\. They know the future"):
        check_blind_to_the_future(all_rows, Tables(1, [AS_OF]).log(), AS_OF)


def test_dates_known_ahead_may_be_used():
    def next_contract_end(log):
        ends = log.events.filter(log.events.event_kind == "contract_end")
        return ends.group_by("customer_id").agg(end=ends.event_date.max()).order_by("customer_id").execute()

    check_blind_to_the_future(next_contract_end, Tables(1, [AS_OF]).log(), AS_OF)


def test_a_feature_that_peeks_stops_every_caller_of_the_features(monkeypatch):
    honest = snapshot.features_as_of

    def leaking(log, *asked):
        frame = honest(log, *asked)
        totals = log.transactions.group_by("customer_id").agg(amount_of_all_times=ibis._.amount.sum())
        return frame.merge(totals.execute(), on="customer_id", how="left")

    monkeypatch.setattr(snapshot, "features_as_of", leaking)
    with pytest.raises(LeakageError, match=re.escape("1 feature(s)") + ".*: amount_of_all_times. They know"):
        customer_features(Tables(1, [AS_OF]).log(), [AS_OF])


def test_the_sample_and_the_log_stay_as_they_were():
    tables = Tables(2, [AS_OF])
    log = tables.log()
    once = log.transactions.execute()
    customer_features(log, [AS_OF])
    pd.testing.assert_frame_equal(log.transactions.execute(), once)
