"""Figures about models: which is better, is it calibrated, did it learn."""

import pandas as pd
from matplotlib.axes import Axes

from dangol.plots.axes import amount_formatter, axes_or_new, check_columns, points, rows_only, share_formatter
from dangol.plots.style import BLUE, MUTED, ORANGE, PAPER

# a figure's number stands on the ground, not on the line of the baseline
_GROUND = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}
_BASELINES = ("naive", "rule", "baseline", "popular", "mean", "constant", "base_rate", "random")


def plot_leaderboard(
    leaderboard: pd.DataFrame, ax: Axes | None = None, metric: str | None = None, baseline: str | None = None
) -> Axes:
    """Models in order of one metric, each with its interval; the baseline's estimate runs down as a line.

    Args:
        leaderboard: ``model``, ``metric``, ``estimate``, ``low``, ``high``.
        ax: drawn on; a new figure if None.
        metric: which one, if the frame holds several. Names ending in ``_loss`` or ``_error`` are
            better when lower, all others when higher.
        baseline: the plain model the others are held against; if None, the one whose name says so
            (such as ``naive``).

    Raises:
        ValueError: if columns are missing or the metric is not to be told.
    """
    check_columns(leaderboard, ("model", "metric", "estimate", "low", "high"), "leaderboard")
    rows = _of_metric(leaderboard, metric)
    name = str(rows["metric"].iloc[0])
    is_loss = name.endswith(("_loss", "_error"))
    rows = rows.sort_values("estimate", ascending=not is_loss, ignore_index=True)
    baseline = _baseline(rows, baseline)
    ax = axes_or_new(ax)
    if baseline is not None:
        level = float(rows.loc[rows["model"] == baseline, "estimate"].iloc[0])
        ax.axvline(level, color=MUTED, linestyle="--", linewidth=1, zorder=1)
    for place, (model, estimate, low, high) in enumerate(points(rows, "model")):
        colour = MUTED if model == baseline else BLUE
        ax.plot([low, high], [place, place], color=colour, linewidth=2.2, solid_capstyle="round")
        ax.plot([estimate], [place], "o", color=colour, markersize=7)
        digits = 2 if name.endswith("amount") else 3 if abs(estimate) < 10 else 1
        text = f"{estimate:,.{digits}f}"
        ax.annotate(
            text, (estimate, place), (0, 7), textcoords="offset points", ha="center", fontsize=9, bbox=_GROUND
        )
    labels = [f"{model} (baseline)" if model == baseline else model for model in rows["model"]]
    ax.set_yticks(range(len(rows)), labels)
    ax.set_ylim(-0.6, len(rows) - 0.3)
    rows_only(ax)
    spoken = name.upper() if name == "auc" else name.replace("_", " ")
    ax.set(xlabel=f"{spoken} ({'lower' if is_loss else 'higher'} is better), with 95% interval")
    return ax


def _of_metric(leaderboard: pd.DataFrame, metric: str | None) -> pd.DataFrame:
    names = list(leaderboard["metric"].unique())
    if metric is None and len(names) > 1:
        raise ValueError(
            f"leaderboard holds {len(names)} metrics; choose one with metric=: {', '.join(names)}."
        )
    rows = leaderboard[leaderboard["metric"] == (metric or names[0])]
    if rows.empty:
        raise ValueError(f"leaderboard has no metric {metric!r}; expected one of {', '.join(names)}.")
    return rows


def _baseline(rows: pd.DataFrame, chosen: str | None) -> str | None:
    models = [str(model) for model in rows["model"]]
    if chosen is not None and chosen not in models:
        raise ValueError(f"leaderboard has no model {chosen!r}; expected one of {', '.join(models)}.")
    plain = [model for model in models if any(word in model.lower() for word in _BASELINES)]
    return chosen or next(iter(plain), None)


def plot_calibration(deciles: pd.DataFrame, ax: Axes | None = None, is_amount: bool = False) -> Axes:
    """Mean actual against mean predicted value per decile; on the line, forecasts can be taken at their word.

    Args:
        deciles: ``decile``, ``predicted``, ``actual``, ``low``, ``high`` (interval of ``actual``).
        ax: drawn on; a new figure if None.
        is_amount: whether values are money spent per customer, else probabilities.
    """
    check_columns(deciles, ("decile", "predicted", "actual", "low", "high"), "deciles")
    ax = axes_or_new(ax)
    rows = deciles.sort_values("predicted")
    ends = [
        rows[["predicted", "actual", "low"]].min().min(),
        rows[["predicted", "actual", "high"]].max().max(),
    ]
    ax.plot(ends, ends, color=MUTED, linestyle="--", linewidth=1, label="forecast = outcome")
    ax.vlines(rows["predicted"], rows["low"], rows["high"], color=BLUE, linewidth=1.6, alpha=0.55)
    ax.plot(
        rows["predicted"],
        rows["actual"],
        "o",
        color=BLUE,
        markersize=6,
        label="tenth of customers, 95% interval",
    )
    ax.grid(visible=True, axis="both")
    ax.legend(loc="upper left")
    ax.xaxis.set_major_formatter(share_formatter())
    ax.yaxis.set_major_formatter(share_formatter())
    ax.set(xlabel="mean predicted", ylabel="mean actual")
    if is_amount:
        ax.xaxis.set_major_formatter(amount_formatter())
        ax.yaxis.set_major_formatter(amount_formatter())
        ax.set(
            xlabel="mean forecast spend per customer (currency)",
            ylabel="mean actual spend per customer (currency)",
        )
    return ax


def plot_history(history: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Loss per epoch of training; the best epoch on held-out rows is marked.

    Args:
        history: ``epoch``, ``train_loss``, ``val_loss``.
        ax: drawn on; a new figure if None.
    """
    check_columns(history, ("epoch", "train_loss", "val_loss"), "history")
    ax = axes_or_new(ax)
    ax.plot(history["epoch"], history["train_loss"], color=ORANGE, label="training rows")
    ax.plot(history["epoch"], history["val_loss"], color=BLUE, label="held-out rows")
    best = int(history["val_loss"].to_numpy().argmin())
    epoch, loss = float(history["epoch"].iloc[best]), float(history["val_loss"].iloc[best])
    ax.axvline(epoch, color=MUTED, linestyle="--", linewidth=1)
    ax.plot([epoch], [loss], "o", color=BLUE, markersize=8, label=f"best epoch: {epoch:.0f}")
    ax.legend(loc="best")
    ax.set(xlabel="epoch", ylabel="loss (lower is better)")
    return ax
