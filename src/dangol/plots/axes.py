"""What the plot functions share: axes, number formats, frames checked for their columns."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter


def axes_or_new(ax: Axes | None) -> Axes:
    """The axes given, or those of a new figure."""
    return plt.subplots()[1] if ax is None else ax


def check_columns(frame: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    """Stop if a frame lacks columns or rows.

    Raises:
        ValueError: naming every column that is missing, or that there is nothing to draw.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        received = ", ".join(map(str, frame.columns))
        raise ValueError(f"{what} lacks the column(s) {', '.join(missing)}; it has {received}.")
    if frame.empty:
        raise ValueError(f"{what} has no rows, so there is nothing to draw. Choose data that hold some.")


def points(frame: pd.DataFrame, name: str) -> list[tuple[str, float, float, float]]:
    """Rows of a frame as name, estimate, low, high."""
    columns = [frame[column].astype(float) for column in ("estimate", "low", "high")]
    return list(zip(frame[name].astype(str), *columns, strict=True))


def amount_text(amount: float) -> str:
    """An amount of money, short: ``1.2 M``, ``340 k``, ``12``.

    >>> amount_text(1_234_567), amount_text(-340_000), amount_text(0)
    ('1.2 M', '−340 k', '0')
    """
    size = abs(amount)
    for limit, divisor, unit in ((1e9, 1e9, " bn"), (1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if size >= limit:
            text = f"{size / divisor:,.{1 if size < 10 * divisor else 0}f}{unit}"
            break
    else:
        text = f"{size:,.0f}" if size >= 10 else f"{size:g}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text


def amount_formatter() -> FuncFormatter:
    """Ticks as ``amount_text``."""
    return FuncFormatter(lambda value, _: amount_text(value))


def share_formatter() -> PercentFormatter:
    """Ticks of a share in [0, 1] as per cent."""
    return PercentFormatter(xmax=1, decimals=0)


def count_formatter() -> FuncFormatter:
    """Ticks of counts, thousands apart."""
    return FuncFormatter(lambda value, _: f"{value:,.0f}")


def ink_on(colour: Iterable[float]) -> str:
    """What can be read on a coloured cell; the same in light and dark, as the cell is."""
    red, green, blue, _alpha = colour
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "#202020"


def rows_only(ax: Axes) -> None:
    """Rows of bars or points: lines only along the scale, no frame beside the names."""
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
