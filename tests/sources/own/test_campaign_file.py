"""A wide campaign file: one row per customer becomes customers, a campaign, contacts and responses."""

import pandas as pd
import pytest

from dangol import sources, tables
from dangol.sources.own.checking import check
from dangol.warehouse import books

pytestmark = pytest.mark.usefixtures("home")

ROWS = """group,age,bought,spent
none,30,0,0
mail,41,1,12.50
mail,,0,0
none,25,1,8
,50,1,3
"""


def campaign_file(**changes: object) -> dict:
    return {
        "file": "test.csv",
        "arm": "group",
        "control": "none",
        "attributes": {"age": "age"},
        "outcomes": {
            "bought": {"column": "bought", "kind": "binary"},
            "spent": {"column": "spent", "kind": "amount"},
        },
        "campaign": {
            "id": "spring",
            "start_date": "2024-03-01",
            "outcome_window_days": 14,
            "contact_cost": 0.2,
            "is_randomized": True,
        },
        **changes,
    }


def test_answers_may_be_words(place, write_spec):
    (place / "test.csv").write_text("group,age,bought,spent\nnone,1,nein,0\nmail,2,ja,3\nmail,2,maybe,3\n")
    path = write_spec(campaign_file=campaign_file())
    text = "\n".join(check(path).lines)
    assert "1 row(s): outcome_bought cannot be read: taken as missing, for example 'maybe' (rows 4)" in text
    assert "write 0 and 1, or yes and no, in the file" in text
    _, warehouse = taken_in(path)
    responses = warehouse.tables["responses"]
    assert (responses["response_kind"] == "bought").sum() == 1


def taken_in(path):
    manifest = sources.fetch(str(path))
    return manifest, sources.to_canonical(manifest.dataset, 0.5)


def test_the_file_by_hand(place, write_spec):
    (place / "test.csv").write_text(ROWS)
    manifest, warehouse = taken_in(write_spec(campaign_file=campaign_file()))
    for table in (tables.CUSTOMERS, tables.CAMPAIGNS, tables.CONTACTS, tables.RESPONSES):
        table.check(warehouse.tables[table.name])
    assert set(warehouse.tables) == {"customers", "campaigns", "contacts", "responses"}
    assert books.overview(warehouse.tables)["table"].tolist() == list(warehouse.tables)
    contacts = warehouse.tables["contacts"]
    assert contacts["customer_id"].tolist() == [1, 2, 3, 4]
    assert contacts["arm"].tolist() == ["control", "mail", "mail", "control"]
    assert contacts["contact_cost"].tolist() == [0.0, 0.2, 0.2, 0.0]
    assert contacts["is_randomized"].all()
    responses = warehouse.tables["responses"]
    assert responses[["customer_id", "response_kind", "value"]].to_numpy().tolist() == [
        [2, "bought", 1.0],
        [4, "bought", 1.0],
        [2, "spent", 12.5],
        [4, "spent", 8.0],
    ]
    assert (responses["response_ts"] == pd.Timestamp("2024-03-14")).all()
    assert warehouse.quarantine[["source_row", "reason", "amount"]].to_numpy().tolist() == [
        [4, "no arm", 3.0]
    ]
    assert books.is_reconciled(warehouse.reconciliation)
    assert (manifest.first_ts, manifest.default_as_of) == ("2024-03-01", "2024-03-15")
    assert warehouse.tables["customers"]["age"].fillna(-1).tolist() == [30, 41, -1, 25]


def test_customers_listed_twice_and_dated_responses(place, write_spec):
    (place / "test.csv").write_text(
        "id,group,bought,when\n7,none,1,2024-03-05\n8,mail,1,\n7,mail,0,\n9,mail,0,\n"
    )
    given = campaign_file(
        customer_id="id",
        attributes={},
        outcomes={"bought": {"column": "bought", "kind": "binary"}},
        response_date="when",
        arms={"mail": "letter"},
    )
    _, warehouse = taken_in(write_spec(campaign_file=given))
    assert warehouse.quarantine["reason"].tolist() == ["customer listed again in the same campaign"]
    assert warehouse.quarantine["source_row"].tolist() == [2]
    assert warehouse.tables["contacts"]["arm"].tolist() == ["control", "letter", "letter"]
    dates = warehouse.tables["responses"].set_index("customer_id")["response_ts"]
    assert dates.to_dict() == {7: pd.Timestamp("2024-03-05"), 8: pd.Timestamp("2024-03-14")}


def test_several_campaigns_in_one_file(place, write_spec):
    (place / "test.csv").write_text("id,wave,group,bought\n1,A,mail,1\n1,B,none,0\n2,A,none,0\n")
    given = campaign_file(
        customer_id="id",
        campaign_id="wave",
        attributes={},
        outcomes={"bought": {"column": "bought", "kind": "binary"}},
    )
    _, warehouse = taken_in(write_spec(campaign_file=given))
    assert warehouse.tables["campaigns"]["campaign_id"].tolist() == ["A", "B"]
    assert len(warehouse.tables["contacts"]) == 3
    tables.DATA_FAULTS.check(warehouse.faults)
    assert warehouse.tables["customers"]["customer_id"].tolist() == [1, 2]


def test_a_campaign_after_the_last_order_can_be_judged(place, write_spec):
    from own_shop import transactions

    (place / "test.csv").write_text(ROWS)
    later = {**campaign_file()["campaign"], "start_date": "2024-04-01"}
    manifest = sources.fetch(
        str(write_spec(transactions=transactions(), campaign_file=campaign_file(campaign=later)))
    )
    assert (manifest.first_ts, manifest.last_ts) == ("2024-01-05", "2024-04-15")
    assert manifest.default_as_of == "2024-04-15"  # the day after its window


def test_a_campaign_long_past_leaves_the_last_orders_to_judge_predictions_by(place, write_spec):
    from own_shop import transactions

    (place / "test.csv").write_text(ROWS)
    early = {**campaign_file()["campaign"], "start_date": "2024-01-10"}
    path = write_spec(transactions=transactions(), campaign_file=campaign_file(campaign=early))
    assert sources.fetch(str(path)).default_as_of == "2024-02-16"
