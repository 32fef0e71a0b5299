"""What the figures of a report take for granted, in sentences."""

from markupsafe import Markup

from dangol.reports.findings import sentences
from dangol.reports.messages import Writer
from dangol.reports.rules import Rule, always, first_of, is_known, only_if

ASSUMPTIONS: tuple[Rule, ...] = (
    first_of(
        only_if(is_known("01.assumed_contact_cost"), always("contact_cost_assumed")), always("contact_cost")
    ),
    *map(always, ("margin_rate", "incremental", "plan_margin", "plan", "value_horizon", "lapse_horizon")),
    first_of(only_if(is_known("01.currency"), always("currency")), always("money")),
)


def assumptions(writer: Writer) -> list[Markup]:
    """The sentences below the report's findings; one that lacks a figure is left out."""
    return sentences(ASSUMPTIONS, "assumptions", writer)
