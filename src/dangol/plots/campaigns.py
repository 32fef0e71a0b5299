"""Figures about campaigns: who is reached first, and what campaigns changed."""

import pandas as pd
from matplotlib.axes import Axes

from dangol.plots.axes import (
    amount_formatter,
    amount_text,
    axes_or_new,
    check_columns,
    points,
    rows_only,
    share_formatter,
)
from dangol.plots.style import BLUE, MUTED, PALETTE, VERMILION


def plot_gain(gain: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Share of responders reached against share of customers contacted.

    Args:
        gain: ``share_contacted``, ``share_reached``, ``model``.
        ax: drawn on; a new figure if None.
    """
    check_columns(gain, ("share_contacted", "share_reached", "model"), "gain")
    ax = axes_or_new(ax)
    ax.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1, label="random order")
    for place, (model, rows) in enumerate(gain.groupby("model", sort=False)):
        rows = rows.sort_values("share_contacted")
        colour = PALETTE[place % len(PALETTE)]
        ax.plot(rows["share_contacted"], rows["share_reached"], color=colour, label=str(model))
    ax.xaxis.set_major_formatter(share_formatter())
    ax.yaxis.set_major_formatter(share_formatter())
    ax.legend(loc="lower right")
    ax.set(
        xlabel="customers contacted (share)", ylabel="responders reached (share)", xlim=(0, 1), ylim=(0, 1.01)
    )
    return ax


def plot_profit(curves: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Profit against the share of customers contacted; the point that each cut-off leads to is marked.

    Args:
        curves: ``model``, ``share_contacted``, ``profit``, ``is_cutoff``.
        ax: drawn on; a new figure if None.
    """
    check_columns(curves, ("model", "share_contacted", "profit", "is_cutoff"), "curves")
    ax = axes_or_new(ax)
    ax.axhline(0, color=MUTED, linestyle="--", linewidth=1)
    for place, (model, rows) in enumerate(curves.groupby("model", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        ax.plot(rows["share_contacted"], rows["profit"], color=colour, label=str(model))
        ends = rows[rows["is_cutoff"]]
        ax.plot(ends["share_contacted"], ends["profit"], "o", color=colour, markersize=9)
    ax.xaxis.set_major_formatter(share_formatter())
    ax.yaxis.set_major_formatter(amount_formatter())
    if not curves.empty:
        ax.legend(loc="best")
    ax.set(xlabel="customers contacted (share)", ylabel="profit (currency)", xlim=(0, 1))
    return ax


def plot_effects(effects: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Forest plot: each effect with its interval against zero, in the order of the frame from the top.

    Effects whose interval lies above zero are blue, below zero red, others grey.

    Args:
        effects: ``label``, ``estimate``, ``low``, ``high``, all in one unit; rows without an
            estimate are left out.
        ax: drawn on; a new figure if None.
    """
    check_columns(effects, ("label", "estimate", "low", "high"), "effects")
    rows = effects.dropna(subset=["estimate", "low", "high"]).iloc[::-1].reset_index(drop=True)
    check_columns(rows, (), "effects with an estimate")
    ax = axes_or_new(ax)
    ax.axvline(0, color=MUTED, linewidth=1, zorder=1)
    for place, (_, estimate, low, high) in enumerate(points(rows, "label")):
        colour = BLUE if low > 0 else VERMILION if high < 0 else MUTED
        ax.plot([low, high], [place, place], color=colour, linewidth=2, solid_capstyle="round")
        ax.plot([estimate], [place], "o", color=colour, markersize=6)
    ax.set_yticks(range(len(rows)), rows["label"])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    rows_only(ax)
    ax.set(xlabel="estimated effect with 95% interval; right of zero: more than without")
    return ax


def plot_money(money: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Amounts beside each other, the first on top: bars from zero, or a point where there is an interval.

    Args:
        money: ``label``, ``estimate``, ``low``, ``high``, in currency; the ends are missing where an
            amount is known.
        ax: drawn on; a new figure if None.
    """
    check_columns(money, ("label", "estimate", "low", "high"), "money")
    ax = axes_or_new(ax)
    rows = money.iloc[::-1].reset_index(drop=True)
    ax.axvline(0, color=MUTED, linewidth=1, zorder=1)
    for place, (_, estimate, low, high) in enumerate(points(rows, "label")):
        if low < high:
            ax.plot([low, high], [place, place], color=BLUE, linewidth=2.4, solid_capstyle="round")
            ax.plot([estimate], [place], "o", color=BLUE, markersize=8)
        else:
            ax.barh(place, estimate, height=0.5, color=MUTED)
        end = max(estimate, high) if low < high else max(estimate, 0)
        text = amount_text(estimate)
        ax.annotate(text, (end, place), (6, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(range(len(rows)), rows["label"])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.margins(x=0.12)
    rows_only(ax)
    ax.xaxis.set_major_formatter(amount_formatter())
    ax.set(xlabel="margin or cost of the judged contacts (currency); line: 95% interval")
    return ax


def plot_course(course: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Effect per contact by week from the start, with intervals; the line is the total so far.

    Args:
        course: ``week`` (from 1), ``is_after`` (the week begins after the campaign; drawn on a grey
            ground), ``estimate``, ``low``, ``high``, ``total``, ``total_low``, ``total_high``.
        ax: drawn on; a new figure if None.
    """
    columns = ("week", "is_after", "estimate", "low", "high", "total", "total_low", "total_high")
    check_columns(course, columns, "course")
    ax = axes_or_new(ax)
    weeks = course["week"]
    reach = (course["estimate"] - course["low"], course["high"] - course["estimate"])
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.bar(weeks, course["estimate"], width=0.6, color=BLUE, alpha=0.35, label="in the week")
    ax.errorbar(weeks, course["estimate"], yerr=reach, fmt="none", ecolor=BLUE, linewidth=1.2)
    ax.plot(weeks, course["total"], color=VERMILION, marker="o", markersize=4, label="total so far")
    ax.fill_between(weeks, course["total_low"], course["total_high"], color=VERMILION, alpha=0.12)
    after = weeks.loc[course["is_after"].astype(bool)]
    if len(after):
        ax.axvspan(after.min() - 0.5, weeks.max() + 0.5, color=MUTED, alpha=0.12, label="after the campaign")
    ax.set_xticks(list(weeks))
    ax.legend(loc="best")
    ax.set(xlabel="week from the first day", ylabel="change of spend per contact (currency)")
    return ax
