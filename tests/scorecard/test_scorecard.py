"""The truth scorecard: errors, bounds, words, and a page that says when a figure is wrong."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.records import record
from dangol.reports import write_report
from dangol.reports.messages import catalogue
from dangol.scorecard import Results, bounds, has_truth, scorecard
from dangol.scorecard.data import pair_scores
from dangol.scorecard.line import difference, ratio
from dangol.simulator import Arguments, simulate_to
from dangol.understand import repurchase_rate
from dangol.workspace import RunFolder, raw_folder

RUN = RunFolder("simulator-300", "2017-12-03", "full", "04")


@pytest.fixture
def planted(home) -> Results:
    """A simulated data set whose run has no table yet."""
    simulate_to(raw_folder(RUN.dataset), Arguments(n_customers=300))
    return Results(RUN)


def write_value(results: Results, factor: float = 1.0) -> None:
    """The planted values times a factor, as notebook 04 would write them."""
    orders = results.expected_orders(84)
    amount = orders * results.customers["mean_order_amount"]
    frame = pd.DataFrame(
        {
            "customer_id": orders.index,
            "expected_orders": factor * orders.to_numpy(),
            "alive_prob": results.customers["is_active"].astype(float).to_numpy(),
            "expected_value": factor * amount.to_numpy(),
            "next_order_date": pd.NaT,
            "value_low_80": 0.0,
            "value_high_80": 1e6,
            "value_low_90": 0.0,
            "value_high_90": 1e6,
            "model": "oracle",
        }
    )
    tables.CUSTOMER_VALUE.write(frame.astype({"model": "str"}), RUN)
    record({"horizon_days": 84}, RUN)


def test_a_run_without_tables_has_no_lines_and_no_page(planted):
    assert has_truth(RUN.dataset)
    assert scorecard(RUN) == []
    page = write_report(RUN, [])
    assert not page.with_name("scorecard.html").exists()
    assert "scorecard.html" not in page.read_text()


def test_real_data_has_no_truth(home):
    assert not has_truth("complete_journey")


def test_the_truth_itself_has_no_error(planted):
    write_value(planted)
    lines = {line.key: line for line in scorecard(RUN)}
    assert set(lines) == {"value_total", "value_order", "expected_orders", "alive_share"}
    assert all(line.error == pytest.approx(0, abs=1e-9) and line.is_inside for line in lines.values())


@pytest.mark.parametrize("factor", [0.5, 1.6])
def test_a_total_far_off_is_outside_and_the_page_says_so(planted, factor):
    write_value(planted, factor)
    page = write_report(RUN, [])
    text = page.with_name("scorecard.html").read_text()
    assert "2 of 4 figures lie outside their bounds of the truth" in text
    assert text.count("chip failed") == 2
    assert f"off by {abs(factor - 1):.0%}, outside the bound of" in text
    assert 'href="scorecard.html"' in page.read_text()
    rows = json.loads((RUN.path / "records" / "scorecard.json").read_text())
    assert {row["key"] for row in rows if not row["is_inside"]} == {"value_total", "expected_orders"}


def test_the_page_asks_the_network_for_nothing_and_shows_no_customer(planted):
    write_value(planted)
    text = write_report(RUN, []).with_name("scorecard.html").read_text()
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)
    assert "customer_id" not in text


def test_a_later_run_without_figures_takes_the_page_away(planted):
    write_value(planted)
    page = write_report(RUN, []).with_name("scorecard.html")
    assert page.exists()
    tables.CUSTOMER_VALUE.path(RUN).unlink()
    write_report(RUN, [])
    assert not page.exists()


def test_lapse_probabilities_that_are_too_sure_are_outside(planted):
    orders = planted.expected_orders(28)
    truth = np.exp(-orders.to_numpy())
    run = RUN.of("05")
    for prob, is_inside in ((truth, True), (np.where(truth > 0.1, 1.0, 0.0), False)):
        frame = pd.DataFrame({"customer_id": orders.index, "lapse_prob": prob, "model": "oracle"})
        floats = [name for name, kind in tables.CUSTOMER_BEHAVIOR.columns.items() if "float" in kind]
        frame = frame.assign(
            **dict.fromkeys(set(floats) - {"lapse_prob"}, 0.0), next_categories="", lapse_reasons=""
        )
        frame = frame.assign(expected_order_date=pd.NaT).astype(
            {
                "model": "str",
                "next_categories": "str",
                "lapse_reasons": "str",
                "expected_order_date": "datetime64[us]",
            }
        )
        tables.CUSTOMER_BEHAVIOR.write(frame, run)
        record({"horizon_days": 28}, run)
        lines = {line.key: line for line in scorecard(RUN)}
        assert lines["lapse_calibration"].is_inside is is_inside


def test_expected_orders_count_the_season_of_the_horizon(planted):
    """December is busier than a quiet week, June quieter: planted a tenth up and down."""
    winter = planted.expected_orders(28).sum()
    summer = Results(RunFolder(RUN.dataset, "2017-06-11", "full", "04"))
    active = summer.customers.index[summer.customers["is_active"] & planted.customers["is_active"]]
    per_customer = planted.expected_orders(28)[active].sum() / summer.expected_orders(28)[active].sum()
    assert winter > 0
    assert 1.1 < per_customer < 1.25


def test_people_put_together_in_pairs_by_mistake_are_outside(planted):
    truth = planted.truth("identity")
    path = RUN.path / "customer_identity.parquet"
    path.parent.mkdir(parents=True)
    for divisor, is_inside in ((1, True), (2, False)):
        found = truth[["source", "source_key"]].assign(customer_id=truth["person_id"] // divisor)
        found.to_parquet(path)
        (line,) = scorecard(RUN)
        assert (line.key, line.is_inside) == ("identity_f1", is_inside)
        assert (line.recovered == 1.0) is is_inside


def test_the_repurchase_rate_of_the_orders_is_inside_and_that_of_a_shorter_window_outside(planted):
    lines = pd.read_parquet(raw_folder(RUN.dataset) / "transactions.parquet")
    orders = lines.groupby(["customer_id", "order_id"], as_index=False)["order_ts"].min()
    for days, is_inside in ((28, True), (7, False)):
        rate = repurchase_rate(orders, planted.as_of, days)["rate"]
        record({"repurchase_rate": rate, "repurchase_days": 28}, RUN.of("02"))
        (line,) = scorecard(RUN)
        assert (line.key, line.recovered, line.is_inside) == ("repurchase", pytest.approx(rate), is_inside)


# ------------------------------------------------------------------------------ arithmetic and words
def test_errors_are_differences_or_shares_of_what_was_planted():
    line = difference("alive_share", "04", (0.8, 0.7), 0.1 + 1e-9, n=10, kind="percent")
    assert (line.error, line.is_inside) == (pytest.approx(0.1), True)
    line = ratio("value_total", "04", (200.0, 150.0), 0.2, n=10, kind="money")
    assert (line.error, line.is_inside) == (pytest.approx(0.25), False)


def test_an_undefined_error_is_outside_its_bound():
    line = difference("value_order", "04", (1.0, float("nan")), 0.9, n=10, kind="score")
    assert not line.is_inside


def test_bounds_of_chance_shrink_with_the_square_root_of_the_cases():
    assert bounds.proportion(0.2, 400) == pytest.approx(2 * bounds.proportion(0.2, 1600))
    assert bounds.proportion(0.5, 100) == pytest.approx(0.2)  # four times a half over ten
    assert bounds.log_lift(400, 1.0) == pytest.approx(0.2)
    assert bounds.interval_coverage(0.95, 12) < 0.36
    assert bounds.plan_regret(0.3) == 0.3


def test_pair_scores_match_a_count_by_hand():
    found = pd.Series(["a", "a", "a", "b", "b"])
    truth = pd.Series([1, 1, 2, 2, 2])
    # linked: 3 + 1; true: 1 + 3; right: the first two, and the last two
    assert pair_scores(found, truth) == (pytest.approx(0.5), pytest.approx(0.5), pytest.approx(0.5))
    assert pair_scores(truth, truth)[2] == 1.0


def test_every_figure_has_its_words():
    words = catalogue("en")["scorecard"]["lines"]
    source = "\n".join(path.read_text() for path in Path(bounds.__file__).parent.glob("*.py"))
    keys = set(re.findall(r'(?:difference|ratio)\(\s*"(\w+)"', source))
    assert len(keys) >= 12
    assert keys <= set(words)
    assert all(set(entry) == {"what", "why"} for entry in words.values())
