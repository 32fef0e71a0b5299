"""The books of an integration: what came in, what was wrong, whether rows and money reconcile."""

from collections.abc import Mapping

import pandas as pd

from dangol import tables
from dangol.warehouse.intake import Warehouse
from dangol.warehouse.rules import orphans

_FOREIGN_KEYS = (
    ("transactions", "customer_id", "customers"),
    ("transactions", "product_id", "products"),
    ("transactions", "store_id", "stores"),
    ("contacts", "customer_id", "customers"),
    ("contacts", "campaign_id", "campaigns"),
    ("responses", "customer_id", "customers"),
    ("responses", "campaign_id", "campaigns"),
    ("campaign_products", "campaign_id", "campaigns"),
    ("campaign_products", "product_id", "products"),
)


def is_reconciled(reconciliation: pd.DataFrame) -> bool:
    """Whether every row and, to the cent, every amount that came in is kept or quarantined."""
    gaps = _gaps(reconciliation)
    return bool((gaps["n_rows"] == 0).all() and (gaps["amount"].abs() < 0.005).all())


def foreign_keys(warehouse_tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per relation: rows of the child whose key is not in the parent."""
    rows = [
        {
            "table": child,
            "key": key,
            "points_to": parent,
            "n_orphans": int(orphans(warehouse_tables[child][key], warehouse_tables[parent][key]).sum()),
        }
        for child, key, parent in _FOREIGN_KEYS
        if child in warehouse_tables and parent in warehouse_tables
    ]
    return pd.DataFrame(rows)


def overview(warehouse_tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per canonical table: rows, columns, grain."""
    grain = {table.name: table.grain for table in tables.ALL}
    rows = [
        {"table": name, "n_rows": len(frame), "n_columns": frame.shape[1], "one row is": grain[name]}
        for name, frame in warehouse_tables.items()
    ]
    return pd.DataFrame(rows)


def faults_sentence(warehouse: Warehouse) -> str:
    """What was found and what became of it, in one sentence."""
    found = warehouse.faults[warehouse.faults["n_rows"] > 0]
    if found.empty:
        return "No dirt was found."
    worst = found.nlargest(1, "n_rows").iloc[0]
    return (
        f"{len(found)} kinds of dirt touch {found['n_rows'].sum():,} rows; the most frequent is "
        f"*{worst['fault']}* ({worst['n_rows']:,} rows, {worst['treatment']}). "
        f"{len(warehouse.quarantine):,} rows are quarantined."
    )


def reconciliation_sentence(reconciliation: pd.DataFrame) -> str:
    """Whether the books close, and if not by how much."""
    if is_reconciled(reconciliation):
        return (
            f"**The books close:** {reconciliation['n_rows_in'].sum():,} rows and "
            f"{reconciliation['amount_in'].sum():,.2f} in money came in; "
            "every row and every cent is kept or quarantined."
        )
    gaps = _gaps(reconciliation)
    return (
        f"**The books do not close:** {gaps['n_rows'].abs().sum():,} rows and "
        f"{gaps['amount'].abs().sum():,.2f} in money are unaccounted for."
    )


def metrics(warehouse: Warehouse) -> dict[str, float | int | str | bool]:
    """The figures notebook 01 records."""
    lines = warehouse.tables["transactions"]
    found = warehouse.faults[warehouse.faults["n_rows"] > 0]
    return {
        "n_customers": len(warehouse.tables["customers"]),
        "n_orders": int(lines["order_id"].nunique()),
        "n_lines": len(lines),
        "n_products": len(warehouse.tables["products"]),
        "n_stores": len(warehouse.tables["stores"]),
        "amount": round(float(lines["amount"].sum()), 2),
        "first_order_date": f"{lines['order_ts'].min():%Y-%m-%d}",
        "last_order_date": f"{lines['order_ts'].max():%Y-%m-%d}",
        "n_rows_quarantined": len(warehouse.quarantine),
        "n_faults": len(found),
        "n_fault_rows": int(found["n_rows"].sum()),
        "is_reconciled": is_reconciled(warehouse.reconciliation),
    }


def _gaps(books: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n_rows": books["n_rows_in"] - books["n_rows_out"] - books["n_rows_quarantined"],
            "amount": books["amount_in"] - books["amount_out"] - books["amount_quarantined"],
        }
    )
