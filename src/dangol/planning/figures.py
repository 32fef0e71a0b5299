"""Figures of the plan: what a budget earns, and why customers are contacted or not."""

import pandas as pd
from matplotlib.axes import Axes

from dangol.plots.axes import amount_formatter, axes_or_new, count_formatter, rows_only
from dangol.plots.style import BLUE, MUTED, ORANGE
from dangol.small_cells import drawn_counts, hidden_cells

_NAMES = {
    "contact": "contacted",
    "holdout": "held out by lot",
    "consent": "no consent",
    "contact_gap": "contacted recently",
    "no_forecast": "no forecast",
    "no_profit": "no campaign pays",
    "limits": "others earn more",
}


def plot_budget_curve(curve: pd.DataFrame, budget: float, ax: Axes | None = None) -> Axes:
    """Expected profit against budget; the plan's budget is marked, and doing nothing is the baseline.

    Args:
        curve: ``budget`` and ``expected_profit``, sorted by budget.
        budget: of the plan; one of the budgets in ``curve``.
        ax: drawn on; a new figure if None.
    """
    ax = axes_or_new(ax)
    ax.axhline(0, color=MUTED, linestyle="--", linewidth=1)
    ax.plot(curve["budget"], curve["expected_profit"], color=BLUE, marker="o", markersize=3.5)
    distance = (curve["budget"] - budget).abs()
    point = curve[distance == distance.min()]
    ax.plot(point["budget"], point["expected_profit"], "o", color=ORANGE, markersize=9, label="this plan")
    ax.legend(loc="center right")
    ax.xaxis.set_major_formatter(amount_formatter())
    ax.yaxis.set_major_formatter(amount_formatter())
    ax.set(xlabel="budget (currency)", ylabel="expected profit (currency)")
    return ax


def plot_reasons(plan: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Customers by what the plan decides about them, most frequent on top.

    Args:
        plan: ``reason_code``, one row per customer.
        ax: drawn on; a new figure if None.
    """
    ax = axes_or_new(ax)
    counts = plan["reason_code"].value_counts().rename(index=_NAMES).iloc[::-1]
    colours = [BLUE if name == _NAMES["contact"] else MUTED for name in counts.index]
    numbers = {str(name): int(count) for name, count in counts.items()}
    hidden = hidden_cells(numbers)
    drawn = drawn_counts(numbers, hidden)
    bars = ax.barh(list(drawn), list(drawn.values()), color=colours, height=0.62)
    texts = [hidden.get(name, f"{count:,}") for name, count in numbers.items()]
    ax.bar_label(bars, texts, padding=4, fontsize=9)
    ax.margins(x=0.12)
    rows_only(ax)
    ax.xaxis.set_major_formatter(count_formatter())
    ax.set(xlabel="customers")
    return ax
