"""The segment sheet: shares, index of categories, contacts, and effects that were measured or were not."""

import ibis
import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.currency import Currency
from dangol.errors import InputError
from dangol.segments import (
    contact_history,
    earlier_lifetime_values,
    measured_effects,
    segment_sheet,
    sheet_texts,
    top_categories,
)
from dangol.workspace import RunFolder

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": range(40),
        "segment": ["A"] * 20 + ["B"] * 20,
        "customer_grade": ["Gold"] * 15 + ["Bronze"] * 25,
        "life_cycle_state": ["active"] * 30 + ["lost"] * 10,
        "action": ["grow"] * 30 + ["let go"] * 10,
        "amount": [30.0] * 20 + [10.0] * 20,
        "amount_recent": [6.0] * 20 + [0.0] * 20,
        "amount_earlier": [4.0] * 20 + [0.0] * 20,
    }
)
NO_CATEGORIES = pd.DataFrame(columns=["segment", "category", "index_ratio"])
SENT = pd.DataFrame({"customer_id": range(12), "campaign_id": 7, "is_response": [True] * 3 + [False] * 9})


def effect(campaign: int, low: float, high: float) -> dict:
    return dict.fromkeys(tables.CAMPAIGN_EFFECT.columns, np.nan) | {
        "campaign_id": campaign, "campaign_type": "A", "outcome": "spend", "design": "randomized",
        "n_treated": 50, "n_control": 50, "estimate": (low + high) / 2, "low": low, "high": high,
        "p_value": 0.5, "unadjusted": 0.0,
        "overlap_share": 1.0, "placebo_p_value": 0.5, "verdict": "unclear" if low < 0 < high else "positive",
        "note": "",
    }  # fmt: skip


def sheet_with(effects: list[dict]) -> pd.DataFrame:
    frame = pd.DataFrame(effects, columns=[*tables.CAMPAIGN_EFFECT.columns, "measured_as_of"])
    sheet = segment_sheet(CUSTOMERS, NO_CATEGORIES, SENT, frame.assign(measured_as_of="2017-06-01"))
    tables.SEGMENT_SHEET.check(sheet)
    return sheet.set_index("segment")


def test_size_value_trend_and_contacts():
    sheet = sheet_with([])
    assert sheet["amount_share"].to_dict() == {"A": 0.75, "B": 0.25}
    assert sheet.loc["A", "amount_change_share"] == pytest.approx(0.5)
    assert pd.isna(sheet.loc["B", "amount_change_share"])
    assert sheet["main_grade"].to_dict() == {"A": "Gold", "B": "Bronze"}
    assert sheet.loc["A", "contacts_per_customer"] == 0.6
    assert sheet.loc["A", "response_rate"] == 0.25
    assert sheet.loc["B", "contacts_per_customer"] == 0


def test_without_a_measured_effect_the_sheet_says_untested():
    assert set(sheet_with([])["what_worked"]) == {"untested"}
    assert set(sheet_with([effect(8, 1, 3)])["what_worked"]) == {"untested"}, "another campaign"


def test_an_effect_is_cited_with_campaign_interval_and_design():
    worked = sheet_with([effect(7, 1, 3)])["what_worked"]
    assert worked["A"] == (
        "worked: campaign 7 (type A), +2.00 per contact [+1.00, +3.00] over all contacted, randomized, "
        "measured before 2017-06-01"
    )
    assert worked["B"] == "untested"
    assert sheet_with([effect(7, -1, 3)])["what_worked"]["A"].startswith("no clear effect: campaign 7")


def test_categories_are_indexed_against_all_customers():
    sold = [(customer, "tea" if customer < 20 else "beer", 30.0) for customer in range(40)]
    sold += [(customer, "bread", 10.0) for customer in range(40)] + [(0, "rare", 500.0)]
    lines = pd.DataFrame(sold, columns=["customer_id", "product_id", "amount"])
    lines["order_ts"] = pd.Timestamp("2017-11-01")
    products = pd.DataFrame({"product_id": ["tea", "beer", "bread", "rare"]}).assign(
        category=lambda t: t["product_id"]
    )
    window = {"as_of": "2017-12-01", "window_days": 84}
    table = top_categories(ibis.memtable(lines), ibis.memtable(products), CUSTOMERS, **window)
    top = table.drop_duplicates("segment").set_index("segment")
    assert top["category"].to_dict() == {"A": "tea", "B": "beer"}
    assert "rare" not in set(table["category"]), "one customer makes no habit of a segment"
    beer = table[table["category"] == "beer"].iloc[0]
    assert beer["index_ratio"] == pytest.approx((600 / 800) / (600 / 2100))
    sheet = segment_sheet(
        CUSTOMERS, table, SENT, measured_effects(RunFolder("none", "2017-12-01", "full", "03"))
    )
    assert sheet.set_index("segment").loc["B", "top_categories"].startswith("beer ×2.6")


def test_a_shop_without_categories_and_campaigns_has_a_sheet():
    lines = pd.DataFrame({"customer_id": range(40), "product_id": "p", "amount": 5.0})
    lines["order_ts"] = pd.Timestamp("2017-11-01")
    products = pd.DataFrame({"product_id": ["p"], "category": ["UNKNOWN"]})
    window = {"as_of": "2017-12-01", "window_days": 84}
    bought = top_categories(ibis.memtable(lines), ibis.memtable(products), CUSTOMERS, **window)
    effects = measured_effects(RunFolder("none", "2017-12-01", "full", "03"))
    sheet = segment_sheet(CUSTOMERS, bought, contact_history(None, None, **window), effects)
    tables.SEGMENT_SHEET.check(sheet)
    assert sheet["top_categories"].tolist() == ["", ""]
    assert sheet["contacts_per_customer"].tolist() == [0.0, 0.0]


def test_refunds_beyond_the_sales_of_a_segment_are_a_fall_of_more_than_all():
    returned = CUSTOMERS.assign(amount_recent=-1.0, amount_earlier=4.0)
    effects = measured_effects(RunFolder("none", "2017-12-01", "full", "03"))
    sheet = segment_sheet(returned, NO_CATEGORIES, SENT, effects)
    tables.SEGMENT_SHEET.check(sheet)
    assert sheet["amount_change_share"].tolist() == [-1.25, -1.25]


def test_the_sheet_for_people_has_units_and_leaves_out_what_nobody_knows():
    texts = sheet_texts(sheet_with([]).reset_index(), Currency("GBP"))
    assert texts.loc["amount"].to_dict() == {"A": "£600", "B": "£200"}
    assert texts.loc["amount_change_share"].to_dict() == {"A": "+50%", "B": "–"}
    assert texts.loc["customer_share"].tolist() == ["50.0%", "50.0%"]
    assert texts.loc["n_customers"].tolist() == ["20", "20"]
    assert "top_categories" not in texts.index


def test_contacts_of_the_window_outside_control_with_responses_known_by_then():
    contacts = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4],
            "campaign_id": [7] * 4,
            "contact_ts": pd.to_datetime(["2017-11-01", "2017-11-01", "2017-12-01", "2016-01-01"]),
            "arm": ["A", "control", "A", "A"],
        }
    )
    came = pd.DataFrame(
        {"customer_id": [1, 1], "campaign_id": [7, 7], "response_ts": pd.Timestamp("2017-11-05")}
    )
    window = {"as_of": "2017-12-01", "window_days": 364}
    sent = contact_history(contacts, came, **window)
    assert sent.to_dict("list") == {"customer_id": [1], "campaign_id": [7], "is_response": [True]}
    late = came.assign(response_ts=pd.Timestamp("2017-12-01"))
    assert contact_history(contacts, late, **window)["is_response"].tolist() == [False]
    assert contact_history(None, None, **window).empty


@pytest.fixture
def run(tmp_path, monkeypatch) -> RunFolder:
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    return RunFolder("shop", "2017-12-01", "full", "03")


def test_only_earlier_runs_are_read_and_the_latest_judgement_counts(run):
    for as_of, low in (("2017-03-01", 0.5), ("2017-06-01", 1.0), ("2017-12-01", 9.0)):
        own = RunFolder("shop", as_of, "full", "09")
        own.path.mkdir(parents=True)
        tables.CAMPAIGN_EFFECT.write(pd.DataFrame([effect(7, low, 10.0)]), own)
    effects = measured_effects(run)
    assert effects["low"].tolist() == [1.0]
    assert effects["measured_as_of"].tolist() == ["2017-06-01"]


def test_lifetime_values_of_an_earlier_run_are_scores_from_then_on(run):
    with pytest.raises(
        InputError, match=r"needs customer_value of a run before 2017-12-01.*dangol run --only 01,03,04"
    ):
        earlier_lifetime_values(run, ["2017-11-01"])
    own = RunFolder("shop", "2017-06-01", "full", "04")
    own.path.mkdir(parents=True)
    names = [name for name, kind in tables.CUSTOMER_VALUE.columns.items() if kind == "float"]
    due = pd.Timestamp("2017-06-20")
    value = pd.DataFrame(
        {"customer_id": [5], **{name: [0.5] for name in names}, "model": ["x"], "next_order_date": [due]}
    )
    value.assign(expected_value=42.0).to_parquet(tables.CUSTOMER_VALUE.path(own))
    scores = earlier_lifetime_values(run, ["2017-05-01", "2017-06-01", "2017-07-01"])
    assert scores["as_of"].tolist() == ["2017-06-01", "2017-07-01"]
    assert scores["score"].tolist() == [42, 42]
