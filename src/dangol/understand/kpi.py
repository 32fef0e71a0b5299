"""Sales and campaign figures by month, department, store, customer group and campaign."""

import ibis.expr.types as ir
import pandas as pd

from dangol.errors import InputError

ALL_CUSTOMERS = "all customers"
UNKNOWN_GROUP = "not stated"


def customer_groups(customers: pd.DataFrame, group_column: str) -> pd.DataFrame:
    """Which group each customer belongs to in the cube.

    Args:
        customers: one row per customer.
        group_column: attribute to group by; if the data set has no attributes at all, everybody
            is in one group.

    Returns:
        One row per customer: ``customer_id``, ``customer_group`` (text).

    Raises:
        InputError: if there are attributes, but not this one; names those there are.
    """
    attributes = [name for name in customers if name not in ("customer_id", "first_seen_date")]
    if not attributes:
        return customers[["customer_id"]].assign(customer_group=ALL_CUSTOMERS)
    if group_column not in attributes:
        raise InputError(
            f"customers have no attribute '{group_column}' to group by. Choose group_column among: "
            f"{', '.join(map(str, attributes))}."
        )
    group = customers[group_column].astype("str").where(customers[group_column].notna(), UNKNOWN_GROUP)
    return customers[["customer_id"]].assign(customer_group=group)


def sales_kpi(lines: ir.Table, products: ir.Table, groups: ir.Table) -> pd.DataFrame:
    """The sales cube: one row per month × department × store × customer group.

    Lines, quantities and amounts add up over any dimension; ``n_orders`` and ``n_customers``
    count distinct ones within a cell and do not.

    Args:
        lines: order lines, already cut at the snapshot date.
        products: with ``product_id`` and ``department``.
        groups: with ``customer_id`` and ``customer_group``.

    Returns:
        Columns as in ``tables.SALES_KPI``, sorted by its key; amounts in the currency of the
        data, to the cent.
    """
    facts = lines.join(products.select("product_id", "department"), "product_id").join(groups, "customer_id")
    facts = facts.mutate(month_date=facts.order_ts.truncate("M").cast("timestamp"))
    key = ["month_date", "department", "store_id", "customer_group"]
    cube = facts.group_by(key).agg(
        n_lines=facts.count(),
        n_orders=facts.order_id.nunique(),
        n_customers=facts.customer_id.nunique(),
        quantity=facts.quantity.sum().fill_null(0).round(3),
        amount=facts.amount.sum().round(2),
        discount_amount=facts.discount_amount.sum().round(2),
        coupon_amount=facts.coupon_amount.sum().round(2),
    )
    return cube.order_by(key).execute()


def monthly_sales(cube: pd.DataFrame) -> pd.DataFrame:
    """Roll the cube up to months: ``month_date``, ``amount``, ``discount_amount``, ``n_lines``."""
    sums = cube.groupby("month_date")[["amount", "discount_amount", "n_lines"]].sum()
    return sums.round(2).reset_index()


def full_months(monthly: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The months that ended on or before ``as_of``, oldest first; a cut month is no month to compare.

    Args:
        monthly: one row per month with ``month_date``, the first of the month.
        as_of: snapshot date, exclusive.
    """
    is_over = monthly["month_date"] + pd.offsets.MonthBegin(1) <= as_of
    return monthly[is_over].sort_values("month_date", ignore_index=True)


def trend_share(months: pd.DataFrame, n_months: int = 3) -> float:
    """Change of sales: the last months against as many before them, as a share.

    Args:
        months: full months, oldest first, with ``amount``.
        n_months: months in each period.

    Returns:
        0.05 for five per cent more; 0.0 if there are not two whole periods or the earlier one sold nothing.
    """
    if len(months) < 2 * n_months:
        return 0.0
    amount = months["amount"].to_numpy()
    earlier = float(amount[-2 * n_months : -n_months].sum())
    return float(amount[-n_months:].sum()) / earlier - 1 if earlier > 0 else 0.0


def campaign_kpi(campaigns: pd.DataFrame, contacts: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """Contacts and responses: one row per campaign × month of response.

    Args:
        campaigns: one row per campaign.
        contacts: one row per customer × campaign; control customers are not counted.
        responses: one row per response.

    Returns:
        Columns as in ``tables.CAMPAIGN_KPI``; ``n_contacts`` is that of the whole campaign and
        repeats over its months, a campaign without a response has one row at its start month.
    """
    sent = contacts[contacts["arm"] != "control"].groupby("campaign_id").size().rename("n_contacts")
    month = responses["response_ts"].dt.to_period("M").dt.to_timestamp()
    came = responses.assign(month_date=month).groupby(["campaign_id", "month_date"]).size()
    frame = campaigns[["campaign_id", "campaign_type", "start_date"]].merge(
        came.rename("n_responses").reset_index(), on="campaign_id", how="left"
    )
    start = frame["start_date"].dt.to_period("M").dt.to_timestamp()
    frame = frame.assign(
        month_date=frame["month_date"].fillna(start),
        n_responses=frame["n_responses"].fillna(0).astype("int64"),
    ).merge(sent.reset_index(), on="campaign_id", how="left")
    counts = frame["n_contacts"].fillna(0).astype("int64")
    columns = ["campaign_id", "campaign_type", "month_date", "n_contacts", "n_responses"]
    return frame.assign(n_contacts=counts)[columns].sort_values(
        ["campaign_id", "month_date"], ignore_index=True
    )
