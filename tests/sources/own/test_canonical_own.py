"""Own files to canonical tables: totals by hand, every row kept or set aside, defaults counted."""

import random

import pandas as pd
import pytest
from own_shop import customers, transactions

from dangol import sources, tables
from dangol.errors import InputError
from dangol.planning.eligibility import contact_rules
from dangol.sources.erased import digest_of_marks, mark_erased
from dangol.warehouse import books

pytestmark = pytest.mark.usefixtures("home")


def taken_in(path, contact_cost: float = 0.5):
    return sources.to_canonical(sources.fetch(str(path)).dataset, contact_cost)


def faults_of(warehouse) -> dict[str, int]:
    return {row.fault: row.n_rows for row in warehouse.faults.itertuples() if row.n_rows}


def check_contracts(warehouse) -> None:
    for table in tables.ALL:
        if table.name in warehouse.tables:
            table.check(warehouse.tables[table.name])
    tables.QUARANTINE.check(warehouse.quarantine)
    tables.RECONCILIATION.check(warehouse.reconciliation)
    tables.DATA_FAULTS.check(warehouse.faults)
    assert books.is_reconciled(warehouse.reconciliation)


def test_the_shop_by_hand(write_spec):
    warehouse = taken_in(
        write_spec(transactions=transactions(cancellation_prefix="C"), customers=customers())
    )
    check_contracts(warehouse)
    lines = warehouse.tables["transactions"]
    assert lines["amount"].tolist() == [21.0, 4.0, 10.5, -10.5, 40.0]
    assert lines["customer_id"].tolist() == [7, 7, 8, 8, 9]
    assert lines["order_id"].tolist() == ["1001", "1001", "1002", "C1002", "1004"]
    assert warehouse.quarantine[["source_row", "reason", "amount"]].to_numpy().tolist() == [
        [4, "no customer_id", 12.0]
    ]
    book = warehouse.reconciliation.set_index("source_file").loc["orders.csv"]
    assert (book["n_rows_in"], book["amount_in"]) == (6, 77.0)
    people = warehouse.tables["customers"]
    assert people["customer_id"].tolist() == [7, 8, 9, 10]
    assert people["region"].fillna("?").tolist() == ["north", "south", "?", "south"]
    assert people["first_seen_date"].tolist()[:3] == list(
        pd.to_datetime(["2024-01-05", "2024-01-09", "2024-03-15"])
    )
    assert warehouse.tables["products"]["product_id"].tolist() == ["A", "B"]
    assert warehouse.tables["stores"]["store_id"].tolist() == ["UNKNOWN"]
    assert faults_of(warehouse)["no store in the source"] == 5
    assert faults_of(warehouse)["refund or cancellation"] == 1


def test_a_cancellation_with_positive_amounts_takes_money_back(write_spec, place):
    (place / "orders.csv").write_text((place / "orders.csv").read_text().replace(";-1;", ";1;"))
    lines = taken_in(write_spec(transactions=transactions(cancellation_prefix="C"))).tables["transactions"]
    cancelled = lines[lines["order_id"] == "C1002"]
    assert cancelled[["quantity", "amount"]].to_numpy().tolist() == [[-1.0, -10.5]]


def test_orders_without_a_customer_can_become_customers_of_their_own(write_spec):
    table = transactions(lines_without_customer="one_customer_per_order")
    warehouse = taken_in(write_spec(transactions=table))
    check_contracts(warehouse)
    assert warehouse.quarantine.empty
    assert warehouse.tables["transactions"]["customer_id"].tolist() == ["7", "7", "8", "8", "order-1003", "9"]
    assert warehouse.tables["transactions"]["amount"].sum() == 77.0


def test_customer_time_and_money_are_enough(write_spec, place):
    (place / "orders.csv").write_text(
        "who;when;money\n1;2024-01-05 10:00;5\n1;2024-01-05 10:00;6\n2;2024-01-06;7\n"
    )
    table = {"file": "orders.csv", "columns": {"customer_id": "who", "order_ts": "when", "amount": "money"}}
    warehouse = taken_in(write_spec(transactions=table))
    check_contracts(warehouse)
    lines = warehouse.tables["transactions"]
    assert lines["order_id"].tolist() == ["1@2024-01-05T10:00:00"] * 2 + ["2@2024-01-06T00:00:00"]
    assert lines["quantity"].tolist() == [1.0] * 3
    assert {"no order number in the source", "no quantity in the source", "no product in the source"} <= set(
        faults_of(warehouse)
    )
    assert warehouse.tables["products"]["product_id"].tolist() == ["UNKNOWN"]


def test_ten_percent_garbage_is_set_aside_row_by_row(write_spec, place):
    rng = random.Random(5)
    good = [f"{i};{i % 50};2024-01-{i % 28 + 1:02};A;1;{i % 7}.50" for i in range(1_000)]
    garbage = {
        "two fields": lambda i: f"{i};x",
        "no date": lambda i: f"{i};7;yesterday;A;1;1.00",
        "no number": lambda i: f"{i};7;2024-01-05;A;many;1.00",
        "no customer": lambda i: f"{i};;2024-01-05;A;1;1.00",
        "impossible date": lambda i: f"{i};7;2024-02-30;A;1;1.00",
    }
    chosen = {i: rng.choice(list(garbage)) for i in rng.sample(range(1_000), 100)}
    rows = [garbage[chosen[i]](i) if i in chosen else good[i] for i in range(1_000)]
    (place / "orders.csv").write_text("order;customer;day;item;units;price\n" + "\n".join(rows) + "\n")
    warehouse = taken_in(write_spec())
    check_contracts(warehouse)
    assert sorted(warehouse.quarantine["source_row"]) == sorted(chosen)
    reasons = dict(zip(warehouse.quarantine["source_row"], warehouse.quarantine["reason"], strict=True))
    expected = {
        "two fields": "row with too few or too many fields",
        "no date": "order_ts cannot be read",
        "impossible date": "order_ts cannot be read",
        "no number": "quantity cannot be read",
        "no customer": "no customer_id",
    }
    assert {i: expected[kind] for i, kind in chosen.items()} == reasons
    kept = warehouse.tables["transactions"]["order_id"]
    assert kept.tolist() == [i for i in range(1_000) if i not in chosen]
    assert warehouse.tables["transactions"]["amount"].sum() == pytest.approx(
        sum(i % 7 + 0.5 for i in range(1_000) if i not in chosen)
    )


def test_dates_in_three_forms_are_read_when_all_are_stated_and_counted_when_not(write_spec, place):
    days = ["2024-01-05", "17.02.2024", "2024년 3월 4일"]
    rows = [f"{i};7;{days[i % 3]};A;1;1.00" for i in range(30)]
    (place / "orders.csv").write_text("order;customer;day;item;units;price\n" + "\n".join(rows) + "\n")
    stated = transactions(format={"date_format": ["%d.%m.%Y", "%Y년 %m월 %d일"]})
    lines = taken_in(write_spec(transactions=stated)).tables["transactions"]
    assert lines["order_ts"].tolist() == list(pd.to_datetime(["2024-01-05", "2024-02-17", "2024-03-04"] * 10))
    with pytest.raises(InputError, match=r"20 row\(s\): order_ts cannot be read, for example '17.02.2024'"):
        sources.fetch(str(write_spec(transactions=transactions())))


def test_identifiers_keep_leading_zeros_and_lose_the_decimals_of_floats(write_spec, place):
    frame = pd.DataFrame(
        {
            "customer": [17850.0, None, 12.0],
            "item": ["007", "8", "9"],
            "day": pd.to_datetime(["2024-01-05", "2024-01-06", "2024-01-07"]),
            "money": [1.0, 2.0, 4.0],
        }
    )
    frame.to_parquet(place / "orders.parquet")
    columns = {"customer_id": "customer", "product_id": "item", "order_ts": "day", "amount": "money"}
    lines = taken_in(write_spec(transactions={"file": "orders.parquet", "columns": columns})).tables[
        "transactions"
    ]
    assert lines["customer_id"].tolist() == [17850, 12]
    assert lines["customer_id"].dtype == "int64"
    assert lines["product_id"].tolist() == ["007", "9"]


def test_large_identifiers_are_exact(write_spec, place):
    big = 900719925474099301  # beyond what a float can tell apart
    (place / "orders.csv").write_text(f"c;d;m\n{big};2024-01-05;1\n{big + 1};2024-01-06;1\n;2024-01-07;1\n")
    columns = {"customer_id": "c", "order_ts": "d", "amount": "m"}
    lines = taken_in(write_spec(transactions={"file": "orders.csv", "columns": columns})).tables[
        "transactions"
    ]
    assert lines["customer_id"].tolist() == [big, big + 1]


def test_one_file_can_describe_products_and_customers_as_well(write_spec, place):
    (place / "orders.csv").write_text(
        "c;d;m;p;label;land\n1;2024-01-05;1;A;old;FR\n1;2024-01-06;1;A;new;FR\n2;2024-01-07;1;A;;DE\n;2024-01-07;1;B;b;\n"
    )
    warehouse = taken_in(
        write_spec(
            transactions={
                "file": "orders.csv",
                "columns": {"customer_id": "c", "order_ts": "d", "amount": "m", "product_id": "p"},
            },
            products={
                "file": "orders.csv",
                "distinct": True,
                "columns": {"product_id": "p", "name": "label"},
            },
            customers={
                "file": "orders.csv",
                "distinct": True,
                "columns": {"customer_id": "c", "land": "land"},
            },
        )
    )
    check_contracts(warehouse)
    assert warehouse.tables["products"].set_index("product_id")["name"].to_dict() == {"A": "new", "B": "b"}
    assert warehouse.tables["customers"].set_index("customer_id")["land"].to_dict() == {1: "FR", 2: "DE"}
    assert warehouse.reconciliation["source_file"].is_unique


def test_consent_is_read_as_yes_or_no_and_anything_else_is_none(place, write_spec):
    (place / "customers.csv").write_text("id,optin\n7,ja\n8,nein\n9,vielleicht\n")
    columns = {"customer_id": "id", "has_consent": "optin"}
    table = {"file": "customers.csv", "columns": columns}
    customers = taken_in(write_spec(transactions=transactions(), customers=table)).tables["customers"]
    consent = customers.set_index("customer_id")["has_consent"]
    assert consent.loc[[7, 8]].tolist() == [True, False]
    nobody = pd.Series(False, customers.index)
    last = {"customer_id": [7], "contact_ts": pd.to_datetime(["2024-01-01"]), "arm": ["mail"]}
    contacts = pd.DataFrame(last)
    rules = contact_rules(customers, contacts, nobody, pd.Timestamp("2024-06-01"), 7)
    assert rules["consent"].set_axis(customers["customer_id"]).loc[[7, 8, 9]].tolist() == [False, True, True]


def test_contacts_and_responses_alone_make_campaigns_and_customers(write_spec, place):
    (place / "contacts.csv").write_text(
        "who,camp,day,cell\n1,X,2024-01-05,mail\n2,X,2024-01-05,none\n3,Y,2024-02-05,mail\n3,Y,2024-02-05,mail\n"
    )
    (place / "responses.csv").write_text("who,camp,day,money\n1,X,2024-01-09,30\n9,Y,2024-02-20,5\n")
    warehouse = taken_in(
        write_spec(
            contacts={
                "file": "contacts.csv",
                "columns": {"customer_id": "who", "campaign_id": "camp", "contact_ts": "day", "arm": "cell"},
                "values": {"arm": {"none": "control"}},
                "constants": {"is_randomized": True},
            },
            responses={
                "file": "responses.csv",
                "columns": {
                    "customer_id": "who",
                    "campaign_id": "camp",
                    "response_ts": "day",
                    "value": "money",
                },
            },
        )
    )
    check_contracts(warehouse)
    assert "transactions" not in warehouse.tables
    contacts = warehouse.tables["contacts"]
    assert contacts["arm"].tolist() == ["mail", "control", "mail"]
    assert contacts["contact_cost"].tolist() == [0.5, 0.0, 0.5]
    assert contacts["is_randomized"].all()
    campaigns = warehouse.tables["campaigns"].set_index("campaign_id")
    assert campaigns.loc["X", "start_date"] == pd.Timestamp("2024-01-05")
    assert campaigns.loc["X", "end_date"] == pd.Timestamp("2024-01-09")
    assert warehouse.tables["customers"]["customer_id"].tolist() == [1, 2, 3]
    reasons = warehouse.quarantine["reason"].tolist()
    assert reasons[0] == "key listed again further down" and len(reasons) == 2


def test_hangul_goes_everywhere(write_spec, place):
    rows = [
        "고객번호,주문일자,금액,상품코드",
        '가나다,2024년 1월 5일,"￦1,000",사과',
        '가나다,2024년 1월 6일,"￦2,500",배',
    ]
    (place / "주문.csv").write_bytes("\n".join(rows).encode("cp949"))
    table = {
        "file": "주문.csv",
        "format": {"date_format": "%Y년 %m월 %d일"},
        "columns": {
            "customer_id": "고객번호",
            "order_ts": "주문일자",
            "amount": "금액",
            "product_id": "상품코드",
        },
    }
    warehouse = taken_in(write_spec(transactions=table))
    check_contracts(warehouse)
    assert warehouse.tables["transactions"]["amount"].tolist() == [1000.0, 2500.0]
    assert warehouse.tables["products"]["product_id"].tolist() == ["배", "사과"]


HOSTILE = ('x"; drop table incoming; --', "{{ 7 * 7 }}", "$(touch hit)", "c0", "_row", "' or 1=1", "수\n량")


def test_what_stands_in_a_column_name_is_never_executed(write_spec, place):
    head = ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE)
    (place / "customers.csv").write_text(f"id,{head}\n7{',1' * len(HOSTILE)}\n8{',2' * len(HOSTILE)}\n")
    columns = {"customer_id": "id", **{f"a{i}": name for i, name in enumerate(HOSTILE)}}
    people = taken_in(write_spec(transactions=transactions(), customers=customers(columns=columns))).tables[
        "customers"
    ]
    for i in range(len(HOSTILE)):
        assert people[f"a{i}"].tolist()[:2] == [1, 2]
    assert list(place.parent.rglob("hit")) == []


def test_the_same_raw_folder_gives_the_same_bytes_twice(write_spec, home):
    path = write_spec(transactions=transactions(), customers=customers())
    first, second = taken_in(path), taken_in(path)
    for name, frame in first.tables.items():
        frame.to_parquet(home / "1.parquet", index=False)
        second.tables[name].to_parquet(home / "2.parquet", index=False)
        assert (home / "1.parquet").read_bytes() == (home / "2.parquet").read_bytes(), name


def test_attributes_take_the_type_their_values_have(write_spec, place):
    (place / "customers.csv").write_text(
        "customer;zip;n;share;born;mixed\n7;01234;1;0.5;1980-02-03;1\n8;99999;;1.25;1991-12-31;x\n"
    )
    names = ["zip", "n", "share", "born", "mixed"]
    people = taken_in(
        write_spec(
            transactions=transactions(),
            customers=customers(columns={"customer_id": "customer", **{name: name for name in names}}),
        )
    ).tables["customers"]
    assert [people[name].dtype.kind for name in names] == ["O", "f", "f", "M", "O"]
    assert people.loc[0, "zip"] == "01234"


def test_an_erased_customer_stays_out_of_every_later_load_while_raw_files_stay(write_spec, place):
    manifest = sources.fetch(str(write_spec(transactions=transactions(), customers=customers())))
    before = manifest.digest
    mark_erased(manifest.dataset, ["customer:8"])
    warehouse = taken_in(write_spec(transactions=transactions(), customers=customers()))
    check_contracts(warehouse)
    assert warehouse.tables["customers"]["customer_id"].tolist() == [7, 9, 10]
    assert 8 not in warehouse.tables["transactions"]["customer_id"].tolist()
    assert (warehouse.quarantine["reason"] == "erased on request").sum() == 3
    assert sources.fetch(manifest.dataset).digest == before
    assert digest_of_marks(manifest.dataset), "by which what was made before is stale"


def test_lines_called_refunds_give_money_back_whatever_their_sign(place, write_spec):
    (place / "lines.csv").write_text(
        "c;d;m;n;kind\n1;2024-01-05;9;2;sale\n1;2024-01-06;4;1;credit\n1;2024-01-07;-3;-1;credit\n2;2024-01-08;5;1;\n"
    )
    columns = {"customer_id": "c", "order_ts": "d", "amount": "m", "quantity": "n", "is_refund": "kind"}
    values = {"is_refund": {"credit": "true", "sale": "false"}}
    warehouse = taken_in(write_spec(transactions={"file": "lines.csv", "columns": columns, "values": values}))
    check_contracts(warehouse)
    lines = warehouse.tables["transactions"]
    assert lines["amount"].tolist() == [9, -4, -3, 5]
    assert lines["quantity"].tolist() == [2, -1, -1, 1]
    assert "is_refund" not in lines
    assert faults_of(warehouse)["refund or cancellation"] == 2


def test_sales_called_off_are_set_aside_with_their_money(place, write_spec):
    (place / "lines.csv").write_text("c;d;m;off\n1;2024-01-05;9;no\n1;2024-01-06;4;yes\n2;2024-01-08;5;\n")
    columns = {"customer_id": "c", "order_ts": "d", "amount": "m", "is_cancelled": "off"}
    warehouse = taken_in(write_spec(transactions={"file": "lines.csv", "columns": columns}))
    check_contracts(warehouse)
    assert warehouse.tables["transactions"]["amount"].tolist() == [9, 5]
    assert warehouse.quarantine[["source_row", "reason", "amount"]].to_numpy().tolist() == [
        [1, "sale called off", 4.0]
    ]
