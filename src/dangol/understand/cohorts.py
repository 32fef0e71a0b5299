"""Do customers come back: cohorts by month of the first order, repurchase within a window."""

import numpy as np
import pandas as pd


def cohort_retention(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Who of a month's new customers ordered again in each later month.

    Args:
        orders: ``customer_id``, ``order_ts``; only orders before ``as_of`` are seen.
        as_of: snapshot date, exclusive; months that are not over by then are left out.

    Returns:
        One row per cohort × months since, columns as in ``tables.COHORT_RETENTION``;
        ``months_since`` 0 is the month of the first order, its rate is 1.
    """
    past = orders[orders["order_ts"] < as_of]
    month = past["order_ts"].dt.to_period("M")
    last_full = (as_of - pd.Timedelta(days=1)).to_period("M")
    if (as_of.to_period("M").start_time) < as_of:
        last_full = as_of.to_period("M") - 1
    frame = pd.DataFrame({"customer_id": past["customer_id"], "month": month})
    frame["cohort"] = frame.groupby("customer_id")["month"].transform("min")
    frame = frame[frame["month"] <= last_full]
    active = frame.groupby(["cohort", "month"])["customer_id"].nunique()
    sizes = active[active.index.get_level_values(0) == active.index.get_level_values(1)].droplevel(1)
    rows = [
        (cohort, age, sizes[cohort], active.get((cohort, cohort + age), 0))
        for cohort in sizes.index
        for age in range((last_full - cohort).n + 1)
    ]
    table = pd.DataFrame(rows, columns=["cohort_date", "months_since", "n_cohort", "n_active"])
    counts = ("months_since", "n_cohort", "n_active")
    table = table.astype(dict.fromkeys(counts, "int64"))
    return table.assign(
        cohort_date=pd.PeriodIndex(table["cohort_date"], freq="M").to_timestamp(),
        retention_rate=table["n_active"] / table["n_cohort"],
    )


def orders_of_newcomers(orders: pd.DataFrame, lead_in_days: int) -> pd.DataFrame:
    """Orders of those whose first one lies ``lead_in_days`` or more after the log begins.

    A log that begins in the middle of a company's life shows old customers as new ones in its first weeks;
    whoever stays away for longer than these weeks and then comes may still be one, but few do.

    Args:
        orders: ``customer_id``, ``order_ts``.
        lead_in_days: 0 where the log begins with the company.
    """
    first = orders.groupby("customer_id")["order_ts"].transform("min")
    return orders[first >= orders["order_ts"].min() + pd.Timedelta(days=lead_in_days)]


def retention_by_age(retention: pd.DataFrame, months_since: int) -> dict[str, float] | None:
    """Share of all customers observed that long who were active in that month; None if nobody was.

    Returns:
        ``rate``, ``low``, ``high`` (Wilson 95 % interval).
    """
    from statsmodels.stats.proportion import proportion_confint

    rows = retention[retention["months_since"] == months_since]
    n, n_active = int(rows["n_cohort"].sum()), int(rows["n_active"].sum())
    if n == 0:
        return None
    low, high = proportion_confint(n_active, n, method="wilson")
    return {"rate": n_active / n, "low": float(low), "high": float(high)}


def repurchase_rate(orders: pd.DataFrame, as_of: pd.Timestamp, days: int) -> dict[str, float | int]:
    """Share of customers who ordered again within ``days`` of their first order day.

    Args:
        orders: ``customer_id``, ``order_ts``.
        as_of: snapshot date, exclusive; only customers whose window closed by then count.
        days: length of the window; an order on the same day is not a repurchase.

    Returns:
        ``rate``, ``low``, ``high`` (Wilson 95 % interval), ``n_customers``.
    """
    from statsmodels.stats.proportion import proportion_confint

    day = orders.loc[orders["order_ts"] < as_of].assign(day=lambda frame: frame["order_ts"].dt.normalize())
    days_of = day[["customer_id", "day"]].drop_duplicates()
    first = days_of.groupby("customer_id")["day"].transform("min")
    gap = (days_of["day"] - first).dt.days
    second = gap.where(gap > 0).groupby(days_of["customer_id"]).min()
    start = days_of.groupby("customer_id")["day"].min()
    watched = start + pd.Timedelta(days=days) < as_of
    n, n_back = int(watched.sum()), int((second[watched] <= days).sum())
    if n == 0:
        return {"rate": np.nan, "low": np.nan, "high": np.nan, "n_customers": 0}
    low, high = proportion_confint(n_back, n, method="wilson")
    return {"rate": n_back / n, "low": float(low), "high": float(high), "n_customers": n}
