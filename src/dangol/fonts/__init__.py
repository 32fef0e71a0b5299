"""The open Hangul font that comes along: for figures, and cut down to a page's characters for HTML."""

import base64
import io
from functools import cache
from pathlib import Path

FAMILY = "Noto Sans CJK KR"  # as matplotlib knows it
WEB_FAMILY = "Dangol Hangul"  # as style sheets name what is embedded
WEIGHTS = {"Regular": "100 500", "Bold": "501 900"}


def font_file(weight: str = "Regular") -> Path:
    """The font of one weight, ``Regular`` or ``Bold``: all modern syllables, letters, Latin, signs."""
    return Path(__file__).parent / f"NotoSansKR-{weight}.otf"


@cache
def characters() -> frozenset[str]:
    """Every character the font can draw."""
    from fontTools.ttLib import TTFont

    with TTFont(font_file()) as font:
        return frozenset(map(chr, font.getBestCmap()))


def is_hangul(character: str) -> bool:
    """Whether a character is a Hangul syllable or letter.

    >>> is_hangul("단"), is_hangul("ㄱ"), is_hangul("x")
    (True, True, False)
    """
    return "\uac00" <= character <= "\ud7a3" or "\u3131" <= character <= "\u318e"


@cache
def font_face(text: str) -> str:
    """CSS that embeds the font, cut down to some characters, in both weights.

    Args:
        text: the characters; those the font lacks are left to the fonts of the reader's machine.

    Returns:
        ``@font-face`` rules for ``WEB_FAMILY``; empty if the font has none of the characters.
    """
    wanted = "".join(sorted(set(text) & characters()))
    if not wanted:
        return ""
    rule = (
        '@font-face {{ font-family: "{family}"; font-weight: {weights}; '
        'src: url(data:font/woff;base64,{data}) format("woff"); }}'
    )
    return "\n".join(
        rule.format(family=WEB_FAMILY, weights=weights, data=_cut_down(weight, wanted))
        for weight, weights in WEIGHTS.items()
    )


def _cut_down(weight: str, wanted: str) -> str:
    """The font with the wanted characters alone, as base64 of a WOFF."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=wanted)
    with (
        TTFont(font_file(weight), lazy=True, recalcBBoxes=False, recalcTimestamp=False) as font,
        io.BytesIO() as cut,
    ):
        cutter.subset(font)
        font.flavor = "woff"
        font.save(cut, reorderTables=False)
        return base64.b64encode(cut.getvalue()).decode()
