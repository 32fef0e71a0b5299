"""Sales and campaign figures by month, department, store, customer group and campaign."""

from collections.abc import Sequence

import ibis.expr.types as ir
import pandas as pd

from dangol.errors import InputError

ALL_CUSTOMERS = "all customers"
UNKNOWN_GROUP = "not stated"
STEADY_SHARE = 0.02  # a change of sales that is hardly one
UNKNOWN = "UNKNOWN"  # department of products that nothing is known of


def customer_groups(customers: pd.DataFrame, candidates: Sequence[str]) -> pd.DataFrame:
    """Which group each customer belongs to in the cube.

    Args:
        customers: one row per customer.
        candidates: attributes to group by; the first that the customers have is taken. Where they
            have none of several, everybody is in one group; a single one was meant and must exist.

    Returns:
        One row per customer: ``customer_id``, ``customer_group`` (text).

    Raises:
        InputError: if a single attribute is asked for that there is not; names those there are.
    """
    attributes = [name for name in customers if name not in ("customer_id", "first_seen_date")]
    found = [name for name in candidates if name in attributes]
    if not found and len(candidates) == 1 and attributes:
        raise InputError(
            f"customers have no attribute '{candidates[0]}' to group by. Choose group_column among: "
            f"{', '.join(map(str, attributes))}."
        )
    if not found:
        return customers[["customer_id"]].assign(customer_group=ALL_CUSTOMERS)
    values = customers[found[0]]
    group = values.astype("str").where(values.notna(), UNKNOWN_GROUP)
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


def top_department(amount: pd.Series) -> dict[str, str | float]:
    """The largest department and its share of sales, as metrics; nothing if no department is known.

    Args:
        amount: by department.
    """
    known = amount.drop(UNKNOWN, errors="ignore")
    if known.empty or amount.sum() <= 0:
        return {}
    return {"top_department": str(known.idxmax()), "top_department_share": float(known.max() / amount.sum())}


def full_months(monthly: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The months that ended on or before ``as_of``, oldest first; a cut month is no month to compare.

    Args:
        monthly: one row per month with ``month_date``, the first of the month; numbers otherwise.
        as_of: snapshot date, exclusive.

    Returns:
        All months from the first with sales on: those without a row hold zeros.
    """
    over = monthly[monthly["month_date"] + pd.offsets.MonthBegin(1) <= as_of]
    if over.empty:
        return over
    last = as_of.replace(day=1).normalize() - pd.offsets.MonthBegin(1)
    months = pd.date_range(over["month_date"].min(), last, freq="MS", name="month_date")
    return over.set_index("month_date").reindex(months.as_unit("us"), fill_value=0).reset_index()


def trend_share(months: pd.DataFrame, n_months: int = 3) -> float | None:
    """Change of sales: the last months against as many before them, as a share.

    Args:
        months: full months, oldest first, with ``amount``.
        n_months: months in each period.

    Returns:
        0.05 for five per cent more; None if there are not two whole periods, or refunds outweigh sales in
        one of them: then there is no trend to speak of.
    """
    if len(months) < 2 * n_months:
        return None
    amount = months["amount"].to_numpy()
    earlier, later = float(amount[-2 * n_months : -n_months].sum()), float(amount[-n_months:].sum())
    return later / earlier - 1 if earlier > 0 and later > 0 else None


def trend_sentence(change: float | None) -> str:
    """A change from ``trend_share`` as the title of a figure."""
    if change is None:
        return "No trend can be told: that takes six full months with sales"
    word = "held steady" if abs(change) < STEADY_SHARE else "rose" if change > 0 else "fell"
    return f"Sales {word} in the last three full months ({change:+.1%} against the three before)"


def bought(orders: pd.DataFrame) -> dict[str, float | int]:
    """Customers who bought, their orders, and net sales, as metrics; a refund is no order.

    Args:
        orders: one row per order before the snapshot date: ``customer_id``, ``amount``.
    """
    sales = orders[orders["amount"] >= 0]
    return {
        "n_buyers": int(sales["customer_id"].nunique()),
        "n_orders": len(sales),
        "amount": round(float(orders["amount"].sum()), 2),
    }


def campaign_kpi(
    campaigns: pd.DataFrame | None,
    contacts: pd.DataFrame | None,
    responses: pd.DataFrame | None,
    as_of: pd.Timestamp,
) -> pd.DataFrame | None:
    """Contacts and responses before ``as_of``: one row per campaign × month of response.

    Args:
        campaigns: one row per campaign; only those that started before ``as_of`` are described.
        contacts: one row per customer × campaign; control customers are not counted.
        responses: one row per response; only those before ``as_of`` count.
        as_of: exclusive end.

    Returns:
        Columns as in ``tables.CAMPAIGN_KPI``; ``n_contacts`` is that of the whole campaign and
        repeats over its months, a campaign without a response has one row at its start month.
        None if the data set lacks one of the three tables.
    """
    if campaigns is None or contacts is None or responses is None:
        return None
    campaigns = campaigns[campaigns["start_date"] < as_of]
    responses = responses[responses["response_ts"] < as_of]
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


def answers_by_type(cube: pd.DataFrame | None) -> pd.DataFrame:
    """Contacts, responses and responses per contact of each campaign type.

    Args:
        cube: as from ``campaign_kpi``; None gives no rows.
    """
    columns = ["campaign_type", "n_contacts", "n_responses"]
    if cube is None:
        return pd.DataFrame(columns=[*columns[1:], "responses_per_contact"])
    per_campaign = cube.groupby(["campaign_type", "campaign_id"], as_index=False).agg(
        n_contacts=("n_contacts", "max"), n_responses=("n_responses", "sum")
    )
    sums = per_campaign[columns].groupby("campaign_type").sum()
    return sums.assign(responses_per_contact=sums["n_responses"] / sums["n_contacts"])
