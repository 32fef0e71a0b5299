"""What the first screen says: the verdict, how sure it is, and what to do next."""

from dangol.reports.facts import Facts
from dangol.reports.findings import WHAT_COUNTS
from dangol.reports.key_figures import SHARE_IS_MEASURED
from dangol.reports.rules import (
    Rule,
    always,
    by_amount,
    by_flag,
    by_interval,
    by_text,
    first_of,
    is_known,
    is_positive,
    only_if,
)

MAX_ACTIONS = 5


def _pays_if_share_holds(facts: Facts) -> bool:
    return is_positive("08.expected_profit_low")(facts) and facts.number(SHARE_IS_MEASURED) == 0


def _all_campaigns_positive(facts: Facts) -> bool:
    positive, judged = (facts.number(f"09.n_campaigns_{name}") for name in ("positive", "evaluated"))
    return positive is not None and positive == judged and positive > 0


def _repeats_unproven(facts: Facts) -> bool:
    """No past campaign has worked beyond doubt, and the plan sends one of their types."""
    is_sent = (facts.number("08.expected_profit_high") or 0) > 0 and is_positive("08.n_contacts")(facts)
    return is_sent and facts.number("09.n_campaigns_positive") == 0


def _at_its_cost(key: str) -> Rule:
    """The message, or the one that says that what a contact costs is assumed."""
    return first_of(only_if(is_known("01.assumed_contact_cost"), always(f"{key}_assumed")), always(key))


HEADLINE: Rule = first_of(
    only_if(is_positive("09.roi_low"), _at_its_cost("past_paid")),
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
    only_if(is_positive("08.expected_profit_low"), only_if(is_positive("08.n_contacts"), WHAT_COUNTS)),
    only_if(is_positive("09.overstatement_amount"), always("credited_more")),
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
        is_positive("08.n_holdout"),
        first_of(
            only_if(is_positive("08.n_contacts"), by_flag("08.is_measurable", "holdout")), always("holdout")
        ),
    ),
    first_of(
        only_if(_all_campaigns_positive, always("campaigns_all")),
        only_if(_repeats_unproven, always("campaigns_planned")),
        by_amount("09.n_campaigns_positive", "campaigns"),
    ),
    only_if(
        is_positive("03.n_at_risk"),
        first_of(by_amount("08.n_at_risk_contacted", "at_risk"), always("at_risk")),
    ),
    by_interval("06.offered_amount_low", "06.offered_amount_high", "offers", "06.popularity_offered_amount"),
)


def headline(facts: Facts) -> str:
    """The key of the first screen's verdict below ``verdict``."""
    return HEADLINE(facts) or "nothing"
