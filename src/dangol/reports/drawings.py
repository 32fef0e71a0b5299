"""Recorded figures as HTML: SVG set into the page, its texts in the language of the page."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from markupsafe import Markup

from dangol.reports.formats import tidy_name
from dangol.workspace import RunFolder

Translate = Callable[[str], str]
_SVG = "http://www.w3.org/2000/svg"
_TITLE_ID = "title"  # of dangol.plots.style
_UNDER_TITLE = 4.0
_SHORTEST_NAME = 6
_MOVE = re.compile(r"translate\([-\d.]+[ ,]+([-\d.]+)\)")
_FAMILY = re.compile(r"font-family:[^;]*;? *")
_ID = re.compile(r'(\bid="|href="#|url\(#)')
# The colours of dangol.plots.style become those of the page, so that figures follow light and dark.
# Written out here, because importing the plots would import seaborn.
HOUSE_COLOURS = {
    "#000000": "var(--ink)",
    "#1f2a37": "var(--ink)",
    "#5f6b7a": "var(--muted)",
    "#dfe3e8": "var(--line)",
    "#fefefe": "var(--paper)",
}
_MARKS = ("#1f2a37", "#5f6b7a")  # a figure that uses these is drawn in the house style


@dataclass(frozen=True)
class Drawing:
    """One recorded figure, ready for the page.

    Attributes:
        name: as recorded.
        title: the finding it shows, one sentence.
        html: the figure itself.
        is_adaptive: whether it follows the page's colours; others get a light ground.
        origin: where it comes from, for a tooltip.
    """

    name: str
    title: str
    html: Markup
    is_adaptive: bool
    origin: str


def drawings(folder: RunFolder, run_id: str | None, say: Translate) -> list[Drawing]:
    """The figures one notebook recorded, by name.

    Args:
        folder: of the notebook.
        run_id: of its MLflow run, if it has one.
        say: translates a recorded text into the language of the page.
    """
    found = []
    for path in sorted((folder.records / "figures").glob("*.svg")):
        description = path.with_suffix(".json")
        about = json.loads(description.read_text("utf-8")) if description.is_file() else {}
        title = say(str(about.get("title", path.stem.replace("_", " "))))
        run = f" · run {run_id}" if run_id else ""
        origin = say(f"notebook {folder.notebook} · figure {path.stem}{run}")
        svg = path.read_text("utf-8")
        is_adaptive = all(colour in svg for colour in _MARKS)
        colours = HOUSE_COLOURS if is_adaptive else {}
        html = inline_svg(svg, title, f"f{folder.notebook}-{path.stem}-", colours, say)
        found.append(Drawing(path.stem, title, html, is_adaptive, origin))
    return found


def inline_svg(svg: str, title: str, prefix: str, colours: Mapping[str, str], say: Translate = str) -> Markup:
    """An SVG document as an element of an HTML page, whose fonts its texts take.

    A drawn title (a group with the id ``title``) is cut off: the page sets it as text.

    Args:
        svg: the document, as matplotlib writes it.
        title: what a screen reader says.
        prefix: put before every id, so that several figures fit in one page.
        colours: written colour to the one it becomes.
        say: translates a text of the figure.
    """
    root = ElementTree.fromstring(svg)
    for noise in ("metadata", "script"):
        for parent in list(root.iter()):
            for child in parent.findall(f"{{{_SVG}}}{noise}"):
                parent.remove(child)
    _cut_title(root)
    for text in root.iter(f"{{{_SVG}}}text"):
        text.text = " → ".join(say(_tidied(part)) for part in (text.text or "").split(" → "))
        text.set("style", _FAMILY.sub("", text.get("style", "")))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update({"role": "img", "aria-label": title, "preserveAspectRatio": "xMinYMin meet"})
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    html = _ID.sub(lambda found: found.group(1) + prefix, ElementTree.tostring(root, encoding="unicode"))
    for colour, replacement in colours.items():
        html = html.replace(colour, replacement)
    return Markup(html)


def _tidied(text: str) -> str:
    """A name from the data that shouts, in sentence case; shorter ones may be abbreviations."""
    return tidy_name(text) if len(text) >= _SHORTEST_NAME else text


def _cut_title(root: ElementTree.Element) -> None:
    """Remove the drawn title, and the strip it stood in if nothing else reaches as high."""
    parents = {child: parent for parent in root.iter() for child in parent}
    titles = [group for group in parents if group.get("id") == _TITLE_ID]
    heights = [height for group in titles for height in _heights(group)]
    for group in titles:
        parents[group].remove(group)
    box = [float(part) for part in (root.get("viewBox") or "").split()]
    if not heights or len(box) != 4:
        return
    cut = max(heights) + _UNDER_TITLE
    if cut < min(_heights(root), default=0):
        root.set("viewBox", f"{box[0]:g} {box[1] + cut:g} {box[2]:g} {box[3] - cut:g}")


def _heights(group: ElementTree.Element) -> list[float]:
    """How far down the texts of a group stand."""
    texts = list(group.iter(f"{{{_SVG}}}text"))
    moves = (_MOVE.match(text.get("transform", "")) for text in texts if text.get("y") is None)
    return [float(text.get("y", 0)) for text in texts if text.get("y") is not None] + [
        float(move.group(1)) for move in moves if move
    ]
