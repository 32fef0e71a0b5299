"""Which sentences a run's figures call for: findings per notebook, the verdict, what to do next."""

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
    only_if,
)
from dangol.understand.kpi import STEADY_SHARE

MAX_ACTIONS = 5
_VERDICTS = ("wins", "ties", "loses")
_PLAN_VERDICTS = ("as_forecast", "better", "worse", "not_carried_out", "withheld", "too_early")


def _positive(reference: str) -> Callable[[Facts], bool]:
    return lambda facts: (facts.number(reference) or 0) > 0


def _pays_if_share_holds(facts: Facts) -> bool:
    return _positive("08.expected_profit_low")(facts) and facts.number(SHARE_IS_MEASURED) == 0


def _moved_without_money(way: str) -> Callable[[Facts], bool]:
    """Some moved, but what they spent at the two dates cannot be compared."""
    moved, amount = f"03.n_customers_{way}", f"03.amount_{way}"
    return lambda facts: (facts.number(moved) or 0) > 0 and facts.number(amount) is None


def _is_season_unknown(facts: Facts) -> bool:
    """A trend is told from less than two years."""
    n_months = facts.number("02.n_months")
    return facts.number("02.amount_change_share") is not None and n_months is not None and n_months < 24


def _all_campaigns_positive(facts: Facts) -> bool:
    positive, judged = (facts.number(f"09.n_campaigns_{name}") for name in ("positive", "evaluated"))
    return positive is not None and positive == judged and positive > 0


def _repeats_unproven(facts: Facts) -> bool:
    """No past campaign has worked beyond doubt, and the plan sends one of their types."""
    is_sent = (facts.number("08.expected_profit_high") or 0) > 0 and _positive("08.n_contacts")(facts)
    return is_sent and facts.number("09.n_campaigns_positive") == 0


def _at_its_cost(key: str) -> Rule:
    """The message, or the one that says that what a contact costs is assumed."""
    return first_of(only_if(is_known("01.assumed_contact_cost"), always(f"{key}_assumed")), always(key))


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


FINDINGS: dict[str, tuple[Rule, ...]] = {
    "01": (
        first_of(only_if(is_known("01.n_stores"), always("stock")), always("stock_without_stores")),
        always("period"),
        by_flag("01.is_reconciled", "reconciled"),
        by_amount("01.n_rows_quarantined", "quarantine"),
        by_amount("01.n_faults", "faults"),
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
        only_if(_positive("03.benefit_cost"), always("benefits")),
    ),
    "04": (
        always("value"),
        _value_model,
        by_interval("04.lead_over_naive_gini_low", "04.lead_over_naive_gini_high", "ranking"),
        by_level("04.bias_ratio", "bias", ((0.9, "low"), (1.1, "fair")), "high"),
        always("coverage"),
        only_if(_positive("04.n_due_customers"), always("due")),
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
        only_if(_positive("06.n_rules"), always("top_rule")),
        by_amount("06.n_offers", "offers"),
        by_interval("06.hit_rate_low", "06.hit_rate_high", "hits", pivot="06.popularity_hit_rate"),
        always("likeliest"),
    ),
    "07": (
        always("base_rate"),
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
            _positive("08.n_contacts"),
            by_interval("08.expected_profit_low", "08.expected_profit_high", "profit"),
        ),
        only_if(_positive("08.n_contacts"), by_flag(SHARE_IS_MEASURED, "share")),
        by_amount("08.n_holdout", "holdout"),
        only_if(_positive("08.n_contacts"), by_flag("08.is_measurable", "measurable")),
        by_amount("08.n_suppressed", "suppressed"),
        by_amount("08.optimality_gap_share", "gap"),
    ),
    "09": (
        always("counted"),
        by_interval("09.incremental_margin_low", "09.incremental_margin_high", "margin"),
        by_interval("09.roi_low", "09.roi_high", "roi"),
        by_amount("09.n_campaigns_positive", "positive"),
        by_comparison("09.attributed_margin", "09.incremental_margin", "attributed"),
        by_interval("09.course_total_low", "09.course_total_high", "course"),
        always("half_life"),
        only_if(_positive("09.n_lessons"), by_amount("09.n_lessons_proven", "lessons")),
        first_of(
            by_text("09.next_test_type", "next_test", ("none",)),
            by_comparison("09.n_next_test", "09.n_customers_per_arm", "next_test"),
        ),
        by_text("09.plan_verdict", "plan", _PLAN_VERDICTS),
        by_text("09.design", "design", ("observational", "randomized", "mixed")),
    ),
}

HEADLINE: Rule = first_of(
    only_if(_positive("09.roi_low"), _at_its_cost("past_paid")),
    only_if(lambda facts: (facts.number("09.incremental_margin_high") or 0) < 0, always("past_harmed")),
    only_if(lambda facts: (facts.number("09.roi_high") or 0) < 0, _at_its_cost("past_lost")),
    only_if(lambda facts: facts.number("09.roi_low") is not None, always("past_unsettled")),
    by_interval("09.incremental_margin_low", "09.incremental_margin_high", "past_margin"),
    by_interval("08.expected_profit_low", "08.expected_profit_high", "next_only"),
    only_if(lambda facts: facts.number("04.expected_value_total") is not None, always("value_only")),
    only_if(is_known("02.amount"), always("sales_only")),
    only_if(is_known("01.amount"), always("stock_only")),
    always("nothing"),
)

LEAD: tuple[Rule, ...] = (
    by_interval("09.incremental_margin_low", "09.incremental_margin_high", "past"),
    first_of(
        only_if(lambda facts: facts.number("08.n_contacts") == 0, always("next_nothing")),
        by_interval("08.expected_profit_low", "08.expected_profit_high", "next"),
    ),
    only_if(
        lambda facts: (facts.number("08.expected_profit_low") or 0) > 0 and _positive("08.n_contacts")(facts),
        by_flag(SHARE_IS_MEASURED, "share"),
    ),
    only_if(_positive("09.overstatement_amount"), always("credited_more")),
    by_text("09.design", "sure", ("observational", "randomized", "mixed")),
)

ACTIONS: tuple[Rule, ...] = (
    only_if(lambda facts: facts.number("01.is_reconciled") == 0, always("repair")),
    first_of(
        only_if(lambda facts: facts.number("08.n_contacts") == 0, always("plan_nothing")),
        only_if(_pays_if_share_holds, always("plan_assumed")),
        by_interval("08.expected_profit_low", "08.expected_profit_high", "plan"),
    ),
    only_if(
        _positive("08.n_holdout"),
        first_of(
            only_if(_positive("08.n_contacts"), by_flag("08.is_measurable", "holdout")), always("holdout")
        ),
    ),
    first_of(
        only_if(_all_campaigns_positive, always("campaigns_all")),
        only_if(_repeats_unproven, always("campaigns_planned")),
        by_amount("09.n_campaigns_positive", "campaigns"),
    ),
    only_if(
        _positive("03.n_at_risk"), first_of(by_amount("08.n_at_risk_contacted", "at_risk"), always("at_risk"))
    ),
    by_interval("06.offered_amount_low", "06.offered_amount_high", "offers", "06.popularity_offered_amount"),
)


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


def headline(facts: Facts) -> str:
    """The key of the first screen's verdict below ``verdict``."""
    return HEADLINE(facts) or "nothing"
