"""Weekly sequences, by a plain loop and on the edges of the weeks."""

from collections import defaultdict
from datetime import datetime

import pandas as pd
import pytest
from toy_log import DAY, SECOND, Tables

from dangol.features.sequence import CHANNELS, weekly_sequence

AS_OFS = ["2017-06-05", "2017-09-18"]
N_WEEKS = 9


def slow_sequences(tables: Tables, as_of: str) -> dict:
    """Customer to channel to a list of weeks, latest first; one order is one number on one day."""
    end = datetime.fromisoformat(as_of)
    orders: dict = defaultdict(lambda: [0.0, 0])
    for line in tables.transactions:
        key = (line["customer_id"], line["order_id"], line["order_ts"].date())
        orders[key][0] += line["amount"]
        orders[key][1] += 1
    found: dict = defaultdict(lambda: {channel: [0.0] * N_WEEKS for channel in CHANNELS})
    for (customer, _, day), (amount, n_lines) in orders.items():
        week = ((end.date() - day).days - 1) // 7
        if day < end.date() and week < N_WEEKS:
            weeks = found[customer]
            weeks["orders"][week] += round(amount, 2) >= 0
            weeks["amount"][week] += amount
            weeks["lines"][week] += n_lines
    return dict(found)


@pytest.mark.parametrize("seed", [1, 2])
def test_weekly_sequences_equal_a_plain_loop(seed):
    tables = Tables(seed, AS_OFS)
    frame = weekly_sequence(tables.log(), AS_OFS, N_WEEKS)
    for as_of in AS_OFS:
        rows = frame[frame["as_of"] == as_of].set_index("customer_id")
        expected = slow_sequences(tables, as_of)
        assert set(rows.index) == set(expected)
        for customer, channels in expected.items():
            for channel, weeks in channels.items():
                columns = [f"{channel}_w{week:02d}" for week in range(1, N_WEEKS + 1)]
                assert rows.loc[customer, columns].tolist() == pytest.approx(weeks, abs=0.006)


def test_what_happens_on_or_after_the_snapshot_changes_no_sequence():
    tables = Tables(3, AS_OFS)
    before = weekly_sequence(tables.log(), AS_OFS[:1], N_WEEKS)
    end = datetime.fromisoformat(AS_OFS[0])
    for customer in range(5):
        tables.add_order(customer, end)
        tables.add_order(customer, end + 3 * DAY)
    pd.testing.assert_frame_equal(weekly_sequence(tables.log(), AS_OFS[:1], N_WEEKS), before)


@pytest.mark.parametrize(
    ("offset", "week"), [(SECOND, "orders_w01"), (7 * DAY, "orders_w01"), (7 * DAY + SECOND, "orders_w02")]
)
def test_a_week_begins_seven_days_before_the_next(offset, week):
    tables = Tables(1, [], n_customers=1)
    tables.add_order(77, datetime.fromisoformat(AS_OFS[0]) - offset)
    row = weekly_sequence(tables.log(), AS_OFS[:1], 3).set_index("customer_id").loc[77]
    assert [name for name in row.index if name.startswith("orders") and row[name] == 1] == [week]
