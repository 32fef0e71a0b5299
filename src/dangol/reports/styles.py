"""Style sheets, set into each page so that it stands alone."""

from functools import cache
from importlib import resources


@cache
def style_sheet(*names: str) -> str:
    """The named sheets of ``templates/`` as one text."""
    folder = resources.files(__package__) / "templates"
    return "\n".join((folder / f"{name}.css").read_text("utf-8") for name in names)
