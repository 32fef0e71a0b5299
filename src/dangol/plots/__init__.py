"""Figures: the house style, and plot functions that take a tidy frame and axes and give the axes back."""

from dangol.plots.campaigns import plot_course, plot_effects, plot_gain, plot_money, plot_profit
from dangol.plots.customers import plot_concentration, plot_grades, plot_segment_map, plot_states
from dangol.plots.flows import plot_migration, plot_state_flows
from dangol.plots.identity import plot_thresholds
from dangol.plots.models import plot_calibration, plot_history, plot_leaderboard
from dangol.plots.products import plot_rules
from dangol.plots.runs import plot_runs
from dangol.plots.sales import has_cohorts, plot_cohorts, plot_monthly
from dangol.plots.style import house_style
from dangol.small_cells import people_text

__all__ = [
    "has_cohorts",
    "house_style",
    "people_text",
    "plot_calibration",
    "plot_cohorts",
    "plot_concentration",
    "plot_course",
    "plot_effects",
    "plot_gain",
    "plot_grades",
    "plot_history",
    "plot_leaderboard",
    "plot_migration",
    "plot_money",
    "plot_monthly",
    "plot_profit",
    "plot_rules",
    "plot_runs",
    "plot_segment_map",
    "plot_state_flows",
    "plot_states",
    "plot_thresholds",
]
