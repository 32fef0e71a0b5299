"""Figures that compare runs of a sweep."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dangol.plots.axes import amount_formatter, check_columns
from dangol.plots.style import MUTED, PALETTE

_ACROSS = 3
_MANY_TICKS = 7


def plot_runs(runs: pd.DataFrame, parameter: str) -> Figure:
    """Main figures of several runs, one panel each, with 95 % intervals where they have one.

    Args:
        runs: one row per run and figure: ``x`` (value of the parameter, text), ``line`` (what else
            differs, text; one colour each), ``figure`` (name), ``value``, ``low``, ``high``.
        parameter: named below the panels.

    Returns:
        A new figure; the caller closes it.
    """
    import matplotlib.pyplot as plt

    check_columns(runs, ("x", "line", "figure", "value", "low", "high"), "runs")
    names, lines = list(dict.fromkeys(runs["figure"])), list(dict.fromkeys(runs["line"]))
    ticks = list(dict.fromkeys(runs["x"]))
    n_rows, n_across = -(-len(names) // _ACROSS), _ACROSS
    figure, grid = plt.subplots(n_rows, n_across, figsize=(3.6 * n_across, 2.7 * n_rows), squeeze=False)
    for ax, name in zip(grid.flat, names, strict=False):
        for line, colour in zip(lines, sns.color_palette(PALETTE, len(lines)), strict=True):
            chosen = runs[(runs["figure"] == name) & (runs["line"] == line)]
            _panel(ax, chosen, ticks, colour)
        ax.set_title(name, fontsize=10)
        ax.set_xlabel(parameter)
        _write_ticks(ax, ticks)
        ax.yaxis.set_major_formatter(amount_formatter())
    for ax in list(grid.flat)[len(names) :]:
        ax.remove()
    if len(lines) > 1:
        handles = [plt.Line2D([], [], color=colour) for colour in sns.color_palette(PALETTE, len(lines))]
        figure.legend(handles, lines, loc="outside lower left", ncols=2)
    return figure


def _panel(ax: Axes, runs: pd.DataFrame, ticks: list[str], colour: tuple[float, float, float]) -> None:
    places = runs["x"].map(ticks.index)
    known = runs["low"].notna() & runs["high"].notna()
    if known.any():
        low, high = (pd.to_numeric(runs.loc[known, end]) for end in ("low", "high"))
        ax.vlines(places[known], low, high, color=colour, alpha=0.35, linewidth=5)
        if low.min() < 0 < high.max():
            ax.axhline(0, color=MUTED, linewidth=1, linestyle="--")
    ax.plot(places, runs["value"], color=colour, marker="o", markersize=4)


def _write_ticks(ax: Axes, ticks: list[str]) -> None:
    """All values of the parameter where they fit, else evenly chosen ones."""
    step = -(-len(ticks) // _MANY_TICKS)
    shown = range(0, len(ticks), step)
    slant = 30 if max(len(ticks[place]) for place in shown) * len(shown) > 24 else 0
    ax.set_xticks(
        list(shown), [ticks[place] for place in shown], rotation=slant, ha="right" if slant else "center"
    )
