"""A small shop with exports of its own: orders, customers and a spec, each to be varied by a test."""

import io
import zipfile
from xml.sax.saxutils import escape

ORDERS = """order;customer;day;item;units;price
1001;7;2024-01-05;A;2;10.50
1001;7;2024-01-05;B;1;4.00
1002;8;2024-01-09;A;1;10.50
C1002;8;2024-01-12;A;-1;10.50
1003;;2024-02-01;B;3;4.00
1004;9;2024-03-15;A;4;10.00
"""
CUSTOMERS = """customer;region;birth_year
7;north;1980
8;south;1991
10;south;1975
"""


def transactions(**changes: object) -> dict:
    """The mapping of the shop's orders."""
    return {
        "file": "orders.csv",
        "columns": {
            "order_id": "order",
            "customer_id": "customer",
            "order_ts": "day",
            "product_id": "item",
            "quantity": "units",
            "unit_price": "price",
        },
        "amount": "quantity * unit_price",
        **changes,
    }


def customers(**changes: object) -> dict:
    """The mapping of the shop's customers."""
    return {
        "file": "customers.csv",
        "columns": {"customer_id": "customer", "region": "region", "birth_year": "birth_year"},
        **changes,
    }


def spec_of(**tables: object) -> dict:
    """A spec with the given tables; the orders alone if none are given."""
    tables = tables or {"transactions": transactions()}
    return {"dataset": "toy_shop", "origin": "made up", "licence": "none", **tables}


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """A workbook as Excel writes it, as far as readers need it."""
    names = list(sheets)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{i}" r:id="r{i}"/>' for i, name in enumerate(names, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": "<Relationships "
        'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="r{i}" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            f'relationships/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i, _ in enumerate(names, 1)
        )
        + "</Relationships>",
    }
    for i, name in enumerate(names, 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = _sheet(sheets[name])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _sheet(rows: list[list[object]]) -> str:
    lines = []
    for y, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{chr(65 + x)}{y}", value) for x, value in enumerate(row) if value is not None)
        lines.append(f'<row r="{y}">{cells}</row>')
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return f"{head}{''.join(lines)}</sheetData></worksheet>"


def _cell(place: str, value: object) -> str:
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
