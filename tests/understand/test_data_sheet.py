"""The data sheet equals an independent computation."""

import numpy as np
import pandas as pd
import pytest

from dangol.understand import data_sheet


@pytest.fixture
def orders() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 300
    return pd.DataFrame(
        {
            "customer_id": rng.integers(0, 45, n),
            "order_ts": pd.Timestamp("2017-01-03 08:00")
            + pd.to_timedelta(rng.integers(0, 200 * 24, n), unit="h"),
            "amount": (rng.lognormal(3, 1, n) * np.where(rng.random(n) < 0.1, -1, 1)).round(2),
            "discount_amount": np.where(rng.random(n) < 0.3, 1.0, 0.0),
        }
    )


def test_every_figure_equals_plain_python(orders):
    as_of = pd.Timestamp("2017-06-01")
    customers = pd.DataFrame(
        {"customer_id": [1, 2, 3, 4], "age": ["a", None, "b", "c"], "region": [None, None, 1, 2]}
    )
    customers["first_seen_date"] = pd.NaT
    sheet = data_sheet(orders, customers, as_of).set_index("figure")["value"]
    rows = [row for row in orders.itertuples() if row.order_ts < as_of]
    per_customer: dict[int, list] = {}
    for row in rows:
        per_customer.setdefault(row.customer_id, []).append(row)
    counts = sorted(map(len, per_customer.values()))
    amounts = sorted(row.amount for row in rows)
    sums = sorted((sum(row.amount for row in mine) for mine in per_customer.values()), reverse=True)
    times = [row.order_ts for row in rows]
    expected = {
        "days covered": (max(times) - min(times)).days + 1,
        "customers with an order": len(per_customer),
        "customers with two orders or more": sum(n > 1 for n in counts) / len(counts),
        "orders per customer, median": np.median(counts),
        "orders per customer, largest": counts[-1],
        "order amount, median": np.median(amounts),
        "order amount, 95th percentile": np.percentile(amounts, 95),
        "orders with a negative amount": sum(amount < 0 for amount in amounts) / len(rows),
        "orders with a discount": sum(row.discount_amount > 0 for row in rows) / len(rows),
        "sales of the top tenth of customers": sum(sums[: round(len(sums) / 10)]) / sum(sums),
        "customer attributes filled": 5 / 8,
    }
    assert sheet.to_dict() == pytest.approx(expected)


def test_customers_without_attributes_are_filled_to_nothing(orders):
    sheet = data_sheet(orders, pd.DataFrame({"customer_id": [1, 2]}), pd.Timestamp("2018-01-01"))
    assert sheet.set_index("figure").loc["customer attributes filled", "value"] == 0.0


def test_orders_at_the_snapshot_are_not_seen(orders):
    as_of = orders["order_ts"].sort_values().iloc[100]
    seen = orders[orders["order_ts"] < as_of]
    customers = pd.DataFrame({"customer_id": [1]})
    pd.testing.assert_frame_equal(data_sheet(orders, customers, as_of), data_sheet(seen, customers, as_of))
