"""Figures about campaigns: who is reached first, and what campaigns changed."""

import pandas as pd
from matplotlib.axes import Axes

from dangol.plots.axes import axes_or_new, check_columns, points, rows_only, share_formatter
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
