"""One self-contained HTML page per executed notebook, for analysts: code folded, nothing loaded."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import PackageLoader
from markupsafe import Markup

from dangol.files import replacing
from dangol.jupyter import without_grammar_of_addresses
from dangol.reports.cleaning import clean_notebook
from dangol.reports.parameters import parameters_of
from dangol.reports.styles import style_sheet, with_fonts

_HEADING = re.compile(r"<h([1-4])>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_CONTENTS = "<!--contents-->"
_NOTICE_TAG = "papermill-error-cell-tag"
_PARAMETER_TAGS = {"parameters", "injected-parameters"}


_SHOWN = ["image/svg+xml", "image/png", "image/jpeg", "text/html", "text/markdown", "text/plain"]


@dataclass(frozen=True)
class Heading:
    """An entry of the table of contents."""

    level: int
    anchor: str
    text: str


def write_page(
    executed: Path, target: Path, *, neighbours: tuple[str | None, str | None], run_url: str | None
) -> None:
    """Write the page of one executed notebook.

    Args:
        executed: the notebook with its outputs; one that stopped with an error is shown as far as it came.
        target: the HTML file, replaced whole or not at all.
        neighbours: file names of the previous and the next notebook's page; None at the ends.
        run_url: address of the tracked run; None if there is none.
    """
    content = json.loads(executed.read_text(encoding="utf-8"))
    content["cells"] = [cell for cell in content["cells"] if not _is_notice(cell)]
    clean_notebook(content)
    title = _take_title(content["cells"]) or executed.stem
    _describe_images(content["cells"], title)
    parameters = parameters_of(content["cells"])
    content["cells"] = [cell for cell in content["cells"] if not _PARAMETER_TAGS & set(_tags(cell))]
    page = {
        "title": title,
        "stem": target.stem,
        "parameters": parameters,
        "about": {item.name: item.value.strip("'\"") for item in parameters},
        "previous": _link(neighbours[0]),
        "next": _link(neighbours[1]),
        "run_url": run_url,
        "css": Markup(style_sheet("house", "page")),
        "is_broken": any(_is_error(cell) for cell in content["cells"]),
    }
    html = _converted(content, page)
    with replacing(target) as temporary:
        temporary.write_text(with_fonts(_with_contents(html)), encoding="utf-8")


def _tags(cell: dict[str, Any]) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _is_notice(cell: dict[str, Any]) -> bool:
    """Whether papermill put the cell in to say that another one failed; the page says so itself."""
    return _NOTICE_TAG in _tags(cell)


def _is_error(cell: dict[str, Any]) -> bool:
    return any(output["output_type"] == "error" for output in cell.get("outputs", ()))


def _take_title(cells: list[dict[str, Any]]) -> str | None:
    """Cut the first heading out of the notebook; the page shows it at its head."""
    for cell in cells:
        lines = cell["source"].splitlines()
        if cell["cell_type"] == "markdown" and lines and lines[0].startswith("# "):
            cell["source"] = "\n".join(lines[1:])
            return lines[0].removeprefix("# ").replace("`", "").replace("*", "").strip()
    return None


def _describe_images(cells: list[dict[str, Any]], title: str) -> None:
    """Give every image the heading above it as its text alternative."""
    heading = title
    for cell in cells:
        if cell["cell_type"] == "markdown":
            headings = re.findall(r"^#+ (.+)$", cell["source"], re.MULTILINE)
            heading = headings[-1] if headings else heading
        for output in cell.get("outputs", ()):
            for kind in ("image/png", "image/jpeg"):
                if kind in output.get("data", {}):
                    output.setdefault("metadata", {}).setdefault(kind, {}).setdefault("alt", heading)


def _link(file: str | None) -> dict[str, str] | None:
    return None if file is None else {"href": file, "text": Path(file).stem.replace("_", " ")}


def _with_contents(html: str) -> str:
    """Number the headings' anchors, so that two alike do not clash, and list them where the template asks."""
    headings: list[Heading] = []

    def numbered(found: re.Match[str]) -> str:
        level, inner = int(found.group(1)), found.group(2)
        headings.append(Heading(level, f"s{len(headings) + 1}", _TAG.sub("", inner)))
        return f'<h{level} id="{headings[-1].anchor}">{inner}</h{level}>'

    body = _HEADING.sub(numbered, html)
    items = [
        f'<li class="level{heading.level}"><a href="#{heading.anchor}">{heading.text}</a></li>'
        for heading in headings
        if heading.level in (2, 3)
    ]
    return body.replace(_CONTENTS, f"<ul>{''.join(items)}</ul>" if items else "", 1)


def _converted(content: dict[str, Any], page: dict[str, Any]) -> str:
    exporter = _exporter()
    import nbformat

    html, _ = exporter.from_notebook_node(nbformat.from_dict(content), resources={"page": page})
    return str(html)


@cache
def _exporter() -> Any:
    """The exporter of nbconvert with the page's own template on the lightest base."""
    with without_grammar_of_addresses():
        from nbconvert.exporters.html import HTMLExporter
    from traitlets.config import Config

    return HTMLExporter(
        config=Config(NbConvertBase={"display_data_priority": _SHOWN}),
        template_name="base",
        template_file="notebook.html.j2",
        extra_template_basedirs=[],
        extra_loaders=[PackageLoader("dangol.reports")],
        exclude_anchor_links=True,
    )
