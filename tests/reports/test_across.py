"""Pages across runs: what moved from one date to the next, and nothing about a few people."""

import re
from dataclasses import replace

import pytest

from dangol.records import record
from dangol.reports import write_report
from dangol.reports.across import cells, columns
from dangol.reports.comparison import Compared, write_comparison
from dangol.reports.facts import Facts
from dangol.reports.rendering import writer_of
from dangol.reports.summaries import Figure, RunSummary, all_summaries, summary_of
from dangol.workspace import home as home_folder

WRITER = writer_of(Facts({}, {}), "en")


def summary(**figures: Figure) -> RunSummary:
    return RunSummary("shop", "2017-12-03", "full", "2017-12-04T10:00:00+00:00", "Fine.", {}, {}, figures)


@pytest.mark.parametrize(
    ("name", "before", "now", "change", "direction"),
    [
        ("amount", 200.0, 250.0, "+25%", "up"),
        ("amount", 200.0, 150.0, "−25%", "down"),
        ("amount", 200.0, 200.0, "0%", "flat"),
        ("past", -100.0, 50.0, "+150", "up"),
        ("customers", 40, 60, "+50%", "up"),
        ("customers", 9, 60, "", "flat"),
        ("customers", 60, 9, "", "flat"),
    ],
)
def test_changes_are_those_of_hand_and_silent_about_a_few_people(name, before, now, change, direction):
    old, new = summary(**{name: Figure(before)}), summary(**{name: Figure(now)})
    (cell,) = cells(new, old, columns([new]), WRITER)
    assert (cell.change, cell.direction) == (change, direction)


def test_amounts_carry_the_currency_of_their_run():
    run = replace(summary(amount=Figure(200.0), lapse=Figure(200.0)), currency="USD")
    assert [cell.text for cell in cells(run, None, columns([run]), WRITER)] == ["200", "$200"]


def test_a_summary_holds_the_figures_of_the_report_with_their_origin(world):
    built = world()
    write_report(built.run, built.stages)
    (kept,) = all_summaries()
    assert kept == summary_of(built.run)
    assert kept.figures["past"] == Figure(8123.0, -2310.0, 18750.0, kept.figures["past"].origin)
    assert "notebook 09 · incremental_margin" in kept.figures["past"].origin
    assert kept.state == "done"


def test_a_damaged_summary_counts_as_a_run_without_report(world):
    built = world()
    write_report(built.run, built.stages)
    (built.run.path / "records" / "summary.json").write_text('{"dataset": 3}')
    (kept,) = all_summaries()
    assert (kept.state, kept.place) == ("missing", "complete_journey/2017-12-03/full")


def test_the_index_lists_runs_by_date_with_changes_and_marks_failed_ones(world):
    built = world()
    write_report(built.run, built.stages)
    later = replace(built.run, as_of="2017-12-31")
    record({"n_customers": 4}, later.of("01"))
    record({"amount": 5_000_000.0}, later.of("02"))
    write_report(later, [replace(stage, status="failed") for stage in built.stages[:1]])
    html = (home_folder() / "reports" / "index.html").read_text("utf-8")
    assert html.index("3 December 2017") < html.index("31 December 2017")
    assert 'href="complete_journey/2017-12-03/index.html"' in html
    assert "stopped: 01" in html
    assert "+18.7%" in html  # 4,213,420.55 to 5,000,000
    assert "&lt;10" in html
    assert not re.search(r"https?://", html)


def test_a_comparison_links_each_run_and_says_where_a_figure_was_lowest(world):
    built = world()
    write_report(built.run, built.stages)
    later = replace(built.run, as_of="2017-12-31")
    record({"amount": 5_000_000.0}, later.of("02"))
    write_report(later, built.stages[:1])
    compared = [
        Compared(built.run, {"as_of": "2017-12-03"}, True),
        Compared(later, {"as_of": "2017-12-31"}, True),
        Compared(replace(later, as_of="2018-01-31"), {"as_of": "2018-01-31"}, False, "no <data>"),
    ]
    folder = home_folder() / "reports" / "sweeps" / "monthly"
    folder.mkdir(parents=True)
    html = write_comparison("monthly", compared, folder).read_text("utf-8")
    assert "1 of 3 runs failed" in html
    assert "Net sales: from 4.21" in html
    assert 'href="../../complete_journey/2017-12-31/index.html"' in html
    assert "no &lt;data&gt;" in html
    assert html.count("<svg") == 1
