"""What was known of a customer before: attributes that changed between deliveries, with their time.

A slowly changing dimension of type 2: the current value stands in ``customers``, every value a
changed attribute ever had stands here with the days from and to which it held.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pandas as pd

from dangol.sources.own.versions import Kept

COLUMNS = ("customer_id", "attribute", "attribute_value", "valid_from", "valid_to")


def history_of(kept: Sequence[Kept], ids: Mapping[str, str], dates: Sequence[str]) -> pd.DataFrame | None:
    """Changed attributes of customers.

    Args:
        kept: the customer files, oldest delivery first.
        ids: per identifier ``int64`` or ``string``.
        dates: day of each delivery, ``YYYY-MM-DD``.

    Returns:
        One row per customer, attribute that changed, and value; ``valid_from`` inclusive, missing for
        the first value; ``valid_to`` exclusive, missing for the current one. ``None`` if there has
        been only one delivery of customers.
    """
    if len({one.load for one in kept}) < 2:
        return None
    names = [name for name in kept[0].staged.plan.names if name != "customer_id"]
    parts = [_long(one, name, dates[one.load]) for one in kept for name in names]
    values = ibis.union(*parts)
    time = ibis.window(group_by=["customer_id", "attribute"], order_by=["valid_from", "attribute_value"])
    values = values.mutate(
        before=values["attribute_value"].lag().over(time), nth=ibis.row_number().over(time)
    )
    changes = values.filter((values["nth"] == 0) | (values["attribute_value"] != values["before"]))
    group = ibis.window(group_by=["customer_id", "attribute"])
    order = ibis.window(group_by=["customer_id", "attribute"], order_by="valid_from")
    dated = changes.mutate(
        n=changes["attribute_value"].count().over(group),
        valid_to=changes["valid_from"].lead().over(order),
        valid_from=ibis.ifelse(changes["nth"] == 0, ibis.null("timestamp(6)"), changes["valid_from"]),
    )
    if ids.get("customer_id") == "int64":
        dated = dated.mutate(customer_id=dated["customer_id"].re_replace(r"\.0$", "").cast("int64"))
    found = dated.filter(dated["n"] > 1).order_by("customer_id", "attribute", "valid_from").execute()
    return found[list(COLUMNS)].sort_values(
        ["customer_id", "attribute", "valid_from"], na_position="first", ignore_index=True
    )


def _long(kept: Kept, name: str, day: str) -> Any:
    """One attribute of one delivery: customer, attribute, value as text, day."""
    rows = kept.staged.table
    rows = rows.filter(rows["customer_id"].notnull() & rows[name].notnull())
    last = rows.group_by("customer_id").aggregate(
        attribute_value=rows[name].cast("string").argmax(rows["_row"])
    )
    return last.select(
        "customer_id",
        "attribute_value",
        attribute=ibis.literal(name),
        valid_from=ibis.literal(pd.Timestamp(day).to_pydatetime()).cast("timestamp(6)"),
    )
