"""The large figures of the first screen: which there are, the weightiest first."""

from dataclasses import dataclass

SHARE_IS_MEASURED = "08.is_share_measured"


@dataclass(frozen=True)
class KeyFigure:
    """One large figure on the first screen.

    Attributes:
        name: of its texts in the catalogue, ``key_figures.<name>``.
        reference: ``NN.metric``.
        kind: how it is written.
        measured_if: reference of a flag; while it is not set the note is ``note_assumed``.
    """

    name: str
    reference: str
    kind: str
    measured_if: str = ""


MAX_KEY_FIGURES = 4
KEY_FIGURES = (
    KeyFigure("past", "09.incremental_margin", "money_short"),
    KeyFigure("next", "08.expected_profit", "money_short", SHARE_IS_MEASURED),
    KeyFigure("value", "04.expected_value_total", "money_short"),
    KeyFigure("lapse", "05.n_expected_lapse", "people"),
    KeyFigure("amount", "02.amount", "money_short"),
    KeyFigure("customers", "01.n_customers", "people"),
    KeyFigure("at_risk", "03.amount_at_risk", "money_short"),
)
