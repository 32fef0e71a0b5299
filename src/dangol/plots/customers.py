"""Figures about customers: how value is spread, grades, states of the life cycle."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from dangol.customer_rules import STATE_SUMS, STATES
from dangol.plots.axes import (
    amount_formatter,
    axes_or_new,
    check_columns,
    count_formatter,
    rows_only,
    share_formatter,
)
from dangol.plots.style import BLUE, MUTED, ORANGE, SKY
from dangol.small_cells import drawn_counts, hidden_cells, people_text

_CALLING = ("at risk", "dormant")


def plot_concentration(values: pd.Series, ax: Axes | None = None) -> Axes:
    """Share of value against share of customers, best customers first.

    Args:
        values: one number per customer, such as the amount spent; negative ones count as nothing.
        ax: drawn on; a new figure if None.

    Raises:
        ValueError: if no value is above zero.
    """
    best_first = np.sort(values.dropna().clip(lower=0).to_numpy(dtype=float))[::-1]
    if best_first.sum() <= 0:
        raise ValueError("no customer has a value above zero, so there is no concentration to draw.")
    ax = axes_or_new(ax)
    share = np.concatenate([[0.0], best_first.cumsum() / best_first.sum()])
    customers = np.linspace(0, 1, len(share))
    step = max(1, len(share) // 400)
    keep = np.unique(np.append(np.arange(0, len(share), step), len(share) - 1))
    ax.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1, label="all customers equal")
    ax.plot(customers[keep], share[keep], color=BLUE, label="best customers first")
    ax.fill_between(customers[keep], customers[keep], share[keep], color=BLUE, alpha=0.08, linewidth=0)
    ax.xaxis.set_major_formatter(share_formatter())
    ax.yaxis.set_major_formatter(share_formatter())
    ax.legend(loc="lower right")
    ax.set(xlabel="customers (share)", ylabel="value (share)", xlim=(0, 1), ylim=(0, 1.01))
    return ax


def plot_grades(segments: pd.DataFrame, ax: Axes | None = None, amount: str = "amount_364d") -> Axes:
    """Pyramid of grades: share of customers to the left, share of sales to the right, best grade on top.

    Args:
        segments: one row per customer: ``customer_grade`` and the column named by ``amount``.
        ax: drawn on; a new figure if None.
        amount: column with what a customer spent.
    """
    check_columns(segments, ("customer_grade", amount), "segments")
    ax = axes_or_new(ax)
    grades = segments.groupby("customer_grade")[amount].agg(["size", "sum", "mean"]).sort_values("mean")
    sizes = {str(grade): int(size) for grade, size in grades["size"].items()}
    hidden = hidden_cells(sizes)
    customers = pd.Series(drawn_counts(sizes, hidden)) / grades["size"].sum()
    sales = grades["sum"] / grades["sum"].sum() if grades["sum"].sum() else grades["sum"]
    ax.barh(grades.index, -customers, color=SKY, height=0.72, label="share of customers")
    ax.barh(grades.index, sales, color=BLUE, height=0.72, label="share of sales")
    for place, (grade, left, right) in enumerate(zip(sizes, customers, sales, strict=True)):
        text = hidden.get(grade, f"{left:.0%}")
        ax.annotate(text, (-left, place), (-4, 0), textcoords="offset points", ha="right", va="center")
        ax.annotate(f"{right:.0%}", (max(right, 0), place), (4, 0), textcoords="offset points", va="center")
    ax.axvline(0, color=MUTED, linewidth=0.8)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{abs(share):.0%}"))
    ax.margins(x=0.14)
    rows_only(ax)
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.2), ncols=2, borderaxespad=0, handlelength=1.2)
    ax.set(xlabel="share of customers (left), share of sales (right)", ylabel="")
    return ax


def plot_states(segments: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Customers per state of the life cycle; the states that call for action stand out.

    Args:
        segments: one row per customer: ``life_cycle_state``.
        ax: drawn on; a new figure if None.
    """
    check_columns(segments, ("life_cycle_state",), "segments")
    ax = axes_or_new(ax)
    counts = segments["life_cycle_state"].value_counts()
    others = sorted(set(counts.index) - set(STATES))
    counts = counts.reindex([*STATES, *others], fill_value=0)[::-1]
    colours = [ORANGE if state in _CALLING else BLUE for state in counts.index]
    numbers = {str(state): int(count) for state, count in counts.items()}
    hidden = hidden_cells({state: n for state, n in numbers.items() if state != "prospect"}, STATE_SUMS)
    drawn = drawn_counts(numbers, hidden)
    ax.barh(list(drawn), list(drawn.values()), color=colours, height=0.72)
    for place, (state, count) in enumerate(numbers.items()):
        text = hidden.get(state) or f"{people_text(count)} · {count / counts.sum():.0%}"
        ax.annotate(text, (drawn[state], place), (5, 0), textcoords="offset points", va="center")
    ax.margins(x=0.16)
    rows_only(ax)
    ax.xaxis.set_major_formatter(count_formatter())
    ax.set(xlabel="customers (number and share); orange: act now", ylabel="")
    return ax


def plot_segment_map(sheet: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Segments as bubbles: how many customers, what each is worth; the area is the segment's money.

    Args:
        sheet: one row per segment: ``segment``, ``customer_share``, ``amount_per_customer``,
            ``amount_share``.
        ax: drawn on; a new figure if None.
    """
    check_columns(sheet, ("segment", "customer_share", "amount_per_customer", "amount_share"), "sheet")
    ax = axes_or_new(ax)
    sheet = sheet.sort_values("amount_per_customer", ascending=False)
    x, y = sheet["customer_share"], sheet["amount_per_customer"]
    ax.scatter(x, y, s=60 + 2_400 * sheet["amount_share"], color=BLUE, alpha=0.35, linewidth=0)
    ax.scatter(x, y, s=12, color=BLUE)
    top = float(y.max()) * 1.2 or 1.0
    ax.set(xlim=(0, float(x.max()) * 1.15), ylim=(min(0.0, float(y.min())), top))
    levels = _apart([value / top for value in y], 0.9 / max(12, len(sheet)))
    shares = sheet["amount_share"]
    for name, across, up, share, level in zip(sheet["segment"], x, y, shares, levels, strict=True):
        # names stand beside the map, pushed apart, so that near segments stay readable
        ax.annotate(
            f"{name} · {share:.0%} of sales", (across, up), (1.02, level), textcoords="axes fraction",
            va="center", fontsize=8.5,
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "relpos": (0, 0.5)},
        )  # fmt: skip
    ax.xaxis.set_major_formatter(share_formatter())
    ax.yaxis.set_major_formatter(amount_formatter())
    ax.set(xlabel="customers (share)", ylabel="sales per customer (currency)")
    return ax


def _apart(wanted: list[float], step: float) -> list[float]:
    """Falling places as near as possible to the falling ones wanted, at least ``step`` apart, 0 or more."""
    places: list[float] = []
    for place in wanted:
        places.append(min(place, places[-1] - step) if places else place)
    floor = 0.0
    for number in reversed(range(len(places))):
        places[number] = max(places[number], floor)
        floor = places[number] + step
    return places
