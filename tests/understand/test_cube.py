"""The cube: every roll-up is the sum of its lines to the cent, and every cell opens into its lines."""

import random
from decimal import Decimal

import ibis
import numpy as np
import pandas as pd
import pytest

from dangol.errors import InputError
from dangol.understand import cube_facts, cube_sentence, drill_down, groupings_up_to, sales_cube
from dangol.understand.cube import DIMENSIONS, NO_CAMPAIGN, NOT_GRADED, TABLE_DIMENSIONS

N_CUSTOMERS = 12


@pytest.fixture(scope="module")
def world() -> dict[str, pd.DataFrame]:
    """500 lines with refunds and fractions of a cent, grades that change, campaigns that overlap."""
    rng = np.random.default_rng(5)
    n = 500
    days = pd.to_timedelta(rng.integers(0, 200 * 24, n), unit="h")
    lines = pd.DataFrame(
        {
            "order_id": rng.integers(0, 150, n),
            "customer_id": rng.integers(0, N_CUSTOMERS, n),
            "product_id": rng.integers(0, 9, n),
            "store_id": rng.integers(1, 5, n),
            "order_ts": pd.Timestamp("2016-11-20") + days,
            "quantity": np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 9, n)),
            "amount": rng.integers(-30_000, 300_000, n) / 1_000,
            "discount_amount": rng.integers(0, 100, n) / 100,
            "coupon_amount": rng.integers(0, 50, n) / 100,
        }
    )
    products = pd.DataFrame(
        {"product_id": range(8), "department": list("AAABBBCC"), "category": [f"c{i % 4}" for i in range(8)]}
    )
    dates = ["2017-01-01", "2017-03-01"]
    grades = pd.DataFrame(
        [(customer, date, rng.choice(["Gold", "Bronze"])) for customer in range(10) for date in dates],
        columns=["customer_id", "as_of", "customer_grade"],
    )
    starts = pd.to_datetime(["2017-01-10", "2017-02-01", "2017-02-10"])
    campaigns = pd.DataFrame(
        {
            "campaign_id": [31, 32, 33],
            "campaign_type": ["A", "B", "A"],
            "start_date": starts,
            "end_date": starts + pd.Timedelta(days=20),
        }
    )
    contacts = pd.DataFrame(
        [
            (customer, row.campaign_id, row.start_date, rng.choice(["mail", "mail", "control"]))
            for customer in range(N_CUSTOMERS)
            for row in campaigns.itertuples()
        ],
        columns=["customer_id", "campaign_id", "contact_ts", "arm"],
    )
    return {
        "lines": lines,
        "products": products,
        "stores": pd.DataFrame({"store_id": [1, 2, 3], "channel": ["shop", "web", "shop"]}),
        "groups": pd.DataFrame({"customer_id": range(11), "customer_group": (["young", "old"] * 6)[:11]}),
        "grades": grades,
        "campaigns": campaigns,
        "contacts": contacts,
    }


@pytest.fixture(scope="module")
def facts(world):
    given = {name: ibis.memtable(frame) for name, frame in world.items()}
    return cube_facts(**given).cache()


def row_by_row(world) -> list[dict]:
    """The place of every line in every dimension, by a plain loop."""
    kinds = world["products"].set_index("product_id")
    channels = world["stores"].set_index("store_id")["channel"]
    groups = world["groups"].set_index("customer_id")["customer_group"]
    places = []
    for line in world["lines"].itertuples():
        day = line.order_ts.normalize()
        held = [
            row for row in world["grades"].itertuples()
            if row.customer_id == line.customer_id and pd.Timestamp(row.as_of) <= line.order_ts
        ]  # fmt: skip
        sent = []
        for contact in world["contacts"].itertuples():
            campaign = world["campaigns"].set_index("campaign_id").loc[contact.campaign_id]
            is_sent = contact.customer_id == line.customer_id and contact.arm != "control"
            if is_sent and contact.contact_ts <= line.order_ts and day <= campaign["end_date"]:
                sent.append((contact.contact_ts, contact.campaign_id, campaign["campaign_type"]))
        last = max(sent) if sent else None
        places.append(
            {
                "year_date": day.replace(month=1, day=1),
                "quarter_date": day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
                "month_date": day.replace(day=1),
                "department": kinds["department"].get(line.product_id, "UNKNOWN"),
                "category": kinds["category"].get(line.product_id, "UNKNOWN"),
                "channel": channels.get(line.store_id, "UNKNOWN"),
                "store_id": line.store_id,
                "customer_group": groups.get(line.customer_id, "not stated"),
                "customer_grade": max(held, key=lambda row: row.as_of).customer_grade if held else NOT_GRADED,
                "campaign_type": last[2] if last else NO_CAMPAIGN,
                "campaign_id": str(last[1]) if last else NO_CAMPAIGN,
                "line": line,
            }
        )
    return places


@pytest.fixture(scope="module")
def places(world):
    return row_by_row(world)


def cents(lines) -> Decimal:
    return sum((Decimal(str(line.amount)) for line in lines), Decimal(0))


def test_every_line_has_one_place_in_every_dimension(facts, world):
    frame = facts.execute()
    assert len(frame) == len(world["lines"])
    assert frame[list(DIMENSIONS)].notna().all(axis=None)
    assert set(frame["campaign_type"]) == {"A", "B", NO_CAMPAIGN}
    assert set(frame["customer_grade"]) == {"Gold", "Bronze", NOT_GRADED}


def test_random_drill_paths_equal_a_plain_loop_to_the_fraction_of_a_cent(facts, places):
    draw = random.Random(8)
    for _ in range(12):
        path = draw.sample(DIMENSIONS, draw.randint(1, 4))
        cube = sales_cube(facts, [path[:depth] for depth in range(len(path) + 1)])
        start = draw.choice(places)
        for depth in range(len(path) + 1):
            cell = {name: start[name] for name in path[:depth]}
            inside = [row["line"] for row in places if all(row[name] == cell[name] for name in cell)]
            found = cube[cube["grouping"] == (" × ".join(path[:depth]) or "total")]
            for name, value in cell.items():
                found = found[found[name] == value]
            assert len(found) == 1
            row = found.iloc[0]
            assert Decimal(str(row["amount"])) == cents(inside)
            assert row["n_lines"] == len(inside)
            assert row["n_orders"] == len({line.order_id for line in inside})
            assert row["n_customers"] == len({line.customer_id for line in inside})
            assert row["quantity"] == sum(line.quantity for line in inside if line.quantity == line.quantity)
            behind = drill_down(facts, row[[name for name in DIMENSIONS if name in cube]].to_dict())
            assert sorted(behind.amount.execute()) == sorted(line.amount for line in inside)


def test_every_grouping_adds_up_to_all_lines(facts, world):
    groupings = groupings_up_to(TABLE_DIMENSIONS, 2)
    assert len(groupings) == 1 + 5 + 10 + 1
    cube = sales_cube(facts, groupings)
    total = cents(world["lines"].itertuples())
    for _, cells in cube.groupby("grouping"):
        assert sum(map(Decimal, map(str, cells["amount"])), Decimal(0)) == total
        assert cells["n_lines"].sum() == len(world["lines"])
    assert cube.iloc[0]["grouping"] == "total"
    assert f"in 17 groupings; each grouping sums to **{total:,.2f}** (largest difference 0.00)" in (
        cube_sentence(cube)
    )


def test_a_grouping_that_does_not_add_up_is_told(facts):
    cube = sales_cube(facts, [(), ("channel",)])
    cube.loc[cube.index[-1], "amount"] += 0.02
    assert "(largest difference 0.02)" in cube_sentence(cube)


def test_unknown_dimensions_are_refused_and_nothing_is_executed(facts):
    harmful = "channel) ; drop table facts; --"
    for ask in (lambda: sales_cube(facts, [(harmful,)]), lambda: drill_down(facts, {harmful: 1})):
        with pytest.raises(InputError, match=r"no dimension channel.*drop table.*; there are year_date, "):
            ask()


def test_without_grades_and_campaigns_there_is_one_cell(world):
    names = ("lines", "products", "stores", "groups")
    plain = cube_facts(**{name: ibis.memtable(world[name]) for name in names})
    cube = sales_cube(plain, [("customer_grade", "campaign_id")])
    assert cube[["customer_grade", "campaign_id"]].to_numpy().tolist() == [[NOT_GRADED, NO_CAMPAIGN]]
