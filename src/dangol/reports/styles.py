"""Style sheets and fonts, set into each page so that it stands alone."""

from functools import cache
from importlib import resources

from dangol.fonts import font_face, is_hangul

_FONTS = "/* fonts */"


@cache
def style_sheet(*names: str) -> str:
    """The named sheets of ``templates/`` as one text."""
    folder = resources.files(__package__) / "templates"
    return "\n".join((folder / f"{name}.css").read_text("utf-8") for name in names)


def with_fonts(html: str, all_of: str = "") -> str:
    """A page with the bundled Hangul font set in, cut down to what the page needs.

    Args:
        html: a page with the sheet ``house``, which says where fonts go.
        all_of: text that is set in the bundled font as a whole, Latin letters and all; elsewhere
            only Hangul is, wherever the reader's machine has no font of its own for it.
    """
    wanted = set(all_of) | set(html) if all_of else set(filter(is_hangul, html))
    return html.replace(_FONTS, font_face("".join(sorted(wanted))), 1)
