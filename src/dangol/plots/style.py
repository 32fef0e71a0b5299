"""The house style of figures: applied inside a block, never to the whole process."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import matplotlib.pyplot as plt
import seaborn as sns
from IPython.core.getipython import get_ipython
from matplotlib import font_manager, interactive, rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib_inline.config import InlineBackend

from dangol.currency import UNKNOWN_CURRENCY, Currency
from dangol.fonts import FAMILY, WEIGHTS, font_file

# The reports turn these four into the colours of the page, light or dark.
INK = "#1f2a37"
MUTED = "#5f6b7a"
GRID = "#dfe3e8"
PAPER = "#fefefe"

# Okabe & Ito (2008), in an order that also differs in lightness; safe for colour-blind readers
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442",
)  # fmt: skip
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW)
SEQUENCE = "mako_r"

# Reports set a figure's title as text above it and leave the drawn one out.
TITLE_ID = "title"


@contextmanager
def house_style(currency: Currency = UNKNOWN_CURRENCY) -> Iterator[None]:
    """Draw everything inside the block in the house style, with axes of amounts in ``currency``.

    Figures made inside are laid out before the block ends, because matplotlib makes ticks late
    and would give them the style in force then. Settings outside the block stay as they were, but
    for one: a notebook shows its figures at twice the pixels, so that they are crisp on every screen.
    """
    _show_crisply()
    with rc_context():
        sns.set_theme(context="notebook", style="white", palette=list(PALETTE), font=_fonts(), rc=_settings())
        before = set(plt.get_fignums())
        yield
        for number in sorted(set(plt.get_fignums()) - before):
            _settle(plt.figure(number), currency)
        is_interactive = plt.isinteractive()
    # a notebook's backend is loaded with the first figure and switches this on; without it the
    # notebook would show that figure and no later one
    interactive(is_interactive)


def _show_crisply() -> None:
    shell = get_ipython()
    if shell is not None:
        InlineBackend.instance(parent=shell).figure_formats = {"retina"}


def _settle(figure: Figure, currency: Currency) -> None:
    """Name the currency, make ticks now, name titles, and break those that are wider than their figure."""
    for ax in figure.axes:
        ax.set(xlabel=currency.named(ax.get_xlabel()), ylabel=currency.named(ax.get_ylabel()))
    figure.draw_without_rendering()
    for ax in figure.axes:
        title = ax.get_title(loc="left")
        for artist in ax.findobj(Text):
            if title and isinstance(artist, Text) and artist.get_text() == title:
                artist.set_gid(TITLE_ID)
                _break(artist, figure.bbox.x1)


def _break(artist: Text, right: float) -> None:
    box = artist.get_window_extent()
    room, text = right - box.x0, artist.get_text()
    if box.width > room > 0 and "\n" not in text:
        # letters differ in width, so that a line of as many letters may be somewhat wider
        artist.set_text(textwrap.fill(text, max(24, int(0.95 * len(text) * room / box.width))))


@cache
def _fonts() -> list[str]:
    """Latin letters first; Hangul comes from the font that is bundled, on every machine alike."""
    for weight in WEIGHTS:
        font_manager.fontManager.addfont(font_file(weight))
    return ["DejaVu Sans", FAMILY]


def _settings() -> dict[str, object]:
    return {
        "figure.figsize": (7.2, 4.0),
        "figure.dpi": 110,
        "savefig.dpi": 160,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "figure.constrained_layout.use": True,
        "patch.edgecolor": PAPER,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": MUTED,
        "axes.linewidth": 0.8,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.titlelocation": "left",
        "axes.titlesize": 12,
        "axes.titlepad": 12,
        "axes.titlecolor": INK,
        "axes.labelcolor": MUTED,
        "axes.labelsize": 9.5,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "text.color": INK,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "lines.linewidth": 2.0,
        "text.parse_math": False,  # a dollar sign is one
        "svg.fonttype": "none",  # letters stay letters: reports translate them and screens read them
        "svg.hashsalt": "dangol",
    }
