"""What must not reach a page: paths of the machine, scripts, requests to elsewhere, customers' numbers."""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from dangol.reports.counts import hide_few
from dangol.workspace import home, project_root

HIDDEN = "•••"
_ACTIVE = ("script", "link", "iframe", "object", "embed", "meta", "base", "form")
_NUMBER = re.compile(r"[-+−<~≈$€₩£]*\s*[\d.,\s]*\d\s*(?:%|[eE][-+]?\d+)?|nan|NaN|None|<NA>|•••|[-–—]")
_LOADING = ("src", "srcset", "poster", "background")
_ROOTS = "home|root|Users|work|tmp|opt|usr|var|mnt|srv|private|media|data|workspace|builds|github|runner"
_UNIX_PATH = re.compile(rf"(?<![\w./:~-])/(?:{_ROOTS})/(?:[\w.@+~-]+/)*([\w.@+~-]+)")
_WINDOWS_PATH = re.compile(r"\b[A-Za-z]:\\(?:[^\\/:*?\"<>|\s]+\\)*([^\\/:*?\"<>|\s]+)")
_PERSONAL = {
    "customer_id",
    "household_id",
    "person_id",
    "source_key",
    "birth_date",
    "phone",
    "email",
    "address",
}


def without_paths(text: str) -> str:
    """``text`` with the machine's folders cut off; what lies below the project keeps its place.

    >>> without_paths("see /home/kim/secret/plan.csv")
    'see …/plan.csv'
    """
    for folder in (project_root(), home()):
        text = text.replace(f"{folder}/", "").replace(str(folder), ".")
    for folder in (Path(sys.prefix), Path(tempfile.gettempdir()), Path.home()):
        if len(folder.parts) > 1:
            text = text.replace(f"{folder}/", "…/")
    return _WINDOWS_PATH.sub(r"…/\1", _UNIX_PATH.sub(r"…/\1", text))


def clean_notebook(content: dict[str, Any]) -> None:
    """Make a parsed notebook fit to be shown, in place: sources, outputs and their texts."""
    for cell in content["cells"]:
        cell["source"] = without_paths(_joined(cell["source"]))
        for output in cell.get("outputs", ()):
            _clean_output(output)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _clean_output(output: dict[str, Any]) -> None:
    if "text" in output:
        output["text"] = without_paths(_joined(output["text"]))
    if "traceback" in output:
        output["traceback"] = [without_paths(line) for line in output["traceback"]]
    data = output.get("data", {})
    cleaners: dict[str, Callable[[str], str]] = {
        "text/html": clean_html,
        "text/plain": str,
        "text/markdown": clean_html,
        "image/svg+xml": _without_scripts,
    }
    for kind, clean in cleaners.items():
        if kind in data:
            data[kind] = without_paths(clean(_joined(data[kind])))


def clean_html(html: str) -> str:
    """HTML of an output without anything that acts, loads from elsewhere or names a customer."""
    soup = BeautifulSoup(html, "html.parser")
    for element in soup.find_all([*_ACTIVE, "style"]):
        if element.name != "style" or element.has_attr("scoped") or "@import" in element.text:
            element.decompose()
    for element in soup.find_all(True):
        if not element.decomposed:
            _disarm(element)
    for table in soup.find_all("table"):
        _hide_people(table)
        hide_few(table)
        _mark_words(table)
    return str(soup)


def _disarm(element: Tag) -> None:
    for name, value in list(element.attrs.items()):
        if name in _LOADING and not str(value).startswith("data:"):
            element.decompose()
            return
        if name.startswith("on") or str(value).strip().lower().startswith("javascript:"):
            del element.attrs[name]


def _hide_people(table: Tag) -> None:
    """Blank the columns of a table that identify people."""
    head = table.find("thead")
    if not isinstance(head, Tag):
        return
    rows = head.find_all("tr")
    names = [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in rows]
    places = {place for row in names for place, name in enumerate(row) if name in _PERSONAL}
    for row in table.find_all("tr"):
        if row.find_parent("thead") is None:
            cells = row.find_all(["th", "td"])
            for place in places:
                if place < len(cells):
                    cells[place].string = HIDDEN


def _mark_words(table: Tag) -> None:
    """Name the columns that hold words, so that they can be set to the left and numbers to the right."""
    places = set()
    for cell in table.find_all("td"):
        text = cell.get_text(strip=True)
        if text and not _NUMBER.fullmatch(text):
            places.add(len(cell.find_previous_siblings(["th", "td"])))
    for row in table.find_all("tr"):
        for place, cell in enumerate(row.find_all(["th", "td"], recursive=False)):
            if place in places:
                cell["class"] = " ".join([*filter(None, cell.get_attribute_list("class")), "words"])


def _without_scripts(svg: str) -> str:
    return re.sub(r"<script.*?</script\s*>", "", svg, flags=re.DOTALL | re.IGNORECASE)
