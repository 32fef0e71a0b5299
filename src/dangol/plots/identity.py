"""Figures about identity: what a threshold costs in wrong and in missed matches."""

import pandas as pd
from matplotlib.axes import Axes

from dangol.plots.axes import axes_or_new, check_columns, share_formatter
from dangol.plots.style import BLUE, MUTED, ORANGE


def plot_thresholds(curve: pd.DataFrame, chosen: float, ax: Axes | None = None) -> Axes:
    """Precision and recall of matched records against the threshold of the match probability.

    Args:
        curve: ``threshold``, ``precision_rate``, ``recall_rate``.
        chosen: threshold in use, drawn as a line.
        ax: drawn on; a new figure if None.
    """
    check_columns(curve, ("threshold", "precision_rate", "recall_rate"), "curve")
    ax = axes_or_new(ax)
    ax.axvline(chosen, color=MUTED, linestyle="--", linewidth=1, label="threshold in use")
    for name, colour, label in (
        ("precision_rate", BLUE, "of the pairs put together, rightly"),
        ("recall_rate", ORANGE, "of the pairs of one person, put together"),
    ):
        ax.plot(curve["threshold"], curve[name], "o-", color=colour, markersize=4, label=label)
    ax.xaxis.set_major_formatter(share_formatter())
    ax.yaxis.set_major_formatter(share_formatter())
    ax.legend(loc="lower center")
    ax.set(xlabel="least probability of a match", ylabel="share of pairs of records", xlim=(0, 1.01))
    ax.set_ylim(top=1.01)
    return ax
