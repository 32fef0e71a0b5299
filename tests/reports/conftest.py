"""A small synthetic run to report on: recorded figures, drawings, executed notebooks."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from nbformat import v4, write

from dangol.plots import (
    house_style,
    plot_cohorts,
    plot_concentration,
    plot_effects,
    plot_gain,
    plot_grades,
    plot_leaderboard,
    plot_monthly,
    plot_rules,
    plot_states,
)
from dangol.records import record, record_figure
from dangol.reports import write_page, write_report
from dangol.reports.comparison import Compared, write_comparison
from dangol.stages import StageResult
from dangol.workspace import RunFolder, reports_folder

VERBS = ("integrate", "understand", "segment", "value", "predict", "crosssell", "respond", "plan", "evaluate")
LONG_TITLE = "299 customers who spent 312,345 in the last year are at risk or dormant, more than ever before"
RUN = RunFolder("complete_journey", "2017-12-03", "full", "09")

METRICS: dict[str, dict] = {
    "01": {
        "n_customers": 2469, "n_buyers": 2469, "n_orders": 151010, "n_lines": 1402030, "n_products": 92331,
        "n_stores": 457,
        "amount": 4593420.55, "first_order_date": "2017-01-01", "last_order_date": "2017-12-02",
        "n_rows_quarantined": 13, "n_faults": 4, "n_fault_rows": 13705, "is_reconciled": True,
    },
    "02": {
        "n_months": 11, "amount_per_month": 412345.2, "repurchase_rate": 0.953, "repurchase_low": 0.944,
        "repurchase_high": 0.961, "repurchase_days": 28, "retention_rate_month_3": 0.571,
        "retention_rate_month_3_low": 0.49, "retention_rate_month_3_high": 0.65, "lead_in_days": 84,
        "new_from_date": "2017-03-26",
        "top_department": "GROCERY", "top_department_share": 0.5121, "amount_change_share": 0.034,
        "n_active_customers": 2310, "n_buyers": 2461, "n_orders": 138123, "amount": 4213420.55,
    },
    "03": {
        "n_customers": 2469, "n_segments": 5, "silhouette_score": 0.31, "top_grade": "Platinum",
        "top_grade_share": 0.05, "top_grade_amount_share": 0.232, "n_at_risk": 211,
        "amount_at_risk": 312345.0, "n_lost": 4, "n_new": 12, "n_dormant": 88, "n_active": 1912,
        "n_growing_customers": 640, "n_reactivated": 68, "best_fifth_amount_share": 0.551,
        "earlier_date": "2017-09-10", "n_customers_up": 84, "amount_up": 51234.0, "n_customers_down": 77,
        "amount_down": 41234.0, "n_customers_in_grace": 15, "amount_in_grace": 21234.0,
        "n_loss_customers": 0, "loss_amount": 0.0, "benefit_cost": 61234.0, "at_risk_days": 28,
        "dormant_days": 56,
    },
    "04": {
        "horizon_days": 28, "expected_value_total": 391234.0, "expected_value_low": 372345.0,
        "expected_value_high": 412345.0, "best_model": "none", "used_model": "network",
        "gini_score": 0.83, "gini_low": 0.81, "gini_high": 0.85, "naive_gini_score": 0.839,
        "lead_over_naive_gini_low": -0.02, "lead_over_naive_gini_high": 0.01,
        "bias_ratio": 1.02, "bias_ratio_low": 1.01, "bias_ratio_high": 1.04, "coverage_rate": 0.91,
        "due_days": 7, "n_due_customers": 1402, "test_first_date": "2017-12-03",
        "test_last_date": "2017-12-30",
    },
    "05": {
        "horizon_days": 28, "lapse_auc_score": 0.881, "lapse_auc_low": 0.862, "lapse_auc_high": 0.899,
        "lapse_log_loss": 0.32, "lapse_logistic_auc_score": 0.876, "lapse_boosting_auc_score": 0.87,
        "lapse_logistic_log_loss": 0.324, "lapse_boosting_log_loss": 0.33, "lapse_verdict": "ties",
        "n_expected_lapse": 452,
        "n_expected_lapse_low": 431.2, "n_expected_lapse_high": 472.8,
        "spend_gini_score": 0.84, "spend_mae_error": 68.1,
        "spend_naive_mae_error": 69.2, "spend_boosting_gini_score": 0.838, "spend_verdict": "ties",
        "lapse_base_rate": 0.184, "categories_hit_rate": 0.519, "categories_naive_hit_rate": 0.525,
        "test_first_date": "2017-12-03", "test_last_date": "2017-12-30",
    },
    "06": {
        "n_rules": 812, "n_rules_replicated": 640, "top_rule": "baby food + diapers", "top_rule_lift": 8.7,
        "n_offers": 7400, "n_customers_with_offer": 2466, "hit_rate": 0.31, "hit_rate_low": 0.29,
        "hit_rate_high": 0.33, "unit_kind": "category", "likeliest_hit_rate": 0.35,
        "popularity_hit_rate": 0.28, "most_bought_hit_rate": 0.3, "offered_amount": 4.18,
        "offered_amount_low": 3.85, "offered_amount_high": 4.48, "popularity_offered_amount": 3.19,
        "likeliest_offered_amount": 3.21, "most_bought_offered_amount": 2.59, "n_offers_each": 3,
        "absence_days": 84, "test_first_date": "2017-12-03", "test_last_date": "2017-12-30",
    },
    "07": {
        "response_auc_score": 0.812, "response_auc_low": 0.78, "response_auc_high": 0.84,
        "response_log_loss": 0.29, "response_lift_10": 3.93, "logistic_auc_score": 0.806,
        "boosting_auc_score": 0.79, "response_base_rate": 0.12, "response_verdict": "ties",
        "test_first_date": "2017-10-08", "test_last_date": "2017-11-20",
        "predicted_actual_ratio": 0.83, "predicted_actual_ratio_low": 0.75,
        "predicted_actual_ratio_high": 0.92, "n_columns": 84, "n_columns_shifted": 71,
    },
    "08": {
        "margin_rate": 0.25, "incremental_share": 0.5, "is_share_measured": False,
        "budget": 1000.0, "plan_cost": 800.0, "n_contacts": 800, "n_holdout": 247, "holdout_share": 0.1,
        "expected_profit": 1240.0, "expected_profit_low": 310.0, "expected_profit_high": 2190.0,
        "optimality_gap_share": 0.0002, "n_suppressed": 31, "plan_content": "A (mail)",
        "n_at_risk_contacted": 40, "n_compared_holdout": 89, "smallest_effect": 31.2,
        "expected_effect": 10.2, "n_needed_per_arm": 850, "is_measurable": False, "outcome_days": 28,
        "contact_list": "exports/contact_list.csv",
    },
    "09": {
        "n_campaigns": 27, "n_campaigns_evaluated": 18, "n_campaigns_refused": 9, "total_cost": 6589.0,
        "attributed_amount": 512345.0, "incremental_margin": 8123.0, "incremental_margin_low": -2310.0,
        "incremental_margin_high": 18750.0, "roi": 0.23, "roi_low": -1.35, "roi_high": 1.85,
        "n_campaigns_positive": 2, "overstatement_ratio": 12.1, "design": "observational",
        "contact_cost": 1.0, "margin_rate": 0.25, "n_campaigns_withheld": 1, "n_campaigns_small": 3,
        "attributed_margin": 128086.25, "overstatement_amount": 119963.25,
        "overstatement_amount_low": 109336.25, "overstatement_amount_high": 130396.25, "n_lessons": 12,
        "n_lessons_proven": 1, "n_next_test": 5200, "n_customers_per_arm": 1234, "next_test_type": "A",
        "next_test_gain": 2.16, "next_test_gain_low": -1.04, "next_test_gain_high": 5.36,
        "plan_verdict": "not_carried_out", "plan_sent_share": 0.02, "course_weeks": 8,
        "course_total": 2.4, "course_total_low": -6.1, "course_total_high": 10.9,
        "effect_half_life_days": 17.2,
    },
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """A run whose notebooks have recorded what ``METRICS`` says."""

    run: RunFolder
    stages: list[StageResult]

    def with_state(self, number: str, status: str, message: str = "") -> "World":
        stages = [
            replace(stage, status=status, message=message) if stage.number == number else stage
            for stage in self.stages
        ]
        return World(self.run, stages)


def build(without: tuple[str, ...] = (), **changes: dict) -> World:
    """Record ``METRICS`` with ``changes`` (``n09={"roi_low": 1.0}``) below ``DANGOL_HOME``."""
    for number, metrics in METRICS.items():
        if number not in without:
            record(metrics | changes.get(f"n{number}", {}), RUN.of(number))
    places = enumerate(VERBS, start=1)
    stages = [
        StageResult(f"{place:02}", verb, verb.title(), "done", 12.3, "", f"{place:x}" * 32)
        for place, verb in places
        if f"{place:02}" not in without
    ]
    return World(RUN, stages)


def frames() -> dict[str, pd.DataFrame | pd.Series]:
    """One plausible frame per plot function."""
    rng = np.random.default_rng(1)
    months = pd.date_range("2017-01-01", periods=11, freq="MS")
    ages = [(month, age) for place, month in enumerate(months[:9]) for age in range(9 - place)]
    amount = pd.Series(rng.lognormal(6.5, 1.2, 1200))
    rank = amount.rank(pct=True)
    share = np.linspace(0, 1, 40)
    states = ["new", "active", "reactivated", "at risk", "dormant", "lost"]
    return {
        "monthly": pd.DataFrame({"month_date": months, "amount": rng.normal(4.1e5, 2e4, 11)}),
        "cohorts": pd.DataFrame(ages, columns=["cohort_date", "months_since"]).assign(
            retention_rate=lambda t: np.where(t["months_since"] == 0, 1, 0.85 - 0.05 * t["months_since"])
        ),
        "values": amount,
        "segments": pd.DataFrame(
            {
                "customer_grade": np.select(
                    [rank > 0.95, rank > 0.8, rank > 0.5], ["Platinum", "Gold", "Silver"], "Bronze"
                ),
                "amount_364d": amount,
                "life_cycle_state": rng.choice(states, 1200, p=[0.02, 0.7, 0.1, 0.12, 0.055, 0.005]),
            }
        ),
        "leaderboard": pd.DataFrame(
            {
                "model": ["network", "BG/NBD + Gamma-Gamma", "naive"], "metric": "normalized_gini_score",
                "estimate": [0.842, 0.835, 0.821], "low": [0.82, 0.81, 0.80], "high": [0.86, 0.855, 0.84],
            }
        ),
        "effects": pd.DataFrame(
            {
                "label": [f"campaign {n} ({kind})" for n, kind in enumerate("AABBBCC", start=8)],
                "estimate": [3.1, 0.4, -0.2, 1.0, -2.2, 0.1, 0.6],
                "low": [1.2, -0.9, -1.0, -0.1, -3.9, -2.2, -0.3],
                "high": [5.0, 1.7, 0.6, 2.1, -0.5, 2.4, 1.5],
            }
        ),
        "gain": pd.concat(
            pd.DataFrame({"model": model, "share_contacted": share, "share_reached": share**power})
            for model, power in (("network", 0.42), ("logistic", 0.46), ("boosting", 0.5))
        ),
        "rules": pd.DataFrame(
            {
                "antecedent": ["Baby food", "Pasta", "Cat litter", "Hot dogs", "Taco shells", "Wine"],
                "consequent": ["Diapers", "Pasta sauce", "Cat food", "Hot dog buns", "Salsa", "Cheese"],
                "lift": [8.7, 5.2, 6.1, 4.4, 7.7, 2.2],
                "is_replicated": [True, True, True, False, True, False],
            }
        ),
    }  # fmt: skip


def draw(run: RunFolder) -> None:
    """Record a figure or two for most notebooks."""
    data = frames()
    jobs = (
        ("02", "monthly_sales", plot_monthly, "monthly", "Sales rose by 3.4% in the last three full months"),
        ("02", "concentration", plot_concentration, "values", "The best fifth brings 61% of sales"),
        ("02", "cohorts", plot_cohorts, "cohorts", "Of each month's new customers most order again"),
        ("03", "grades", plot_grades, "segments", "Platinum customers bring 23.2% of sales"),
        ("03", "life_cycle", plot_states, "segments", LONG_TITLE),
        ("04", "leaderboard", plot_leaderboard, "leaderboard", "No model beats the others beyond chance"),
        ("06", "rules", plot_rules, "rules", "Baby food and diapers go together most"),
        ("07", "gain", plot_gain, "gain", "The best tenth holds two fifths of those who respond"),
        ("09", "effects", plot_effects, "effects", "One of seven campaigns raised sales, one lowered them"),
    )  # fmt: skip
    for number, name, plot, frame, title in jobs:
        with house_style():
            figure, axes = plt.subplots(figsize=(7, 3.8))
            plot(data[frame], axes)
            axes.set_title(title)
        record_figure(figure, name, title, run.of(number))
        plt.close(figure)


def executed_notebook(path: Path, number: str, *, is_broken: bool = False) -> Path:
    """An executed notebook with every kind of output a page must show."""
    with house_style():
        figure, axes = plt.subplots()
        plot_monthly(frames()["monthly"], axes)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    plt.close(figure)
    wide = pd.DataFrame({f"column_with_a_long_name_{n}": [1.5, -2.25, 1e6] for n in range(14)})
    people = pd.DataFrame({"customer_id": [990017, 990018], "amount": [12.5, 13.5]})
    png = {"image/png": base64.b64encode(picture.getvalue()).decode(), "text/plain": "<Figure size 720x400>"}
    code = v4.new_code_cell
    text = v4.new_markdown_cell
    cells = [
        text(f"# {number} Segment: who are our customers?\n\n**Weight**, math-like $x_i + \\beta$ and $5."),
        code("import pandas as pd\n\nfrom dangol import tables"),
        code(
            'dataset: str = (\n    "complete_journey"  # folder in data/raw\n)\n'
            "n_segments: int = 4  # clusters, 2 to 12\n",
            metadata={"tags": ["parameters"]},
        ),
        code("# Parameters\nn_segments = 5\n", metadata={"tags": ["injected-parameters"]}),
        text("## 1 Sales\n\nWhy this matters.\n\n### Detail\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
        code("plot(sales)", outputs=[v4.new_output("display_data", png)]),
        text("## 2 Table\n\n* one\n* two\n\n```python\nx = 1\n```"),
        code("wide", outputs=[v4.new_output("execute_result", {"text/html": wide.to_html()})]),
        code("people", outputs=[v4.new_output("execute_result", {"text/html": people.to_html()})]),
        code("print(1)", outputs=[v4.new_output("stream", name="stdout", text="fitted in 3 steps " * 20)]),
        code(
            "warn()",
            outputs=[v4.new_output("stream", name="stderr", text="read /home/kim/data/raw/orders.csv\n")],
        ),
        code(
            "widget",
            outputs=[
                v4.new_output(
                    "display_data",
                    {
                        "text/html": "<div onclick='x()'>chart<script src='https://cdn.example/x.js'></script>"
                        "<img src='https://img.example/a.png'></div>",
                        "text/plain": "chart",
                    },
                )
            ],
        ),
        text("## 1 Sales\n\nThe same heading again."),
    ]  # fmt: skip
    if is_broken:
        trace = [
            "\x1b[31mValueError\x1b[0m Traceback",
            "File /tmp/ipykernel_12/1.py:3, in f()",
            "ValueError: no order",
        ]
        error = v4.new_output(
            "error", ename="ValueError", evalue="no order before 2016-01-01", traceback=trace
        )
        cells.append(code("f()", outputs=[error]))
    path.parent.mkdir(parents=True, exist_ok=True)
    write(v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder."""
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def world(home: Path) -> Callable[..., World]:
    """Builds a run; see ``build``."""
    return build


@pytest.fixture
def metrics() -> dict[str, dict]:
    """What the notebooks of the run record."""
    return METRICS


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Builds an executed notebook; see ``executed_notebook``."""
    return lambda number="03", **options: executed_notebook(tmp_path / f"{number}.ipynb", number, **options)


@pytest.fixture(scope="session")
def drawn_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a whole report lies: figures, pages of all notebooks, one of them failed; a sweep beside it."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANGOL_HOME", str(folder))
        built = build().with_state("04", "failed", "cell 7: no order before 2016-01-01")
        draw(built.run)
        target = reports_folder(RUN.dataset, RUN.as_of)
        pages = [f"{stage.name}.html" for stage in built.stages]
        for place, stage in enumerate(built.stages):
            executed = executed_notebook(folder / "x.ipynb", stage.number, is_broken=stage.status == "failed")
            around = (pages[place - 1] if place else None, (pages[place + 1 :] or [None])[0])
            url = "http://127.0.0.1:5000/#/experiments/1"
            write_page(executed, target / pages[place], neighbours=around, run_url=url)
        write_report(built.run, built.stages)
        later = replace(built.run, as_of="2017-12-31")
        record(METRICS["01"] | {"amount": 5_000_000.0}, later.of("01"))
        compared = [
            Compared(built.run, {"as_of": "2017-12-03"}, True),
            Compared(later, {"as_of": "2017-12-31"}, False, "cell 7: no order"),
        ]
        sweep = folder / "reports" / "sweeps" / "monthly"
        sweep.mkdir(parents=True)
        write_comparison("monthly", compared, sweep)
        write_report(later, built.stages[:1])
    return target
