"""The currency of a data set: its sign on axes and before the amounts of a notebook."""

from dataclasses import dataclass

from dangol.records import metrics_of
from dangol.workspace import RunFolder

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩"}
UNNAMED = "(currency)"  # how plots write the unit of an axis


@dataclass(frozen=True)
class Currency:
    """A currency, by its ISO code.

    Attributes:
        code: such as ``EUR``; empty where the data set names none.
    """

    code: str = ""

    @property
    def unit(self) -> str:
        """How an axis names it; ``currency`` where nobody knows which."""
        return SIGNS.get(self.code, self.code) or "currency"

    @property
    def pattern(self) -> str:
        """Where ``{number}`` stands: behind a sign, before a code."""
        return SIGNS[self.code] + "{number}" if self.code in SIGNS else self._behind

    @property
    def _behind(self) -> str:
        return "{number}\N{NO-BREAK SPACE}" + self.code if self.code else "{number}"

    def amount(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        r"""An amount as text; ``signed`` marks a gain too.

        >>> Currency("USD").amount(-1234.5), Currency("CHF").amount(0.5, 2), Currency().amount(12)
        ('−$1,234', '0.50\xa0CHF', '12')
        """
        return self._written(self.pattern, value, decimals, signed)

    def in_text(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        r"""An amount in Markdown, with the code of the currency: two dollar signs would enclose a formula.

        >>> Currency("USD").in_text(-1234.5), Currency().in_text(12, signed=True)
        ('−1,234\xa0USD', '+12')
        """
        return self._written(self._behind, value, decimals, signed)

    def _written(self, pattern: str, value: float, decimals: int, signed: bool) -> str:
        number = f"{abs(value):,.{decimals}f}"
        is_zero = not any(digit in number for digit in "123456789")
        sign = "" if is_zero else "\N{MINUS SIGN}" if value < 0 else "+" if signed else ""
        return sign + pattern.format(number=number)

    def named(self, label: str) -> str:
        """A label of a figure with its ``(currency)`` named.

        >>> Currency("USD").named("profit (currency)"), Currency().named("profit (currency)")
        ('profit ($)', 'profit (currency)')
        """
        return label.replace(UNNAMED, f"({self.unit})")


UNKNOWN_CURRENCY = Currency()


def currency_of(folder: RunFolder) -> Currency:
    """The currency that notebook 01 has recorded for a run's data set."""
    return Currency(str(metrics_of(folder.of("01")).get("currency", "")))
