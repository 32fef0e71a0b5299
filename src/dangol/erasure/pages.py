"""Where a page shows a customer: numbers count only where the page speaks of customers."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

_WHO = re.compile(r"customer|household|source.?key|record|member|고객|회원|가구", re.IGNORECASE)
_HEAD = re.compile(
    r"customer(?!s)|household(?!s)|source.?key|record(?!s)|member(?!s)|고객(?!\s?수)|회원(?!\s?수)|가구(?!\s?수)",
    re.IGNORECASE,
)
_ID_COLUMN = re.compile(r"\b(?:customer|household)_?ids?\b|\bsource_key\b", re.IGNORECASE)
_SILENT = {"script", "style"}
_BLOCKS = {"p", "li", "div", "section", "h1", "h2", "h3", "h4", "pre", "text", "title", "br", "caption"}


def mentions_in_page(html: str, names: frozenset[str]) -> int:
    """How often a page shows one of some ids that are plain numbers.

    A number counts as the whole of a table's cell, if the column or the row is headed by a word for
    customers or the table has no heads at all, and in sentences that name a customer by it.
    """
    parser = _Page()
    parser.feed(html)
    parser.close()
    n_cells = sum(_in_rows(rows, names) for rows in parser.tables)
    return n_cells + sum(mentions_in_text(block, names) for block in parser.blocks)


def mentions_in_text(text: str, names: frozenset[str]) -> int:
    """How often a plain text names a customer by one of some numbers.

    Where the text holds a column of ids, every number that stands alone counts.
    """
    either = "|".join(sorted(map(re.escape, names)))
    alone = rf"(?<![\w.,])(?:{either})(?!\w|\s?%|[.,]\d)"
    if _ID_COLUMN.search(text):
        return len(re.findall(alone, text))
    after_word = rf"(?:{_WHO.pattern})\w*\W{{1,4}}(?:no\W+|id\W+)?(?:\d+\W{{1,3}}(?:and\W+)?)*?{alone}"
    return len(re.findall(after_word, text, re.IGNORECASE))


def _in_rows(rows: list[list[tuple[str, bool]]], names: frozenset[str]) -> int:
    """Hits in one table, given as rows of cells: text, and whether the cell is a head."""
    n_heads = next((i for i, row in enumerate(rows) if not all(is_head for _, is_head in row)), len(rows))
    heads = [" ".join(text for text, _ in column) for column in _columns(rows[:n_heads])]
    hits = 0
    for row in rows[n_heads:]:
        has_no_heads = not n_heads and not any(is_head for _, is_head in row)
        for place, (text, _) in enumerate(row):
            if text in names:
                own = [heads[place] if place < len(heads) else "", *(cell for cell, _ in row[:place])]
                hits += has_no_heads or any(_HEAD.search(head) for head in own)
    return hits


def _columns(rows: list[list[tuple[str, bool]]]) -> Iterator[list[tuple[str, bool]]]:
    for place in range(max(map(len, rows), default=0)):
        yield [row[place] for row in rows if place < len(row)]


class _Page(HTMLParser):
    """Tables as rows of cells, all else as blocks of text; the code of a notebook names nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[tuple[str, bool]]]] = []
        self.blocks: list[str] = [""]
        self._cell: list[str] | None = None
        self._is_head = False
        self._span = 1
        self._silent = self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row, a cell or a block."""
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            span = dict(attrs).get("colspan") or "1"
            self._cell, self._is_head = [], tag == "th"
            self._span = min(int(span), 100) if span.isdecimal() else 1
        elif tag in _BLOCKS:
            self.blocks.append("")
        self._silent += tag in _SILENT
        if tag == "div" and (self._code or "highlight" in (dict(attrs).get("class") or "").split()):
            self._code += 1

    def handle_endtag(self, tag: str) -> None:
        """End a cell or a block."""
        if tag in ("td", "th") and self._cell is not None:
            cell = (" ".join("".join(self._cell).split()), self._is_head)
            if self.tables and self.tables[-1]:
                self.tables[-1][-1] += [cell] * self._span
            self.blocks.append(cell[0])
            self._cell = None
        elif tag in _BLOCKS:
            self.blocks.append("")
        self._silent -= tag in _SILENT
        self._code -= tag == "div" and self._code > 0

    def handle_data(self, data: str) -> None:
        """Text of the cell or block that is open."""
        if self._silent > 0 or self._code:
            return
        if self._cell is not None:
            self._cell.append(data)
        else:
            self.blocks[-1] += data
