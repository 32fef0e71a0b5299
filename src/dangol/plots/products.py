"""Figures about products: what goes together."""

import pandas as pd
from matplotlib.axes import Axes

from dangol.plots.axes import axes_or_new, check_columns, rows_only
from dangol.plots.style import BLUE, GRID, MUTED


def plot_rules(rules: pd.DataFrame, ax: Axes | None = None, n_rules: int = 12) -> Axes:
    """The strongest product rules by lift, against one, which is no connection.

    Args:
        rules: ``antecedent``, ``consequent``, ``lift``; with ``is_replicated``, rules that did not
            hold again in a later period are hollow.
        ax: drawn on; a new figure if None.
        n_rules: how many are shown.
    """
    check_columns(rules, ("antecedent", "consequent", "lift"), "rules")
    ax = axes_or_new(ax)
    top = rules.nlargest(n_rules, "lift").iloc[::-1].reset_index(drop=True)
    is_solid = (
        top["is_replicated"].astype(bool) if "is_replicated" in top else pd.Series(True, index=top.index)
    )
    ax.axvline(1, color=MUTED, linestyle="--", linewidth=1)
    ax.hlines(top.index, 1, top["lift"], color=GRID, linewidth=2)
    styles = (("held again later", is_solid, BLUE), ("not seen again", ~is_solid, "none"))
    for kind, chosen, fill in styles:
        if chosen.any():
            lift, place = top["lift"][chosen].to_numpy(), top.index[chosen]
            ax.plot(lift, place, "o", markersize=7, label=kind, markerfacecolor=fill, markeredgecolor=BLUE)
    pairs = zip(top["antecedent"], top["consequent"], strict=True)
    ax.set_yticks(top.index, [f"{first} → {then}" for first, then in pairs])
    ax.set_ylim(-0.7, len(top) - 0.3)
    rows_only(ax)
    if not is_solid.all():
        ax.legend(loc="lower right")
    ax.set(xlabel="lift (times as often as if unrelated; dashed: no connection)")
    return ax
