"""One planted violation per rule gives exactly one hit, of that rule, with its treatment."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.errors import InputError
from dangol.warehouse import books
from dangol.warehouse.intake import Intake, Warehouse
from dangol.warehouse.integrate import Delivery, integrate

Shop = dict[str, pd.DataFrame]


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


@pytest.fixture
def shop() -> Shop:
    """A tiny company without a fault: every relation, refunds, an unanswered and a control contact."""
    return {
        "customers": pd.DataFrame(
            {"customer_id": [1, 2, 3], "signup_date": pd.to_datetime(["2016-12-01"] * 3), "region": "north"}
        ),
        "products": pd.DataFrame(
            {
                "product_id": [10, 11],
                "department": "D",
                "category": ["C", "B"],
                "brand": "own",
                "unit_cost": 1.0,
            }
        ),
        "stores": pd.DataFrame({"store_id": [5, 6], "channel": ["shop", "web"]}),
        "transactions": pd.DataFrame(
            {
                "order_id": [100, 100, 101, 102],
                "customer_id": [1, 1, 2, 1],
                "product_id": [10, 11, 10, 10],
                "store_id": [5, 5, 6, 5],
                "order_ts": pd.to_datetime(
                    ["2017-01-02 09:00"] * 2 + ["2017-02-01 09:00", "2017-03-01 09:00"]
                ),
                "quantity": [2.0, 1.0, 1.0, -1.0],
                "amount": [5.0, 2.0, 2.5, -2.5],
                "discount_amount": [0.0, 0.5, 0.0, 0.0],
                "coupon_amount": 0.0,
            }
        ),
        "campaigns": pd.DataFrame(
            {
                "campaign_id": [7],
                "campaign_type": "A",
                "channel": "mail",
                "start_date": day("2017-04-01"),
                "end_date": day("2017-04-30"),
                "contact_cost": 0.5,
            }
        ),
        "contacts": pd.DataFrame(
            {
                "customer_id": [1, 2, 3],
                "campaign_id": 7,
                "contact_ts": day("2017-04-01 10:00"),
                "arm": ["A", "A", "control"],
                "is_randomized": True,
                "contact_cost": [0.5, 0.5, 0.0],
            }
        ),
        "responses": pd.DataFrame(
            {
                "customer_id": [1],
                "campaign_id": 7,
                "response_ts": day("2017-04-01"),
                "response_kind": "visit",
                "value": 1.0,
            }
        ),
        "campaign_products": pd.DataFrame({"campaign_id": [7], "product_id": [10], "coupon_id": [900]}),
        "events": pd.DataFrame(
            {"customer_id": [2], "event_kind": "birthday", "event_date": day("1980-02-29"), "text": None}
        ).astype({"text": "str"}),
    }


def taken(shop: Shop, *set_aside: str) -> Warehouse:
    money = {"transactions": "amount"}
    intakes = tuple(Intake(name, f"{name}.csv", frame, money.get(name, "")) for name, frame in shop.items())
    return integrate(Delivery(intakes), 0.5, set_aside)


def put(shop: Shop, table: str, row: int, **values: object) -> Shop:
    frame = shop[table].copy()
    for name, value in values.items():
        frame[name] = [value if n == row else old for n, old in enumerate(frame[name])]
        if frame[name].dtype == object:
            frame[name] = frame[name].astype(shop[table][name].dtype)
    return shop | {table: frame.astype(shop[table].dtypes.to_dict(), errors="ignore")}


def more(shop: Shop, table: str, row: int = 0, **values: object) -> Shop:
    extra = shop[table].iloc[[row]].assign(**values).astype(shop[table].dtypes.to_dict())
    return shop | {table: pd.concat([shop[table], extra], ignore_index=True)}


PLANTED: dict[tuple[str, str, str], Callable[[Shop], Shop]] = {
    ("missing_value", "transactions", "order_ts missing"): lambda s: more(s, "transactions", order_ts=pd.NaT),
    ("missing_value", "campaigns", "kept: contact_cost set to 0.5"): lambda s: put(
        s, "campaigns", 0, contact_cost=np.nan
    ),
    ("missing_value", "products", "kept: brand set to UNKNOWN"): lambda s: put(s, "products", 1, brand=None),
    ("missing_value", "transactions", "amount missing"): lambda s: more(s, "transactions", amount=np.nan),
    ("not_finite", "transactions", "amount is not finite"): lambda s: more(s, "transactions", amount=np.inf),
    ("out_of_range", "contacts", "contact_cost below 0"): lambda s: put(s, "contacts", 1, contact_cost=-0.5),
    ("duplicate_key", "customers", "customer_id listed before"): lambda s: more(
        s, "customers", region="south"
    ),
    ("duplicate_key", "contacts", "customer_id × campaign_id listed before"): lambda s: more(s, "contacts"),
    ("unknown_product", "transactions", "kept: product inferred, department UNKNOWN"): lambda s: more(
        s, "transactions", product_id=99
    ),
    ("unknown_product", "campaign_products", "kept: product inferred, department UNKNOWN"): lambda s: more(
        s, "campaign_products", product_id=99
    ),
    ("unknown_store", "transactions", "kept: store inferred, channel UNKNOWN"): lambda s: more(
        s, "transactions", order_id=103, store_id=99
    ),
    ("unknown_customer", "transactions", "kept: customer inferred, without attributes"): lambda s: more(
        s, "transactions", customer_id=99
    ),
    ("unknown_customer", "contacts", "kept: customer inferred, without attributes"): lambda s: more(
        s, "contacts", customer_id=99
    ),
    ("unknown_customer", "events", "kept: customer inferred, without attributes"): lambda s: more(
        s, "events", customer_id=99
    ),
    ("unknown_campaign", "contacts", "campaign not in campaigns"): lambda s: more(
        s, "contacts", campaign_id=99
    ),
    ("unknown_campaign", "responses", "campaign not in campaigns"): lambda s: more(
        s, "responses", campaign_id=99
    ),
    ("unknown_campaign", "campaign_products", "campaign not in campaigns"): lambda s: more(
        s, "campaign_products", campaign_id=99
    ),
    ("campaign_ends_before_start", "campaigns", "kept: end set to the start"): lambda s: put(
        s, "campaigns", 0, end_date=day("2017-03-31")
    ),
    ("empty_line", "transactions", "line with quantity 0 that moves no money"): lambda s: more(
        s, "transactions", quantity=0.0, amount=0.0
    ),
    ("zero_quantity", "transactions", "kept: quantity set to missing"): lambda s: more(
        s, "transactions", quantity=0.0
    ),
    ("duplicate_line", "transactions", "kept: the same article may be scanned twice"): lambda s: more(
        s, "transactions"
    ),
    (
        "cancellation_without_order",
        "transactions",
        "kept and netted: the order may lie before the data",
    ): lambda s: more(s, "transactions", 3, customer_id=3),
    ("control_with_cost", "contacts", "kept: cost set to 0"): lambda s: put(
        s, "contacts", 2, contact_cost=0.25
    ),
    (
        "sale_before_signup",
        "transactions",
        "kept: the sale counts, the date of sign-up is in doubt",
    ): lambda s: put(s, "customers", 1, signup_date=day("2017-02-02")),
    ("negative_margin", "transactions", "kept: a loss is a fact"): lambda s: more(
        s, "transactions", amount=1.98
    ),
    (
        "response_without_contact",
        "responses",
        "response of a customer who was not contacted",
    ): lambda s: more(more(s, "customers", customer_id=4), "responses", customer_id=4),
    ("response_before_contact", "responses", "response before the contact"): lambda s: more(
        s, "responses", customer_id=2, response_ts=day("2017-03-31 23:59")
    ),
}


def test_a_company_without_fault_passes_every_rule(shop):
    warehouse = taken(shop)
    assert books.faults_found(warehouse).empty
    assert len(warehouse.faults) > 60
    assert warehouse.quarantine.empty
    assert books.foreign_keys(warehouse.tables)["n_orphans"].sum() == 0


@pytest.mark.parametrize("planted", PLANTED, ids=lambda key: f"{key[0]} in {key[1]}: {key[2]}")
def test_a_planted_violation_is_exactly_one_hit_of_its_rule(shop, planted):
    rule, table, words = planted
    spoilt = PLANTED[planted](shop)
    warehouse = taken(spoilt)
    (hit,) = books.faults_found(warehouse).to_dict("records")
    assert (hit["rule"], hit["table"], hit["n_rows"]) == (rule, table, 1)
    is_kept = words.startswith("kept")
    assert words in (hit["treatment"], hit["fault"])
    assert len(warehouse.quarantine) == (0 if is_kept else 1)
    assert books.is_reconciled(warehouse.reconciliation)
    for name, frame in warehouse.tables.items():
        getattr(tables, name.upper()).check(frame)
    assert books.foreign_keys(warehouse.tables)["n_orphans"].sum() == 0


def test_the_quarantine_names_file_row_reason_and_money(shop):
    warehouse = taken(PLANTED["missing_value", "transactions", "order_ts missing"](shop))
    assert warehouse.quarantine.to_dict("records") == [
        {
            "table": "transactions",
            "source_file": "transactions.csv",
            "source_row": 4,
            "reason": "order_ts missing",
            "amount": 5.0,
        }
    ]


def test_what_is_mended_is_mended(shop):
    shop = put(shop, "campaigns", 0, end_date=day("2017-03-31"), contact_cost=np.nan)
    shop = put(put(shop, "contacts", 2, contact_cost=0.25), "products", 1, brand=None)
    found = taken(shop).tables
    assert found["campaigns"].loc[0, ["end_date", "contact_cost"]].tolist() == [day("2017-04-01"), 0.5]
    assert found["contacts"]["contact_cost"].tolist() == [0.5, 0.5, 0.0]
    assert found["products"]["brand"].tolist() == ["own", "UNKNOWN"]


@pytest.mark.parametrize("rule", ["duplicate_line", "cancellation_without_order", "negative_margin"])
def test_rows_a_rule_keeps_can_be_quarantined_instead(shop, rule):
    (planted,) = [change for (name, *_), change in PLANTED.items() if name == rule]
    kept, aside = taken(planted(shop)), taken(planted(shop), rule)
    assert len(aside.quarantine) == 1
    assert len(kept.tables["transactions"]) == len(aside.tables["transactions"]) + 1
    assert books.is_reconciled(aside.reconciliation)


def test_a_refund_is_netted_and_fits_only_an_earlier_sale_of_the_same_product(shop):
    lines = taken(shop).tables["transactions"]
    assert lines.groupby("customer_id")["amount"].sum().to_dict() == {1: 4.5, 2: 2.5}
    early = put(shop, "transactions", 3, order_ts=day("2017-01-01"))
    assert books.faults_found(taken(early))["rule"].tolist() == ["cancellation_without_order"]
    same_moment = put(shop, "transactions", 3, order_ts=day("2017-01-02 09:00"))
    assert books.faults_found(taken(same_moment)).empty


def test_a_lines_own_margin_goes_before_unit_costs_and_refunds_are_no_loss(shop):
    shop["transactions"]["margin"] = [1.0, -0.01, 0.0, -5.0]
    (hit,) = books.faults_found(taken(shop)).to_dict("records")
    assert (hit["rule"], hit["n_rows"], hit["amount"]) == ("negative_margin", 1, 2.0)


def test_a_response_at_midnight_of_the_day_of_contact_is_no_fault(shop):
    assert books.faults_found(taken(shop)).empty  # contacted at ten, answered "on that day"


def test_several_files_of_one_table_are_judged_as_one_and_booked_apart(shop):
    lines = shop.pop("transactions")
    again = lines.iloc[[0]].assign(quantity=[0.0])
    files = [
        Intake("transactions", "january.csv", lines.iloc[:2], "amount"),
        Intake("transactions", "later.csv", pd.concat([lines.iloc[2:], lines.iloc[[1]], again]), "amount"),
    ]
    others = [Intake(name, name, frame) for name, frame in shop.items()]
    warehouse = integrate(Delivery((*others, *files)), 0.5, ("duplicate_line",))
    assert warehouse.quarantine[["source_file", "source_row"]].to_numpy().tolist() == [["later.csv", 2]]
    assert books.faults_found(warehouse)["rule"].tolist() == ["zero_quantity", "duplicate_line"]
    assert warehouse.tables["transactions"]["quantity"].isna().tolist() == [False] * 4 + [True]
    books_of = warehouse.reconciliation.set_index("source_file")
    assert books_of.loc[["january.csv", "later.csv"], "n_rows_out"].tolist() == [2, 3]
    assert books.is_reconciled(warehouse.reconciliation)
    tables.DATA_FAULTS.check(warehouse.faults)


def test_all_faults_of_the_form_are_told_at_once(shop):
    shop["contacts"] = shop["contacts"].drop(columns=["arm", "contact_ts"])
    shop["responses"] = shop["responses"].astype({"customer_id": "str"})
    shop["transactions"] = shop["transactions"].astype({"amount": "int64"})
    with pytest.raises(InputError) as refusal:
        taken(shop, "duplicate_lines")
    assert str(refusal.value).splitlines()[:-2] == [
        "the data cannot be integrated: 5 fault(s)",
        "  - transactions: amount: int64, expected float",
        "  - contacts: contact_ts: column missing",
        "  - contacts: arm: column missing",
        "  - customer_id: a number in customers, transactions, contacts, events, a text in responses",
    ]
    assert "there is no rule 'duplicate_lines'; known are missing_value, unknown_product" in str(
        refusal.value
    )
