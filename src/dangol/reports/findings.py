"""Which sentences a run's figures call for: the findings of each notebook."""

from collections.abc import Callable, Iterator

from markupsafe import Markup

from dangol.reports.facts import Facts
from dangol.reports.key_figures import SHARE_IS_MEASURED
from dangol.reports.messages import Writer
from dangol.reports.rules import (
    Rule,
    always,
    by_amount,
    by_change,
    by_comparison,
    by_flag,
    by_interval,
    by_level,
    by_text,
    first_of,
    is_known,
    is_positive,
    only_if,
)
from dangol.understand.kpi import STEADY_SHARE

_VERDICTS = ("wins", "ties", "loses")
_PLAN_VERDICTS = ("as_forecast", "better", "worse", "not_carried_out", "withheld", "too_early")


def _moved_without_money(way: str) -> Callable[[Facts], bool]:
    """Some moved, but what they spent at the two dates cannot be compared."""
    moved, amount = f"03.n_customers_{way}", f"03.amount_{way}"
    return lambda facts: (facts.number(moved) or 0) > 0 and facts.number(amount) is None


def _is_season_unknown(facts: Facts) -> bool:
    """A trend is told from less than two years."""
    n_months = facts.number("02.n_months")
    return facts.number("02.amount_change_share") is not None and n_months is not None and n_months < 24


def _are_all_judged(facts: Facts) -> bool:
    n_campaigns = facts.number("09.n_campaigns")
    return bool(n_campaigns) and n_campaigns == facts.number("09.n_campaigns_evaluated")


def _is_test_drawn(facts: Facts) -> bool:
    """All campaigns began on one day, so that the test was drawn by lot."""
    return facts.number("07.is_split_by_time") == 0


def _value_model(facts: Facts) -> str | None:
    """Which model of customer value is used, and why; the rule and the simplest are named as recorded."""
    best, used = facts.text("04.best_model"), facts.text("04.used_model")
    if best is None or used is None:
        return None
    if best == "none":
        return "model_simplest" if used == "BG/NBD" else "model_leader"
    if best == used:
        return "model_best"
    return "model_compared" if best == "spend network" else "model_rule"


def _next_categories(facts: Facts) -> str | None:
    network, rule = (facts.number(f"05.categories_{name}hit_rate") for name in ("", "naive_"))
    if network is None or rule is None:
        return None
    if network > rule:
        return "categories_ahead"
    # two questions, two answers: how likely each category is, and which ones to name
    return "categories_mixed" if facts.text("05.categories_verdict") == "wins" else "categories_behind"


def _cutoff(facts: Facts) -> str | None:
    """Whether contacting down to the cut-off paid, or that no money is known to tell by."""
    if facts.text("07.cutoff_verdict") is None and facts.text("07.response_verdict") is not None:
        return "cutoff_unknown"
    if facts.number("07.cutoff_contacted_share") == 0:
        return "cutoff_nobody"
    return by_text("07.cutoff_verdict", "cutoff", _VERDICTS)(facts)


WHAT_COUNTS: Rule = first_of(
    only_if(is_positive("08.is_uplift_known"), always("uplift")), by_flag(SHARE_IS_MEASURED, "share")
)  # the part of the answers that the plan takes for the contact's doing

FINDINGS: dict[str, tuple[Rule, ...]] = {
    "01": (
        first_of(only_if(is_known("01.n_stores"), always("stock")), always("stock_without_stores")),
        always("period"),
        only_if(is_positive("01.n_contacts"), always("contacts")),
        by_flag("01.is_reconciled", "reconciled"),
        by_amount("01.n_rows_quarantined", "quarantine"),
        only_if(lambda facts: facts.number("01.n_checks") != 0, by_amount("01.n_faults", "faults")),
    ),
    "02": (
        always("monthly"),
        by_change("02.amount_change_share", "trend", STEADY_SHARE),
        only_if(_is_season_unknown, always("season")),
        always("repurchase"),
        always("retention"),
        always("department"),
    ),
    "03": (
        always("concentration"),
        always("top_grade"),
        first_of(
            only_if(_moved_without_money("up"), always("moved_up")), by_amount("03.n_customers_up", "up")
        ),
        first_of(
            only_if(_moved_without_money("down"), always("moved_down")),
            by_amount("03.n_customers_down", "down"),
        ),
        by_amount("03.n_customers_in_grace", "in_grace"),
        by_amount("03.n_at_risk", "at_risk"),
        always("states"),
        # bounds after Kaufman & Rousseeuw (1990), Finding Groups in Data
        first_of(
            only_if(lambda facts: facts.number("03.n_segments") == 1, always("clusters_one")),
            by_level(
                "03.silhouette_score",
                "clusters",
                ((0.26, "blurred"), (0.51, "weak"), (0.71, "fair")),
                "clear",
            ),
        ),
        by_amount("03.n_loss_customers", "loss"),
        only_if(is_positive("03.benefit_cost"), always("benefits")),
    ),
    "04": (
        always("value"),
        _value_model,
        by_interval("04.lead_over_naive_gini_low", "04.lead_over_naive_gini_high", "ranking"),
        by_level("04.bias_ratio", "bias", ((0.9, "low"), (1.1, "fair")), "high"),
        always("coverage"),
        only_if(is_positive("04.n_due_customers"), always("due")),
    ),
    "05": (
        by_amount("05.n_expected_lapse", "expected_lapse"),
        by_interval("05.lapse_auc_low", "05.lapse_auc_high", "ranking", pivot=0.5),
        by_text("05.lapse_verdict", "lapse", _VERDICTS),
        by_text("05.spend_verdict", "spend", _VERDICTS),
        by_comparison("05.spend_naive_mae_error", "05.spend_mae_error", "spend_error"),
        by_text("05.orders_verdict", "orders", ("loses",)),
        by_text("05.next_order_verdict", "next_order", ("loses",)),
        by_text("05.upsell_verdict", "upsell", ("loses",)),
        _next_categories,
        always("tested"),
    ),
    "06": (
        first_of(
            only_if(
                lambda facts: facts.text("06.unit_kind") == "product",
                by_amount("06.n_rules", "product_rules"),
            ),
            by_amount("06.n_rules", "rules"),
        ),
        only_if(is_positive("06.n_rules"), always("top_rule")),
        by_amount("06.n_offers", "offers"),
        by_interval("06.hit_rate_low", "06.hit_rate_high", "hits", pivot="06.popularity_hit_rate"),
        always("likeliest"),
    ),
    "07": (
        first_of(only_if(_is_test_drawn, always("base_rate_drawn")), always("base_rate")),
        by_interval("07.response_auc_low", "07.response_auc_high", "ranking", pivot=0.5),
        by_level("07.response_lift_10", "lift", ((0.95, "below"), (1.05, "none")), "above"),
        by_text("07.response_verdict", "network", _VERDICTS),
        by_interval("07.predicted_actual_ratio_low", "07.predicted_actual_ratio_high", "level", pivot=1.0),
        by_amount("07.n_columns_shifted", "shifted"),
        _cutoff,
    ),
    "08": (
        by_amount("08.n_contacts", "plan"),
        only_if(
            is_positive("08.n_contacts"),
            by_interval("08.expected_profit_low", "08.expected_profit_high", "profit"),
        ),
        only_if(is_positive("08.n_contacts"), WHAT_COUNTS),
        by_amount("08.n_holdout", "holdout"),
        only_if(is_positive("08.n_contacts"), by_flag("08.is_measurable", "measurable")),
        by_amount("08.n_suppressed", "suppressed"),
        by_amount("08.optimality_gap_share", "gap"),
    ),
    "09": (
        first_of(only_if(_are_all_judged, always("counted_all")), always("counted")),
        by_interval("09.incremental_margin_low", "09.incremental_margin_high", "margin"),
        by_interval("09.roi_low", "09.roi_high", "roi"),
        by_amount("09.n_campaigns_positive", "positive"),
        by_comparison("09.attributed_margin", "09.incremental_margin", "attributed"),
        by_interval("09.course_total_low", "09.course_total_high", "course"),
        always("half_life"),
        only_if(is_positive("09.n_lessons"), by_amount("09.n_lessons_proven", "lessons")),
        first_of(
            by_text("09.next_test_type", "next_test", ("none",)),
            by_comparison("09.n_next_test", "09.n_customers_per_arm", "next_test"),
        ),
        by_text("09.plan_verdict", "plan", _PLAN_VERDICTS),
        by_text("09.design", "design", ("observational", "randomized", "mixed")),
    ),
}


def sentences(rules: tuple[Rule, ...], prefix: str, writer: Writer, notebook: str = "") -> list[Markup]:
    """The sentences the figures call for, in the order of the rules.

    Args:
        rules: what chooses each message.
        prefix: of the messages' keys in the catalogue.
        writer: fills them; a sentence that lacks a figure is left out.
        notebook: whose figures the plain names mean.
    """
    return list(_written(rules, prefix, writer, notebook))


def _written(rules: tuple[Rule, ...], prefix: str, writer: Writer, notebook: str) -> Iterator[Markup]:
    for rule in rules:
        key = rule(writer.facts)
        sentence = None if key is None else writer.sentence(f"{prefix}.{key}", notebook)
        if sentence is not None:
            yield sentence
