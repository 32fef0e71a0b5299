from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from dangol.currency import Currency
from dangol.plots import (
    has_cohorts,
    house_style,
    plot_calibration,
    plot_cohorts,
    plot_concentration,
    plot_course,
    plot_effects,
    plot_gain,
    plot_grades,
    plot_history,
    plot_leaderboard,
    plot_migration,
    plot_monthly,
    plot_profit,
    plot_rules,
    plot_segment_map,
    plot_state_flows,
    plot_states,
    plot_thresholds,
)
from dangol.plots.style import BLUE, GRID, INK, MUTED, PAPER, TITLE_ID, VERMILION
from dangol.records import record_figure
from dangol.reports.drawings import HOUSE_COLOURS, drawings
from dangol.workspace import RunFolder

MONTHS = pd.date_range("2017-01-01", periods=4, freq="MS")
MONTHLY = pd.DataFrame({"month_date": MONTHS, "amount": [100.0, 200.0, 300.0, 200.0]})
COHORTS = pd.DataFrame(
    {
        "cohort_date": MONTHS[[0, 0, 0, 1, 1]],
        "months_since": [0, 1, 2, 0, 1],
        "retention_rate": [1.0, 0.8, 0.6, 1.0, 0.4],
    }
)
VALUES = pd.Series([60.0, 30.0, 10.0, 0.0, -5.0])
SEGMENTS = pd.DataFrame(
    {
        "customer_grade": ["Gold"] * 20 + ["Bronze"] * 80,
        "amount_364d": [40.0] * 20 + [2.5] * 80,
        "life_cycle_state": ["active"] * 70 + ["at risk"] * 30,
    }
)
LEADERBOARD = pd.DataFrame(
    {
        "model": ["network", "naive"],
        "metric": ["gini_score"] * 2,
        "estimate": [0.84, 0.82],
        "low": [0.82, 0.8],
        "high": [0.86, 0.84],
    }
)
DECILES = pd.DataFrame(
    {
        "decile": [1, 2],
        "predicted": [0.1, 0.3],
        "actual": [0.12, 0.25],
        "low": [0.1, 0.2],
        "high": [0.15, 0.3],
    }
)
GAIN = pd.DataFrame(
    {"share_contacted": [0.0, 0.5, 1.0], "share_reached": [0.0, 0.8, 1.0], "model": "network"}
)
HISTORY = pd.DataFrame({"epoch": [0, 1, 2], "train_loss": [0.5, 0.4, 0.3], "val_loss": [0.5, 0.42, 0.45]})
EFFECTS = pd.DataFrame(
    {
        "label": ["up", "open", "down", "refused"],
        "estimate": [2.0, 0.1, -2.0, np.nan],
        "low": [1.0, -1.0, -3.0, np.nan],
        "high": [3.0, 1.0, -1.0, np.nan],
    }
)
COURSE = pd.DataFrame({"week": [1, 2, 3], "is_after": [False, False, True], "estimate": [2.0, 1.0, -0.5]})
COURSE = COURSE.assign(low=COURSE["estimate"] - 1, high=COURSE["estimate"] + 1, total=[2.0, 3.0, 2.5])
COURSE = COURSE.assign(total_low=COURSE["total"] - 1.5, total_high=COURSE["total"] + 1.5)
RULES = pd.DataFrame(
    {
        "antecedent": ["a", "b"],
        "consequent": ["c", "d"],
        "lift": [2.0, 3.0],
        "is_replicated": [True, False],
    }
)

MIGRATION = pd.DataFrame(
    {
        "grade_before": ["Gold", "Gold", "Iron", "Iron"],
        "grade_now": ["Gold", "Iron"] * 2,
        "n_customers": [90, 10, 0, 50],
    }
)
FLOWS = pd.DataFrame(
    {
        "as_of": "2017-02-01",
        "as_of_before": "2017-01-01",
        "state_before": ["active", "active", "at risk"],
        "state_now": ["active", "at risk", "dormant"],
        "n_customers": [80, 20, 15],
    }
)
SHEET = pd.DataFrame(
    {
        "segment": ["Frequent", "Occasional"],
        "customer_share": [0.3, 0.7],
        "amount_per_customer": [20.0, 10.0],
        "amount_share": [0.46, 0.54],
    }
)

CURVE = pd.DataFrame(
    {"threshold": [0.5, 0.9], "precision_rate": [0.8, 1.0], "recall_rate": [1.0, 0.7], "n_customers": [8, 9]}
)
PROFIT = pd.DataFrame(
    {
        "model": "network",
        "share_contacted": [0, 0.5, 1.0],
        "profit": [0.0, 5, -2],
        "is_cutoff": [False, True, False],
    }
)
CASES = [
    (plot_monthly, MONTHLY),
    (plot_cohorts, COHORTS),
    (plot_concentration, VALUES),
    (plot_grades, SEGMENTS),
    (plot_states, SEGMENTS),
    (plot_migration, MIGRATION),
    (plot_state_flows, FLOWS),
    (plot_segment_map, SHEET),
    (plot_leaderboard, LEADERBOARD),
    (plot_calibration, DECILES),
    (partial(plot_calibration, is_amount=True), DECILES),
    (plot_gain, GAIN),
    (plot_profit, PROFIT),
    (plot_history, HISTORY),
    (plot_effects, EFFECTS),
    (plot_course, COURSE),
    (plot_rules, RULES),
    (partial(plot_thresholds, chosen=0.9), CURVE),
]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def ax() -> Axes:
    with house_style():
        return plt.subplots()[1]


@pytest.mark.parametrize(("plot", "frame"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_a_plot_gives_back_its_axes_labels_them_and_leaves_the_frame_alone(plot, frame, ax):
    before = frame.copy()
    assert plot(frame, ax=ax) is ax
    assert ax.get_xlabel()
    assert ax.get_title() == ax.get_title(loc="left") == "", "the title is the notebook's"
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    assert isinstance(plot(frame), Axes), "without axes it makes a figure"


@pytest.mark.parametrize(
    ("plot", "frame"),
    [case for case in CASES if isinstance(case[1], pd.DataFrame)],
    ids=lambda c: getattr(c, "__name__", ""),
)
def test_a_plot_says_which_columns_it_lacks_and_refuses_an_empty_frame(plot, frame, ax):
    with pytest.raises(ValueError, match="lacks the column"):
        plot(frame.rename(columns=lambda name: f"x_{name}"), ax=ax)
    with pytest.raises(ValueError, match="has no rows"):
        plot(frame.iloc[:0], ax=ax)


def test_the_house_style_ends_with_its_block():
    before = mpl.rcParams.copy()
    with house_style():
        assert mpl.rcParams["svg.hashsalt"] == "dangol"
        assert mpl.rcParams != before
    assert mpl.rcParams == before


def test_ticks_keep_the_house_style_after_the_block():
    with house_style():
        axes = plt.subplots()[1]
        plot_monthly(MONTHLY, axes)
    plt.gcf().canvas.draw()
    assert {mpl.colors.to_hex(label.get_color()) for label in axes.get_yticklabels()} == {MUTED}


def test_dollar_signs_are_drawn_as_such_and_axes_name_the_currency(tmp_path):
    with house_style(Currency("USD")):
        axes = plt.subplots()[1]
        axes.set(title="The first half earns $238 of the plan's $297", ylabel="profit (currency)")
    with mpl.rc_context({"svg.fonttype": "none"}):
        plt.savefig(tmp_path / "figure.svg")
    drawn = (tmp_path / "figure.svg").read_text("utf-8")
    assert ">The first half earns $238 of the plan's $297</text>" in drawn
    assert ">profit ($)</text>" in drawn


def test_a_title_wider_than_the_figure_is_broken():
    with house_style():
        axes = plt.subplots(figsize=(4, 3))[1]
        axes.set_title("a claim " * 14)
        plt.subplots()[1].set_title("short")
    assert "\n" in axes.get_title(loc="left")
    assert plt.gca().get_title(loc="left") == "short"


def test_months_are_added_up_and_the_mean_is_drawn(ax):
    twice = pd.concat([MONTHLY, MONTHLY])
    plot_monthly(twice, ax)
    assert [bar.get_height() for bar in ax.patches] == [200.0, 400.0, 600.0, 400.0]
    assert ax.lines[0].get_ydata()[0] == 400.0


def test_cohorts_leave_out_the_first_month_and_write_every_rate(ax):
    plot_cohorts(COHORTS, ax)
    assert sorted(text.get_text() for text in ax.texts) == ["40%", "60%", "80%"]


def test_cohorts_of_a_few_people_are_left_out(ax):
    plot_cohorts(COHORTS.assign(n_cohort=[30, 30, 30, 9, 9]), ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2017-01"]


def test_cohorts_can_be_asked_whether_there_is_anything_to_draw():
    assert has_cohorts(COHORTS.assign(n_cohort=[30, 30, 30, 9, 9]))
    assert not has_cohorts(COHORTS.assign(n_cohort=9))
    assert not has_cohorts(COHORTS.assign(n_cohort=30, months_since=0))


def test_wide_cohorts_are_coloured_but_not_written(ax):
    ages = range(1, 21)
    wide = pd.DataFrame({"cohort_date": MONTHS[0], "months_since": ages, "retention_rate": 0.5})
    plot_cohorts(wide, ax)
    assert list(ax.texts) == []
    assert len(ax.get_xticks()) == 10


def test_concentration_equals_a_plain_loop(ax):
    plot_concentration(VALUES, ax)
    shares, total = [0.0], 0.0
    for value in (60.0, 30.0, 10.0, 0.0, 0.0):
        total += value
        shares.append(total / 100)
    assert ax.lines[1].get_ydata() == pytest.approx(shares)
    assert ax.lines[0].get_ydata() == pytest.approx([0, 1])


def test_concentration_refuses_customers_without_value(ax):
    with pytest.raises(ValueError, match="no customer has a value above zero"):
        plot_concentration(pd.Series([0.0, -1.0]), ax)


def test_grades_show_both_shares_best_on_top(ax):
    plot_grades(SEGMENTS, ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Bronze", "Gold"]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([-0.8, -0.2, 0.2, 0.8])


def test_the_matrix_of_grades_hides_what_would_give_a_small_cell_away(ax):
    """The 3 would be the size of Iron now less 55 and 90, or those who fell less 37 and 55."""
    names = ["Gold", "Silver", "Iron"]
    counts = [160, 37, 3, 40, 80, 55, 0, 45, 90]
    pairs = [(before, now) for before in names for now in names]
    moves = pd.DataFrame(pairs, columns=["grade_before", "grade_now"]).assign(n_customers=counts)
    plot_migration(moves, ax)
    texts = np.array([text.get_text() for text in ax.texts]).reshape(3, 3)
    assert texts[0, 2] == "<10"
    assert texts[2, 0] == "–"
    assert "10+" in texts[1:, 2]  # the same grade now
    assert "10+" in (texts[0, 1], texts[1, 2])  # the others who fell
    assert not any("%" in text for text in texts[0])
    assert np.ma.getdata(ax.collections[0].get_array())[0].tolist() == [0.8, 0.0, 0.0]


def test_small_states_are_not_told_apart(ax):
    few = pd.DataFrame({"life_cycle_state": ["active"] * 70 + ["at risk"] * 3 + ["lost"] * 25})
    plot_states(few, ax)
    texts = {text.get_text() for text in ax.texts}
    assert texts == {"<10", "10+", "70 · 71%", "0 · 0%"}
    widths = {bar.get_width() for bar in ax.patches}
    assert widths == {0, 5, 23, 70}
    assert not any(text.startswith(("3 ", "7 ")) for text in texts)


def test_the_leaderboard_marks_the_baseline_and_puts_the_best_on_top(ax):
    plot_leaderboard(LEADERBOARD, ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["naive (baseline)", "network"]
    assert ax.lines[0].get_xdata()[0] == 0.82


def test_a_loss_is_better_when_lower(ax):
    plot_leaderboard(LEADERBOARD.assign(metric="log_loss"), ax, baseline="network")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["network (baseline)", "naive"]
    assert "lower is better" in ax.get_xlabel()


def test_a_baseline_that_is_not_on_the_leaderboard_is_refused(ax):
    with pytest.raises(ValueError, match="no model 'rule'; expected one of naive, network"):
        plot_leaderboard(LEADERBOARD, ax, baseline="rule")


def test_a_leaderboard_of_two_metrics_asks_which(ax):
    both = pd.concat([LEADERBOARD, LEADERBOARD.assign(metric="mae_error")])
    with pytest.raises(ValueError, match=r"choose one with metric=: gini_score, mae_error"):
        plot_leaderboard(both, ax)
    assert plot_leaderboard(both, ax, metric="mae_error") is ax
    with pytest.raises(ValueError, match="no metric 'auc'"):
        plot_leaderboard(both, ax, metric="auc")


def test_history_marks_the_epoch_with_the_lowest_held_out_loss(ax):
    plot_history(HISTORY, ax)
    assert "best epoch: 1" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_effects_are_coloured_by_where_their_interval_lies(ax):
    plot_effects(EFFECTS, ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["down", "open", "up"]
    assert [line.get_color() for line in ax.lines[1::2]] == [VERMILION, MUTED, BLUE]
    assert ax.lines[0].get_xdata()[0] == 0


def test_effects_without_any_estimate_are_refused(ax):
    with pytest.raises(ValueError, match="has no rows"):
        plot_effects(EFFECTS.iloc[[3]], ax)


def test_the_same_figure_gives_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    run = RunFolder("demo", "2017-12-03", "full", "02")
    contents = []
    for _ in range(2):
        with house_style():
            figure, axes = plt.subplots()
            plot_effects(EFFECTS, axes)
            axes.set_title("a claim")
            record_figure(figure, "effects", "a claim", run)
        contents.append((run.records / "figures" / "effects.svg").read_bytes())
    assert contents[0] == contents[1]


def test_the_reports_know_the_house_colours():
    assert set(HOUSE_COLOURS) == {"#000000", INK, MUTED, GRID, PAPER}


def test_a_recorded_figure_loses_its_drawn_title_and_keeps_its_texts(tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    run = RunFolder("demo", "2017-12-03", "full", "02")
    with house_style():
        figure, axes = plt.subplots()
        plot_concentration(VALUES, axes)
        axes.set_title("best fifth")
    record_figure(figure, "concentration", "The best fifth", run)
    (drawing,) = drawings(run, "abc", str)
    svg = str(drawing.html)
    used = {part.split('"')[0] for part in svg.split('href="#')[1:]}
    assert used
    assert all(f'id="{mark}"' in svg for mark in used)
    assert f'id="f02-concentration-{TITLE_ID}"' not in svg
    assert ">best fifth<" not in svg
    assert ">all customers equal</text>" in svg
    assert "font-family" not in svg
    assert 'aria-label="The best fifth"' in svg
    assert "var(--ink)" in svg or "var(--muted)" in svg
    assert drawing.is_adaptive


def test_a_figure_in_another_style_gets_a_light_ground(tmp_path, monkeypatch):
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    run = RunFolder("demo", "2017-12-03", "full", "02")
    record_figure(plt.figure(), "plain", "Plain", run)
    (plain,) = drawings(run, None, str)
    assert not plain.is_adaptive


def test_the_threshold_in_use_is_marked_and_both_rates_are_drawn(ax):
    plot_thresholds(CURVE, 0.9, ax)
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
    assert sorted(map(tuple, drawn.values()))[1:] == [(0.8, 1.0), (1.0, 0.7)]
    assert list(ax.get_lines()[0].get_xdata()) == [0.9, 0.9]
