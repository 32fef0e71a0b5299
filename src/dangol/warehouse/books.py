"""The books of an integration: what came in, what was wrong, whether rows and money reconcile."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dangol import tables
from dangol.warehouse.cross_rules import orphans
from dangol.warehouse.intake import ABSENT_RULE, NO_CONTACT_COST, Warehouse
from dangol.warehouse.rules import UNKNOWN

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
    ("events", "customer_id", "customers"),
    ("promotions", "product_id", "products"),
    ("promotions", "store_id", "stores"),
)


def is_reconciled(reconciliation: pd.DataFrame) -> bool:
    """Whether every row and, to the cent, every amount that came in is kept or quarantined."""
    gaps = _gaps(reconciliation)
    return bool((gaps["n_rows"] == 0).all() and (gaps["amount"].abs() < 0.005).all())


def foreign_keys(warehouse_tables: Mapping[str, Any]) -> pd.DataFrame:
    """One row per relation: rows of the child whose key is not in the parent."""
    rows = [
        {
            "table": child,
            "key": key,
            "points_to": parent,
            "n_orphans": _n_orphans(warehouse_tables[child], key, warehouse_tables[parent]),
        }
        for child, key, parent in _FOREIGN_KEYS
        if child in warehouse_tables and parent in warehouse_tables
    ]
    return pd.DataFrame(rows, columns=["table", "key", "points_to", "n_orphans"])


def _n_orphans(child: Any, key: str, parent: pd.DataFrame) -> int:
    if isinstance(child, pd.DataFrame):
        return int(orphans(child[key], parent[key]).sum())
    n_rows = child.group_by(key).agg(n_rows=child.count()).execute()
    return int(n_rows.loc[orphans(n_rows[key], parent[key]), "n_rows"].sum())


def overview(warehouse_tables: Mapping[str, Any]) -> pd.DataFrame:
    """One row per table: rows, columns, grain."""
    grain = {table.name: table.grain for table in tables.ALL}
    rows = [
        {"table": name, "n_rows": _n_rows(table), "n_columns": len(table.columns), "one row is": grain[name]}
        for name, table in warehouse_tables.items()
    ]
    return pd.DataFrame(rows)


def _n_rows(table: Any) -> int:
    return len(table) if isinstance(table, pd.DataFrame) else int(table.count().execute())


def faults_found(warehouse: Warehouse) -> pd.DataFrame:
    """The kinds of dirt that were looked for and found; most rows first."""
    checks = _checks(warehouse)
    found = checks[checks["n_rows"] > 0]
    return found.sort_values("n_rows", ascending=False, kind="stable", ignore_index=True)


def _checks(warehouse: Warehouse) -> pd.DataFrame:
    """What was looked for: all but what the source does not tell."""
    return warehouse.faults[warehouse.faults["rule"] != ABSENT_RULE]


def not_told(warehouse: Warehouse) -> pd.DataFrame:
    """What the source does not tell, and what stands in for it: one row per table and thing."""
    absent = warehouse.faults["rule"].eq(ABSENT_RULE) & warehouse.faults["n_rows"].gt(0)
    names = {"fault": "not told", "treatment": "in its place"}
    return warehouse.faults.loc[absent, ["table", "fault", "n_rows", "treatment"]].rename(columns=names)


def assumed_cost(warehouse: Warehouse, contact_cost: float) -> dict[str, float]:
    """``assumed_contact_cost`` as a metric, where the source is silent about what contacts cost."""
    is_assumed = not_told(warehouse)["not told"].eq(NO_CONTACT_COST).any()
    return {"assumed_contact_cost": contact_cost} if is_assumed else {}


def faults_sentence(warehouse: Warehouse) -> str:
    """What was found and what became of it, in one sentence."""
    found, n_checks = faults_found(warehouse), len(_checks(warehouse))
    if not n_checks:
        return "No rules apply to what came in but those of its source, checked while it was read."
    if found.empty:
        return f"{n_checks} checks found no dirt."
    worst = found.iloc[0]
    return (
        f"{len(found)} of {n_checks} checks found something, {found['n_rows'].sum():,} rows in all; the most "
        f"frequent is *{worst['fault']}* ({worst['n_rows']:,} rows, {worst['treatment']}). "
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
    """The figures notebook 01 records; those of tables the data set lacks are left out."""
    found = faults_found(warehouse)
    counted = ("customers", "products", "stores", "campaigns", "contacts", "responses")
    known = {name: warehouse.tables[name] for name in counted if name in warehouse.tables}
    if "stores" in known and _is_without_stores(known["stores"]):
        del known["stores"]
    return {
        **{f"n_{name}": len(table) for name, table in known.items()},
        **_sales(warehouse.tables.get("transactions")),
        "n_rows_quarantined": len(warehouse.quarantine),
        **_sales_set_aside(warehouse.reconciliation),
        "n_checks": len(_checks(warehouse)),
        "n_faults": len(found),
        "n_fault_rows": int(found["n_rows"].sum()),
        "is_reconciled": is_reconciled(warehouse.reconciliation),
    }


def _is_without_stores(stores: pd.DataFrame) -> bool:
    """Whether the source names no store, so that all sales lie at an inferred one."""
    return len(stores) == 1 and "store_id" in stores and bool((stores["store_id"] == UNKNOWN).all())


def _sales_set_aside(reconciliation: pd.DataFrame) -> dict[str, float]:
    """Money on quarantined order lines, if there is any."""
    is_sale = reconciliation["table"] == "transactions"
    amount = round(float(reconciliation.loc[is_sale, "amount_quarantined"].sum()), 2)
    return {"amount_quarantined": amount} if amount else {}


def _sales(lines: pd.DataFrame | None) -> dict[str, float | int | str]:
    if lines is None or lines.empty:
        return {}
    sales = lines[lines["amount"] >= 0]  # a refund is no order, and nobody buys by it
    return {
        "n_orders": int(sales["order_id"].nunique()),
        "n_buyers": int(sales["customer_id"].nunique()),
        "n_lines": len(lines),
        "amount": round(float(lines["amount"].sum()), 2),
        "first_order_date": f"{lines['order_ts'].min():%Y-%m-%d}",
        "last_order_date": f"{lines['order_ts'].max():%Y-%m-%d}",
    }


def _gaps(books: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n_rows": books["n_rows_in"] - books["n_rows_out"] - books["n_rows_quarantined"],
            "amount": books["amount_in"] - books["amount_out"] - books["amount_quarantined"],
        }
    )
