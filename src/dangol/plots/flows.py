"""Flows of customers: between states of the life cycle over time, and between grades."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from dangol.customer_rules import STATE_SUMS, STATES
from dangol.plots.axes import axes_or_new, check_columns, ink_on
from dangol.plots.style import BLUE, GREEN, INK, MUTED, ORANGE, PAPER, PURPLE, SKY, VERMILION, YELLOW
from dangol.small_cells import SMALL_CELL, hidden_cells, people_text

# from the top of a column to its bottom
_ORDER = ("growing", "active", "reactivated", "new", "prospect", "at risk", "dormant", "lost")
_COLOURS = dict(zip(_ORDER, (GREEN, BLUE, PURPLE, SKY, YELLOW, ORANGE, VERMILION, MUTED), strict=True))
_BAR, _GAP = 0.07, 0.012
_LARGE = 10 * SMALL_CELL


def plot_state_flows(flows: pd.DataFrame, ax: Axes | None = None, n_periods: int = 4) -> Axes:
    """Alluvial figure: columns are dates, bands the customers going from state to state.

    Bands of customers who change their state are strong, those who stay are pale. Customers not
    known before enter at the next column. Heights are drawn in tens, so that small counts cannot be
    measured; bands of fewer than five are left out.

    Args:
        flows: one row per date × state before × state now, as in ``tables.STATE_FLOW``.
        ax: drawn on; a new figure if None.
        n_periods: the latest so many periods are drawn.
    """
    check_columns(flows, ("as_of", "as_of_before", "state_before", "state_now", "n_customers"), "flows")
    ax = axes_or_new(ax)
    shown = sorted(flows["as_of"].unique())[-n_periods:]
    flows = flows[flows["as_of"].isin(shown)]
    dates = [flows.loc[flows["as_of"] == shown[0], "as_of_before"].iloc[0], *shown]
    columns = [_column(flows, date) for date in dates]
    labels = _labels(columns[-1])
    columns = [{state: max(5, _in_tens(count)) for state, count in column.items()} for column in columns]
    total = max(sum(column.values()) for column in columns)
    tops = [_tops(column, total) for column in columns]
    for place, date in enumerate(shown):
        rows = flows[(flows["as_of"] == date) & flows["state_before"].isin(_ORDER)]
        _bands(ax, rows, tops[place], tops[place + 1], place, total)
    for place, column in enumerate(columns):
        _bars(ax, column, tops[place], place, total, labels if place == len(columns) - 1 else {})
    days = [pd.Timestamp(date) for date in dates]
    ax.set_xticks(range(len(days)), [f"{day.day} {day:%b %Y}" for day in days])
    ax.set_yticks([])
    ax.grid(visible=False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    ax.set(xlim=(-0.1, len(dates) - 0.35), xlabel="date; height: customers", ylabel="")
    return ax


def plot_migration(migration: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Heat map of grades: from which (rows) to which (columns), as a share of the row.

    Small cells are hidden so that neither the sizes of the grades now nor the numbers of those who rose
    and fell give them away; a row with a hidden cell has no shares, because they would tell its sum.

    Args:
        migration: one row per grade then × grade now, best first, as in ``tables.SEGMENT_MIGRATION``.
        ax: drawn on; a new figure if None.
    """
    check_columns(migration, ("grade_before", "grade_now", "n_customers"), "migration")
    ax = axes_or_new(ax)
    names = ["grade_before", "grade_now"]
    counts = migration.pivot_table(index=names[0], columns=names[1], values="n_customers", sort=False)
    counts = counts.fillna(0).astype("int64")
    counts = counts.loc[counts.sum(axis=1) > 0, counts.sum() > 0]
    shares = counts.div(counts.sum(axis=1), axis=0).to_numpy(copy=True)
    numbers = {place: int(n) for place, n in np.ndenumerate(counts.to_numpy())}
    ladder = [name for name in migration[names[0]].unique() if name in set(migration[names[1]])]
    hidden = hidden_cells(numbers, _migration_sums(counts, ladder))
    is_told = np.ones(len(shares), dtype=bool)
    is_told[[row for row, _ in hidden]] = False
    shares[~is_told] = _coarse(shares[~is_told], counts.to_numpy()[~is_told])
    coloured = np.ma.masked_equal(shares, 0)  # the ground shows through, light or dark
    cells: dict[str, Any] = {"vmin": 0, "vmax": 1.15, "edgecolor": PAPER, "linewidth": 1.2}
    mesh = ax.pcolormesh(coloured, cmap="Blues", antialiased=True, **cells)
    for (row, column), n in numbers.items():
        share = shares[row, column]
        share_text = f"{share:.0%}\n" if is_told[row] else ""
        text = hidden.get((row, column)) or (f"{share_text}{n:,}" if n else "–")
        ink = ink_on(mesh.cmap(mesh.norm(share))) if share else INK
        ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=9, color=ink)
    ax.invert_yaxis()
    ax.set_xticks(np.arange(counts.shape[1]) + 0.5, counts.columns)
    ax.set_yticks(np.arange(counts.shape[0]) + 0.5, counts.index)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    ax.set(xlabel="grade now (share of the row, customers)", ylabel="grade before")
    return ax


def _coarse(shares: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Shares in fifths, and those of large counts only: no colour tells the sum of a row to within ten."""
    return np.where(counts >= _LARGE, np.round(shares * 5) / 5, 0.0)


def _migration_sums(counts: pd.DataFrame, ladder: list[str]) -> list[list[tuple[int, int]]]:
    """Places whose sum is told elsewhere: the grades now, and those who rose or fell on the ladder."""
    n_rows, n_columns = counts.shape
    columns = [[(row, column) for row in range(n_rows)] for column in range(n_columns)]
    rung = {name: place for place, name in enumerate(ladder)}
    rows_of, columns_of = (
        {place: rung[name] for place, name in enumerate(axis) if name in rung}
        for axis in (counts.index, counts.columns)
    )
    step = {(row, column): columns_of[column] - rows_of[row] for row in rows_of for column in columns_of}
    rose, fell = ([place for place in step if step[place] * way > 0] for way in (-1, 1))
    return [*columns, rose, fell]


def _column(flows: pd.DataFrame, date: str) -> dict[str, int]:
    now = flows[flows["as_of"] == date].groupby("state_now")["n_customers"].sum()
    if now.empty:
        now = flows[flows["as_of_before"] == date].groupby("state_before")["n_customers"].sum()
    return {state: int(now[state]) for state in _ORDER if state in now.index and state in STATES}


def _tops(column: dict[str, int], total: int) -> dict[str, float]:
    tops, level = {}, 1.0
    for state, count in column.items():
        tops[state] = level
        level -= count / total + _GAP
    return tops


def _bands(
    ax: Axes, rows: pd.DataFrame, left: dict[str, float], right: dict[str, float], place: int, total: int
) -> None:
    """Draw the bands of one period; in each bar they lie in the order of the states at the other end."""
    sizes = {
        (str(before), str(now)): _in_tens(count) / total
        for before, now, count in zip(
            rows["state_before"], rows["state_now"], rows["n_customers"], strict=True
        )
    }
    by_start = sorted(sizes, key=lambda pair: (_ORDER.index(pair[0]), _ORDER.index(pair[1])))
    by_end = sorted(sizes, key=lambda pair: (_ORDER.index(pair[1]), _ORDER.index(pair[0])))
    left, right, ends = dict(left), dict(right), {}
    for pair in by_end:
        ends[pair] = right[pair[1]]
        right[pair[1]] -= sizes[pair]
    for before, now in filter(sizes.get, by_start):
        size = sizes[before, now]
        path = _band(place + _BAR / 2, place + 1 - _BAR / 2, left[before], ends[before, now], size)
        left[before] -= size
        alpha = 0.18 if before == now else 0.6
        ax.add_patch(PathPatch(path, color=_COLOURS[now], alpha=alpha, linewidth=0))


def _band(x0: float, x1: float, top0: float, top1: float, height: float) -> Path:
    middle = (x0 + x1) / 2
    points = [
        (x0, top0), (middle, top0), (middle, top1), (x1, top1), (x1, top1 - height),
        (middle, top1 - height), (middle, top0 - height), (x0, top0 - height), (x0, top0),
    ]  # fmt: skip
    curve, line = Path.CURVE4, Path.LINETO
    codes = [Path.MOVETO, curve, curve, curve, line, curve, curve, curve, Path.CLOSEPOLY]
    return Path(points, codes)


def _in_tens(count: float) -> int:
    return SMALL_CELL * round(count / SMALL_CELL)


def _labels(column: dict[str, int]) -> dict[str, str]:
    """What is written beside the states: their numbers, unless they have to be hidden."""
    hidden = hidden_cells({state: n for state, n in column.items() if state != "prospect"}, STATE_SUMS)
    return {state: f"{state} · {hidden.get(state) or people_text(n)}" for state, n in column.items()}


def _bars(
    ax: Axes, column: dict[str, int], tops: dict[str, float], place: int, total: int, labels: dict[str, str]
) -> None:
    levels: list[float] = []
    for state, count in column.items():
        height = count / total
        ax.bar(place, height, _BAR, bottom=tops[state] - height, color=_COLOURS[state], linewidth=0)
        if labels:
            middle = min(tops[state] - height / 2, (levels[-1] - 0.055) if levels else 1.0)
            levels.append(middle)
            at, text = (place + _BAR, middle), labels[state]
            ax.annotate(text, at, (4, 0), textcoords="offset points", va="center", fontsize=9)
