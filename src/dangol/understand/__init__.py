"""Describing the business: data sheet, KPI cubes, cohorts."""

from dangol.understand.cohorts import (
    cohort_retention,
    orders_of_newcomers,
    repurchase_rate,
    retention_by_age,
)
from dangol.understand.cube import cube_facts, cube_sentence, drill_down, groupings_up_to, sales_cube
from dangol.understand.data_sheet import data_sheet, readable
from dangol.understand.kpi import (
    answers_by_type,
    bought,
    campaign_kpi,
    customer_groups,
    full_months,
    monthly_sales,
    sales_kpi,
    top_department,
    trend_sentence,
    trend_share,
)

__all__ = [
    "answers_by_type",
    "bought",
    "campaign_kpi",
    "cohort_retention",
    "cube_facts",
    "cube_sentence",
    "customer_groups",
    "data_sheet",
    "drill_down",
    "full_months",
    "groupings_up_to",
    "monthly_sales",
    "orders_of_newcomers",
    "readable",
    "repurchase_rate",
    "retention_by_age",
    "sales_cube",
    "sales_kpi",
    "top_department",
    "trend_sentence",
    "trend_share",
]
