"""Counts of people in tables of analysts' pages: small ones are hidden, with what would give them away."""

import re
from collections.abc import Sequence

from bs4 import Tag

from dangol.reports.facts import PEOPLE
from dangol.small_cells import HIDDEN, hidden_cells

_COUNTS = {"customers", "contacts", "responders", "held_out"}
_MORE_PEOPLE = {"controls", "judged", "planned"}
_SHARES = {"share", "customer_share", "response_rate"}
# a contact has one price: what a hidden number of judged contacts cost, or earned per cost, would tell it
_PRICED = {"n_judged": {"judged_cost", "roi", "break_even_contact_cost"}}
_WHOLE_NUMBER = re.compile(r"\d+(\.0+)?")
_WHOLE = "all"  # what a row is called that sums up the others of its group


def hide_few(table: Tag) -> None:
    """Hide small counts of people in a table, in place, whether its columns are named or its rows.

    The sum of a column is taken to be known, and that of rows with the same first word. Shares of a row with
    a hidden count are hidden as well, because they stand on it; so is what is a price times the count.
    """
    head = table.find("thead")
    first = head.find("tr") if isinstance(head, Tag) else None
    if not isinstance(first, Tag):
        return
    names = [cell.get_text(strip=True) for cell in first.find_all(["th", "td"])]
    body = [row.find_all(["th", "td"]) for row in table.find_all("tr") if row.find_parent("thead") is None]
    rows = [cells for cells in body if len(cells) == len(names)]
    _hide(names, rows)
    turned = list(zip(*(cells[1:] for cells in rows), strict=True))
    _hide([cells[0].get_text(strip=True) for cells in rows], turned)


def _hide(names: list[str], rows: Sequence[Sequence[Tag]]) -> None:
    """Hide in rows whose cells are named in order."""
    for place, counted in enumerate(names):
        if not _counts_people(counted):
            continue
        told = _SHARES | _PRICED.get(counted, set())
        also = [other for other, name in enumerate(names) if name in told]
        counts = {row: count for row, cells in enumerate(rows) if (count := _count(cells[place])) is not None}
        for row, text in hidden_cells(counts, _sums(rows, names, counts)).items():
            rows[row][place].string = text
            for other in also:
                rows[row][other].string = HIDDEN


def _counts_people(name: str) -> bool:
    words = set(name.split("_"))
    return name in _COUNTS or (name.startswith("n_") and bool(words & (PEOPLE | _MORE_PEOPLE)))


def _count(cell: Tag) -> int | None:
    """A count as it is written, with or without separators; None for anything else."""
    text = cell.get_text(strip=True).replace(",", "")
    return int(float(text)) if _WHOLE_NUMBER.fullmatch(text) else None


def _sums(rows: Sequence[Sequence[Tag]], names: list[str], counts: dict[int, int]) -> list[list[int]]:
    """Rows whose sum is known: those with the same first word, with and without the row that sums them up."""
    first = next((place for place, name in enumerate(names) if name), 0)
    groups: dict[str, list[int]] = {}
    for row in counts:
        groups.setdefault(rows[row][first].get_text(strip=True), []).append(row)
    parts = [[row for row in group if not _is_whole(rows[row])] for group in groups.values()]
    return [group for group in (*groups.values(), *parts) if len(group) > 1]


def _is_whole(cells: Sequence[Tag]) -> bool:
    return any(cell.get_text(strip=True) == _WHOLE for cell in cells)
