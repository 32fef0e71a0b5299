"""The cube adds up to its facts on every level; campaigns are counted right."""

import ibis
import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.errors import InputError
from dangol.understand import (
    answers_by_type,
    bought,
    campaign_kpi,
    customer_groups,
    full_months,
    monthly_sales,
    sales_kpi,
    top_department,
    trend_sentence,
    trend_share,
)

LATER = pd.Timestamp("2018-01-01")
KEY = ["month_date", "department", "store_id", "customer_group"]


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """400 order lines, some of them refunds or without quantity."""
    rng = np.random.default_rng(2)
    n = 400
    seconds = rng.integers(0, 150 * 86_400, n)
    return pd.DataFrame(
        {
            "order_id": rng.integers(0, 150, n),
            "customer_id": rng.integers(0, 12, n),
            "product_id": rng.integers(0, 9, n),
            "store_id": rng.integers(1, 4, n),
            "order_ts": pd.Timestamp("2017-01-20") + pd.to_timedelta(seconds, unit="s"),
            "quantity": np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 9, n)),
            "amount": (rng.integers(-300, 3_000, n) / 100).round(2),
            "discount_amount": (rng.integers(0, 100, n) / 100).round(2),
            "coupon_amount": (rng.integers(0, 50, n) / 100).round(2),
        }
    )


@pytest.fixture(scope="module")
def products() -> pd.DataFrame:
    return pd.DataFrame({"product_id": range(9), "department": list("AAABBBCCC"), "category": "c"})


@pytest.fixture(scope="module")
def groups() -> pd.DataFrame:
    return pd.DataFrame({"customer_id": range(12), "customer_group": ["young", "old", "not stated"] * 4})


@pytest.fixture(scope="module")
def cube(lines, products, groups) -> pd.DataFrame:
    return sales_kpi(ibis.memtable(lines), ibis.memtable(products), ibis.memtable(groups))


def test_the_cube_keeps_its_contract_and_is_sorted(cube):
    tables.SALES_KPI.check(cube)
    pd.testing.assert_frame_equal(cube, cube.sort_values(KEY, ignore_index=True))


def test_every_cell_equals_a_plain_loop(cube, lines, products, groups):
    department = products.set_index("product_id")["department"]
    group = groups.set_index("customer_id")["customer_group"]
    cells: dict[tuple, list] = {}
    for line in lines.itertuples():
        month = line.order_ts.normalize().replace(day=1)
        key = (month, department[line.product_id], line.store_id, group[line.customer_id])
        cells.setdefault(key, []).append(line)
    assert len(cube) == len(cells)
    for cell in cube.itertuples():
        rows = cells[cell.month_date, cell.department, cell.store_id, cell.customer_group]
        assert cell.n_lines == len(rows)
        assert cell.n_orders == len({row.order_id for row in rows})
        assert cell.n_customers == len({row.customer_id for row in rows})
        assert cell.amount == pytest.approx(sum(row.amount for row in rows), abs=1e-9)
        assert cell.quantity == sum(row.quantity for row in rows if row.quantity == row.quantity)


@pytest.mark.parametrize("n_dimensions", range(5))
def test_every_roll_up_level_sums_to_the_facts(cube, lines, n_dimensions):
    measures = ["n_lines", "quantity", "amount", "discount_amount", "coupon_amount"]
    level = cube.groupby(KEY[:n_dimensions])[measures].sum() if n_dimensions else cube[measures]
    assert level["n_lines"].sum() == len(lines)
    for name in measures[1:]:
        assert level[name].sum() == pytest.approx(lines[name].sum(), abs=1e-6)


def test_months_sum_to_the_facts(cube, lines):
    months = monthly_sales(cube)
    by_month = lines.groupby(lines["order_ts"].dt.strftime("%Y-%m"))["amount"].sum().round(2)
    assert months["month_date"].dt.strftime("%Y-%m").tolist() == by_month.index.tolist()
    assert months["amount"].tolist() == pytest.approx(by_month.tolist(), abs=1e-9)


def test_customers_without_the_attribute_are_a_group_of_their_own():
    customers = pd.DataFrame(
        {"customer_id": [1, 2, 3], "age_band": ["19-24", None, "65+"], "n": [1.0, np.nan, 2.0]}
    )
    assert customer_groups(customers, ["age_band"])["customer_group"].tolist() == [
        "19-24",
        "not stated",
        "65+",
    ]
    assert customer_groups(customers, ["n"])["customer_group"].tolist() == ["1.0", "not stated", "2.0"]
    category = customers.astype({"age_band": "category"})
    assert customer_groups(category, ["age_band"])["customer_group"].tolist() == [
        "19-24",
        "not stated",
        "65+",
    ]


def test_everybody_is_in_one_group_if_there_is_no_such_attribute():
    without = pd.DataFrame({"customer_id": [1, 2]})
    for customers, names in (
        (without, ["age_band"]),
        (without.assign(first_seen_date=LATER), ["age_band"]),
        (without.assign(size="L"), ["age_band", "region"]),
    ):
        assert customer_groups(customers, names)["customer_group"].tolist() == ["all customers"] * 2


def test_the_first_attribute_that_customers_have_splits_the_cube():
    customers = pd.DataFrame({"customer_id": [1, 2], "country": ["KR", "UK"], "region": ["서울", "N"]})
    assert customer_groups(customers, ["age_band", "region", "country"])["customer_group"].tolist() == [
        "서울",
        "N",
    ]


def test_a_single_attribute_that_is_not_there_is_refused_by_name():
    customers = pd.DataFrame({"customer_id": [1], "country": ["KR"]})
    with pytest.raises(
        InputError, match=r"no attribute 'contry' to group by\. Choose group_column among: country"
    ):
        customer_groups(customers, ["contry"])


def test_the_largest_known_department_is_named_or_none_is():
    assert top_department(pd.Series({"tea": 30.0, "UNKNOWN": 70.0})) == {
        "top_department": "tea",
        "top_department_share": 0.3,
    }
    assert top_department(pd.Series({"UNKNOWN": 70.0})) == {}


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        ("2017-04-01", "2017-03-01"),
        ("2017-03-31", "2017-02-01"),
        ("2017-04-02", "2017-03-01"),
        ("2018-01-01", "2017-12-01"),  # months without sales are over, too
    ],
)
def test_only_months_that_are_over_are_full(as_of, last):
    months = pd.DataFrame(
        {"month_date": pd.to_datetime(["2017-04-01", "2017-02-01", "2017-03-01"]), "amount": 1.0}
    )
    full = full_months(months, pd.Timestamp(as_of))
    assert full["month_date"].iloc[-1] == pd.Timestamp(last)
    assert full["month_date"].is_monotonic_increasing


def test_the_trend_compares_the_last_months_with_those_before():
    months = pd.DataFrame({"amount": [999.0, 10.0, 20.0, 30.0, 22.0, 22.0, 22.0]})
    assert trend_share(months) == pytest.approx(66 / 60 - 1)
    assert trend_share(months, 2) == pytest.approx(44 / 52 - 1)
    assert trend_share(months.head(5)) is None
    assert trend_share(months.head(0)) is None


def test_a_trend_from_nothing_or_to_refunds_is_no_number_to_report():
    assert trend_share(pd.DataFrame({"amount": [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]})) is None
    assert trend_share(pd.DataFrame({"amount": [1.0, 2.0, 3.0, 1.0, 0.0, -9.0]})) is None
    assert trend_sentence(None).startswith("No trend can be told")
    assert trend_sentence(-0.1).startswith("Sales fell in the last three full months (-10.0%")
    assert "held steady" in trend_sentence(0.01)


@pytest.mark.parametrize("day", ["2024-07-01", "2024-07-15"])
def test_months_without_sales_are_months(day):
    sold = pd.to_datetime(["2024-01-01", "2024-04-01", "2024-07-01"]).as_unit("us")
    months = full_months(pd.DataFrame({"month_date": sold, "amount": [5.0, 7.0, 1.0]}), pd.Timestamp(day))
    assert months["month_date"].dt.month.tolist() == [1, 2, 3, 4, 5, 6]
    assert months["amount"].tolist() == [5.0, 0.0, 0.0, 7.0, 0.0, 0.0]


def test_a_refund_is_no_order_and_nobody_buys_by_it():
    orders = pd.DataFrame({"customer_id": [1, 1, 2], "amount": [10.0, 5.5, -3.0]})
    assert bought(orders) == {"n_buyers": 1, "n_orders": 2, "amount": 12.5}


@pytest.fixture
def campaigns() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "campaign_id": [3, 1, 2],
            "campaign_type": ["B", "A", "A"],
            "start_date": pd.to_datetime(["2017-05-31", "2017-01-31", "2017-03-15"]),
        }
    )


def test_campaigns_are_counted_by_month_of_response(campaigns):
    contacts = pd.DataFrame(
        {
            "campaign_id": [1, 1, 1, 2, 2],
            "customer_id": [1, 2, 3, 1, 2],
            "arm": ["A", "A", "control", "A", "A"],
        }
    )
    days = ["2017-02-01 00:00", "2017-02-28 23:59", "2017-03-01 00:00", "2017-03-15 12:00"]
    responses = pd.DataFrame(
        {"campaign_id": [1, 1, 1, 2], "customer_id": [1, 2, 1, 2], "response_ts": pd.to_datetime(days)}
    )
    kpi = campaign_kpi(campaigns, contacts, responses, LATER)
    tables.CAMPAIGN_KPI.check(kpi)
    assert kpi.assign(month_date=kpi["month_date"].dt.strftime("%Y-%m-%d")).to_numpy().tolist() == [
        [1, "A", "2017-02-01", 2, 2],
        [1, "A", "2017-03-01", 2, 1],
        [2, "A", "2017-03-01", 2, 1],
        [3, "B", "2017-05-01", 0, 0],
    ]


def test_campaigns_nobody_answered_have_a_row_at_their_start(campaigns):
    contacts = pd.DataFrame({"campaign_id": [1], "customer_id": [1], "arm": ["A"]})
    none = pd.DataFrame(
        {"campaign_id": [1], "customer_id": [1], "response_ts": pd.to_datetime(["2017-01-01"])}
    ).head(0)
    kpi = campaign_kpi(campaigns, contacts, none, LATER)
    tables.CAMPAIGN_KPI.check(kpi)
    assert kpi["n_responses"].tolist() == [0, 0, 0]
    assert kpi["month_date"].dt.strftime("%Y-%m").tolist() == ["2017-01", "2017-03", "2017-05"]


def test_what_comes_on_or_after_the_date_is_not_counted(campaigns):
    contacts = pd.DataFrame({"campaign_id": [1, 2], "customer_id": [1, 1], "arm": ["A", "A"]})
    days = pd.to_datetime(["2017-02-27", "2017-02-28"])
    responses = pd.DataFrame({"campaign_id": [1, 1], "customer_id": [1, 1], "response_ts": days})
    kpi = campaign_kpi(campaigns, contacts, responses, pd.Timestamp("2017-02-28"))
    assert kpi["n_responses"].sum() == 1
    assert (campaigns.set_index("campaign_id").loc[kpi["campaign_id"], "start_date"] < "2017-02-28").all()


def test_without_campaigns_there_are_no_campaign_figures():
    assert campaign_kpi(None, None, None, LATER) is None
    assert answers_by_type(None).empty


def test_answers_by_type_count_each_campaign_once():
    cube = pd.DataFrame(
        {
            "campaign_id": [1, 1, 2],
            "campaign_type": ["A", "A", "A"],
            "n_contacts": [10, 10, 30],
            "n_responses": [1, 2, 5],
        }
    )
    row = answers_by_type(cube).loc["A"]
    assert row.tolist() == [40, 8, 0.2]
