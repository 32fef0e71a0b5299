"""Figures about sales over time: per month, and whether cohorts come back."""

from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes

from dangol.plots.axes import amount_formatter, axes_or_new, check_columns, ink_on
from dangol.plots.style import BLUE, MUTED, PAPER, SEQUENCE
from dangol.small_cells import SMALL_CELL

_MAX_WRITTEN = 14  # columns of a heat map in which every cell still has room for its figure


def plot_monthly(sales: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Amount per month, with the average month as baseline.

    Args:
        sales: ``month_date`` (first day of the month) and ``amount``; several rows of a month are added up.
        ax: drawn on; a new figure if None.
    """
    check_columns(sales, ("month_date", "amount"), "sales")
    ax = axes_or_new(ax)
    monthly = sales.groupby("month_date", as_index=False)["amount"].sum()
    mean = float(monthly["amount"].mean())
    ax.axhline(mean, color=MUTED, linestyle="--", linewidth=1, zorder=3, label="average month")
    ax.bar(monthly["month_date"], monthly["amount"], width=22, color=BLUE)
    locator = mdates.AutoDateLocator(minticks=3, maxticks=12)
    ax.xaxis.set_major_locator(locator)
    january = [
        "",
        "%b\n%Y",
        "%b",
        "%b %d",
        "%H:%M",
        "%H:%M",
    ]  # the year stands below the month it begins with
    ax.xaxis.set_major_formatter(
        mdates.ConciseDateFormatter(locator, zero_formats=january, show_offset=False)
    )
    ax.yaxis.set_major_formatter(amount_formatter())
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.24), borderaxespad=0, handlelength=1.6)
    ax.set(xlabel="month", ylabel="net sales per month (currency)")
    return ax


def has_cohorts(retention: pd.DataFrame) -> bool:
    """Whether ``plot_cohorts`` has anything to draw: a cohort of ten or more people, a month later."""
    return bool(((retention["months_since"] > 0) & (retention["n_cohort"] >= SMALL_CELL)).any())


def plot_cohorts(retention: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Share of each cohort that is still buying, by months since the first order, as a heat map.

    Args:
        retention: ``cohort_date``, ``months_since``, ``retention_rate`` in [0, 1]. The month of the
            first order itself, always one, is left out; so are cohorts of fewer than ten people,
            where ``n_cohort`` is given.
        ax: drawn on; a new figure if None.
    """
    check_columns(retention, ("cohort_date", "months_since", "retention_rate"), "retention")
    ax = axes_or_new(ax)
    is_shown = retention["months_since"] > 0
    if "n_cohort" in retention:
        is_shown &= retention["n_cohort"] >= SMALL_CELL
    check_columns(retention[is_shown], (), "retention after the first month")
    grid = retention[is_shown].pivot_table(
        index="cohort_date", columns="months_since", values="retention_rate"
    )
    lowest = float(np.floor(np.nanmin(grid.to_numpy()) * 10) / 10)
    cells: dict[str, Any] = {"edgecolor": PAPER, "linewidth": 1.2, "antialiased": True, "shading": "nearest"}
    places = (grid.columns, range(len(grid)), grid)
    mesh = ax.pcolormesh(*places, cmap=colormaps[SEQUENCE], vmin=lowest, vmax=1, **cells)
    if grid.shape[1] <= _MAX_WRITTEN:
        _write_cells(ax, grid, lowest)
    ax.set_yticks(range(len(grid)), [f"{month:%Y-%m}" for month in pd.DatetimeIndex(grid.index)])
    ax.set_xticks(list(grid.columns)[:: 1 + grid.shape[1] // _MAX_WRITTEN])
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    bar = ax.figure.colorbar(mesh, ax=ax, format=lambda share, _: f"{share:.0%}", aspect=30, pad=0.02)
    bar.outline.set_visible(False)
    ax.set(xlabel="months since the first order", ylabel="month of the first order")
    return ax


def _write_cells(ax: Axes, grid: pd.DataFrame, lowest: float) -> None:
    colours = colormaps[SEQUENCE]
    months = [int(month) for month in grid.columns]
    for row, rates in enumerate(grid.to_numpy(dtype=float)):
        for month, rate in zip(months, rates, strict=True):
            if not np.isnan(rate):
                ink = ink_on(colours((rate - lowest) / max(1 - lowest, 0.1)))
                ax.text(month, row, f"{rate:.0%}", ha="center", va="center", fontsize=7.5, color=ink)
