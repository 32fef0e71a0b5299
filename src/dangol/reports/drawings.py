"""Recorded figures as HTML: SVG set into the page, or a PNG where the SVG is large."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from markupsafe import Markup

from dangol.workspace import RunFolder

MAX_SVG_BYTES = 150_000
_SVG = "http://www.w3.org/2000/svg"
_TITLE_ID = "title"  # of dangol.plots.style
_UNDER_TITLE = 4.0
_MOVE = re.compile(r"translate\([-\d.]+[ ,]+([-\d.]+)\) *(?:rotate\(.*\))? *scale")
_ID = re.compile(r'(\bid="|href="#|url\(#)')
# The colours of dangol.plots.style become those of the page, so that figures follow light and dark.
# Written out here, because importing the plots would import seaborn.
HOUSE_COLOURS = {
    "#1f2a37": "var(--ink)",
    "#5f6b7a": "var(--muted)",
    "#dfe3e8": "var(--line)",
    "#fefefe": "var(--paper)",
}


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


def drawings(folder: RunFolder, run_id: str | None) -> list[Drawing]:
    """The figures one notebook recorded, by name."""
    found = []
    for path in sorted((folder.records / "figures").glob("*.svg")):
        description = path.with_suffix(".json")
        about = json.loads(description.read_text("utf-8")) if description.is_file() else {}
        title = str(about.get("title", path.stem.replace("_", " ")))
        run = f" · run {run_id}" if run_id else ""
        origin = f"notebook {folder.notebook} · figure {path.stem}{run}"
        found.append(_drawing(path, title, f"f{folder.notebook}-{path.stem}-", origin))
    return found


def _drawing(path: Path, title: str, prefix: str, origin: str) -> Drawing:
    raster = path.with_suffix(".png")
    if path.stat().st_size > MAX_SVG_BYTES and raster.is_file():
        data = base64.b64encode(raster.read_bytes()).decode()
        image = Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, title)
        return Drawing(path.stem, title, image, False, origin)
    svg = path.read_text("utf-8")
    is_adaptive = all(colour in svg for colour in list(HOUSE_COLOURS)[:2])
    colours = HOUSE_COLOURS if is_adaptive else {}
    return Drawing(path.stem, title, inline_svg(svg, title, prefix, colours), is_adaptive, origin)


def inline_svg(svg: str, title: str, prefix: str, colours: Mapping[str, str]) -> Markup:
    """An SVG document as an element of an HTML page.

    A drawn title (a group with the id ``title``) is cut off: the page sets it as text.

    Args:
        svg: the document, as matplotlib writes it.
        title: what a screen reader says.
        prefix: put before every id, so that several figures fit in one page.
        colours: written colour to the one it becomes.
    """
    root = ElementTree.fromstring(svg)
    for noise in ("metadata", "script"):
        for parent in list(root.iter()):
            for child in parent.findall(f"{{{_SVG}}}{noise}"):
                parent.remove(child)
    _cut_title(root)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update({"role": "img", "aria-label": title, "preserveAspectRatio": "xMinYMin meet"})
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    text = _ID.sub(lambda found: found.group(1) + prefix, ElementTree.tostring(root, encoding="unicode"))
    for colour, replacement in colours.items():
        text = text.replace(colour, replacement)
    return Markup(text)


def _cut_title(root: ElementTree.Element) -> None:
    """Remove the drawn title, and the strip it stood in if nothing else reaches as high."""
    parents = {child: parent for parent in root.iter() for child in parent}
    titles = [group for group in parents if group.get("id") == _TITLE_ID]
    heights = [height for group in titles for height in _heights(group)]
    for group in titles:
        # glyphs first used in the title are drawn there, and other texts use them too
        root.extend(group.findall(f".//{{{_SVG}}}defs"))
        parents[group].remove(group)
    box = [float(part) for part in (root.get("viewBox") or "").split()]
    if not heights or len(box) != 4:
        return
    cut = max(heights) + _UNDER_TITLE
    if cut < min(_heights(root), default=0):
        root.set("viewBox", f"{box[0]:g} {box[1] + cut:g} {box[2]:g} {box[3] - cut:g}")


def _heights(group: ElementTree.Element) -> list[float]:
    """How far down the glyphs of a group stand."""
    moves = (_MOVE.match(element.get("transform", "")) for element in group.iter())
    return [float(move.group(1)) for move in moves if move]
