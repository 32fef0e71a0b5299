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
        behind = "\N{NO-BREAK SPACE}" + self.code if self.code else ""
        return SIGNS[self.code] + "{number}" if self.code in SIGNS else "{number}" + behind

    def amount(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        r"""An amount as text; ``signed`` marks a gain too.

        >>> Currency("USD").amount(-1234.5), Currency("CHF").amount(0.5, 2), Currency().amount(12)
        ('−$1,234', '0.50\xa0CHF', '12')
        """
        number = f"{abs(value):,.{decimals}f}"
        is_zero = not any(digit in number for digit in "123456789")
        sign = "" if is_zero else "\N{MINUS SIGN}" if value < 0 else "+" if signed else ""
        return sign + self.pattern.format(number=number)

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
