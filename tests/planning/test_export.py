"""The list that leaves the house."""

import hashlib
import json

import pandas as pd
import pytest

from dangol.errors import DangolError
from dangol.planning.export import contact_list, export_contacts
from dangol.workspace import RunFolder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    return RunFolder("toy", "2020-06-01", "full", "08")


@pytest.fixture
def plan():
    return pd.DataFrame(
        {
            "customer_id": [4, 2, 3],
            "arm": ["contact", "contact", "holdout"],
            "campaign_type": ["A", "B", None],
            "channel": ["mail", "phone", None],
            "planned_date": pd.to_datetime(["2020-06-01", "2020-06-01", None]),
            "response_prob": [0.2, 0.3, None],
        }
    )


@pytest.fixture
def offers():
    return pd.DataFrame(
        {"customer_id": [4, 4, 3], "offer_rank": [1, 2, 1], "category": ["milk", "bread", "eggs"]}
    )


def test_the_list_has_minimal_columns_and_no_held_out_customer(plan, offers):
    listed = contact_list(plan, offers)
    assert listed.columns.tolist() == [
        "customer_id",
        "campaign_type",
        "channel",
        "planned_date",
        "offer_category",
    ]
    assert listed["customer_id"].tolist() == [2, 4]
    assert listed["offer_category"].tolist()[1] == "milk"


def test_without_offers_the_list_names_none(plan):
    assert contact_list(plan, None)["offer_category"].tolist() == ["", ""]


def test_a_customer_both_held_out_and_contacted_stops_the_export(plan, offers):
    clash = pd.concat([plan, plan[plan["arm"] == "holdout"].assign(arm="contact")])
    with pytest.raises(DangolError, match="1 held-out customers are on the contact list"):
        contact_list(clash, offers)


def test_the_manifest_states_rows_hash_and_parameters(plan, offers, folder):
    path = export_contacts(contact_list(plan, offers), folder, {"budget": 10.0})
    manifest = json.loads(path.with_suffix(".json").read_text())
    assert manifest["n_rows"] == 2
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest["parameters"] == {"budget": 10.0}
    assert manifest["run"] == "toy/2020-06-01/full"


def test_an_export_that_fails_leaves_the_earlier_one_whole(plan, offers, folder, monkeypatch):
    path = export_contacts(contact_list(plan, offers), folder, {})
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(DangolError, match="the disk is full"):
        export_contacts(contact_list(plan, offers).head(1), folder, {})
    assert path.read_bytes() == before
    assert sorted(item.name for item in path.parent.iterdir()) == ["contact_list.csv", "contact_list.json"]
